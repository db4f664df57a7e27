/** Some whole lines of a file. */
export interface Piece {
  readonly bytes: Blob;
  /** Where it ends, counted from the beginning of what was read. */
  readonly end: number;
}

export interface PieceLimits {
  /** A piece is sent when it has grown to this. */
  readonly target: number;
  /** No piece may be larger; a longer line cannot be sent. */
  readonly most: number;
}

export class LineTooLong extends Error {}

const newline = 10;

/** Cuts a file into pieces of whole lines while it is read; never more than one piece is in memory. @throws LineTooLong */
export async function* cutLines(file: Blob, { target, most }: PieceLimits): AsyncGenerator<Piece> {
  let lines = createPile();
  let open = createPile();
  let end = 0;

  function* close(): Generator<Piece> {
    if (open.size > most) throw new LineTooLong();
    if (lines.size > 0 && lines.size + open.size > target) yield flush();
    for (const part of open.parts) lines.add(part);
    open = createPile();
  }

  function flush(): Piece {
    const bytes = new Blob(lines.parts);
    end += lines.size;
    lines = createPile();
    return { bytes, end };
  }

  const reader = file.stream().getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      const chunk = new Uint8Array(value);
      let from = 0;
      for (let at = chunk.indexOf(newline); at !== -1; at = chunk.indexOf(newline, from)) {
        open.add(chunk.subarray(from, at + 1));
        from = at + 1;
        yield* close();
      }
      if (from < chunk.length) open.add(chunk.subarray(from));
      if (open.size > most) throw new LineTooLong();
    }
    yield* close();
    if (lines.size > 0) yield flush();
  } finally {
    await reader.cancel().catch(() => {});
  }
}

interface Pile {
  readonly parts: Uint8Array<ArrayBuffer>[];
  readonly size: number;
  add(part: Uint8Array<ArrayBuffer>): void;
}

function createPile(): Pile {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  return {
    parts,
    get size() {
      return size;
    },
    add(part) {
      parts.push(part);
      size += part.length;
    },
  };
}
