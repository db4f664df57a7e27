/** An event larger than this ends the stream: pictures have a few megabytes. */
const MAX_EVENT_CHARS = 96 * 1024 * 1024;
/** Of what is no event at all, this much is kept to look for an error in it. */
const MAX_TAIL_CHARS = 64 * 1024;

/**
 * A server-sent-events parser that takes what the service and the proxies before it really send: every newline style,
 * comments, `event:` lines, data over several lines, a missing last blank line, a JSON error without framing.
 * Gives events as text that is valid JSON on one line; the fault that ends a stream is such an event too.
 * Time is linear in the bytes, whatever their chunking.
 */
export class SseFramer {
  readonly #decoder = new TextDecoder('utf-8', { fatal: false });
  #line: string[] = [];
  #data: string[] = [];
  #size = 0;
  readonly #tail: string[] = [];
  #tailSize = 0;
  #afterCr = false;
  #broken = false;

  /** @returns the events that these bytes completed, oldest first */
  push(bytes: Uint8Array): string[] {
    const out: string[] = [];
    if (!this.#broken) this.#feed(this.#decoder.decode(bytes, { stream: true }), out);
    return out;
  }

  /** The stream ended. @returns what was still waiting, and at most one error event for a tail that is no event */
  flush(): string[] {
    const out: string[] = [];
    if (this.#broken) return out;
    this.#feed(this.#decoder.decode(), out);
    if (this.#line.length > 0) this.#endLine(out);
    const framed = this.#data.length === 0 ? undefined : frame(this.#data.join(' '));
    // An event that the end of the stream cut in two is a cut, not a bad event.
    if (framed !== undefined) out.push(isFault(framed) ? fault('STREAM_CUT') : framed);
    const rest = this.#tail.join('\n').trim();
    if (rest !== '' && !this.#broken && !out.some(isFault)) out.push(errorTail(rest));
    return out;
  }

  #feed(text: string, out: string[]): void {
    let from = this.#afterCr && text.startsWith('\n') ? 1 : 0;
    if (text !== '') this.#afterCr = false;
    this.#size += text.length;
    const newline = /\r\n|\r|\n/g;
    newline.lastIndex = from;
    for (let found = newline.exec(text); found !== null && !this.#broken; found = newline.exec(text)) {
      if (found.index > from) this.#line.push(text.slice(from, found.index));
      from = found.index + found[0].length;
      if (found[0] === '\r' && from === text.length) this.#afterCr = true;
      this.#endLine(out);
    }
    if (from < text.length) this.#line.push(text.slice(from));
    if (this.#size <= MAX_EVENT_CHARS || this.#broken) return;
    this.#broken = true;
    out.push(fault('EVENT_TOO_LARGE'));
  }

  #endLine(out: string[]): void {
    const text = this.#line.join('');
    this.#line = [];
    if (text === '') this.#endEvent(out);
    else if (text.startsWith('data:')) this.#data.push(text.slice(5));
    else if (!isOtherField(text) && this.#tailSize < MAX_TAIL_CHARS) {
      this.#tail.push(text);
      this.#tailSize += text.length;
    }
  }

  #endEvent(out: string[]): void {
    this.#size = 0;
    if (this.#data.length === 0) return;
    // A newline between data lines can only be white space of the JSON.
    const framed = frame(this.#data.join(' '));
    this.#data = [];
    if (framed === undefined) return;
    out.push(framed);
    this.#broken = isFault(framed);
  }
}

const faultPrefix = '{"error":{"code":0,"status":"';

/** An error event of our own; `code` 0 tells it from one of the service. */
export function fault(status: 'BAD_EVENT' | 'STREAM_CUT' | 'BAD_BODY' | 'EVENT_TOO_LARGE'): string {
  return `${faultPrefix}${status}"}}`;
}

function isFault(event: string): boolean {
  return event.startsWith(faultPrefix);
}

function isOtherField(text: string): boolean {
  return text.startsWith(':') || /^(?:event|id|retry):/.test(text);
}

/** @returns the event on one line; nothing for what carries no answer (`[DONE]`, `null`); a fault where it is no JSON */
function frame(event: string): string | undefined {
  const text = event.trim();
  if (text === '' || text === '[DONE]') return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  } catch {
    return fault('BAD_EVENT');
  }
  return text.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
}

/** The service reports a failure in mid-stream as a bare, pretty-printed error object, sometimes inside an array. */
function errorTail(text: string): string {
  try {
    const value: unknown = JSON.parse(text.replace(/^,/, ''));
    const first: unknown = Array.isArray(value) ? value[0] : value;
    if (typeof first === 'object' && first !== null && 'error' in first) return frame(JSON.stringify(first)) ?? fault('BAD_BODY');
  } catch {
    return fault(text.startsWith('{') || text.startsWith('[') ? 'STREAM_CUT' : 'BAD_BODY');
  }
  return fault('BAD_BODY');
}
