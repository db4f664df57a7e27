import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { indexWords, normaliseText, normaliseWords } from '../../../src/lib/normalise-words.ts';
import { SlidingWindow } from '../../../src/lib/sliding-window.ts';
import { conversationTitle } from '../../../src/services/conversations/conversation-title.ts';

describe('words of a very long text', () => {
  it('are those of its beginning, so that indexing it holds nobody up', () => {
    const words = normaliseWords(`${'سلام '.repeat(30_000)}آخر`);
    expect(words).toEqual(['سلام']);
  });
});

describe('words for search', () => {
  it.each([
    ['كتاب', 'کتاب'],
    ['علي', 'علی'],
    ['می‌شود', 'میشود'],
    ['أحمد', 'احمد'],
    ['مدرسة', 'مدرسه'],
    ['سَلامٌ', 'سلام'],
    ['کـــتاب', 'کتاب'],
    ['۱۴۰۵', '1405'],
    ['٢٠٢٦', '2026'],
    ['Café', 'cafe'],
    ['ＦＵＬＬ', 'full'],
    ['STRASSE', 'strasse'],
  ])('%s is found by %s', (typed, folded) => {
    expect(normaliseText(typed)).toBe(normaliseText(folded));
    expect(normaliseWords(typed)).toEqual([folded]);
  });

  it('are distinct, in order and bounded', () => {
    expect(normaliseWords('one, two; ONE — three!')).toEqual(['one', 'two', 'three']);
    const many = normaliseWords(Array.from({ length: 5000 }, (_, n) => `w${n}`).join(' '));
    expect(many).toHaveLength(1000);
    expect(normaliseWords('x'.repeat(100_000))).toEqual(['x'.repeat(40)]);
    expect(normaliseWords('َ'.repeat(100_000))).toEqual([]);
  });

  it('are stored with the pieces of those that a ZWNJ joins, which many people type with a space', () => {
    expect(indexWords('می‌روم خانه')).toEqual(['میروم', 'خانه', 'می', 'روم']);
    expect(indexWords('خانه‌هایشان، خانه')).toEqual(['خانههایشان', 'خانه', 'هایشان']);
    expect(indexWords('plain words')).toEqual(normaliseWords('plain words'));
    for (const query of ['می‌روم', 'می روم', 'میروم', 'روم']) {
      expect(indexWords('فردا می‌روم.'), query).toEqual(expect.arrayContaining(normaliseWords(query)));
    }
  });

  it('stay what they are when they are folded again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (text) => {
        const words = normaliseWords(text);
        expect(normaliseWords(words.join(' '))).toEqual(words);
      }),
      { seed: 3, numRuns: 300 },
    );
  });
});

describe('the title of a conversation', () => {
  it.each([
    ['How is rice made?', 'How is rice made?'],
    ['# A heading\ntext', 'A heading'],
    ['- **bold** `code`', 'bold code'],
    ['\n\n```\n!!!\n\nreal words', 'real words'],
    ['سلام، چطور می‌توانم برنج دم کنم؟ خیلی وقت ندارم.', 'سلام، چطور می‌توانم برنج دم کنم؟'],
    ['a\u202eb\u0000c', 'a b c'],
    ['Tell me.', 'Tell me'],
  ])('%j becomes %j', (text, title) => {
    expect(conversationTitle(text)).toBe(title);
  });

  it('is null when there is nothing to name it by', () => {
    for (const text of ['', '   ', '!!!', '👋', '---\n***']) expect(conversationTitle(text)).toBeNull();
  });

  it('is at most 60 characters and never ends in half a character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 50, maxLength: 200 }), (text) => {
        const title = conversationTitle(text);
        if (title === null) return;
        expect(title.length).toBeLessThanOrEqual(61);
        expect(Buffer.from(title).toString()).toBe(title);
        expect(title).not.toMatch(/[\u0000-\u001f\u202a-\u202e]/);
      }),
      { seed: 5, numRuns: 300 },
    );
  });
});

describe('a window of one minute', () => {
  it('lets so many through and says when the next may come', () => {
    const window = new SlidingWindow(60_000);
    expect([0, 10_000, 20_000].map((now) => window.take('a', 2, now))).toEqual([0, 0, 40_000]);
    expect(window.take('b', 2, 20_000)).toBe(0);
    expect(window.take('a', 2, 59_999)).toBe(1);
    expect(window.take('a', 2, 60_000)).toBe(0);
    expect(window.take('a', 2, 60_000)).toBe(10_000);
    expect(window.take('a', 0, 60_000)).toBe(0);
  });

  it('never lets more than its limit into any window, whatever the times', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 30_000 }), { maxLength: 60 }), fc.integer({ min: 1, max: 4 }), (steps, limit) => {
        const window = new SlidingWindow(60_000);
        const taken: number[] = [];
        let now = 0;
        for (const step of steps) {
          now += step;
          if (window.take('k', limit, now) === 0) taken.push(now);
        }
        for (const time of taken) expect(taken.filter((other) => other > time - 60_000 && other <= time).length).toBeLessThanOrEqual(limit);
      }),
      { seed: 9, numRuns: 200 },
    );
  });
});
