import type { Request } from 'express';
import { AppError } from '../../lib/app-error.ts';
import { createBreather } from '../../lib/breather.ts';
import { byteLines } from '../../lib/byte-lines.ts';
import { assertPlain } from './json-body.ts';

export interface NdjsonLimits {
  /** Of one line, in bytes. */
  readonly lineBytes: number;
  /** Of the whole body, in bytes. */
  readonly bodyBytes: number;
}

export interface NdjsonLine {
  /** From 1. */
  readonly line: number;
  readonly value: unknown;
}

/**
 * The lines of a body as they come in, each parsed and held to the same rules as a JSON body. Reads on only when asked, so a
 * slow reader slows the sender down. A few empty lines are passed over.
 * @throws AppError TOO_LARGE, BAD_REQUEST with `params.line`
 */
export async function* readNdjson(body: AsyncIterable<Uint8Array>, { lineBytes, bodyBytes }: NdjsonLimits): AsyncGenerator<NdjsonLine> {
  let line = 1;
  let total = 0;
  let empty = 0;
  const breathe = createBreather();

  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of body) {
      total += chunk.length;
      if (total > bodyBytes) throw new AppError('TOO_LARGE', { params: { line, limitBytes: bodyBytes } });
      yield chunk;
    }
  }

  const tooLong = (at: number) => new AppError('TOO_LARGE', { params: { line: at, limitBytes: lineBytes } });
  for await (const bytes of byteLines(counted(), lineBytes, tooLong)) {
    await breathe();
    const value = parseLine(bytes, line);
    if (value !== undefined) yield { line, value };
    else empty += 1;
    if (empty > mostEmpty) throw new AppError('BAD_REQUEST', { message: 'There are too many empty lines.', params: { line } });
    line += 1;
  }
}

const type = /^application\/x-ndjson(?:\s*;\s*charset=(?:utf-8|"utf-8"))?\s*$/i;

/** @throws AppError BAD_REQUEST, TOO_LARGE before a byte is read */
export function assertNdjson(request: Request, { bodyBytes }: NdjsonLimits): void {
  if (!type.test(request.headers['content-type'] ?? '') || (request.headers['content-encoding'] ?? 'identity') !== 'identity') {
    throw new AppError('BAD_REQUEST', {
      message: 'Send the lines as application/x-ndjson in UTF-8, not packed.',
      params: { header: 'content-type' },
    });
  }
  if (Number(request.headers['content-length'] ?? 0) > bodyBytes) throw new AppError('TOO_LARGE', { params: { limitBytes: bodyBytes } });
}

/** @returns undefined for a line of nothing but blanks */
function parseLine(bytes: Uint8Array, line: number): unknown {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    if (text.trim() === '') return undefined;
    const value: unknown = JSON.parse(text);
    assertPlain(value, maxKeys);
    return value;
  } catch (error) {
    if (error instanceof AppError) throw new AppError(error.code, { message: error.message, params: { ...error.params, line } });
    throw new AppError('BAD_REQUEST', { message: 'A line is not valid JSON in UTF-8.', params: { line } });
  }
}

/** No file of ours has any; four million of them in a body cost seconds. */
const mostEmpty = 1000;
/** Of one line: an answer of many steps has more fields than any request. */
const maxKeys = 20_000;
