const lineFeed = 0x0a;

/**
 * The lines of a stream of bytes, without their line feeds, read as they are asked for. Text readers also end lines at other
 * characters (U+2028), which may stand inside JSON.
 * @param refuse makes the error for a line (from 1) that holds more than `maxBytes`
 */
export async function* byteLines(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
  refuse: (line: number) => Error,
): AsyncGenerator<Uint8Array> {
  let line = 1;
  let parts: Uint8Array[] = [];
  let length = 0;

  function add(part: Uint8Array): void {
    length += part.length;
    if (length > maxBytes) throw refuse(line);
    if (part.length > 0) parts.push(part);
  }

  function take(): Uint8Array {
    const taken = parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
    parts = [];
    length = 0;
    line += 1;
    return taken;
  }

  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(lineFeed); end !== -1; end = chunk.indexOf(lineFeed, from)) {
      add(chunk.subarray(from, end));
      yield take();
      from = end + 1;
    }
    add(chunk.subarray(from));
  }
  if (length > 0) yield take();
}
