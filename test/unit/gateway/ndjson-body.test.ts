import { describe, expect, it } from 'vitest';
import { readNdjson } from '../../../src/gateway/http/ndjson-body.ts';

const limits = { bodyBytes: 4 * 1024 * 1024, lineBytes: 2 * 1024 * 1024 };

/** All of it there at once: reading it never has to wait. */
async function* whole(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

/** How often the event loop came round while the work was done. */
async function turnsDuring(work: Promise<unknown>): Promise<number> {
  let turns = 0;
  let counting = true;
  const turn = () => {
    turns += 1;
    if (counting) setImmediate(turn);
  };
  setImmediate(turn);
  await work;
  counting = false;
  return turns;
}

async function countLines(text: string): Promise<number> {
  let lines = 0;
  for await (const { line } of readNdjson(whole(text), limits)) lines = line;
  return lines;
}

describe('a body of many lines', () => {
  it('lets others have their turn, however many short lines there are', async () => {
    let lines = 0;
    const turns = await turnsDuring(
      countLines('{"a":1}\n'.repeat(200_000)).then((count) => {
        lines = count;
      }),
    );
    expect(lines).toBe(200_000);
    expect(turns).toBeGreaterThan(5);
  });

  it('passes over a few empty lines, and refuses to count millions of them', async () => {
    expect(await countLines(`${'\n'.repeat(1000)}{"a":1}\n`)).toBe(1001);
    await expect(countLines('\n'.repeat(1_000_000))).rejects.toMatchObject({ code: 'BAD_REQUEST', params: { line: 1001 } });
  });
});
