import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import express from 'express';
import { afterEach, expect, it } from 'vitest';
import { createErrorResponder } from '../../../src/gateway/http/error-responder.ts';
import { createHttpServer } from '../../../src/gateway/http/http-server.ts';
import { createJsonBody } from '../../../src/gateway/http/json-body.ts';
import { silentLogger } from '../../../src/lib/logger.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const clock = createFakeClock();
const app = express()
  .use(...createJsonBody(clock), (request, response) => void response.json(request.body))
  .use(createErrorResponder(silentLogger));
const server = createHttpServer(app);
afterEach(() => server.close());

it('ends a request whose body does not arrive within 30 seconds with 408', async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const socket = connect(port, '127.0.0.1').setEncoding('utf8');
  let answer = '';
  socket.on('data', (chunk: string) => {
    answer += chunk;
  });
  const arrived = once(server, 'request');
  socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{');
  await arrived;
  clock.advance(29_999);
  expect(answer).toBe('');
  clock.advance(1);
  await once(socket, 'close');
  expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  expect(answer).toContain('"code":"BAD_REQUEST"');
  const response = await fetch(`http://127.0.0.1:${port}/`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"a":1}',
  });
  expect(await response.json()).toEqual({ a: 1 });
});
