import type { KeyValueStore } from './ports.ts';

/** One draft in the storage of this browser. */
export interface StoredDraft {
  readonly text: string;
  /** When it was typed here, in ms since the epoch; 0 for one that came from elsewhere. */
  readonly at: number;
  /** The `updatedAt` of the server's text that it follows; null where there was none. */
  readonly base: string | null;
  /** Typed here and not yet known to the server. An empty text is then one that is to be removed there. */
  readonly unsent: boolean;
}

const none: StoredDraft = { text: '', at: 0, base: null, unsent: false };

/** The drafts of each user in the storage, one key for each conversation: two tabs do not overwrite each other's. */
export class DraftShelf {
  readonly #store: KeyValueStore;

  constructor(store: KeyValueStore) {
    this.#store = store;
  }

  get(userId: string, place: string | null): StoredDraft {
    return parse(this.#store.get(keyOf(userId, place)));
  }

  put(userId: string, place: string | null, draft: StoredDraft): void {
    const key = keyOf(userId, place);
    if (draft.text === '' && !draft.unsent) this.#store.remove(key);
    else this.#store.set(key, JSON.stringify(draft));
  }

  all(userId: string): (readonly [string | null, StoredDraft])[] {
    return this.#store.keys().flatMap((key) => {
      const place = this.placeOf(userId, key);
      return place === undefined ? [] : [[place, this.get(userId, place)] as const];
    });
  }

  /** The conversation of a key, null for a new one; undefined for a key of somebody or something else. */
  placeOf(userId: string, key: string): string | null | undefined {
    const prefix = keyOf(userId, '');
    if (!key.startsWith(prefix)) return undefined;
    const place = key.slice(prefix.length);
    return place === 'new' ? null : place;
  }
}

function keyOf(userId: string, place: string | null): string {
  return `jarvis.draft.${userId}.${place ?? 'new'}`;
}

/** An earlier version kept the bare text. */
function parse(value: string | null): StoredDraft {
  if (value === null) return none;
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every field may be absent and is looked at
    const held = JSON.parse(value) as Partial<StoredDraft> | null;
    if (typeof held?.text !== 'string' || typeof held.at !== 'number') return { ...none, text: value, unsent: true };
    const base = typeof held.base === 'string' ? held.base : null;
    return { text: held.text, at: held.at, base, unsent: held.unsent === true };
  } catch {
    return { ...none, text: value, unsent: true };
  }
}
