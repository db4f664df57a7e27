import { request as httpRequest, type IncomingMessage } from 'node:http';
import { pipeline, type Readable, type Transform } from 'node:stream';
import { urlToHttpOptions } from 'node:url';
import { constants, createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';

export interface PostOptions {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Ends the request or its answer, whichever runs. */
  readonly signal: AbortSignal;
}

export interface PostAnswer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: IncomingMessage['headers'];
  /** Decoded, not yet read. It closes without `end` when the connection broke. */
  readonly body: Readable;
}

const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * Sends a request and hands the answer out as it arrives. Not over the global `fetch`: its streams cost twice the time for each small
 * read. Uses Node's own agents, so connections are kept alive and what the operator set for Node (proxy, certificates) holds.
 * @throws errors of the system, with their `code`; a redirect, which would carry the key to wherever it points
 */
export async function postStream(address: string, options: PostOptions): Promise<PostAnswer> {
  const { protocol, hostname, port, path } = urlToHttpOptions(new URL(address));
  const request = protocol === 'https:' ? (await import('node:https')).request : httpRequest;
  const { headers, body, signal } = options;
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const call = request({
      ...{ protocol, hostname, path, method: 'POST' },
      ...(port === undefined ? {} : { port }),
      headers: {
        accept: '*/*',
        // A token has a few bytes: there is nothing to gain, and each would have to be unpacked.
        'accept-encoding': 'identity',
        'user-agent': 'node',
        ...headers,
        'content-length': Buffer.byteLength(body),
      },
    });
    const hangUp = (): void => void call.destroy();
    signal.addEventListener('abort', hangUp, { once: true });
    call.once('close', () => signal.removeEventListener('abort', hangUp));
    call.on('error', reject);
    call.once('response', (response) => {
      const { statusCode: status = 0, statusMessage: statusText = '' } = response;
      // What breaks later is told by its end.
      response.on('error', () => {});
      if (redirects.has(status)) {
        call.destroy(new Error('The service answered with a redirect.'));
        return;
      }
      resolve({ status, statusText, headers: response.headers, body: decoded(response) });
    });
    call.end(body);
  });
}

/** What a refusal says, at most `most` bytes of it. Never rejects; resolves early when the connection breaks. */
export function readText(body: Readable, most: number): Promise<string> {
  return new Promise((resolve) => {
    const pieces: Buffer[] = [];
    let size = 0;
    const end = (): void => {
      resolve(Buffer.concat(pieces).toString('utf8', 0, most));
      body.destroy();
    };
    body.on('error', () => {});
    body.once('close', end);
    body.once('end', end);
    body.on('data', (piece: Buffer) => {
      pieces.push(piece);
      size += piece.length;
      if (size >= most) end();
    });
    if (body.destroyed) end();
  });
}

/** Nobody asked for a compressed answer, but a proxy may send one. */
function decoded(response: IncomingMessage): Readable {
  const named = response.headers['content-encoding'] ?? '';
  const decoders = named
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .flatMap((name) => decoderOf(name) ?? [])
    .reverse();
  let body: Readable = response;
  for (const decoder of decoders) {
    decoder.on('error', () => {});
    body = pipeline(body, decoder, () => {});
  }
  return body;
}

/** Each hands on what it has: an event must not wait for the next one. */
function decoderOf(name: string): Transform | undefined {
  const flush = { flush: constants.Z_SYNC_FLUSH, finishFlush: constants.Z_SYNC_FLUSH };
  if (name === 'gzip' || name === 'x-gzip') return createGunzip(flush);
  if (name === 'deflate') return createInflate(flush);
  if (name !== 'br') return undefined;
  return createBrotliDecompress({ flush: constants.BROTLI_OPERATION_FLUSH, finishFlush: constants.BROTLI_OPERATION_FLUSH });
}
