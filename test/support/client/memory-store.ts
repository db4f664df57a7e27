import type { KeyValueStore } from '../../../public/app/state/ports.ts';

/** localStorage as a map; share one between two stores to play a reload. */
export function createMemoryStore(held = new Map<string, string>()): KeyValueStore & { readonly held: Map<string, string> } {
  return {
    held,
    get: (key) => held.get(key) ?? null,
    set(key, value) {
      held.set(key, value);
      return true;
    },
    remove: (key) => void held.delete(key),
    keys: () => [...held.keys()],
  };
}
