/** A counted stock of one resource: what is given out never exceeds what there is. */
export abstract class ResourceAllocator {
  /** All of it, in the unit of the allocator. */
  readonly total: number;
  readonly #held = new Map<string, number>();
  #used = 0;

  /** @param total not negative; Infinity: not counted */
  constructor(total: number) {
    if (!(total >= 0)) throw new RangeError('a resource has a total of 0 or more');
    this.total = total;
  }

  get free(): number {
    return this.total - this.#used;
  }

  get used(): number {
    return this.#used;
  }

  /** What that holder has now. */
  heldBy(holder: string): number {
    return this.#held.get(holder) ?? 0;
  }

  /** @returns false, and nothing changes, when so much is not free. A holder that asks again holds the sum. */
  allocate(holder: string, units: number): boolean {
    if (!(units >= 0) || units > this.free) return false;
    this.#held.set(holder, this.heldBy(holder) + units);
    this.#used += units;
    return true;
  }

  /** Gives back everything that the holder has; safe to call twice. @returns how much that was */
  release(holder: string): number {
    const units = this.heldBy(holder);
    this.#held.delete(holder);
    // Summed anew when empty, so that fractions leave no crumbs behind.
    this.#used = this.#held.size === 0 ? 0 : this.#used - units;
    return units;
  }
}
