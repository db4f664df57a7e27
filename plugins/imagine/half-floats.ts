const floats = new Float32Array(1);
const bits = new Uint32Array(floats.buffer);

/** The bits of the half that lies nearest (ties to even). Too large becomes infinite. */
export function halfBitsOf(value: number): number {
  floats[0] = value;
  const source = bits[0] ?? 0;
  const sign = (source >>> 16) & 0x8000;
  const magnitude = source & 0x7fff_ffff;
  if (magnitude > 0x7f80_0000) return sign | 0x7e00;
  // 65520 and above round to infinity.
  if (magnitude >= 0x477f_f000) return sign | 0x7c00;
  if (magnitude < 0x3880_0000) {
    // Below 2^-14 a half has no exponent of its own: it counts in units of 2^-24. Both the product and Math.round's argument are exact.
    const units = Math.abs(floats[0] ?? 0) * 2 ** 24;
    const whole = Math.floor(units);
    const rest = units - whole;
    return sign | (whole + (rest > 0.5 || (rest === 0.5 && whole % 2 === 1) ? 1 : 0));
  }
  const rounded = magnitude + 0xfff + ((magnitude >>> 13) & 1);
  return sign | ((rounded - 0x3800_0000) >>> 13);
}

/** The number that the bits of a half mean. */
export function numberOfHalf(half: number): number {
  const sign = (half & 0x8000) === 0 ? 1 : -1;
  const exponent = (half >>> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Node 20 has no Float16Array, so halves travel as their bits. */
export function halvesOf(values: Float32Array): Uint16Array {
  return Uint16Array.from(values, halfBitsOf);
}

export function floatsOf(halves: Uint16Array): Float32Array {
  return Float32Array.from(halves, numberOfHalf);
}
