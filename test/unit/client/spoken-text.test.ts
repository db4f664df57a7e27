import { describe, expect, it } from 'vitest';
import { endWords, sentenceEnd, spokenText } from '../../../public/app/chat/spoken-text.ts';

const text = [{ type: 'text' as const, text: 'Half an answer' }];

describe('what is read aloud', () => {
  it('says at the end how the answer ended, and leaves a failure to its own note', () => {
    expect(endWords({ status: 'complete', finishReason: 'STOP', parts: text })).toBe('chat.answered');
    expect(endWords({ status: 'stopped', parts: text })).toBe('finish.stopped');
    expect(endWords({ status: 'interrupted', parts: text })).toBe('finish.interrupted');
    expect(endWords({ status: 'interrupted', parts: [] })).toBe('finish.interruptedNoText');
    expect(endWords({ status: 'complete', finishReason: 'MAX_TOKENS', parts: text })).toBe('finish.length');
    expect(endWords({ status: 'failed', parts: [] })).toBeNull();
  });

  it('goes from sentence to sentence, without the marks of Markdown', () => {
    const words = 'It is **blue**. آیا آبی است؟ Not yet';
    expect(words.slice(0, sentenceEnd(words, 0))).toBe('It is **blue**. آیا آبی است؟');
    expect(spokenText('**blue** `sky`')).toBe('blue sky');
  });

  it('says the beginning of what is too long to listen to, in whole sentences', () => {
    const spoken = spokenText('This is **said**. '.repeat(60_000));
    expect(spoken.length).toBeLessThan(17_000);
    expect(spoken).toMatch(/^(This is said\. ?)+ …$/);
  });
});
