import type { Clock } from '../../lib/clock.ts';
import { BadQueryError, ExpectationError, StoreLockedError, StoreUnavailableError, UniqueViolationError } from '../../lib/store-errors.ts';
import type { SqliteFault, SqliteReply, SqliteValue } from './sqlite-protocol.ts';

interface Waiting {
  readonly since: number;
  resolve(value: SqliteValue): void;
  reject(error: Error): void;
}

/** The requests that the worker has not answered. */
export interface SqliteRequests {
  add(): { readonly id: number; readonly answer: Promise<SqliteValue> };
  settle(reply: SqliteReply): void;
  failAll(message: string): void;
  /** Gives up those that wait too long. */
  sweep(): void;
  count(): number;
  /** Resolves when none is left. */
  drained(): Promise<void>;
}

/** @param onUnavailable called where the store failed, not who asked */
export function createSqliteRequests(clock: Clock, answerTimeoutMs: number, onUnavailable: () => void): SqliteRequests {
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  let onDrained: (() => void) | null = null;

  function take(id: number, act: (entry: Waiting) => void): void {
    const entry = waiting.get(id);
    if (entry === undefined) return;
    waiting.delete(id);
    act(entry);
    if (waiting.size === 0) onDrained?.();
  }

  return {
    add() {
      lastId += 1;
      const id = lastId;
      const answer = new Promise<SqliteValue>((resolve, reject) => waiting.set(id, { since: clock.now(), resolve, reject }));
      return { id, answer };
    },
    settle([id, value, fault]) {
      take(id, (entry) => (fault === undefined ? entry.resolve(value) : entry.reject(errorFrom(fault))));
      if (fault?.name === 'unavailable') onUnavailable();
    },
    failAll(message) {
      for (const id of [...waiting.keys()]) take(id, (entry) => entry.reject(new StoreUnavailableError(message)));
    },
    sweep() {
      const now = clock.now();
      // A map keeps the order of insertion, so the oldest request comes first.
      for (const [id, entry] of waiting) {
        if (now - entry.since < answerTimeoutMs) break;
        take(id, ({ reject }) => reject(new StoreUnavailableError('the disk that holds DATA_DIR does not answer')));
        onUnavailable();
      }
    },
    count: () => waiting.size,
    async drained() {
      if (waiting.size > 0) await new Promise<void>((resolve) => (onDrained = resolve));
    },
  };
}

/** The worker's faults cross the thread as plain data. */
export function errorFrom(fault: SqliteFault): Error {
  if (fault.name === 'unique') return new UniqueViolationError(fault.collection, fault.index);
  if (fault.name === 'expectation') return new ExpectationError(fault.collection, fault.id);
  if (fault.name === 'query') return new BadQueryError(fault.message);
  if (fault.name === 'locked') return new StoreLockedError(fault.message);
  return new StoreUnavailableError(fault.message);
}
