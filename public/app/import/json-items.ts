const code = (character: string): number => character.charCodeAt(0);
const quote = code('"');
const backslash = code('\\');
const opens: ReadonlySet<number> = new Set([code('{'), code('[')]);
const closes: ReadonlySet<number> = new Set([code('}'), code(']')]);
const openObject = code('{');
const blanks: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d, 0xef, 0xbb, 0xbf]);

/** One thing of a file may be so large, in bytes: it is held in memory. */
const mostItemBytes = 128 * 1024 * 1024;

export class BrokenJson extends Error {}
/** It does not even begin like one. */
export class NoJson extends Error {}
export class ItemTooLarge extends Error {}

export interface JsonItems {
  /** @throws BrokenJson, NoJson, ItemTooLarge */
  push(bytes: Uint8Array): void;
  /** @throws BrokenJson when the file was cut off, NoJson when there is nothing in it */
  end(): void;
}

/**
 * Finds the objects of one big array (or the one object that a file is) while it is read, so that never more than one of them
 * is in memory. Works on bytes: in UTF-8 no byte of another character looks like a bracket or a quote.
 */
export function createJsonItems(take: (item: unknown) => void): JsonItems {
  let depth = 0;
  let base = -1;
  let inString = false;
  let escaped = false;
  let done = false;
  let pile: Uint8Array[] = [];
  let piled = 0;
  /** Where the item that is being read begins in this chunk; -1 without one. */
  let from = -1;

  function keep(part: Uint8Array): void {
    piled += part.length;
    if (piled > mostItemBytes) throw new ItemTooLarge();
    // The reader may use its buffer again.
    pile.push(part.slice());
  }

  function finish(): void {
    const decoder = new TextDecoder();
    const text = pile.map((part) => decoder.decode(part, { stream: true })).join('') + decoder.decode();
    pile = [];
    piled = 0;
    take(parsed(text));
  }

  function structure(byte: number, at: number, chunk: Uint8Array): void {
    if (opens.has(byte) && !done) open(byte, at);
    else if (closes.has(byte) && depth > 0) close(at, chunk);
    // Words and numbers between the things of the array are passed over.
    else if ((done || base === -1) && !blanks.has(byte)) throw done ? new BrokenJson() : new NoJson();
  }

  function open(byte: number, at: number): void {
    if (base === -1) base = byte === openObject ? 0 : 1;
    if (depth === base && byte === openObject) from = at;
    depth += 1;
  }

  function close(at: number, chunk: Uint8Array): void {
    depth -= 1;
    if (depth === base && from !== -1) {
      keep(chunk.subarray(from, at + 1));
      from = -1;
      finish();
    }
    if (depth === 0) done = true;
  }

  return {
    push(chunk) {
      if (from !== -1) from = 0;
      for (let at = 0; at < chunk.length; at += 1) {
        const byte = chunk[at] ?? 0;
        if (inString) {
          if (escaped) escaped = false;
          else if (byte === backslash) escaped = true;
          else if (byte === quote) inString = false;
        } else if (byte === quote && base !== -1) inString = true;
        else structure(byte, at, chunk);
      }
      if (from !== -1) keep(chunk.subarray(from));
    },
    end() {
      if (!done) throw base === -1 ? new NoJson() : new BrokenJson();
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new BrokenJson();
  }
}
