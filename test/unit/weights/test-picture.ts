/** A smooth coloured picture that the recorded outputs were made of: RGB bytes, row by row. */
export function testPicture(height: number, width: number): Uint8Array {
  return Uint8Array.from({ length: height * width * 3 }, (_, index) => {
    const column = Math.floor(index / 3) % width;
    const row = Math.floor(index / 3 / width);
    return Math.max(0, Math.min(255, Math.round(128 + 90 * Math.sin(column / 3.1 + (index % 3)) + 30 * Math.cos(row / 2.3))));
  });
}
