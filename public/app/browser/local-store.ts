import type { KeyValueStore } from '../state/ports.ts';

/** As much of the browser's `Storage` as is used; its own names are the keys. */
export type BrowserStorage = Record<string, unknown> & {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
};

/** localStorage; where the browser refuses it (private mode, full), memory for the life of the page. */
export function createLocalStore(storage: () => BrowserStorage): KeyValueStore {
  const memory = new Map<string, string>();
  const guarded = <T>(run: (store: BrowserStorage) => T, otherwise: T): T => {
    try {
      return run(storage());
    } catch {
      return otherwise;
    }
  };
  return {
    get: (key) => memory.get(key) ?? guarded((store) => store.getItem(key), null),
    set(key, value) {
      const kept = guarded((store) => {
        store.setItem(key, value);
        return true;
      }, false);
      if (kept) memory.delete(key);
      else memory.set(key, value);
      return kept;
    },
    remove(key) {
      memory.delete(key);
      guarded((store) => store.removeItem(key), undefined);
    },
    keys: () => [...new Set([...memory.keys(), ...guarded((store) => Object.keys(store), [])])],
  };
}
