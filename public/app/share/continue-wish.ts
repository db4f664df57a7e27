import type { KeyValueStore } from '../state/ports.ts';

const key = 'jarvis.continue';

/** Somebody wants to go on with a shared copy and has to sign in first: what is meant stays in this tab. */
export const keepWish = (store: KeyValueStore, sharedId: string): boolean => store.set(key, sharedId);

/** Asked once: whoever signs in next does not get it again. */
export function takeWish(store: KeyValueStore): string | null {
  const id = store.get(key);
  store.remove(key);
  return id !== null && /^[A-Za-z0-9_-]{1,64}$/.test(id) ? id : null;
}
