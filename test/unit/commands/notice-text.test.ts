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

  it('names what is wrong and its mend, and what is well not at all', () => {
    const finding = { code: 'CLOCK', state: 'problem', params: {}, title: 'T', text: 'Late.', mend: 'Set it.' };
    const text = noticeText('DOCTOR', { problems: 1, checks: 2 }, { items: [finding, { ...finding, code: 'DISK', state: 'ok' }] });
    expect(text).toContain('\nCLOCK: Late. Set it.');
    expect(text).not.toContain('DISK');
  });

  it('does not spill the content of an export', () => {
    expect(
      noticeText('EXPORTED', { title: 'T', format: 'md' }, { filename: 't.md', mime: 'text/markdown', content: 'long' }),
    ).not.toContain('long');
  });
});
