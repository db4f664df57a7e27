import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SseFramer } from '../../../src/models/shared/sse-framer.ts';
import { cpuMs } from '../../support/cpu-ms.ts';

const encoder = new TextEncoder();

function frame(...pieces: (string | Uint8Array)[]): unknown[] {
  const framer = new SseFramer();
  return [...pieces.flatMap((piece) => framer.push(typeof piece === 'string' ? encoder.encode(piece) : piece)), ...framer.flush()];
}

function cut(bytes: Uint8Array, at: readonly number[]): Uint8Array[] {
  const places = [...new Set(at.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...places].map((from, index) => bytes.subarray(from, places[index] ?? bytes.length));
}

/** Lines as a service, a proxy or a fault may send them, in any newline style. */
const newline = fc.constantFrom('\n', '\r', '\r\n');
const json = fc
  .record({ text: fc.string({ unit: 'grapheme', maxLength: 20 }), odd: fc.constantFrom('', '\u2028', '\u2029', '👩‍👩‍👧', 'نیم‌فاصله') })
  .map((value) => JSON.stringify(value));
const line = fc.oneof(
  json.map((text) => `data: ${text}`),
  json.map((text) => `data:${text}`),
  fc.constantFrom(
    ': comment',
    'event: message',
    'id: 7',
    'retry: 3',
    '',
    '',
    'data: [DONE]',
    'data: null',
    'data: {bad',
    '<html>',
    '{"error": {',
    '}}',
  ),
);
const stream = fc.array(fc.tuple(line, newline), { maxLength: 20 }).map((lines) => lines.map((pair) => pair.join('')).join(''));

describe('the framing of an event stream', () => {
  it('gives the same events however the bytes are cut', () => {
    fc.assert(
      fc.property(stream, fc.array(fc.nat(), { maxLength: 30 }), (text, places) => {
        const bytes = encoder.encode(text);
        expect(frame(...cut(bytes, places))).toEqual(frame(bytes));
      }),
      { numRuns: 500 },
    );
  });

  it('gives one event for one object, in every newline style, and keeps each character', () => {
    fc.assert(
      fc.property(fc.array(json, { maxLength: 10 }), newline, fc.array(fc.nat(), { maxLength: 10 }), (events, end, places) => {
        const bytes = encoder.encode(events.map((event) => `data: ${event}${end}${end}`).join(''));
        const framed = frame(...cut(bytes, places));
        expect(framed).toEqual(events.map((event) => JSON.parse(event)));
      }),
    );
  });

  it('never throws, and every event it gives is an object, for any bytes at all', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 10 }), (pieces) => {
        for (const event of frame(...pieces)) expect(event).toBeTypeOf('object');
      }),
    );
  });

  it('takes a byte order mark for what it is, at the beginning only', () => {
    const mark = Uint8Array.of(0xef, 0xbb, 0xbf);
    expect(frame(mark.subarray(0, 1), mark.subarray(1), 'data: {"a":"\ufeff"}\n\n')).toEqual([{ a: '\ufeff' }]);
    expect(frame('data: {"a":1}\n\n', mark, 'data: {"b":2}\n\n')).toEqual([{ a: 1 }, { error: { code: 0, status: 'BAD_BODY' } }]);
  });

  it('gives what is no UTF-8 as a replacement character, however it is cut', () => {
    const bytes = Uint8Array.of(...encoder.encode('data: {"a":"'), 0xd8, ...encoder.encode('"}\n\n'));
    for (const at of [0, 12, 13, 14]) expect(frame(bytes.subarray(0, at), bytes.subarray(at))).toEqual([{ a: '\ufffd' }]);
  });

  it('reads data over several lines, and an event without its last blank line', () => {
    expect(frame('data: {"a":\ndata: 1}\n\ndata: {"b":2}')).toEqual([{ a: 1 }, { b: 2 }]);
  });

  it('passes over comments, other fields, [DONE] and null', () => {
    expect(frame(': hi\n\nevent: x\nid: 1\ndata: {"a":1}\n\ndata: [DONE]\n\ndata: null\n\ndata:\n\n')).toEqual([{ a: 1 }]);
  });

  it('turns a bare error at the end into an event, also one in an array or behind a comma', () => {
    const error = '{\n  "error": {\n    "code": 503,\n    "status": "UNAVAILABLE"\n  }\n}\n';
    const framed = { error: { code: 503, status: 'UNAVAILABLE' } };
    for (const tail of [error, `[${error}]`, `,\r\n${error}`]) expect(frame('data: {"a":1}\n\n', tail)).toEqual([{ a: 1 }, framed]);
  });

  it.each([
    ['data: {"a":1}\n\ndata: {"b"', 'STREAM_CUT'],
    ['data: {"a":1}\n\n{"error": {"co', 'STREAM_CUT'],
    ['data: {"a":1}\n\n<html>', 'BAD_BODY'],
    ['data: {"a":1}\n\n{"no":"error"}', 'BAD_BODY'],
    ['data: {"a":1}\n\ndata: {bad\n\ndata: {"c":3}\n\n', 'BAD_EVENT'],
  ])('ends %j with the fault %s, once, behind what came before', (text, status) => {
    expect(frame(text)).toEqual([{ a: 1 }, { error: { code: 0, status } }]);
  });

  it('takes time in proportion to the bytes: a picture byte by byte, and many small events in one read', () => {
    const time = (run: () => void): number => Math.min(cpuMs(run), cpuMs(run));
    const bytewise = (size: number) => () => {
      const framer = new SseFramer();
      for (const byte of encoder.encode(`data: {"x":"${'a'.repeat(size)}"}\n\n`)) framer.push(Uint8Array.of(byte));
    };
    const many = (count: number) => () => {
      expect(new SseFramer().push(encoder.encode('data: {"x":1}\n\n'.repeat(count)))).toHaveLength(count);
    };
    time(bytewise(20_000));
    // Eight times the input may take some twenty times as long on a busy machine; quadratic work would take 64 times.
    expect(time(bytewise(400_000))).toBeLessThan(30 * Math.max(time(bytewise(50_000)), 10));
    expect(time(many(200_000))).toBeLessThan(30 * Math.max(time(many(25_000)), 10));
  });
});
