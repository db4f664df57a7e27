/** Work in one go that nobody notices, in ms. */
const spellMs = 5;

/**
 * For loops that may never wait for anything: the function that this makes is awaited in each round, and every few
 * milliseconds it lets timers, sockets and other people's requests have their turn.
 */
export function createBreather(): () => Promise<void> {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < spellMs) return;
    await new Promise<void>((resolve) => setImmediate(resolve));
    since = performance.now();
  };
}
