import { isCommandText } from './command-line.ts';
import type { OutboxEntry } from './outbox-entry.ts';
import type { KeyValueStore } from './ports.ts';

/** Entries of one user in the storage of this browser, one key for each, so that two tabs do not overwrite each other's. */
export class OutboxShelf {
  readonly #store: KeyValueStore;
  readonly #prefix: string;

  constructor(store: KeyValueStore, userId: string) {
    this.#store = store;
    this.#prefix = `jarvis.outbox.${userId}.`;
  }

  /** @returns whether it will be there after a reload */
  put({ kept: _, ...entry }: OutboxEntry): boolean {
    // A command that was typed into an edited message may hold a password; the server refuses it.
    if ('text' in entry.frame && entry.frame.text !== undefined && isCommandText(entry.frame.text)) return false;
    return this.#store.set(this.#prefix + entry.id, JSON.stringify(entry));
  }

  remove(id: string): void {
    this.#store.remove(this.#prefix + id);
  }

  /** The id of an entry by its key; null for a key of somebody or something else. */
  idOf(key: string): string | null {
    return key.startsWith(this.#prefix) ? key.slice(this.#prefix.length) : null;
  }

  /** Oldest first. */
  all(): OutboxEntry[] {
    const found: OutboxEntry[] = [];
    for (const key of this.#store.keys()) {
      if (!key.startsWith(this.#prefix)) continue;
      const entry = parseEntry(this.#store.get(key));
      if (entry === null) this.#store.remove(key);
      else found.push(entry);
    }
    return found.sort((a, b) => (a.id < b.id ? -1 : 1));
  }
}

/** What an earlier version or a curious person left in the storage must not stop the page. */
function parseEntry(text: string | null): OutboxEntry | null {
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every field may be absent and is looked at
    const value = JSON.parse(text ?? 'null') as Partial<OutboxEntry> | null;
    if (value === null || typeof value.id !== 'string' || typeof value.frame?.type !== 'string') return null;
    // `tried`: an earlier version did not say; it may have arrived.
    const { id, frame, error, state } = value;
    const base = { conversationId: null, files: [], createdAt: 0, tried: true, ...value, id, frame, kept: true };
    const { error: _, ...rest } = base;
    return state === 'failed' && error !== undefined ? { ...rest, state, error } : { ...rest, state: 'sending' };
  } catch {
    return null;
  }
}
