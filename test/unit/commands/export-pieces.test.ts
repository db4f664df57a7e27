import { expect, it } from 'vitest';
import { exportHtml } from '../../../src/commands/exports/export-html.ts';
import { exportPieces } from '../../../src/commands/exports/export-pieces.ts';
import type { Conversation, Message } from '../../../src/protocol/index.ts';

const createdAt = '2026-01-01T00:00:00.000Z';
const conversation: Conversation = { id: 'c', title: 'Long', headId: 'm', createdAt, updatedAt: createdAt };
const answer = (text: string): Message => ({
  ...{ id: 'm', conversationId: 'c', parentId: null, role: 'assistant', status: 'complete', createdAt },
  parts: [
    { type: 'text', text },
    { type: 'source', url: 'https://example.org/' },
  ],
});

it('others have their turn while one very long answer is made a page, and the page is the same', async () => {
  const content = { conversation, messages: [answer('Some **bold** `code` and <b>.\n\n- one\n- two\n\n'.repeat(5_000))] };
  let turns = 0;
  let done = false;
  const turn = () => {
    turns += 1;
    if (!done) setImmediate(turn);
  };
  let page = '';
  let pieces = 0;
  const made = exportPieces('html', content, async () => null);
  for await (const piece of made) {
    if (pieces === 0) setImmediate(turn);
    page += piece;
    pieces += 1;
  }
  done = true;
  expect(turns).toBeGreaterThan(1);
  expect(pieces).toBeGreaterThan(10);
  expect(page).toBe(exportHtml(content));
});
