import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { errorShapeSchema } from '../../../src/protocol/index.ts';
import { startTestApp, type TestApp } from '../../support/test-app.ts';

/** The server under a name of its own, behind a proxy that speaks TLS for it, with one socket for each address. */
let app: TestApp;
let admin: string;
let person: string;
beforeAll(async () => {
  app = await startTestApp({
    env: { PUBLIC_URL: 'https://chat.example.com', CLIENT_IP: 'header:x-real-ip', LIMIT_SOCKETS_PER_IP: '1', LIMIT_MEMORY_MB: '0' },
  });
  admin = (await app.signup('Admin')).token;
  person = (await app.signup('Person')).token;
});
afterAll(() => app.close());

const own = 'Host: chat.example.com\r\n';
const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n';
const origin = 'Origin: https://chat.example.com\r\n';

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Sends these bytes and reads until the server has closed the connection. */
function send(bytes: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const socket = connect(app.port, '127.0.0.1', () => socket.write(bytes)).setEncoding('utf8');
    let text = '';
    socket.on('data', (chunk: string) => {
      text += chunk;
    });
    socket.on('error', reject);
    socket.once('close', () => {
      const [head = '', ...rest] = text.split('\r\n\r\n');
      const [first = '', ...lines] = head.split('\r\n');
      const headers = lines.map((line): [string, string] => {
        const [name = '', ...value] = line.split(': ');
        return [name.toLowerCase(), value.join(': ')];
      });
      resolve({ status: Number(first.split(' ')[1]), headers: Object.fromEntries(headers), body: rest.join('\r\n\r\n') });
    });
  });
}

const get = (path: string, headers = '', host = own) => `GET ${path} HTTP/1.1\r\n${host}${headers}Connection: close\r\n\r\n`;
const socketTo = (path: string, headers = '', host = own) => `GET ${path} HTTP/1.1\r\n${host}${upgrade}${headers}\r\n`;
const long = 'a'.repeat(17 * 1024);

/** Every kind of answer that the server gives: what, its status, the bytes that bring it about. */
const kinds: readonly [what: string, status: number, bytes: string][] = [
  ['health', 200, get('/healthz')],
  ['readiness', 200, get('/readyz')],
  ['JSON', 200, get('/api/commands')],
  ['a page that is not built', 503, get('/')],
  ['nothing there', 404, get('/nothing')],
  ['nothing there under /api', 404, get('/api/nothing')],
  ['not signed in', 401, get('/api/conversations')],
  ['not an admin', 401, get('/debug/ip')],
  ['a wrong method', 405, `DELETE /api/uploads HTTP/1.1\r\n${own}Connection: close\r\n\r\n`],
  ['OPTIONS', 405, `OPTIONS /healthz HTTP/1.1\r\n${own}Connection: close\r\n\r\n`],
  ['TRACE', 405, `TRACE / HTTP/1.1\r\n${own}Connection: close\r\n\r\n`],
  ['CONNECT', 405, `CONNECT example.org:443 HTTP/1.1\r\n${own}\r\n`],
  ['an unknown expectation', 200, get('/healthz', 'Expect: the-impossible\r\n')],
  ['a body that is not JSON', 400, post('/api/auth/login', '{bad')],
  ['a body that is too large', 413, post('/api/auth/login', `"${'x'.repeat(70_000)}"`)],
  ['a foreign page', 403, post('/api/auth/login', '{}', 'Origin: https://evil.example\r\n')],
  ['another name', 421, get('/api/commands', '', 'Host: evil.example\r\n')],
  ['no name', 400, get('/api/commands', '', '')],
  ['two names', 400, get('/api/commands', '', `${own}Host: evil.example\r\n`)],
  ['no HTTP', 400, 'GARBAGE\r\n\r\n'],
  ['a header that is too large', 431, `GET / HTTP/1.1\r\n${own}A: ${long}\r\n\r\n`],
  ['two lengths', 400, `POST /api/auth/login HTTP/1.1\r\n${own}Content-Length: 1\r\nContent-Length: 2\r\n\r\n`],
  ['an offer of HTTP/2', 200, `GET /healthz HTTP/1.1\r\n${own}Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n`],
  ['an offer of HTTP/2 with a body', 400, `POST /api/x HTTP/1.1\r\n${own}Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n`],
  ['a socket elsewhere', 404, socketTo('/ws/../admin')],
  ['a socket for a foreign page', 403, socketTo('/ws', 'Origin: https://evil.example\r\n')],
  ['a socket under another name', 421, socketTo('/ws', '', 'Host: evil.example\r\n')],
  ['a socket without a name', 400, socketTo('/ws', '', '')],
  ['a bad handshake', 400, socketTo('/ws', origin).replace('Version: 13', 'Version: 99')],
];

function post(path: string, body: string, headers = ''): string {
  const type = `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n`;
  return `POST ${path} HTTP/1.1\r\n${own}${headers}${type}Connection: close\r\n\r\n${body}`;
}

const secured = {
  'content-security-policy': expect.stringMatching(/^default-src 'none';script-src 'self';.*wss:\/\/chat\.example\.com.*trusted-types/),
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'origin-agent-cluster': '?1',
  'permissions-policy': expect.stringContaining('camera=()'),
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-dns-prefetch-control': 'off',
  'x-download-options': 'noopen',
  'x-frame-options': 'DENY',
  'x-permitted-cross-domain-policies': 'none',
  'x-request-id': expect.stringMatching(/^[\w-]{12}$/),
  'x-xss-protection': '0',
};

describe('every kind of answer has the same set of headers', () => {
  it.each(kinds)('%s (%i)', async (_what, status, bytes) => {
    const answer = await send(bytes);
    expect(answer.status).toBe(status);
    expect(answer.headers).toMatchObject(secured);
    expect(answer.headers).not.toHaveProperty('x-powered-by');
    expect(answer.headers).not.toHaveProperty('server');
    // Known only where a request names the host that PUBLIC_URL says is https.
    const named = bytes.includes(own) && /^[A-Z]+ [^ ]+ HTTP\/1\.1\r\n/.test(bytes) && status !== 431 && !bytes.includes('Length: 2\r\n');
    if (named) expect(answer.headers['strict-transport-security']).toBe('max-age=31536000');
    if (status < 400 || answer.headers['content-type']?.startsWith('text/')) return;
    const { error } = JSON.parse(answer.body) as { error: unknown };
    expect(errorShapeSchema.parse(error).requestId).toBe(answer.headers['x-request-id']);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.body).not.toMatch(/node_modules|\.ts\b|\n\s+at /);
  });

  it('a socket too many (429)', async () => {
    const headers = { authorization: `Bearer ${person}`, 'x-real-ip': '203.0.113.7' };
    const first = new WebSocket(`ws://127.0.0.1:${app.port}/ws`, { headers });
    await new Promise((resolve) => first.once('open', resolve));
    const answer = await send(socketTo('/ws', 'X-Real-IP: 203.0.113.7\r\n'));
    expect([answer.status, answer.headers['retry-after']]).toEqual([429, '30']);
    expect(answer.headers).toMatchObject(secured);
    first.terminate();
  });
});

describe('the name in Host', () => {
  it('does not matter to the health paths', async () => {
    for (const path of ['/healthz', '/readyz']) expect((await send(get(path, '', 'Host: healthcheck.railway.app\r\n'))).status).toBe(200);
    for (const path of ['/healthz', '/readyz']) expect((await send(get(path, '', 'Host: 10.1.2.3:8000\r\n'))).status).toBe(200);
    expect((await send('GET /healthz HTTP/1.0\r\n\r\n')).status).toBe(200);
  });

  it('is never taken from X-Forwarded-Host', async () => {
    expect((await send(get('/api/commands', 'X-Forwarded-Host: evil.example\r\n'))).status).toBe(200);
    expect((await send(get('/api/commands', 'X-Forwarded-Host: chat.example.com\r\n', 'Host: evil.example\r\n'))).status).toBe(421);
  });
});

describe('GET /debug/ip', () => {
  it('tells an admin where a request seems to come from, and why', async () => {
    const headers = `Authorization: Bearer ${admin}\r\nX-Real-IP: 2001:db8:1:2::9\r\nX-Forwarded-For: 1.2.3.4\r\nX-Forwarded-Proto: https\r\n`;
    const answer = await send(get('/debug/ip', headers));
    expect(JSON.parse(answer.body)).toEqual({
      address: '2001:db8:1:2::9',
      key: '2001:db8:1:2::/64',
      source: 'header:x-real-ip',
      peer: '127.0.0.1',
      secure: true,
      headers: {
        host: 'chat.example.com',
        'x-forwarded-for': '1.2.3.4',
        'x-forwarded-proto': 'https',
        'x-real-ip': '2001:db8:1:2::9',
      },
      selfTest: { verdict: expect.stringMatching(/^(untested|unreachable)$/) },
    });
  });

  it('is nobody else’s', async () => {
    expect((await app.request('/debug/ip', { token: person })).status).toBe(403);
    expect((await app.request('/debug/ip')).status).toBe(401);
  });
});

it('refuses uploads while memory is short, and nothing else', async () => {
  const small = await startTestApp({ env: { LIMIT_MEMORY_MB: '16' } });
  try {
    const { token } = await small.signup();
    const form = new FormData();
    form.set('file', new Blob(['x']), 'x.png');
    const upload = () => small.request('/api/uploads', { method: 'POST', body: form, token });
    await expect.poll(async () => (await upload()).status, { interval: 20 }).toBe(503);
    const refused = await upload();
    expect(refused.headers.get('retry-after')).toBe('10');
    expect(await refused.json()).toMatchObject({ error: { code: 'OVERLOADED' } });
    const headers = { 'content-type': 'application/x-ndjson' };
    expect((await small.request('/api/account/import', { method: 'POST', body: '{}', headers, token })).status).toBe(503);
    const ready = await small.request('/readyz', { token });
    expect(await ready.json()).toMatchObject({ status: 'ready', reasons: [expect.stringMatching(/^Memory is .* of 16 MiB/)] });
    expect((await small.request('/api/conversations', { token })).status).toBe(200);
  } finally {
    await small.close();
  }
});
