/** Draws unit noise, call after call from one seed. */
export type NoiseSource = (count: number) => Float32Array;

const size = 624;
const shift = 397;

/** The Mersenne Twister mt19937 (Matsumoto and Nishimura 1998) with the seeding that torch uses: whole numbers of 32 bits. */
function createTwister(seed: number): () => number {
  const state = new Uint32Array(size);
  state[0] = seed >>> 0;
  for (let index = 1; index < size; index += 1) {
    const before = state[index - 1] ?? 0;
    state[index] = Math.imul(1_812_433_253, before ^ (before >>> 30)) + index;
  }
  let next = size;
  const refill = (): void => {
    for (let index = 0; index < size; index += 1) {
      const joined = ((state[index] ?? 0) & 0x8000_0000) | ((state[(index + 1) % size] ?? 0) & 0x7fff_ffff);
      state[index] = (state[(index + shift) % size] ?? 0) ^ (joined >>> 1) ^ ((joined & 1) === 0 ? 0 : 0x9908_b0df);
    }
    next = 0;
  };
  return () => {
    if (next === size) refill();
    let value = state[next] ?? 0;
    next += 1;
    value ^= value >>> 11;
    value ^= (value << 7) & 0x9d2c_5680;
    value ^= (value << 15) & 0xefc6_0000;
    return (value ^ (value >>> 18)) >>> 0;
  };
}

/** Box and Muller's way from even to normal values, in place, in torch's blocks of 16: eight radii, eight angles. */
function makeNormal(values: Float32Array, from: number): void {
  for (let index = from; index < from + 8; index += 1) {
    const radius = Math.sqrt(-2 * Math.log(1 - (values[index] ?? 0)));
    const angle = 2 * Math.PI * (values[index + 8] ?? 0);
    values[index] = radius * Math.cos(angle);
    values[index + 8] = radius * Math.sin(angle);
  }
}

/**
 * The noise that `torch.randn` gives on a CPU after `torch.manual_seed(seed)`, so that a seed means the same picture as in diffusers.
 * @param seed whole, 0 to 2^32 - 1: torch uses no more of it than these 32 bits
 * @returns a source whose `count` is at least 16; below that torch draws in another way
 */
export function createTorchNoise(seed: number): NoiseSource {
  const random = createTwister(seed);
  const even = (): number => (random() & 0xff_ffff) / 0x100_0000;
  return (count) => {
    if (count < 16) throw new RangeError('noise is drawn 16 values at a time');
    const values = new Float32Array(count);
    for (let index = 0; index < count; index += 1) values[index] = even();
    for (let from = 0; from + 16 <= count; from += 16) makeNormal(values, from);
    if (count % 16 !== 0) {
      // The rest is not drawn alone: the last 16 are drawn anew.
      for (let index = count - 16; index < count; index += 1) values[index] = even();
      makeNormal(values, count - 16);
    }
    return values;
  };
}
