import { describe, expect, it } from 'vitest';
import type { FrameWriter } from '../../../src/gateway/ws/frame-writer.ts';
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
const stuckSocket = () => ({
  open: true,
  full: true,
  bufferedBytes: 300_000,
  write: () => {},
  writeEnding: () => {},
  writeShared: () => 0,
  onDrain: () => {},
});

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

  it('is dropped where it asks for one large page after the other, but not for the longest export', () => {
    const { outbound, seen } = reader({ queueBytes: MEBIBYTE, queueEvents: 0 });
    const large = (characters: number) =>
      outbound.send({ type: 'notice', code: 'EXPORTED', params: {}, text: '', data: { content: 'x'.repeat(characters) } });
    large(48 * MEBIBYTE);
    large(1000);
    expect(seen.dropped).toBe(0);
    for (let pages = 0; pages < 20; pages += 1) large(MEBIBYTE);
    expect(seen.dropped).toBe(1);
  });

  it('is not dropped for what it no longer follows', async () => {
    const { outbound, seen, clock } = reader({ queueBytes: MEBIBYTE, queueEvents: 0 });
    const log = answer('a');
    outbound.follow(log, 0);
    log.appendText('text', 'x'.repeat(2 * MEBIBYTE));
    await told();
    outbound.unfollow();
    clock.advance(PATIENCE_MS);
    expect(seen.dropped).toBe(0);
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

describe('a reader that takes a long answer', () => {
  /** A socket that has room at first and then keeps what it is given. */
  function keeping() {
    const socket = { open: true, full: false, bufferedBytes: 0, dropped: 0 };
    const leaving: (() => void)[] = [];
    const keep = (bytes: number, sent?: () => void) => {
      socket.bufferedBytes += bytes;
      socket.full = true;
      if (sent !== undefined) leaving.push(sent);
      return bytes;
    };
    const writer: FrameWriter = Object.assign(socket, {
      write: (json: string, sent?: () => void) => void keep(Buffer.byteLength(json), sent),
      writeEnding: (start: string, ending: Uint8Array) => void keep(Buffer.byteLength(start) + ending.length),
      writeShared: (frames: readonly { readonly json: string }[], sent?: () => void) =>
        keep(Buffer.byteLength(frames.map(({ json }) => json).join('')), sent),
      onDrain: () => {},
    });
    const outbound = new SocketOutbound(writer, { queueBytes: MEBIBYTE, queueEvents: 2000 }, createFakeClock(), () => {
      socket.dropped += 1;
    });
    const leave = () => {
      socket.bufferedBytes = 0;
      for (const sent of leaving.splice(0)) sent();
    };
    return { outbound, socket, leave };
  }

  const note = { type: 'draining', afterMs: 1 } as const;

  it.each([
    ['the end of it, which carries all of it', 'x', 1.5 * 20 * 65_536, true],
    ['a replay of it in a script of many bytes', '\u4e2d', 20 * 32_768, false],
  ])('is not called slow for %s', (_what, letter, length, ended) => {
    const { outbound, socket, leave } = keeping();
    const log = answer('a');
    for (let event = 0; event < 20; event += 1) log.appendText('text', letter.repeat(length / 20));
    if (ended) {
      const { message } = log.snapshot();
      log.finish({ status: 'complete', textSha256: '', message: { ...message, status: 'complete' } });
    }
    outbound.follow(log, ended ? 20 : 0);
    expect(socket.bufferedBytes).toBeGreaterThan(1.25 * MEBIBYTE);
    outbound.send(note);
    expect(socket.dropped).toBe(0);
    // What else waits counts as ever: also when that has left.
    leave();
    for (let count = 0; count < 7; count += 1) outbound.sendText('', Buffer.alloc(0.2 * MEBIBYTE));
    expect(socket.dropped).toBe(0);
    outbound.send(note);
    expect(socket.dropped).toBe(1);
  });
});
