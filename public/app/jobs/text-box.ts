/** Where a text was found: the corners of its box, in pixels of the picture. */
export interface TextBox {
  readonly points: readonly (readonly [number, number])[];
  readonly text: string;
}

const isPoint = (value: unknown): value is readonly [number, number] =>
  Array.isArray(value) && value.length >= 2 && value.every((part) => typeof part === 'number' && Number.isFinite(part));

/** Reads `data.boxes`, which a plugin fills: what does not fit is left out. */
export function readBoxes(data: unknown): readonly TextBox[] {
  if (typeof data !== 'object' || data === null || !('boxes' in data) || !Array.isArray(data.boxes)) return [];
  return data.boxes.slice(0, 1000).flatMap((box: unknown) => {
    if (typeof box !== 'object' || box === null || !('points' in box) || !Array.isArray(box.points)) return [];
    const points = box.points.filter(isPoint);
    const text = 'text' in box && typeof box.text === 'string' ? box.text : '';
    return points.length < 3 ? [] : [{ points, text }];
  });
}
