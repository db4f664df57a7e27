const WINDOW_MS = 60_000;

/** Counts the frames of one socket in the running minute. */
export class FrameRate {
  readonly #limit: number;
  #startedAt = 0;
  #count = 0;

  /** @param limit frames a minute; 0: no limit */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** @returns `over`: refuse this frame, with the seconds to wait; `far-over`: the sender does not listen */
  count(now: number): { state: 'ok' | 'over' | 'far-over'; retryAfter: number } {
    if (now - this.#startedAt >= WINDOW_MS) {
      this.#startedAt = now;
      this.#count = 0;
    }
    this.#count += 1;
    const retryAfter = Math.max(1, Math.ceil((this.#startedAt + WINDOW_MS - now) / 1000));
    if (this.#limit === 0 || this.#count <= this.#limit) return { state: 'ok', retryAfter };
    return { state: this.#count > this.#limit * 3 ? 'far-over' : 'over', retryAfter };
  }
}
