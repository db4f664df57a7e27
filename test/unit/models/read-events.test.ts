import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { Json } from '../../../src/models/shared/json-fields.ts';
import { readEvents } from '../../../src/models/shared/read-events.ts';

const cut = { error: { code: 0, status: 'STREAM_CUT' } };
const event = (n: number): string => `data: {"n":${n}}\n\n`;

/** Everything goes to `seen`; `upTo`: how many are wanted. */
function reading(upTo = Number.POSITIVE_INFINITY, room: () => Promise<unknown> | undefined = () => undefined) {
  const body = new PassThrough();
  const seen: Json[] = [];
  const take = (one: Json): boolean => {
    seen.push(one);
    return seen.length < upTo;
  };
  return { body, seen, over: readEvents(body, { take, room }) };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('reading the events of a body', () => {
  it('ends a body that breaks with an event of its own, behind everything that arrived', async () => {
    for (const text of [`${event(1)}data: {"n"`, event(1)]) {
      const { body, seen, over } = reading();
      body.write(text);
      await turn();
      body.destroy(new Error('reset'));
      await over;
      expect(seen).toEqual([{ n: 1 }, cut]);
    }
  });

  it('takes a body that was broken before for a break', async () => {
    const body = new PassThrough();
    body.destroy();
    const seen: Json[] = [];
    await readEvents(body, { take: (one) => seen.push(one) > 0, room: () => undefined });
    expect(seen).toEqual([cut]);
  });

  it('gives all events of one read in a row, and gives up the body when no more are wanted', async () => {
    const { body, seen, over } = reading(2);
    body.write(event(1) + event(2) + event(3));
    await over;
    expect(seen).toEqual([{ n: 1 }, { n: 2 }]);
    expect(body.destroyed).toBe(true);
  });

  it('reads nothing while there is no room, and loses nothing', async () => {
    let open = (): void => {};
    const waits: (Promise<void> | undefined)[] = [new Promise((resolve) => (open = resolve))];
    const { body, seen, over } = reading(3, () => waits.shift());
    body.write(event(1));
    await turn();
    body.end(event(2));
    await turn();
    expect(seen).toEqual([{ n: 1 }]);
    open();
    await over;
    expect(seen).toEqual([{ n: 1 }, { n: 2 }]);
  });

  it('hands on what its taker throws, and gives up the body', async () => {
    const body = new PassThrough();
    const take = (): boolean => {
      throw new Error('no');
    };
    const over = readEvents(body, { take, room: () => undefined });
    body.write(event(1));
    await expect(over).rejects.toThrow('no');
    expect(body.destroyed).toBe(true);
  });
});
