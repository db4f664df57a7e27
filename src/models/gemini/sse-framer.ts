/** One event of the model service as text that is valid JSON on one line, or the fault that ended the stream. */
export interface SseFramer {
  /** @returns the events that these bytes completed, oldest first */
  push(bytes: Uint8Array): string[];
  /** The stream ended. @returns what was still waiting, and at most one error event for a tail that is no event */
  flush(): string[];
}

/** An event larger than this ends the stream: pictures have a few megabytes. */
const MAX_EVENT_CHARS = 96 * 1024 * 1024;
/** Of what is no event at all, this much is kept to look for an error in it. */
const MAX_TAIL_CHARS = 64 * 1024;

/**
 * A server-sent-events parser that takes what the service and the proxies before it really send: every newline style,
 * comments, `event:` lines, data over several lines, a missing last blank line, a JSON error without framing.
 * Time is linear in the bytes, whatever their chunking.
 */
export function createSseFramer(): SseFramer {
  const decoder = new TextDecoder('utf-8', { fatal: false });
  let line: string[] = [];
  let data: string[] = [];
  let size = 0;
  const tail: string[] = [];
  let tailSize = 0;
  let afterCr = false;
  let broken = false;

  function endLine(out: string[]): void {
    const text = line.length === 1 ? (line[0] ?? '') : line.join('');
    line = [];
    if (text === '') endEvent(out);
    else if (text.startsWith('data:')) data.push(text.slice(text.startsWith('data: ') ? 6 : 5));
    else if (!isOtherField(text) && tailSize < MAX_TAIL_CHARS) {
      tail.push(text);
      tailSize += text.length;
    }
  }

  function endEvent(out: string[]): void {
    size = 0;
    if (data.length === 0) return;
    // A newline between data lines can only be white space of the JSON.
    const event = data.join(' ');
    data = [];
    const framed = frame(event);
    if (framed === undefined) return;
    out.push(framed);
    broken = framed.startsWith(faultPrefix);
  }

  function feed(text: string, out: string[]): void {
    let from = 0;
    if (afterCr && text.startsWith('\n')) from = 1;
    if (text !== '') afterCr = false;
    newline.lastIndex = from;
    for (let found = newline.exec(text); found !== null && !broken; found = newline.exec(text)) {
      if (found.index > from) line.push(text.slice(from, found.index));
      from = found.index + found[0].length;
      if (found[0] === '\r' && from === text.length) afterCr = true;
      endLine(out);
    }
    if (from < text.length) line.push(text.slice(from));
    size += text.length;
    if (size <= MAX_EVENT_CHARS || broken) return;
    broken = true;
    out.push(fault('EVENT_TOO_LARGE'));
  }

  return {
    push(bytes) {
      const out: string[] = [];
      if (!broken) feed(decoder.decode(bytes, { stream: true }), out);
      return out;
    },
    flush() {
      const out: string[] = [];
      if (broken) return out;
      feed(decoder.decode(), out);
      if (line.length > 0) endLine(out);
      if (data.length > 0) {
        const event = data.join(' ');
        data = [];
        const framed = frame(event);
        // An event that the end of the stream cut in two is a cut, not a bad event.
        if (framed !== undefined) out.push(framed.startsWith(faultPrefix) ? fault('STREAM_CUT') : framed);
      }
      const rest = tail.join('\n').trim();
      if (rest !== '' && !broken) out.push(errorTail(rest));
      return out;
    },
  };
}

const newline = /\r\n|\r|\n/g;
const faultPrefix = '{"error":{"code":0,"status":"';

/** An error event of our own; `code` 0 tells it from one of the service. */
export function fault(status: 'BAD_EVENT' | 'STREAM_CUT' | 'BAD_BODY' | 'EVENT_TOO_LARGE'): string {
  return `${faultPrefix}${status}"}}`;
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
