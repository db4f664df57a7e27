import { type ReadonlySignal, signal } from '@preact/signals';
import { errorTable, isErrorCode } from '../../../src/protocol/errors.ts';
import type { ServerFrame, ServerFrameOf } from '../../../src/protocol/server-frames.ts';
import { backoffMs } from './backoff.ts';
import type { OutboxEntry, OutboxError, OutboxFrame } from './outbox-entry.ts';
import { OutboxShelf } from './outbox-shelf.ts';
import type { Clock, KeyValueStore } from './ports.ts';

export interface OutboxDeps {
  readonly store: KeyValueStore;
  readonly clock: Clock;
  readonly random: () => number;
  /** @returns false when there is no connection now. */
  readonly send: (frame: OutboxFrame) => boolean;
  /** An answer is being written in this conversation, as far as the page knows. */
  readonly isBusy: (conversationId: string) => boolean;
  /** Bytes of one frame that the server takes; 0: no limit. */
  readonly frameBytes: () => number;
}

export interface Outbox {
  readonly entries: ReadonlySignal<readonly OutboxEntry[]>;
  /** Takes over what an earlier page of this user left behind. */
  load(userId: string): void;
  /** Forgets in memory, keeps in storage: the person may sign in again. */
  unload(): void;
  /** @returns false when it is full. */
  add(entry: Pick<OutboxEntry, 'frame' | 'conversationId' | 'files'>): boolean;
  retry(id: string): void;
  discard(id: string): void;
  /** Sends what may go: called on each `welcome`. */
  flush(): void;
  /** An answer of this conversation has ended: what waited for it goes now. */
  wake(conversationId: string): void;
  /** Reads what answers an entry. @returns true when it ended or delayed one */
  receive(frame: ServerFrame): boolean;
  /** Another tab removed an entry from storage. */
  forget(storageKey: string): void;
}

export const outboxLimit = 50;
/** Nobody waits longer before a message that looks sent: who wrote it decides. */
const longestWaitS = 120;
const lateAfterMs = 10_000;
/** A tab that lives has sent its message by then, or says that it is late. */
const orphanAfterMs = 30_000;
/** An answer whose end was not heard of does not hold a message back for ever. */
const busyPatienceMs = 30_000;

/** The server cannot say whether it wrote the message. */
const mayBeAccepted: ReadonlySet<string> = new Set(['STORE_UNAVAILABLE', 'INTERNAL']);

interface Timers {
  late?: () => void;
  retry?: () => void;
  attempt: number;
}

/** Messages that the server has not accepted yet. Those of one conversation go in their order, each when the answer before it is done. */
export function createOutbox(deps: OutboxDeps): Outbox {
  return new OutboxStore(deps);
}

class OutboxStore implements Outbox {
  readonly entries = signal<readonly OutboxEntry[]>([]);
  readonly #deps: OutboxDeps;
  readonly #timers = new Map<string, Timers>();
  #shelf: OutboxShelf | null = null;

  constructor(deps: OutboxDeps) {
    this.#deps = deps;
  }

  load(userId: string): void {
    this.#shelf = new OutboxShelf(this.#deps.store, userId);
    const now = this.#deps.clock.now();
    this.entries.value = this.#shelf
      .all()
      .map((entry) => (entry.state === 'sending' && now - entry.createdAt >= lateAfterMs ? { ...entry, state: 'late' } : entry));
  }

  unload(): void {
    for (const id of [...this.#timers.keys()]) this.#clearTimers(id);
    this.#shelf = null;
    this.entries.value = [];
  }

  add({ frame, conversationId, files }: Pick<OutboxEntry, 'frame' | 'conversationId' | 'files'>): boolean {
    if (this.entries.value.length >= outboxLimit) return false;
    const id = frame.clientMessageId;
    const createdAt = this.#deps.clock.now();
    const entry: OutboxEntry = {
      id,
      frame: { ...frame, id },
      conversationId,
      files,
      createdAt,
      state: 'sending',
      tried: false,
      kept: true,
    };
    this.entries.value = [...this.entries.value, { ...entry, kept: this.#shelf?.put(entry) ?? false }];
    this.#offer(id);
    return true;
  }

  retry(id: string): void {
    const entry = this.#find(id);
    if (entry === undefined) return;
    this.#clearTimers(id);
    const { error: _, ...rest } = entry;
    this.#replace({ ...rest, state: 'sending' });
    this.#offer(id);
  }

  discard(id: string): void {
    this.#end(id);
  }

  flush(): void {
    this.#takeOrphans();
    for (const { id } of this.entries.value) this.#offer(id);
  }

  wake(conversationId: string): void {
    const next = this.entries.value.find((entry) => entry.conversationId === conversationId && entry.state !== 'failed');
    if (next?.state === 'queued') this.#offer(next.id);
  }

  receive(frame: ServerFrame): boolean {
    const id = frame.type === 'message.accepted' ? frame.clientMessageId : 'replyTo' in frame ? frame.replyTo : undefined;
    const entry = this.#find(id);
    if (entry === undefined) return false;
    if (frame.type === 'error') this.#refused(entry, frame);
    else this.#end(entry.id);
    return true;
  }

  forget(storageKey: string): void {
    const id = this.#shelf?.idOf(storageKey) ?? null;
    if (id === null) return;
    const entry = this.#find(id);
    this.#clearTimers(id);
    this.entries.value = this.entries.value.filter((other) => other.id !== id);
    // What waited behind it may be known to this tab alone.
    if (entry !== undefined && entry.conversationId !== null) this.wake(entry.conversationId);
  }

  /** What another tab left behind when it was closed; one that still lives sends it under the same id. */
  #takeOrphans(): void {
    const known = new Set(this.entries.value.map(({ id }) => id));
    const before = this.#deps.clock.now() - orphanAfterMs;
    const orphans = (this.#shelf?.all() ?? []).filter(({ id, createdAt }) => !known.has(id) && createdAt < before);
    if (orphans.length > 0) this.entries.value = [...this.entries.value, ...orphans].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  #find(id: string | undefined): OutboxEntry | undefined {
    return this.entries.value.find((entry) => entry.id === id);
  }

  #replace(next: OutboxEntry): void {
    const kept = this.#shelf?.put(next) ?? false;
    this.entries.value = this.entries.value.map((entry) => (entry.id === next.id ? { ...next, kept } : entry));
  }

  #update(id: string, change: Partial<OutboxEntry>): void {
    const entry = this.#find(id);
    if (entry !== undefined) this.#replace({ ...entry, ...change });
  }

  /** Gone from here and from the storage; the next one of its conversation may go. */
  #end(id: string): void {
    const entry = this.#find(id);
    this.#clearTimers(id);
    this.#shelf?.remove(id);
    this.entries.value = this.entries.value.filter((other) => other.id !== id);
    if (entry !== undefined && entry.conversationId !== null) this.wake(entry.conversationId);
  }

  #timersOf(id: string): Timers {
    const held = this.#timers.get(id) ?? { attempt: 0 };
    this.#timers.set(id, held);
    return held;
  }

  #clearTimers(id: string): void {
    const held = this.#timers.get(id);
    held?.late?.();
    held?.retry?.();
    this.#timers.delete(id);
  }

  /** Sends an entry if it is its turn. `despite` an answer that seems to be written still. */
  #offer(id: string, despite = false): void {
    const entry = this.#find(id);
    if (entry === undefined || entry.state === 'failed') return;
    const { conversationId } = entry;
    if (conversationId === null) return this.#transmit(entry);
    const first = this.entries.value.find((other) => other.conversationId === conversationId && other.state !== 'failed');
    if (first?.id !== id) return this.#queue(entry);
    // What may have arrived is asked for at once: the answer that is being written may be its own.
    if (entry.tried || despite || !this.#deps.isBusy(conversationId)) this.#transmit(entry);
    else this.#wait(entry, busyPatienceMs);
  }

  #queue(entry: OutboxEntry): void {
    if (entry.state !== 'queued') this.#update(entry.id, { state: 'queued' });
  }

  #wait(entry: OutboxEntry, ms: number): void {
    this.#queue(entry);
    this.#again(entry.id, ms, true);
  }

  #again(id: string, ms: number, despite = false): void {
    const held = this.#timersOf(id);
    held.retry?.();
    held.retry = this.#deps.clock.after(ms, () => this.#offer(id, despite));
  }

  #transmit(entry: OutboxEntry): void {
    const limit = this.#deps.frameBytes();
    if (limit > 0 && new TextEncoder().encode(JSON.stringify(entry.frame)).byteLength > limit) {
      // The server would close the socket over it, again and again.
      this.#fail(entry, { code: 'TOO_LARGE', message: errorTable.TOO_LARGE.message });
      return;
    }
    const held = this.#timersOf(entry.id);
    held.retry?.();
    if (held.late === undefined) this.#expect(entry.id, lateAfterMs);
    const sent = this.#deps.send(entry.frame);
    const state = entry.state === 'queued' ? 'sending' : entry.state;
    if ((sent && !entry.tried) || state !== entry.state) this.#update(entry.id, { tried: entry.tried || sent, state });
  }

  /** No answer: said to the person, and sent again under the same id, which can do no harm. */
  #late(id: string): void {
    const entry = this.#find(id);
    if (entry === undefined || entry.state === 'failed' || entry.state === 'queued') return;
    if (entry.state !== 'late') this.#update(id, { state: 'late' });
    const held = this.#timersOf(id);
    held.attempt += 1;
    this.#again(id, backoffMs(held.attempt, this.#deps.random, lateAfterMs, 60_000));
    this.#expect(id, 60_000);
  }

  #expect(id: string, ms: number): void {
    const held = this.#timersOf(id);
    held.late = this.#deps.clock.after(ms, () => {
      delete held.late;
      this.#late(id);
    });
  }

  #fail(entry: OutboxEntry, error: OutboxError): void {
    this.#clearTimers(entry.id);
    this.#update(entry.id, { state: 'failed', tried: false, error });
    if (entry.conversationId !== null) this.wake(entry.conversationId);
  }

  #refused(entry: OutboxEntry, frame: ServerFrameOf<'error'>): void {
    const { code, message, params, requestId, retryAfter } = frame;
    const error = { code, message, params, requestId };
    const held = this.#timersOf(entry.id);
    // This try was answered; the next one is waited for anew.
    held.late?.();
    delete held.late;
    // The session has ended: it goes out after the next sign-in.
    if (code === 'UNAUTHENTICATED') return this.#update(entry.id, { state: 'late', tried: false });
    const retryable = isErrorCode(code) && errorTable[code].retryable && (retryAfter ?? 0) <= longestWaitS;
    if (!retryable) return this.#fail(entry, error);
    held.attempt += 1;
    const wait = retryAfter === undefined ? backoffMs(held.attempt, this.#deps.random, 1000, 30_000) : retryAfter * 1000;
    if (code === 'GENERATION_RUNNING') {
      this.#update(entry.id, { state: 'queued', tried: false });
      this.#again(entry.id, Math.max(wait, this.#deps.isBusy(entry.conversationId ?? '') ? busyPatienceMs : 0), true);
      return;
    }
    this.#update(entry.id, { state: 'late', tried: mayBeAccepted.has(code), error });
    this.#again(entry.id, wait);
  }
}
