import { describe, expect, it } from 'vitest';
import { noticeText } from '../../../src/commands/notice-text.ts';

const info = { name: 'new', summary: 'Start a new conversation.', usage: '/new', example: '/new', args: [], anonymous: false };

describe('the text of a notice', () => {
  it('fills in what the sentence names and leaves what nobody gave', () => {
    expect(noticeText('CONVERSATION_RENAMED', { title: 'سفر {x}' }, undefined)).toBe('Renamed to “سفر {x}”.');
    expect(noticeText('CONVERSATION_RENAMED', {}, undefined)).toBe('Renamed to “{title}”.');
  });

  it('lists what a client without pictures of it would miss', () => {
    expect(noticeText('HELP', {}, { commands: [info] })).toContain('/new - Start a new conversation.');
    expect(noticeText('CONVERSATIONS', {}, { items: [{ number: 1, id: 'a', title: 'Trip' }] })).toContain('1. Trip');
    expect(noticeText('SETTINGS', {}, { settings: { level: 'deep', thinking: false } })).toContain('thinking: false');
  });

  it('does not spill the content of an export', () => {
    expect(
      noticeText('EXPORTED', { title: 'T', format: 'md' }, { filename: 't.md', mime: 'text/markdown', content: 'long' }),
    ).not.toContain('long');
  });
});
