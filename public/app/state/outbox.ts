import { type ReadonlySignal, signal } from '@preact/signals';
import type { ClientFrameOf } from '../../../src/protocol/client-frames.ts';
import { errorTable, isErrorCode } from '../../../src/protocol/errors.ts';
import type { ServerFrame } from '../../../src/protocol/server-frames.ts';
import type { StoredFile } from '../../../src/protocol/shapes.ts';
import { backoffMs } from './backoff.ts';
import type { Clock, KeyValueStore } from './ports.ts';
import type { ErrorParams } from './request-error.ts';

/** Frames that open an answer. Commands are not kept here: they may hold a password, and running one late would surprise. */
export type OutboxFrame = ClientFrameOf<'message.send' | 'message.edit' | 'message.regenerate' | 'message.continue'>;

export interface OutboxError {
  readonly code: string;
  readonly message: string;
  readonly params?: ErrorParams | undefined;
  readonly requestId?: string | undefined;
}

/** `late`: not accepted within 10 s and tried again. `failed`: the server will not take it as it is. */
export interface OutboxEntry {
  readonly id: string;
  readonly frame: OutboxFrame;
  readonly conversationId: string | null;
  readonly files: readonly StoredFile[];
  readonly createdAt: number;
  readonly state: 'sending' | 'late' | 'failed';
  readonly error?: OutboxError;
}

export interface OutboxDeps {
  readonly store: KeyValueStore;
  readonly clock: Clock;
  readonly random: () => number;
  /** @returns false when there is no connection now. */
  readonly send: (frame: OutboxFrame) => boolean;
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
  /** Sends everything that is not failed; called on each `welcome`. */
  flush(): void;
  /** Reads what answers an entry. @returns true when it ended or delayed one */
  receive(frame: ServerFrame): boolean;
  /** Another tab removed an entry from storage. */
  forget(storageKey: string): void;
}

export const outboxLimit = 50;
/** Nobody waits longer before a message that looks sent: who wrote it decides. */
const longestWaitS = 120;
const lateAfterMs = 10_000;

interface Timers {
  late?: () => void;
  retry?: () => void;
  attempt: number;
}

/** Messages that the server has not accepted yet. One storage key for each, so that two tabs do not overwrite each other. */
export function createOutbox(deps: OutboxDeps): Outbox {
  const entries = signal<readonly OutboxEntry[]>([]);
  const timers = new Map<string, Timers>();
  let prefix: string | null = null;

  function save(entry: OutboxEntry): void {
    if (prefix !== null) deps.store.set(prefix + entry.id, JSON.stringify(entry));
  }

  function update(id: string, change: Partial<OutboxEntry>): void {
    entries.value = entries.value.map((entry) => {
      if (entry.id !== id) return entry;
      const next = { ...entry, ...change };
      save(next);
      return next;
    });
  }

  function clearTimers(id: string): void {
    const held = timers.get(id);
    held?.late?.();
    held?.retry?.();
    timers.delete(id);
  }

  function end(id: string): void {
    clearTimers(id);
    if (prefix !== null) deps.store.remove(prefix + id);
    entries.value = entries.value.filter((entry) => entry.id !== id);
  }

  function transmit(entry: OutboxEntry): void {
    const held = timers.get(entry.id) ?? { attempt: 0 };
    timers.set(entry.id, held);
    held.retry?.();
    held.late ??= deps.clock.after(lateAfterMs, () => update(entry.id, { state: 'late' }));
    deps.send(entry.frame);
  }

  function fail(entry: OutboxEntry, frame: Extract<ServerFrame, { type: 'error' }>): void {
    const { code, message, params, requestId } = frame;
    const retryable = isErrorCode(code) && errorTable[code].retryable && (frame.retryAfter ?? 0) <= longestWaitS;
    if (!retryable) {
      clearTimers(entry.id);
      update(entry.id, { state: 'failed', error: { code, message, params, requestId } });
      return;
    }
    const held = timers.get(entry.id) ?? { attempt: 0 };
    timers.set(entry.id, held);
    held.attempt += 1;
    const wait = frame.retryAfter === undefined ? backoffMs(held.attempt, deps.random, 1000, 30_000) : frame.retryAfter * 1000;
    held.retry?.();
    held.retry = deps.clock.after(wait, () => {
      const current = find(entry.id);
      if (current !== undefined && current.state !== 'failed') transmit(current);
    });
    update(entry.id, { state: 'late', error: { code, message, params, requestId } });
  }

  const find = (id: string | undefined) => entries.value.find((entry) => entry.id === id);

  return {
    entries,
    load(userId) {
      prefix = `jarvis.outbox.${userId}.`;
      entries.value = readEntries(deps.store, prefix);
    },
    unload() {
      for (const id of [...timers.keys()]) clearTimers(id);
      prefix = null;
      entries.value = [];
    },
    add({ frame, conversationId, files }) {
      if (entries.value.length >= outboxLimit) return false;
      const id = frame.clientMessageId;
      const entry: OutboxEntry = { id, frame: { ...frame, id }, conversationId, files, createdAt: deps.clock.now(), state: 'sending' };
      save(entry);
      entries.value = [...entries.value, entry];
      transmit(entry);
      return true;
    },
    retry(id) {
      const entry = find(id);
      if (entry === undefined) return;
      clearTimers(id);
      const { error: _, ...rest } = entry;
      const fresh: OutboxEntry = { ...rest, state: 'sending' };
      save(fresh);
      entries.value = entries.value.map((other) => (other.id === id ? fresh : other));
      transmit(fresh);
    },
    discard: end,
    flush() {
      for (const entry of entries.value) if (entry.state !== 'failed') transmit(entry);
    },
    receive(frame) {
      if (frame.type === 'message.accepted') {
        const known = find(frame.clientMessageId) !== undefined;
        if (known) end(frame.clientMessageId);
        return known;
      }
      if (!('replyTo' in frame)) return false;
      const entry = find(frame.replyTo);
      if (entry === undefined) return false;
      if (frame.type === 'error') fail(entry, frame);
      else end(entry.id);
      return true;
    },
    forget(storageKey) {
      if (prefix === null || !storageKey.startsWith(prefix)) return;
      const id = storageKey.slice(prefix.length);
      clearTimers(id);
      entries.value = entries.value.filter((entry) => entry.id !== id);
    },
  };
}

function readEntries(store: KeyValueStore, prefix: string): OutboxEntry[] {
  const found: OutboxEntry[] = [];
  for (const key of store.keys()) {
    if (!key.startsWith(prefix)) continue;
    const entry = parseEntry(store.get(key));
    if (entry === null) store.remove(key);
    else found.push(entry);
  }
  return found.sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** What an earlier version or a curious person left in the storage must not stop the page. */
function parseEntry(text: string | null): OutboxEntry | null {
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every field may be absent and is looked at
    const value = JSON.parse(text ?? 'null') as Partial<OutboxEntry> | null;
    if (value === null || typeof value.id !== 'string' || typeof value.frame?.type !== 'string') return null;
    const { id, frame, conversationId = null, files = [], createdAt = 0, error } = value;
    const base = { id, frame, conversationId, files, createdAt };
    return value.state === 'failed' && error !== undefined ? { ...base, state: 'failed', error } : { ...base, state: 'sending' };
  } catch {
    return null;
  }
}
