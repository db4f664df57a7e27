/** The orthonormal cosine transform of 8 values, split into its even and odd half: 32 multiplications instead of 64. */
const cosine = (k: number, x: number) => (k === 0 ? Math.SQRT1_2 : 1) * 0.5 * Math.cos(((2 * x + 1) * k * Math.PI) / 16);
const even = Float64Array.from({ length: 16 }, (_, i) => cosine(2 * (i >> 2), i & 3));
const odd = Float64Array.from({ length: 16 }, (_, i) => cosine(2 * (i >> 2) + 1, i & 3));
const line = new Float64Array(8);

function forwardLine(block: Float32Array, at: number, step: number): void {
  for (let x = 0; x < 4; x += 1) {
    const first = block[at + x * step] ?? 0;
    const last = block[at + (7 - x) * step] ?? 0;
    line[x] = first + last;
    line[x + 4] = first - last;
  }
  for (let k = 0; k < 4; k += 1) {
    let a = 0;
    let b = 0;
    for (let x = 0; x < 4; x += 1) {
      a += (even[k * 4 + x] ?? 0) * (line[x] ?? 0);
      b += (odd[k * 4 + x] ?? 0) * (line[x + 4] ?? 0);
    }
    block[at + 2 * k * step] = a;
    block[at + (2 * k + 1) * step] = b;
  }
}

function inverseLine(block: Float32Array, at: number, step: number): void {
  for (let k = 0; k < 4; k += 1) {
    line[k] = block[at + 2 * k * step] ?? 0;
    line[k + 4] = block[at + (2 * k + 1) * step] ?? 0;
  }
  for (let x = 0; x < 4; x += 1) {
    let a = 0;
    let b = 0;
    for (let k = 0; k < 4; k += 1) {
      a += (even[k * 4 + x] ?? 0) * (line[k] ?? 0);
      b += (odd[k * 4 + x] ?? 0) * (line[k + 4] ?? 0);
    }
    block[at + x * step] = a + b;
    block[at + (7 - x) * step] = a - b;
  }
}

/** 8 x 8 values become 8 x 8 waves, in place; the first is their mean times 8. */
export function forwardDct(block: Float32Array): void {
  for (let y = 0; y < 8; y += 1) forwardLine(block, y * 8, 1);
  for (let x = 0; x < 8; x += 1) forwardLine(block, x, 8);
}

export function inverseDct(block: Float32Array): void {
  for (let x = 0; x < 8; x += 1) inverseLine(block, x, 8);
  for (let y = 0; y < 8; y += 1) inverseLine(block, y * 8, 1);
}
