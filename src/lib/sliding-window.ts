/** Counts events per key over the last `windowMs`; memory is bounded by forgetting keys without events. */
export class SlidingWindow {
  readonly #windowMs: number;
  readonly #times = new Map<string, number[]>();

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  /**
   * Takes one place of `limit` (0: no limit).
   * @returns 0 when it was free, else milliseconds until one will be
   */
  take(key: string, limit: number, now: number): number {
    if (limit <= 0) return 0;
    const recent = (this.#times.get(key) ?? []).filter((time) => time > now - this.#windowMs);
    const oldest = recent[recent.length - limit];
    if (oldest !== undefined) {
      this.#times.set(key, recent);
      return oldest + this.#windowMs - now;
    }
    recent.push(now);
    this.#times.set(key, recent);
    if (this.#times.size > 10_000) this.#forget(now);
    return 0;
  }

  #forget(now: number): void {
    for (const [key, times] of this.#times) if ((times.at(-1) ?? 0) <= now - this.#windowMs) this.#times.delete(key);
  }
}
