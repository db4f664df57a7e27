import { once } from 'node:events';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createErrorResponder } from '../../../src/gateway/http/error-responder.ts';
import { createHttpServer } from '../../../src/gateway/http/http-server.ts';
import { AppError } from '../../../src/lib/app-error.ts';
import { silentLogger } from '../../../src/lib/logger.ts';

const app = express()
  .disable('etag')
  .get('/picture', (_request, response) => {
    response.status(206).set({ 'Content-Type': 'image/png', 'Content-Range': 'bytes 0-3/9', 'Content-Length': '4', ETag: '"x"' });
    throw new AppError('NOT_FOUND');
  })
  .post('/large', () => {
    throw new AppError('TOO_LARGE');
  })
  .use(createErrorResponder(silentLogger));
const server = createHttpServer(app);
beforeAll(() => once(server.listen(0, '127.0.0.1'), 'listening'));
afterAll(() => new Promise((resolve) => server.close(resolve)));

it('answers an error as JSON, whatever the route had begun to say about its answer', async () => {
  const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/picture`);
  expect(response.status).toBe(404);
  expect(response.headers.get('content-type')).toMatch(/^application\/json/);
  expect([response.headers.get('content-range'), response.headers.get('etag')]).toEqual([null, null]);
  expect(await response.json()).toMatchObject({ error: { code: 'NOT_FOUND' } });
});

it('keeps the connection when a body is too large, so that a client that is still sending gets the answer', async () => {
  const half = Buffer.alloc(12 * 1024 * 1024);
  const client = request({
    port: (server.address() as AddressInfo).port,
    path: '/large',
    method: 'POST',
    headers: { 'content-length': half.length * 2 },
  });
  const answered = once(client, 'response');
  client.write(half);
  const [response] = await answered;
  response.resume();
  await new Promise<void>((resolve, reject) => {
    client.once('error', reject);
    client.end(half, resolve);
  });
  expect(response.statusCode).toBe(413);
});
