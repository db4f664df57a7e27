/** @returns the id of the shared copy that an address shows; null for every other page */
export function sharedIdOf(path: string): string | null {
  return /^\/s\/([A-Za-z0-9_-]{1,64})\/?$/.exec(path)?.[1] ?? null;
}
