import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorShapeSchema } from '../../../src/protocol/index.ts';
import { type HttpWorld, startHttpWorld } from './http-server.support.ts';

const page = '<!doctype html><title>Jarvis Argus</title>';
const script = 'export const answer = 42;'.repeat(20);
let directory: string;
let world: HttpWorld;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'client-'));
  mkdirSync(join(directory, 'assets'));
  writeFileSync(join(directory, 'index.html'), page);
  writeFileSync(join(directory, 'assets', 'main-Ab12.js'), script);
  writeFileSync(join(directory, 'assets', 'main-Ab12.js.gz'), gzipSync(script));
  writeFileSync(join(directory, 'assets', 'main-Ab12.js.map'), '{"sources":["secret.ts"]}');
  writeFileSync(join(directory, '.env'), 'SECRET=1');
  writeFileSync(join(directory, 'manifest.webmanifest'), '{}');
  writeFileSync(join(directory, 'sw.js'), script);
  world = await startHttpWorld({ publicDirectory: directory, headersTimeoutMs: 1000 });
});
afterAll(async () => {
  await world.close();
  rmSync(directory, { recursive: true, force: true });
});

const csp =
  "default-src 'none';script-src 'self';style-src 'self';manifest-src 'self';media-src 'self' blob:;worker-src 'self';img-src 'self' data: blob:;connect-src 'self';font-src 'self';form-action 'self';base-uri 'none';object-src 'none';frame-ancestors 'none';frame-src 'none';require-trusted-types-for 'script'";

describe('the headers of every answer', () => {
  it.each([
    ['GET', '/', 200],
    ['GET', '/c/01ABC', 200],
    ['GET', '/assets/main-Ab12.js', 200],
    ['GET', '/healthz', 200],
    ['GET', '/readyz', 200],
    ['GET', '/api/auth/me', 401],
    ['POST', '/api/auth/login', 400],
    ['GET', '/api/auth/login', 405],
    ['GET', '/api/conversations', 401],
    ['GET', '/api/models', 401],
    ['GET', '/api/commands', 200],
    ['GET', '/api/settings', 401],
    ['POST', '/api/messages/x/feedback', 401],
    ['POST', '/api/uploads', 401],
    ['GET', '/api/files/x', 401],
    ['GET', '/api/nothing', 404],
    ['GET', '/nothing', 404],
    ['GET', '/%ff', 404],
    ['PROPFIND', '/', 405],
    ['DELETE', '/api/uploads', 405],
  ])('hold for %s %s (%i)', async (method, path, status) => {
    const response = await world.request(path, { method });
    expect(response.status).toBe(status);
    const headers = Object.fromEntries(response.headers);
    expect(headers).toMatchObject({
      'content-security-policy': csp,
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'x-request-id': expect.stringMatching(/^[\w-]{12}$/),
      'permissions-policy': expect.stringContaining('camera=()'),
    });
    expect(headers).not.toHaveProperty('x-powered-by');
    expect(headers).not.toHaveProperty('strict-transport-security');
    if (status < 400) return;
    const { error } = (await response.json()) as { error: unknown };
    expect(errorShapeSchema.parse(error).requestId).toBe(headers['x-request-id']);
    expect(JSON.stringify(error)).not.toMatch(/node_modules|\.ts|at /);
    expect(headers['cache-control']).toBe('no-store');
  });

  it('say TLS only where the browser speaks it, and the cookie with them', async () => {
    const render = await startHttpWorld({ source: { kind: 'header', name: 'cf-connecting-ip' } });
    try {
      const body = { name: 'Tls', email: 'tls@example.org', password: 'a fine phrase 7' };
      const response = await render.post('/api/auth/signup', body, { 'x-forwarded-proto': 'https' });
      expect(response.headers.get('strict-transport-security')).toBe('max-age=31536000');
      expect(response.headers.get('set-cookie')).toMatch(/; Secure$/);
    } finally {
      await render.close();
    }
    const forged = await world.request('/', { headers: { 'x-forwarded-proto': 'https' } });
    expect(forged.headers.get('strict-transport-security')).toBeNull();
  });

  it('repeat nothing that the request said', async () => {
    const canary = 'x"><script>canary';
    const headers = { 'accept-language': canary, 'x-forwarded-host': 'canary.example', 'x-request-id': 'canary' };
    const response = await world.request('/api/canary', { headers });
    expect(`${JSON.stringify([...response.headers])}${await response.text()}`).not.toContain('canary');
  });
});

describe('the client', () => {
  it('is the page at / and at a conversation, never kept without asking', async () => {
    for (const path of ['/', '/c/abc']) {
      const response = await world.request(path);
      expect(await response.text()).toBe(page);
      expect(response.headers.get('cache-control')).toBe('no-cache');
      const again = await world.request(path, { headers: { 'if-none-match': response.headers.get('etag') ?? '' } });
      expect(again.status).toBe(304);
    }
  });

  it('is the page at an unknown address for somebody who browses, and an error for a program', async () => {
    const browsing = { accept: 'text/html,application/xhtml+xml' };
    const lost = await world.request('/old/link', { headers: browsing });
    expect([lost.status, await lost.text(), lost.headers.get('cache-control')]).toEqual([404, page, 'no-store']);
    for (const [path, headers] of [
      ['/old/link', {}],
      ['/api/nowhere', browsing],
      ['/package.json', browsing],
    ] as const) {
      const refused = await world.request(path, { headers });
      expect([refused.status, refused.headers.get('content-type')]).toEqual([404, 'application/json; charset=utf-8']);
    }
  });

  it('lets a service worker and the manifest be asked for anew each time, and the page have the microphone', async () => {
    for (const [path, type] of [
      ['/sw.js', 'text/javascript; charset=utf-8'],
      ['/manifest.webmanifest', 'application/manifest+json; charset=utf-8'],
    ] as const) {
      const { status, headers } = await world.request(path);
      expect([status, headers.get('cache-control'), headers.get('content-type')]).toEqual([200, 'no-cache', type]);
      expect(headers.get('content-security-policy')).toContain("worker-src 'self'");
      expect(headers.get('permissions-policy')).toContain('microphone=(self)');
    }
  });

  it('keeps what has a hash for ever, packed when the browser takes it', async () => {
    const packed = await world.request('/assets/main-Ab12.js', { headers: { 'accept-encoding': 'gzip' } });
    expect(packed.headers.get('content-encoding')).toBe('gzip');
    expect(packed.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(packed.headers.get('vary')).toBe('Accept-Encoding');
    expect(await packed.text()).toBe(script);
    const plain = await world.request('/assets/main-Ab12.js', { headers: { 'accept-encoding': 'identity' } });
    expect(plain.headers.get('content-encoding')).toBeNull();
    expect(await plain.text()).toBe(script);
    expect(plain.headers.get('etag')).not.toBe(packed.headers.get('etag'));
  });

  it.each([
    '/.env',
    '/assets/main-Ab12.js.map',
    '/assets/main-Ab12.js.gz',
    '/assets/../.env',
    '/assets/..%2f.env',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/%c0%ae%c0%ae/etc/passwd',
    '/assets/%00',
    '/assets/',
    '/package.json',
    '/.git/config',
    '/c/a/b',
    '//etc/passwd',
  ])('gives nothing else: %s', async (path) => {
    const answer = await raw(world.port, `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 40[04] /);
    expect(answer).not.toContain('SECRET');
  });

  it('says what to do when it is not built', async () => {
    const bare = await startHttpWorld();
    try {
      const response = await bare.request('/');
      expect([response.status, await response.text()]).toEqual([503, expect.stringContaining('npm run build')]);
    } finally {
      await bare.close();
    }
  });
});

describe('a body that is too much or not JSON', () => {
  const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
  const keys = (count: number) => `{${Array.from({ length: count }, (_, at) => `"k${at}":1`).join(',')}}`;

  it.each([
    ['65 KB', JSON.stringify({ a: 'x'.repeat(65 * 1024) }), 413, /at most 64 KiB/],
    ['depth 33', nested(33), 400, /nested more than 32/],
    ['depth 4000', nested(4000), 400, /nested more than 32/],
    ['1001 keys', keys(1001), 400, /more than 1000 fields/],
    ['__proto__', '{"__proto__":{"polluted":1},"email":"a@b.c","password":"x"}', 400, /name is not allowed/],
    ['a nested constructor', '{"email":"a@b.c","password":"x","a":[{"constructor":1}]}', 400, /name is not allowed/],
    ['broken JSON', '{"email":', 400, /not valid JSON/],
    ['a list', '[]', 400, /must be a JSON object/],
    ['a bare value', '"text"', 400, /not valid JSON/],
    ['an operator', '{"email":{"$gt":""},"password":{"$ne":null}}', 400, /named fields/],
    ['a number beyond all', '{"email":1e400,"password":"x"}', 400, /named fields/],
  ])('is refused with what is wrong: %s', async (_what, body, status, message) => {
    const response = await world.post('/api/auth/login', body);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { message: expect.stringMatching(message) } });
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=utf-16', 'application/jsonp', ''])(
    'is refused as %s',
    async (type) => {
      const response = await world.request('/api/auth/login', {
        method: 'POST',
        headers: { 'content-type': type },
        body: new TextEncoder().encode('{"email":"a@b.c","password":"x"}'),
      });
      expect(response.status).toBe(400);
    },
  );

  it('is refused packed', async () => {
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    const response = await world.request('/api/auth/login', { method: 'POST', headers, body: gzipSync('{"a":1}') });
    expect(response.status).toBe(400);
  });

  it('leaves 32 levels and 1000 keys alone', async () => {
    expect((await world.post('/api/auth/exchange', `{"code":"x","a":${nested(31)}}`)).status).toBe(401);
    expect((await world.post('/api/auth/exchange', `{"code":"x",${keys(999).slice(1)}`)).status).toBe(401);
  });
});

describe('a request that is no HTTP', () => {
  it.each([
    ['nonsense', 'GARBAGE\r\n\r\n', 400],
    ['headers of 17 KB', `GET / HTTP/1.1\r\nHost: x\r\nA: ${'a'.repeat(17 * 1024)}\r\n\r\n`, 431],
    ['two lengths', 'POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n', 400],
    [
      'length and chunks',
      'POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
    ['an unknown coding', 'POST /api/auth/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n', 400],
    ['a header that never ends', 'GET / HTTP/1.1\r\nHost: x\r\n', 408],
  ])('gets a small answer and a closed connection: %s', async (_what, text, status) => {
    const answer = await raw(world.port, text);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    const body = answer.split('\r\n\r\n')[1] ?? '';
    expect(JSON.parse(body)).toMatchObject({ error: { code: expect.any(String) } });
    expect((await world.request('/healthz')).status).toBe(200);
  });

  it('survives ten thousand query fields and an endless list of tags', async () => {
    expect((await world.request(`/api/commands?${'a[]=1&'.repeat(2000)}`)).status).toBe(200);
    expect((await world.request('/', { headers: { 'if-none-match': '"x",'.repeat(3000) } })).status).toBe(200);
  });
});

describe('health', () => {
  it('says alive while the store is away, and shows the reasons to admins only', async () => {
    const { token } = await world.signup('boss');
    world.readiness.current = { ready: false, reasons: ['The database does not answer.'] };
    expect((await world.request('/healthz')).status).toBe(200);
    const anonymous = await world.request('/readyz');
    expect([anonymous.status, await anonymous.json()]).toEqual([503, { status: 'not-ready' }]);
    const admin = await world.request('/readyz', { headers: { authorization: `Bearer ${token}` } });
    expect(await admin.json()).toEqual({ status: 'not-ready', reasons: ['The database does not answer.'] });
    world.readiness.current = { ready: true, reasons: [] };
  });

  it('answers STORE_UNAVAILABLE in time when the database is gone, and stays alive', async () => {
    const lost = await startHttpWorld();
    try {
      await lost.database.close();
      const startedAt = performance.now();
      const response = await lost.post('/api/auth/login', { email: 'a@example.org', password: 'a fine phrase 7' });
      expect(response.status).toBe(503);
      expect(await response.json()).toMatchObject({ error: { code: 'STORE_UNAVAILABLE' } });
      expect(performance.now() - startedAt).toBeLessThan(5000);
      expect((await lost.request('/healthz')).status).toBe(200);
    } finally {
      await lost.close();
    }
  });

  it('says stuck only when the event loop is more than five seconds late: then a restart helps', async () => {
    world.lag.ms = 5000;
    expect((await world.request('/healthz')).status).toBe(200);
    world.lag.ms = 5001;
    const stuck = await world.request('/healthz');
    expect([stuck.status, await stuck.json()]).toEqual([503, { status: 'stuck' }]);
    world.lag.ms = 0;
  });

  it('is not ready while draining, and connections close after their answer', async () => {
    world.drain.draining = true;
    const response = await world.request('/readyz');
    expect([response.status, response.headers.get('connection')]).toEqual([503, 'close']);
    world.drain.draining = false;
    expect((await world.request('/readyz')).status).toBe(200);
  });
});

describe('a list', () => {
  it.each(['/api/conversations', '/api/conversations?cursor=&q=&limit=', '/api/models', '/api/commands'])(
    'has items and a cursor, and an empty query value counts as none: %s',
    async (path) => {
      const { token } = await world.signup(`lister${path.replace(/[^a-z]/g, '')}`);
      const response = await world.request(path, { headers: { authorization: `Bearer ${token}` } });
      expect([response.status, await response.json()]).toEqual([200, { items: expect.any(Array), nextCursor: null }]);
    },
  );
});

/** What the server says before it closes the connection. */
function raw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    let answer = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      answer += chunk;
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });
}
