import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { startTestApp, type TestApp } from '../../support/test-app.ts';

let app: TestApp | undefined;
const open: (Socket | WebSocket)[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) {
    if (each instanceof WebSocket) each.terminate();
    else each.destroy();
  }
  await app?.close();
});

it('closes a connection beyond LIMIT_CONNECTIONS at once, and has room again when one goes', async () => {
  app = await startTestApp({ env: { LIMIT_CONNECTIONS: '3' } });
  const { port } = app;
  const dial = async () => {
    const socket = connect(port, '127.0.0.1');
    open.push(socket);
    socket.on('error', () => {});
    await once(socket, 'connect');
    socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
    // Not `once`: a connection that is closed with our request unread ends with a reset, and `once` would throw that.
    const answered = await new Promise<boolean>((resolve) => {
      socket.once('data', () => resolve(true));
      socket.once('close', () => resolve(false));
    });
    return { socket, answered };
  };
  const first = await dial();
  const rest = [await dial(), await dial(), await dial()];
  expect([first, ...rest].map(({ answered }) => answered)).toEqual([true, true, true, false]);
  first.socket.destroy();
  await expect.poll(async () => (await dial()).answered, { interval: 10 }).toBe(true);
});

it('lets no more sockets of one address in than allowed, however many come at the same moment', async () => {
  app = await startTestApp({ env: { LIMIT_SOCKETS_PER_IP: '3', LIMIT_SOCKETS_PER_USER: '0', CLIENT_IP: 'header:x-real-ip' } });
  const { port, request } = app;
  const body = JSON.stringify({ name: 'Anna', email: 'anna@example.org', password: 'a fine phrase 7' });
  const { token } = (await (await request('/api/auth/signup', { method: 'POST', body })).json()) as { token: string };
  const headers = { authorization: `Bearer ${token}`, 'x-real-ip': '203.0.113.9' };
  const results = Array.from({ length: 12 }, async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, { headers });
    open.push(socket);
    socket.on('error', () => {});
    return Promise.race([
      once(socket, 'open').then(() => 'open'),
      once(socket, 'unexpected-response').then(([, answer]) => answer.statusCode),
    ]);
  });
  const answers = await Promise.all(results);
  expect(answers.filter((answer) => answer === 'open')).toHaveLength(3);
  expect(answers.filter((answer) => answer === 429)).toHaveLength(9);
});
