import type { ServerFrame } from '../../protocol/index.ts';

/** The part of a WebSocket that sends. */
export interface SendingSocket {
  readonly readyState: number;
  readonly OPEN: number;
  readonly bufferedAmount: number;
  send(data: string, sent: (error?: Error | null) => void): void;
}

/** The part of a generation's log that a socket needs. */
export interface FollowedLog {
  readonly ids: { readonly generationId: string };
  readonly seq: number;
  readonly finished: object | null;
  read(afterSeq: number, maxFrames?: number, splitAt?: number): ServerFrame[];
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

/** Above this the socket counts as full and answers wait in their logs, where they cost nothing. */
const FULL_BYTES = 256 * 1024;
/** Frames that one reader gets in one go, about half a megabyte at most: nobody else waits for it. */
const FRAMES_AT_ONCE = 16;

/** Everything that leaves through one socket. Nothing is queued here but what the socket itself buffers. */
export class SocketOutbound {
  readonly #socket: SendingSocket;
  readonly #limits: OutboundLimits;
  readonly #onTooSlow: () => void;
  readonly #following = new Map<string, Following>();
  /** Bytes of big frames under way, such as an export: whoever asked for one is not slow. */
  #bigFrames = 0;
  #closed = false;

  /** @param onTooSlow called once, when the reader is more than the limits behind */
  constructor(socket: SendingSocket, limits: OutboundLimits, onTooSlow: () => void) {
    this.#socket = socket;
    this.#limits = limits;
    this.#onTooSlow = onTooSlow;
  }

  send(frame: ServerFrame): void {
    if (this.#closed || this.#socket.readyState !== this.#socket.OPEN) return;
    const { queueBytes } = this.#limits;
    if (queueBytes > 0 && this.#socket.bufferedAmount > queueBytes + FULL_BYTES + this.#bigFrames) {
      this.#tooSlow();
      return;
    }
    const data = JSON.stringify(frame);
    const big = data.length > FULL_BYTES ? Buffer.byteLength(data) : 0;
    this.#bigFrames += big;
    this.#socket.send(data, () => {
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
  }

  #pump(following: Following): void {
    while (!this.#closed && this.#socket.bufferedAmount < FULL_BYTES) {
      const frames = following.log.read(following.cursor, FRAMES_AT_ONCE, following.splitAt);
      for (const frame of frames) {
        this.send(frame);
        if ('seq' in frame && typeof frame.seq === 'number') following.cursor = frame.seq;
      }
      if (following.log.finished !== null && following.cursor >= following.log.seq) {
        following.unsubscribe();
        this.#following.delete(following.log.ids.generationId);
        return;
      }
      if (frames.length < FRAMES_AT_ONCE) return;
    }
    if (!this.#closed) this.#checkLag();
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
    if ((queueEvents > 0 && events > queueEvents) || (queueBytes > 0 && characters > queueBytes)) this.#tooSlow();
  }

  #drained(): void {
    if (this.#closed || this.#following.size === 0 || this.#socket.bufferedAmount >= FULL_BYTES) return;
    for (const following of [...this.#following.values()]) if (following.cursor < following.log.seq) this.#pump(following);
  }

  #tooSlow(): void {
    if (this.#closed) return;
    this.close();
    this.#onTooSlow();
  }
}
