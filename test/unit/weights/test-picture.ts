/** A smooth coloured picture that the recorded outputs were made of: RGB bytes, row by row. */
export function testPicture(height: number, width: number): Uint8Array {
  return Uint8Array.from({ length: height * width * 3 }, (_, index) => {
    const column = Math.floor(index / 3) % width;
    const row = Math.floor(index / 3 / width);
    return Math.max(0, Math.min(255, Math.round(128 + 90 * Math.sin(column / 3.1 + (index % 3)) + 30 * Math.cos(row / 2.3))));
  });
}

/** A head with hair over shoulders before a wall, as plain shapes, 256 x 256: values of 0..1, RGB, row by row. */
export function plainPortrait(): Float32Array {
  const inside = (x: number, y: number, cx: number, cy: number, rx: number, ry: number) => ((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 < 1;
  return Float32Array.from({ length: 256 * 256 * 3 }, (_, index) => {
    const channel = index % 3;
    const x = Math.floor(index / 3) % 256;
    const y = Math.floor(index / 768);
    let colour = [0.55, 0.65 + x / 2560, 0.7];
    if (inside(x, y, 128, 95, 52, 62)) colour = [0.2, 0.13, 0.08];
    if (inside(x, y, 128, 260, 105, 85)) colour = [0.15, 0.2, 0.45];
    if (inside(x, y, 128, 165, 22, 30)) colour = [0.78, 0.58, 0.47];
    if (inside(x, y, 128, 108, 40, 52)) colour = [0.86, 0.66, 0.54];
    if (inside(x, y, 112, 98, 6, 4) || inside(x, y, 144, 98, 6, 4)) colour = [0.1, 0.08, 0.08];
    if (inside(x, y, 128, 134, 14, 4)) colour = [0.7, 0.3, 0.3];
    return colour[channel] ?? 0;
  });
}
