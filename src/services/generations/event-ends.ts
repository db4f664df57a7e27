const FIRST_ROOM = 32;
const MOST_IN_16_BITS = 0xffff;

/** Where each event of a stretch ends in its text, in UTF-16 units. An event costs two bytes here, four in a stretch over 64 Ki units. */
export class EventEnds {
  #ends: Uint16Array | Uint32Array;
  #length = 0;

  constructor(ends: readonly number[] = []) {
    this.#ends = new Uint16Array(Math.max(ends.length, FIRST_ROOM));
    for (const end of ends) this.push(end);
  }

  get length(): number {
    return this.#length;
  }

  /** @returns 0 for what comes before the first event */
  at(index: number): number {
    return this.#ends[index] ?? 0;
  }

  push(end: number): void {
    const full = this.#length === this.#ends.length;
    if (full || (end > MOST_IN_16_BITS && this.#ends instanceof Uint16Array)) this.#grow(full, end);
    this.#ends[this.#length] = end;
    this.#length += 1;
  }

  /** Of the events from `first` on, counted from the end of the one before it. */
  from(first: number): number[] {
    const start = this.at(first - 1);
    return Array.from(this.#ends.subarray(first, this.#length), (end) => end - start);
  }

  #grow(full: boolean, end: number): void {
    const wide = end > MOST_IN_16_BITS || this.#ends instanceof Uint32Array;
    const room = full ? Math.ceil(this.#ends.length * 1.5) : this.#ends.length;
    const grown = wide ? new Uint32Array(room) : new Uint16Array(room);
    grown.set(this.#ends);
    this.#ends = grown;
  }
}
