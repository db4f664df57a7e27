import { describe, expect, it } from 'vitest';
import { AsyncQueue } from '../../../src/lib/async-queue.ts';

async function drain<T>(queue: AsyncQueue<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of queue) items.push(item);
  return items;
}

describe('a bounded queue', () => {
  it('delivers in order, then ends', async () => {
    const queue = new AsyncQueue<number>();
    const read = drain(queue);
    for (let n = 0; n < 3000; n += 1) queue.push(n);
    queue.end();
    expect(await read).toEqual(Array.from({ length: 3000 }, (_, n) => n));
    expect(await queue.next()).toEqual({ done: true, value: undefined });
  });

  it('says when it is full, and when there is room again', async () => {
    const queue = new AsyncQueue<number>({ highWaterMark: 2 });
    expect([queue.push(1), queue.push(2), queue.push(3)]).toEqual([true, false, false]);
    let open: boolean | null = null;
    const room = queue.ready().then((value) => {
      open = value;
    });
    await queue.next();
    expect(open).toBeNull();
    await queue.next();
    await room;
    expect(open).toBe(true);
    expect(queue.size).toBe(1);
  });

  it('throws its error once, after what was buffered', async () => {
    const queue = new AsyncQueue<number>();
    queue.push(1);
    queue.fail(new Error('broken'));
    queue.end();
    expect(queue.push(2)).toBe(false);
    expect(await queue.next()).toEqual({ done: false, value: 1 });
    await expect(queue.next()).rejects.toThrow('broken');
    expect((await queue.next()).done).toBe(true);
  });

  it('ends for its producer when the reader leaves, and tells so once', async () => {
    let cancelled = 0;
    const queue = new AsyncQueue<number>({ highWaterMark: 1, onCancel: () => (cancelled += 1) });
    queue.push(1);
    const room = queue.ready();
    const pending = queue.return();
    expect(await room).toBe(false);
    await pending;
    await queue.return();
    expect([cancelled, queue.closed, queue.push(2), queue.size]).toEqual([1, true, false, 0]);
  });

  it('lets several readers wait, and ends them all', async () => {
    const queue = new AsyncQueue<number>();
    const waiting = [queue.next(), queue.next(), queue.next()];
    queue.push(1);
    queue.end();
    expect((await Promise.all(waiting)).map((result) => result.done)).toEqual([false, true, true]);
  });
});
