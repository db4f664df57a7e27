import { describe, expect, it } from 'vitest';
import { createHeightMap } from '../../../public/app/chat/height-map.ts';
import { nextPrompt } from '../../../public/app/chat/prompt-jump.ts';
import { findHits, placeOf } from '../../../public/app/find/find-hits.ts';
import { countIn, foldText, rangesIn } from '../../../public/app/find/fold-text.ts';
import { readableText } from '../../../public/app/find/readable-text.ts';
import { normaliseText } from '../../../src/lib/normalise-words.ts';
import type { Message } from '../../../src/protocol/shapes.ts';

const message = (id: string, role: Message['role'], text: string): Message => ({
  ...{ id, conversationId: 'c1', parentId: null, role, status: 'complete', createdAt: '2026-01-01T00:00:00.000Z' },
  parts: [{ type: 'text', text }],
});

describe('words in a text', () => {
  it('are compared as the search over all conversations compares them', () => {
    for (const text of ['Café ÉTÉ', 'كتاب‌هاي ۱۲۳ و ٤٥', 'مسؤول إلى آخره', 'ﬁne Ⅳ', 'tatـweel', 'x́y'])
      expect(foldText(text)).toBe(normaliseText(text));
  });

  it('are found where they stand, whatever the folding took away before them', () => {
    const text = 'می‌روم به كتاب‌خانه';
    const [range] = rangesIn(text, foldText('کتابخانه'));
    expect(range === undefined ? '' : text.slice(range.from, range.to)).toBe('كتاب‌خانه');
    expect(rangesIn('aaaa', 'aa')).toEqual([
      { from: 0, to: 2 },
      { from: 2, to: 4 },
    ]);
    expect(rangesIn('abc', '')).toEqual([]);
  });

  it('are those that a person reads, block by block', () => {
    const text = foldText(
      readableText('a **bold** [link](https://example.org/hidden)\nnext\n\n- one\n- two\n\n```js\nlet x;\n```\n\n$$y^2$$'),
    );
    expect(countIn(text, 'bold link next')).toBe(1);
    expect(countIn(text, 'let x;')).toBe(1);
    for (const none of ['hidden', 'one two', 'y^2', '**']) expect(countIn(text, none)).toBe(0);
  });
});

describe('places in a conversation', () => {
  const messages = [message('q1', 'user', 'One tree'), message('a1', 'assistant', 'a *tree*, a tree'), message('q2', 'user', 'no')];
  const search = (query: string, signal = new AbortController().signal) => {
    let time = 0;
    return findHits(query, {
      ...{ ids: messages.map(({ id }) => id), message: (id) => messages.find((one) => one.id === id), signal },
      now: () => (time += 5),
      pause: () => Promise.resolve(),
    });
  };

  it('are listed from the oldest to the newest, each of a message by itself', async () => {
    expect(await search('tree')).toEqual([
      { messageId: 'q1', nth: 0 },
      { messageId: 'a1', nth: 0 },
      { messageId: 'a1', nth: 1 },
    ]);
    expect(await search('')).toEqual([]);
  });

  it('are given up when another search begins', async () => {
    const controller = new AbortController();
    const work = search('tree', controller.signal);
    controller.abort();
    expect(await work).toEqual([]);
  });

  it('begin with the newest, and stay with the one that was shown while older ones come', () => {
    const old = { messageId: 'q0', nth: 0 };
    const hits = [
      { messageId: 'q1', nth: 0 },
      { messageId: 'a1', nth: 1 },
    ];
    expect(placeOf(hits, null)).toBe(1);
    expect(placeOf([old, ...hits], { messageId: 'q1', nth: 0 })).toBe(1);
    expect(placeOf([], old)).toBe(-1);
  });
});

describe('the way through the own messages', () => {
  it('goes to the one before what is read, and to the one after it', () => {
    const heights = createHeightMap();
    heights.setKeys(['q1', 'a1', 'q2', 'a2', 'q3']);
    for (const key of ['q1', 'a1', 'q2', 'a2', 'q3']) heights.measured(key, 100);
    const from = (top: number, direction: -1 | 1) => nextPrompt({ direction, top, count: 5, isOwn: (index) => index % 2 === 0, heights });
    expect([from(250, -1), from(200, -1), from(0, -1)]).toEqual([2, 0, null]);
    expect([from(0, 1), from(190, 1), from(350, 1), from(390, 1)]).toEqual([2, 4, 4, null]);
  });
});
