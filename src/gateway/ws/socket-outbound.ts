import type { Clock } from '../../lib/clock.ts';
import type { ServerFrame } from '../../protocol/index.ts';
import type { FrameWriter, SharedFrame } from './frame-writer.ts';

/** The part of a generation's log that a socket needs. */
export interface FollowedLog {
  readonly ids: { readonly generationId: string };
  readonly seq: number;
  readonly finished: object | null;
  readEncoded(afterSeq: number, maxFrames: number, splitAt?: number): readonly (SharedFrame & { readonly seq: number })[];
  lagAfter(afterSeq: number): { events: number; characters: number };
  subscribe(listener: () => void): () => void;
}

export interface OutboundLimits {
  /** What a reader may fall behind before it is dropped; 0: no limit. */
  readonly queueBytes: number;
  readonly queueEvents: number;
}

interface Following {
  readonly log: FollowedLog;
  cursor: number;
  /** What this socket was sent before it asked again: frames that it repeats must not run on beyond it. */
  readonly splitAt: number;
  /** What came before is a replay: a reader that catches up is not slow. */
  readonly startedAt: number;
  unsubscribe: () => void;
}

/** For so long a reader beyond its limits may take nothing off before it is dropped. */
const STUCK_MS = 2000;
/** What is written in one go and is more than this does not count as slowness of the reader until it has left. */
const FULL_BYTES = 256 * 1024;
/**
 * Of big frames that may be under way: more than the longest export, unless most of its letters have to be escaped. Whoever asks on
 * and reads nothing would fill the memory.
 */
const MOST_BIG_BYTES = 64 * 1024 * 1024;
/** Of one UTF-16 unit in UTF-8. */
const MOST_BYTES = 3;
/** Frames that one reader gets in one go, about half a megabyte at most: nobody else waits for it. */
const FRAMES_AT_ONCE = 16;

/** Everything that leaves through one socket. Nothing is queued here but what the socket itself buffers. */
export class SocketOutbound {
  readonly #writer: FrameWriter;
  readonly #limits: OutboundLimits;
  readonly #clock: Clock;
  readonly #onTooSlow: () => void;
  readonly #following = new Map<string, Following>();
  /** Bytes of big frames under way, such as an export or a replay: whoever asked for one is not slow. */
  #bigFrames = 0;
  #closed = false;
  /** Ends the patience with a reader that is too far behind; null while there is none. */
  #calm: (() => void) | null = null;

  /** @param onTooSlow called once, when the reader is more than the limits behind and takes nothing off */
  constructor(writer: FrameWriter, limits: OutboundLimits, clock: Clock, onTooSlow: () => void) {
    this.#writer = writer;
    this.#clock = clock;
    this.#limits = limits;
    this.#onTooSlow = onTooSlow;
    writer.onDrain(() => this.#drained());
  }

  send(frame: ServerFrame): void {
    if (this.#isReady()) this.#put(JSON.stringify(frame));
  }

  /** A frame that was written already, its end as bytes. */
  sendText(start: string, ending: Uint8Array): void {
    if (!this.#isReady()) return;
    if (start.length * MOST_BYTES + ending.length <= FULL_BYTES) this.#writer.writeEnding(start, ending);
    else this.#put(start + Buffer.from(ending).toString());
  }

  #put(data: string): void {
    if (data.length <= FULL_BYTES) {
      this.#writer.write(data);
      return;
    }
    const big = Buffer.byteLength(data);
    this.#bigFrames += big;
    this.#writer.write(data, () => {
      this.#bigFrames -= big;
      this.#drained();
    });
  }

  /** Sends every event after `afterSeq` and then follows; following the same log again moves the cursor. */
  follow(log: FollowedLog, afterSeq: number): void {
    if (this.#closed) return;
    const before = this.#following.get(log.ids.generationId);
    before?.unsubscribe();
    const splitAt = before?.cursor ?? Number.POSITIVE_INFINITY;
    const following: Following = { log, cursor: afterSeq, splitAt, startedAt: log.seq, unsubscribe: () => {} };
    following.unsubscribe = log.subscribe(() => this.#pump(following));
    this.#following.set(log.ids.generationId, following);
    this.#pump(following);
  }

  close(): void {
    this.#closed = true;
    this.unfollow();
  }

  /** Ends every following: another person signs in on this socket. */
  unfollow(): void {
    for (const following of this.#following.values()) following.unsubscribe();
    this.#following.clear();
    this.#endWatch();
  }

  #pump(following: Following): void {
    const { log } = following;
    while (!this.#closed && !this.#writer.full) {
      const frames = log.readEncoded(following.cursor, FRAMES_AT_ONCE, following.splitAt);
      const last = frames.at(-1);
      if (last !== undefined) {
        if (!this.#writer.open) return;
        this.#write(frames);
        following.cursor = last.seq;
      }
      if (log.finished !== null && following.cursor >= log.seq) {
        following.unsubscribe();
        this.#following.delete(log.ids.generationId);
        return;
      }
      if (frames.length < FRAMES_AT_ONCE) return;
    }
    if (!this.#closed) this.#checkLag();
  }

  /** What was taken from a log at once may be more than the limit, such as the end of a long answer: it is no slowness. */
  #write(frames: readonly SharedFrame[]): void {
    let characters = 0;
    for (const { json } of frames) characters += json.length;
    if (characters * MOST_BYTES <= FULL_BYTES) {
      this.#writer.writeShared(frames);
      return;
    }
    const bytes = this.#writer.writeShared(frames, () => {
      this.#bigFrames -= bytes;
    });
    this.#bigFrames += bytes;
  }

  /** Drops a reader that takes nothing off. @returns whether something may be sent */
  #isReady(): boolean {
    if (this.#closed || !this.#writer.open) return false;
    const { queueBytes } = this.#limits;
    const most = queueBytes + FULL_BYTES + this.#bigFrames;
    const slow = queueBytes > 0 && (this.#writer.bufferedBytes > most || this.#bigFrames > MOST_BIG_BYTES);
    if (slow) this.#tooSlow();
    return !slow;
  }

  /** What waits for this reader, of all the answers that it follows. */
  #checkLag(): void {
    const { queueBytes, queueEvents } = this.#limits;
    let [events, characters] = [0, 0];
    for (const { log, cursor, startedAt } of this.#following.values()) {
      const lag = log.lagAfter(Math.max(cursor, startedAt));
      events += lag.events;
      characters += lag.characters;
    }
    const behind = (queueEvents > 0 && events > queueEvents) || (queueBytes > 0 && characters > queueBytes);
    if (behind) this.#watchProgress();
  }

  /** What waits in the logs costs nothing, so a reader who is behind and reads on is left in peace. */
  #watchProgress(): void {
    const buffered = this.#writer.bufferedBytes;
    this.#calm ??= this.#clock.after(STUCK_MS, () => {
      this.#calm = null;
      if (this.#writer.bufferedBytes < buffered) this.#checkLag();
      else this.#tooSlow();
    });
  }

  #endWatch(): void {
    this.#calm?.();
    this.#calm = null;
  }

  #drained(): void {
    this.#endWatch();
    if (this.#closed || this.#following.size === 0 || this.#writer.full) return;
    for (const following of [...this.#following.values()]) if (following.cursor < following.log.seq) this.#pump(following);
  }

  #tooSlow(): void {
    if (this.#closed) return;
    this.close();
    this.#onTooSlow();
  }
}
