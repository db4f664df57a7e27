/** How a piece of a plugin's work ended. */
export type PluginOutcome = 'succeeded' | 'plugin-failed' | 'worker-lost';

/** A process may also be ended from outside, by a full machine for example: it takes twice as many of those. */
const weights = { 'plugin-failed': 2, 'worker-lost': 1 } as const;
const LIMIT = 6;

/** Counts failures in a row: three of the plugin's own, or six lost processes. */
export class FailureBreaker {
  #weight = 0;

  /** @returns whether that was one too many; counting begins anew then */
  note(outcome: PluginOutcome): boolean {
    if (outcome === 'succeeded') {
      this.#weight = 0;
      return false;
    }
    this.#weight += weights[outcome];
    if (this.#weight < LIMIT) return false;
    this.#weight = 0;
    return true;
  }

  reset(): void {
    this.#weight = 0;
  }
}
