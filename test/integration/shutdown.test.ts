import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { buildServerBundle, type ServerBundle } from '../faults/server-bundle.ts';
import { type FakeGemini, startFakeGemini } from '../support/fake-gemini.ts';
import { runServerProcess, type ServerProcess, startServerProcess } from '../support/server-process.ts';
import { WsClient } from '../support/ws-client.ts';

/** The real program as a process of its own, and every way in which it is told to end. */
const folder = mkdtempSync(join(tmpdir(), 'shutdown-'));
let gemini: FakeGemini;
let bundle: ServerBundle;
const running: ServerProcess[] = [];
const sockets: WebSocket[] = [];
beforeAll(async () => {
  [gemini, bundle] = await Promise.all([startFakeGemini(), buildServerBundle()]);
});
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.terminate();
  for (const server of running.splice(0)) server.kill('SIGKILL');
});
afterAll(async () => {
  await Promise.all([gemini.close(), bundle.remove()]);
  rmSync(folder, { recursive: true, force: true });
});

let folders = 0;

async function start(env: Readonly<Record<string, string>> = {}): Promise<ServerProcess> {
  folders += 1;
  const { program } = bundle;
  const server = await startServerProcess({ DATA_DIR: join(folder, String(folders)), LIMIT_SOCKETS_PER_IP: '0', ...env }, { program });
  running.push(server);
  return server;
}

/** Runs before the program, in its process: what no request can bring about. */
function preload(name: string, code: string): Record<string, string> {
  const file = join(folder, `${name}.mjs`);
  writeFileSync(file, code);
  return { NODE_OPTIONS: `--import=${pathToFileURL(file).href}` };
}

function post(server: ServerProcess, path: string, body: object): Promise<Response> {
  return fetch(`${server.origin}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

const noListOfModels = { status: 404, body: {} } as const;
const ada = { name: 'Ada', email: 'ada@example.org', password: 'a fine phrase 7' };

async function signup(server: ServerProcess, person = ada): Promise<string> {
  const { token } = (await (await post(server, '/api/auth/signup', person)).json()) as { token: string };
  return token;
}

async function connect(server: ServerProcess, token?: string): Promise<WsClient> {
  const client = await WsClient.connect(`ws://127.0.0.1:${server.port}/ws`);
  sockets.push(client.socket);
  await client.hello(token);
  return client;
}

/** An upload of which the first half has arrived. */
function halfAnUpload(server: ServerProcess, token: string) {
  const head = '--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n';
  const upload = httpRequest(`${server.origin}/api/uploads`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'multipart/form-data; boundary=x' },
  });
  const outcome = new Promise<number | 'cut'>((resolve) => {
    upload.on('response', (response) => resolve(response.statusCode ?? 0));
    upload.on('error', () => resolve('cut'));
  });
  upload.write(`${head}${'no picture '.repeat(1000)}`);
  return { outcome, finish: () => upload.end('not a picture\r\n--x--\r\n') };
}

const uploadsUnderWay = (dataDir: string, count: number) =>
  expect.poll(() => readdirSync(join(dataDir, 'tmp')).length, { interval: 5 }).toBe(count);

const said = (server: ServerProcess, text: string) => expect.poll(() => server.lines.join('\n'), { interval: 5 }).toContain(text);

it('tells a thousand idle sockets to come back spread over five seconds, and ends with 0 however often SIGTERM comes', async () => {
  // A thousand handshakes may take longer than a socket may keep silent.
  const server = await start({ LIMIT_SOCKETS: '0', LIMIT_HELLO_MS: '0' });
  const afterMs: number[] = [];
  const codes: number[] = [];
  const open = Array.from({ length: 1000 }, () => {
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}/ws`);
    sockets.push(socket);
    socket.on('message', (data) => {
      const frame = JSON.parse(Buffer.isBuffer(data) ? data.toString('utf8') : '') as { type: string; afterMs: number };
      if (frame.type === 'draining') afterMs.push(frame.afterMs);
    });
    socket.once('close', (code) => codes.push(code));
    return once(socket, 'open');
  });
  await Promise.all(open);
  server.kill('SIGTERM');
  await said(server, 'shutting down');
  server.kill('SIGTERM');
  expect(await server.exited).toEqual({ code: 0, signal: null });
  await expect.poll(() => codes.length).toBe(1000);
  expect(new Set(codes)).toEqual(new Set([4001]));
  expect(afterMs).toHaveLength(1000);
  expect(Math.min(...afterMs)).toBeLessThan(500);
  expect(Math.max(...afterMs)).toBeGreaterThan(4500);
  expect(Math.max(...afterMs)).toBeLessThan(5000);
  expect(server.lines.filter((line) => line.includes('shutting down'))).toHaveLength(1);
});

it('refuses in words while it drains, lets what was begun finish, and closes each socket at the end of its own answer', async () => {
  const opens: (() => void)[] = [];
  const gates = [0, 1].map(() => new Promise<void>((resolve) => opens.push(resolve)));
  gemini.script('gated', (call, { method }) =>
    method === 'GET'
      ? [noListOfModels]
      : [{ text: 'The beginning' }, { wait: gates[call] ?? Promise.resolve() }, { text: ' and the end' }, { finish: 'STOP' }],
  );
  const dataDir = join(folder, 'drained');
  const server = await start({ DATA_DIR: dataDir, GEMINI_API_KEY: 'test', GEMINI_BASE_URL: gemini.url('gated') });
  const token = await signup(server);
  const last = await connect(server, token);
  const first = await connect(server, await signup(server, { ...ada, email: 'bob@example.org' }));
  const idle = await connect(server);
  for (const client of [last, first]) {
    await client.ask('Hello');
    await client.wait((frame) => frame.type === 'generation.delta');
  }
  const upload = halfAnUpload(server, token);
  await uploadsUnderWay(dataDir, 1);
  // Some of these are under way when the signal comes, some are not yet read: none may be cut off.
  const racing = Array.from({ length: 4 }, () => post(server, '/api/auth/login', ada).then((response) => response.status));
  server.kill('SIGTERM');
  await said(server, 'shutting down');
  expect((await idle.closed).code).toBe(4001);

  const login = await post(server, '/api/auth/login', ada);
  expect([login.status, login.headers.get('connection'), login.headers.get('retry-after')]).toEqual([503, 'close', '5']);
  expect(await login.json()).toMatchObject({ error: { code: 'DRAINING' } });
  expect((await fetch(`${server.origin}/readyz`)).status).toBe(503);
  expect((await fetch(`${server.origin}/healthz`)).status).toBe(200);
  const list = await fetch(`${server.origin}/api/conversations`, { headers: { authorization: `Bearer ${token}` } });
  expect(list.status).toBe(200);
  upload.finish();
  expect(await upload.outcome).toBe(415);

  opens[1]?.();
  const whole = { status: 'complete', message: { parts: [{ type: 'text', text: 'The beginning and the end' }] } };
  expect(await first.wait((frame) => frame.type === 'generation.finished')).toMatchObject(whole);
  expect((await first.closed).code).toBe(4001);
  expect(last.socket.readyState).toBe(WebSocket.OPEN);
  opens[0]?.();
  expect(await last.wait((frame) => frame.type === 'generation.finished')).toMatchObject(whole);
  expect((await last.closed).code).toBe(4001);
  expect(await server.exited).toEqual({ code: 0, signal: null });
  expect((await Promise.all(racing)).filter((status) => status !== 200 && status !== 503)).toEqual([]);
});

it('marks an answer that needs longer than DRAIN_MS, cuts an upload that does, and ends with 0', async () => {
  gemini.script('endless', [{ text: 'The beginning' }, { hang: true }]);
  const dataDir = join(folder, 'too-long');
  // A collection of garbage in the middle once took the way on which the abort reaches a silent upstream. Not during the start, which
  // it would make five times as long.
  const collecting = preload(
    'collecting',
    "import v8 from 'node:v8'; import vm from 'node:vm'; v8.setFlagsFromString('--expose-gc'); const gc = vm.runInNewContext('gc'); process.on('SIGTERM', () => setInterval(gc, 100).unref());",
  );
  const env = { ...collecting, DATA_DIR: dataDir, DRAIN_MS: '300', GEMINI_API_KEY: 'test', GEMINI_BASE_URL: gemini.url('endless') };
  const server = await start(env);
  const token = await signup(server);
  const reader = await connect(server, token);
  await reader.ask('Hello');
  await reader.wait((frame) => frame.type === 'generation.delta');
  const upload = halfAnUpload(server, token);
  await uploadsUnderWay(dataDir, 1);
  server.kill('SIGTERM');
  const finished = await reader.wait((frame) => frame.type === 'generation.finished');
  expect(finished).toMatchObject({ status: 'interrupted', message: { parts: [{ type: 'text', text: 'The beginning' }] } });
  expect((await reader.closed).code).toBe(4001);
  expect(await upload.outcome).toBe('cut');
  expect(await server.exited, server.lines.join('\n')).toEqual({ code: 0, signal: null });
});

it('ends at once at the second SIGINT', async () => {
  gemini.script('silent', [{ text: 'A' }, { hang: true }]);
  const server = await start({ GEMINI_API_KEY: 'test', GEMINI_BASE_URL: gemini.url('silent') });
  const reader = await connect(server, await signup(server));
  await reader.ask('Hello');
  await reader.wait((frame) => frame.type === 'generation.delta');
  process.kill(server.pid, 'SIGINT');
  await said(server, 'shutting down');
  process.kill(server.pid, 'SIGINT');
  expect(await server.exited).toEqual({ code: 130, signal: null });
});

it('ends by force, with 1, before the platform would kill it when something does not close', async () => {
  const stuck = preload('stuck', "import net from 'node:net'; net.Server.prototype.close = function () { return this; };");
  const server = await start({ ...stuck, DRAIN_MS: '0', RAILWAY_DEPLOYMENT_DRAINING_SECONDS: '3' });
  server.kill('SIGTERM');
  expect(await server.exited).toEqual({ code: 1, signal: null });
});

it.each([
  ['thrown', "process.on('SIGUSR2', () => { throw new Error('a planted fault'); });"],
  ['rejected', "process.on('SIGUSR2', () => { void Promise.reject(new Error('a planted fault')); });"],
])('logs an error that nobody caught (%s), ends in order and exits with 1', async (how, code) => {
  const server = await start(preload(how, code));
  const client = await connect(server);
  process.kill(server.pid, 'SIGUSR2');
  expect((await client.closed).code).toBe(4001);
  expect(await server.exited).toEqual({ code: 1, signal: null });
  expect(server.lines.filter((line) => line.includes('a planted fault'))).toHaveLength(1);
});

it('drains and exits with 1 when its memory is used up, so that it is started afresh', async () => {
  const { code, lines } = await runServerProcess({ DATA_DIR: join(folder, 'small'), LIMIT_MEMORY_MB: '24' }, bundle.program);
  expect(code).toBe(1);
  expect(lines.join('\n')).toContain('memory is exhausted');
});

it.each(['SIGTERM', 'SIGKILL'] as const)('drains and ends when npm, which started it, gets %s', async (signal) => {
  const project = mkdtempSync(join(folder, 'npm-'));
  const script = `"${process.execPath}" "${bundle.program}"`;
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'x', type: 'module', scripts: { start: script } }));
  const npm = spawn('npm', ['start'], {
    cwd: project,
    env: { PATH: process.env['PATH'], HOME: project, HOST: '127.0.0.1', PORT: '0', DATA_DIR: join(project, 'data') },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  const output = createInterface({ input: npm.stdout });
  const port = await new Promise<number>((resolve) => {
    output.on('line', (line) => {
      lines.push(line);
      const found = /listens on .*:(\d+)$/.exec(line)?.[1];
      if (found !== undefined) resolve(Number(found));
    });
  });
  const client = await WsClient.connect(`ws://127.0.0.1:${port}/ws`);
  sockets.push(client.socket);
  npm.kill(signal);
  expect((await client.closed).code).toBe(4001);
  // The pipe ends when the last process that holds it is gone: the server.
  await once(output, 'close');
  expect(lines.join('\n')).toContain('"shutting down"');
});
