const encoder = new TextEncoder();

/** Bytes that a text takes in a line of JSON. */
export const jsonBytes = (text: string): number => encoder.encode(JSON.stringify(text)).length;

/** Cuts a text into pieces of at most so many bytes of JSON, at the end of a line where there is one in the second half. */
export function splitText(text: string, mostBytes: number): string[] {
  const pieces: string[] = [];
  let rest = text;
  while (jsonBytes(rest) > mostBytes) {
    const cut = cutAt(rest, mostBytes);
    pieces.push(rest.slice(0, cut));
    rest = rest.slice(cut);
  }
  if (rest !== '' || pieces.length === 0) pieces.push(rest);
  return pieces;
}

function cutAt(text: string, mostBytes: number): number {
  // No character takes less than one byte, so no more of them can fit.
  let low = 1;
  let high = Math.min(text.length, mostBytes);
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (jsonBytes(text.slice(0, middle)) <= mostBytes) low = middle;
    else high = middle - 1;
  }
  const line = text.lastIndexOf('\n', low - 1) + 1;
  if (line > low / 2) return line;
  // Never between the halves of a character.
  return low > 1 && /[\ud800-\udbff]/.test(text[low - 1] ?? '') ? low - 1 : low;
}
