import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Request, Response } from 'express';

const compress = promisify(gzip);

/**
 * Answers with JSON, compressed where the client takes that. For large answers that hold nothing secret beside what others may
 * have written: the length of a compressed text tells about what is in it.
 */
export async function sendJsonCompressed(request: Request, response: Response, body: unknown): Promise<void> {
  response.vary('Accept-Encoding');
  if (request.acceptsEncodings('gzip') !== 'gzip') {
    response.json(body);
    return;
  }
  const bytes = await compress(JSON.stringify(body));
  response.set('Content-Encoding', 'gzip').type('json').send(bytes);
}
