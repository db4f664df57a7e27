import { describe, expect, it } from 'vitest';
import { SocketOutbound } from '../../../src/gateway/ws/socket-outbound.ts';
import { GenerationLog } from '../../../src/services/generations/generation-log.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const MEBIBYTE = 1_048_576;
/** For so long a reader may take nothing off. */
const PATIENCE_MS = 2000;

function answer(id: string): GenerationLog {
  const ids = { generationId: id, conversationId: 'c', messageId: `m-${id}`, epoch: 'e' };
  const created = '2026-01-01T00:00:00.000Z';
  const message = {
    id: `m-${id}`,
    conversationId: 'c',
    parentId: null,
    role: 'assistant' as const,
    status: 'streaming' as const,
    parts: [],
  };
  return new GenerationLog(ids, { ...message, createdAt: created });
}

/** A socket whose other end has stopped to read. */
const stuckSocket = () => ({ open: true, full: true, bufferedBytes: 300_000, write: () => {}, writeShared: () => {}, onDrain: () => {} });

function reader(limits: { queueBytes: number; queueEvents: number }) {
  const seen = { dropped: 0 };
  const socket = stuckSocket();
  const clock = createFakeClock();
  const outbound = new SocketOutbound(socket, limits, clock, () => {
    seen.dropped += 1;
  });
  return { outbound, seen, socket, clock };
}

/** Listeners hear of an event in a later step, several at once. */
const told = () => new Promise((resolve) => setImmediate(resolve));

describe('a reader that has stopped to read', () => {
  it('is dropped by what waits for it in all the answers that it follows together', async () => {
    const { outbound, seen, clock } = reader({ queueBytes: MEBIBYTE, queueEvents: 2000 });
    const answers = ['a', 'b'].map(answer);
    for (const log of answers) outbound.follow(log, 0);
    for (const log of answers) log.appendText('text', 'x'.repeat(0.4 * MEBIBYTE));
    await told();
    clock.advance(PATIENCE_MS);
    expect(seen.dropped).toBe(0);
    answers[1]?.appendText('text', 'x'.repeat(0.4 * MEBIBYTE));
    await told();
    clock.advance(PATIENCE_MS - 1);
    expect(seen.dropped).toBe(0);
    clock.advance(1);
    expect(seen.dropped).toBe(1);
  });

  it('is left in peace while it takes something off, however far it is behind', async () => {
    const { outbound, seen, socket, clock } = reader({ queueBytes: MEBIBYTE, queueEvents: 0 });
    const log = answer('a');
    outbound.follow(log, 0);
    log.appendText('text', 'x'.repeat(2 * MEBIBYTE));
    await told();
    for (let rounds = 0; rounds < 3; rounds += 1) {
      socket.bufferedBytes -= 1000;
      clock.advance(PATIENCE_MS);
    }
    expect(seen.dropped).toBe(0);
    clock.advance(PATIENCE_MS);
    expect(seen.dropped).toBe(1);
  });

  it('is dropped by the number of events too, and by none where the limits are off', async () => {
    const few = reader({ queueBytes: 0, queueEvents: 3 });
    const none = reader({ queueBytes: 0, queueEvents: 0 });
    const log = answer('a');
    for (const { outbound } of [few, none]) outbound.follow(log, 0);
    for (let event = 0; event < 4; event += 1) log.appendText('text', 'x');
    await told();
    for (const { clock } of [few, none]) clock.advance(PATIENCE_MS);
    expect([few.seen.dropped, none.seen.dropped]).toEqual([1, 0]);
  });

  it('is not called slow for what was there before it began to follow', async () => {
    const { outbound, seen, clock } = reader({ queueBytes: MEBIBYTE, queueEvents: 0 });
    const log = answer('a');
    log.appendText('text', 'x'.repeat(2 * MEBIBYTE));
    outbound.follow(log, 0);
    log.appendText('text', 'x');
    await told();
    clock.advance(PATIENCE_MS);
    expect(seen.dropped).toBe(0);
  });
});
