import { asObject, type Json } from './json-fields.ts';

/** An event larger than this ends the stream: pictures have a few megabytes. */
const MAX_EVENT_BYTES = 96 * 1024 * 1024;
/** Of what is no event at all, this much is kept to look for an error in it. */
const MAX_TAIL_CHARS = 64 * 1024;

const LF = 10;
const CR = 13;
const nothing = Buffer.alloc(0);

/**
 * A server-sent-events parser that takes what the service and the proxies before it really send: every newline style,
 * comments, `event:` lines, data over several lines, a missing last blank line, a JSON error without framing.
 * Gives the objects that the events hold; the fault that ends a stream is such an object too.
 * Lines are found in the bytes, so that only what an event holds becomes text. Time is linear in the bytes, whatever their chunking.
 */
export class SseFramer {
  /** Pieces of a line whose end has not come. */
  #line: Uint8Array[] = [];
  /** The data lines of the event so far. */
  #data: string | undefined;
  #size = 0;
  readonly #tail: string[] = [];
  #tailSize = 0;
  #atStart = true;
  #afterCr = false;
  #broken = false;

  /** @returns the events that these bytes completed, oldest first */
  push(bytes: Uint8Array): Json[] {
    const out: Json[] = [];
    if (!this.#broken && bytes.length > 0) {
      this.#feed(Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), out);
    }
    return out;
  }

  /** The stream ended. @returns what was still waiting, and at most one error event for a tail that is no event */
  flush(): Json[] {
    const out: Json[] = [];
    if (this.#broken) return out;
    if (this.#line.length > 0) this.#endLine(nothing, 0, 0, out);
    const framed = this.#data === undefined ? undefined : read(this.#data);
    // An event that the end of the stream cut in two is a cut, not a bad event.
    if (framed !== undefined) out.push(isFault(framed) ? fault('STREAM_CUT') : framed);
    const rest = this.#tail.join('\n').trim();
    if (rest !== '' && !this.#broken && !out.some(isFault)) out.push(errorTail(rest));
    return out;
  }

  #feed(bytes: Buffer, out: Json[]): void {
    const from = this.#takeLines(bytes, this.#afterCr && bytes[0] === LF ? 1 : 0, out);
    if (from < bytes.length) this.#line.push(bytes.subarray(from));
    this.#size += bytes.length - from;
    if (this.#size <= MAX_EVENT_BYTES || this.#broken) return;
    this.#broken = true;
    out.push(fault('EVENT_TOO_LARGE'));
  }

  /** @returns where the line begins whose end is not in these bytes */
  #takeLines(bytes: Buffer, begin: number, out: Json[]): number {
    const ends = new LineEnds(bytes, begin);
    let from = begin;
    this.#afterCr = false;
    for (let end = ends.next(from); end !== -1 && !this.#broken; end = ends.next(from)) {
      this.#endLine(bytes, from, end, out);
      from = end + 1;
      if (bytes[end] !== CR) continue;
      if (bytes[from] === LF) from += 1;
      else this.#afterCr = from === bytes.length;
    }
    return from;
  }

  /** The line is what was kept of it, and these bytes. */
  #endLine(bytes: Buffer, from: number, to: number, out: Json[]): void {
    this.#size += to - from;
    if (this.#line.length > 0) {
      const whole = Buffer.concat([...this.#line, bytes.subarray(from, to)]);
      this.#line = [];
      this.#takeLine(whole, 0, whole.length, out);
    } else this.#takeLine(bytes, from, to, out);
  }

  #takeLine(bytes: Buffer, begin: number, to: number, out: Json[]): void {
    const from = this.#atStart && startsWithMark(bytes, begin) ? begin + 3 : begin;
    this.#atStart = false;
    if (from >= to) {
      this.#endEvent(out);
    } else if (isData(bytes, from, to)) {
      const text = bytes.toString('utf8', from + 5, to);
      // A newline between data lines can only be white space of the JSON.
      this.#data = this.#data === undefined ? text : `${this.#data} ${text}`;
    } else this.#keepTail(bytes.toString('utf8', from, to));
  }

  #keepTail(text: string): void {
    if (isOtherField(text) || this.#tailSize >= MAX_TAIL_CHARS) return;
    this.#tail.push(text);
    this.#tailSize += text.length;
  }

  #endEvent(out: Json[]): void {
    this.#size = 0;
    if (this.#data === undefined) return;
    const event = read(this.#data);
    this.#data = undefined;
    if (event === undefined) return;
    out.push(event);
    this.#broken = isFault(event);
  }
}

/** Finds either newline; looks at each byte once for each of the two, however many lines there are. */
class LineEnds {
  readonly #bytes: Buffer;
  #lf: number;
  #cr: number;

  constructor(bytes: Buffer, from: number) {
    this.#bytes = bytes;
    this.#lf = bytes.indexOf(LF, from);
    this.#cr = bytes.indexOf(CR, from);
  }

  /** @returns the first one at or behind `from`, which only grows; -1: none */
  next(from: number): number {
    if (this.#lf !== -1 && this.#lf < from) this.#lf = this.#bytes.indexOf(LF, from);
    if (this.#cr !== -1 && this.#cr < from) this.#cr = this.#bytes.indexOf(CR, from);
    if (this.#lf === -1 || this.#cr === -1) return Math.max(this.#lf, this.#cr);
    return Math.min(this.#lf, this.#cr);
  }
}

const faults = {
  BAD_EVENT: { error: { code: 0, status: 'BAD_EVENT' } },
  STREAM_CUT: { error: { code: 0, status: 'STREAM_CUT' } },
  BAD_BODY: { error: { code: 0, status: 'BAD_BODY' } },
  EVENT_TOO_LARGE: { error: { code: 0, status: 'EVENT_TOO_LARGE' } },
} as const;
const faultSet = new Set<Json>(Object.values(faults));

/** An error event of our own; `code` 0 tells it from one of the service. */
export function fault(status: keyof typeof faults): Json {
  return faults[status];
}

function isFault(event: Json): boolean {
  return faultSet.has(event);
}

/** The byte order mark, which some services send first. */
function startsWithMark(bytes: Buffer, from: number): boolean {
  return bytes[from] === 0xef && bytes[from + 1] === 0xbb && bytes[from + 2] === 0xbf;
}

/** `data:` */
function isData(bytes: Buffer, from: number, to: number): boolean {
  return (
    to - from >= 5 &&
    bytes[from] === 0x64 &&
    bytes[from + 1] === 0x61 &&
    bytes[from + 2] === 0x74 &&
    bytes[from + 3] === 0x61 &&
    bytes[from + 4] === 0x3a
  );
}

function isOtherField(text: string): boolean {
  return text.startsWith(':') || /^(?:event|id|retry):/.test(text);
}

/** @returns the object of an event; nothing for what carries no answer (`[DONE]`, `null`); a fault where it is no JSON */
function read(event: string): Json | undefined {
  try {
    return asObject(JSON.parse(event));
  } catch {
    return readOdd(event.trim());
  }
}

/** White space that JSON does not know may stand around it. */
function readOdd(text: string): Json | undefined {
  if (text === '' || text === '[DONE]') return undefined;
  try {
    return asObject(JSON.parse(text));
  } catch {
    return fault('BAD_EVENT');
  }
}

/** The service reports a failure in mid-stream as a bare, pretty-printed error object, sometimes inside an array. */
function errorTail(text: string): Json {
  try {
    const value: unknown = JSON.parse(text.replace(/^,/, ''));
    const first = asObject(Array.isArray(value) ? value[0] : value);
    return first !== undefined && 'error' in first ? first : fault('BAD_BODY');
  } catch {
    return fault(text.startsWith('{') || text.startsWith('[') ? 'STREAM_CUT' : 'BAD_BODY');
  }
}
