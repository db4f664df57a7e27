import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFakeClock } from '../../support/fake-clock.ts';
import { type HttpWorld, secret, startHttpWorld } from './http-server.support.ts';

let world: HttpWorld;
beforeAll(async () => {
  world = await startHttpWorld();
});
afterAll(() => world.close());

const codeOf = async (response: Response): Promise<unknown> => ((await response.json()) as { error?: { code?: string } }).error?.code;

describe('signing up and in over HTTP', () => {
  it('answers with the user, a token and a cookie that scripts cannot read', async () => {
    const { token, setCookie, cookie } = await world.signup('ann');
    expect(setCookie).toMatch(/^jarvis_session=[\w.-]+; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Lax$/);
    for (const headers of [{ cookie }, { authorization: `Bearer ${token}` }]) {
      const me = await world.request('/api/auth/me', { headers });
      expect(await me.json()).toMatchObject({ user: { name: 'ann', email: 'ann@example.org', role: 'admin' } });
    }
  });

  it('gives the same status, headers and body to a wrong password and an unknown address', async () => {
    await world.signup('same');
    const answers = await Promise.all(
      ['same@example.org', 'nobody@example.org'].map(async (email) => {
        const response = await world.post('/api/auth/login', { email, password: 'not the one' });
        const headers = [...response.headers].filter(([name]) => !['date', 'x-request-id'].includes(name));
        const body = ((await response.json()) as { error: object }).error;
        return JSON.stringify({ status: response.status, headers, body: { ...body, requestId: '' } });
      }),
    );
    expect(answers[0]).toBe(answers[1]);
    expect(answers[0]).toContain('BAD_CREDENTIALS');
  });

  it('signs out at once: neither cookie nor token are good afterwards', async () => {
    const { token, cookie } = await world.signup('outer');
    const headers = { cookie, 'x-requested-with': 'test', 'sec-fetch-site': 'same-origin' };
    const response = await world.request('/api/auth/logout', { method: 'POST', headers });
    expect(response.status).toBe(204);
    expect(response.headers.get('set-cookie')).toContain('jarvis_session=; Path=/; Expires=Thu, 01 Jan 1970');
    expect((await world.request('/api/auth/me', { headers: { cookie } })).status).toBe(401);
    expect((await world.request('/api/auth/me', { headers: { authorization: `Bearer ${token}` } })).status).toBe(401);
  });

  it('changes the password and ends the other sessions', async () => {
    const first = await world.signup('changer');
    const login = { email: 'changer@example.org', password: 'changer CANARYPASSWORD' };
    const second = (await (await world.post('/api/auth/login', login)).json()) as { token: string };
    const body = { current: login.password, next: 'quite another CANARYPASSWORD' };
    const changed = await world.post('/api/auth/password', body, { authorization: `Bearer ${first.token}` });
    expect(changed.status).toBe(204);
    expect((await world.request('/api/auth/me', { headers: { authorization: `Bearer ${second.token}` } })).status).toBe(401);
    expect((await world.request('/api/auth/me', { headers: { cookie: first.cookie } })).status).toBe(200);
  });

  it('trades a one-time code for the cookie, once', async () => {
    const { token } = await world.signup('coder');
    const session = await world.accounts.authenticate(token);
    const code = world.accounts.grantCode(session?.user.id ?? '', session?.sid ?? '');
    const response = await world.post('/api/auth/exchange', { code });
    expect(response.headers.get('set-cookie')).toContain('jarvis_session=');
    expect(await response.json()).toMatchObject({ user: { name: 'coder' } });
    expect(await codeOf(await world.post('/api/auth/exchange', { code }))).toBe('UNAUTHENTICATED');
  });

  it.each([
    ['a short password', { password: 'abc' }, 'PASSWORD_WEAK'],
    ['password1', { password: 'password1' }, 'PASSWORD_WEAK'],
    ['73 bytes', { password: `${'aB3$'.repeat(18)}x` }, 'PASSWORD_TOO_LONG'],
    ['a NUL inside', { password: 'abc\0def-ghi-jkl' }, 'BAD_REQUEST'],
    ['half a character', { name: 'x\ud800' }, 'BAD_REQUEST'],
    ['no address', { email: 'ann' }, 'BAD_REQUEST'],
    ['the address of an account', { email: 'ANN@example.org' }, 'EMAIL_TAKEN'],
    ['an operator as address', { email: { $gt: '' } }, 'BAD_REQUEST'],
    ['an operator as password', { password: { $ne: null } }, 'BAD_REQUEST'],
  ])('refuses to sign up with %s', async (_what, change, code) => {
    const body = { name: 'New', email: 'new@example.org', password: 'a fine phrase 7', ...change };
    expect(await codeOf(await world.post('/api/auth/signup', body))).toBe(code);
    expect(await codeOf(await world.post('/api/auth/login', { email: 'new@example.org', password: 'a fine phrase 7' }))).not.toBe(
      undefined,
    );
  });
});

describe('a credential that is not one', () => {
  it.each([
    ['none', {}],
    ['Bearer twice', { authorization: 'Bearer Bearer x' }],
    ['another scheme', { authorization: 'Basic eDp5' }],
    ['a long token', { authorization: `Bearer ${'x'.repeat(8000)}` }],
    ['a cookie of nonsense', { cookie: 'jarvis_session=%00%0d%0a' }],
  ])('is answered 401: %s', async (_what, headers) => {
    const response = await world.request('/api/auth/me', { headers: headers as Record<string, string> });
    expect([response.status, await codeOf(response)]).toEqual([401, 'UNAUTHENTICATED']);
  });

  it('is two cookies of the name: one of them was planted', async () => {
    const { cookie } = await world.signup('tossed');
    expect((await world.request('/api/auth/me', { headers: { cookie: `${cookie}; jarvis_session=other` } })).status).toBe(401);
    expect((await world.request('/api/auth/me', { headers: { cookie: `a=b; ${cookie}` } })).status).toBe(200);
  });

  it('is a good cookie beside a bad token: the header alone counts', async () => {
    const { cookie } = await world.signup('beside');
    expect((await world.request('/api/auth/me', { headers: { cookie, authorization: 'Bearer x.y.z' } })).status).toBe(401);
  });
});

describe('a forged request', () => {
  const login = { email: 'ann@example.org', password: 'ann CANARYPASSWORD' };

  it.each([
    ['from a foreign origin', { origin: 'https://evil.example' }],
    ['from an origin of null', { origin: 'null' }],
    ['from a host that only begins like ours', { origin: 'http://127.0.0.1.evil.example' }],
    ['from another port', { origin: 'http://127.0.0.1:1' }],
    ['from another site, by its Sec-Fetch-Site', { 'sec-fetch-site': 'cross-site' }],
  ])('cannot sign anybody in %s', async (_what, headers) => {
    const response = await world.post('/api/auth/login', login, headers as Record<string, string>);
    expect([response.status, await codeOf(response)]).toEqual([403, 'ORIGIN_REFUSED']);
    expect(response.headers.get('set-cookie')).toBeNull();
  });

  it('cannot use the cookie without proof of its page, nor as a form', async () => {
    const { cookie } = await world.signup('forged');
    const own = { cookie, origin: world.url };
    const create = (headers: Record<string, string>) => world.request('/api/conversations', { method: 'POST', headers, body: '{}' });
    const json = { 'content-type': 'application/json' };
    expect(await codeOf(await create({ cookie, ...json }))).toBe('ORIGIN_REFUSED');
    expect(await codeOf(await create({ cookie, ...json, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }))).toBe(
      'ORIGIN_REFUSED',
    );
    expect(await codeOf(await create({ ...own, 'content-type': 'text/plain' }))).toBe('FORBIDDEN');
    expect(await codeOf(await create({ ...own, 'content-type': 'multipart/form-data; boundary=x' }))).toBe('FORBIDDEN');
    expect((await create({ ...own, ...json })).status).toBe(201);
    expect((await create({ cookie, ...json, 'sec-fetch-site': 'same-origin' })).status).toBe(201);
  });

  it('gets no leave from a preflight', async () => {
    const headers = { origin: 'https://evil.example', 'access-control-request-method': 'POST' };
    const response = await world.request('/api/auth/login', { method: 'OPTIONS', headers });
    expect(response.status).toBe(405);
    expect([...response.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
  });
});

describe('what belongs to another person', () => {
  it('looks as if it did not exist', async () => {
    const owner = await world.signup('owner');
    const other = await world.signup('other');
    const made = await world.post('/api/conversations', { title: 'mine' }, { authorization: `Bearer ${owner.token}` });
    const { conversation } = (await made.json()) as { conversation: { id: string } };
    for (const [method, path] of [
      ['GET', ''],
      ['PATCH', ''],
      ['DELETE', ''],
      ['POST', '/restore'],
      ['GET', '/messages'],
    ] as const) {
      const init = (id: string, token: string | null) =>
        world.request(`/api/conversations/${id}${path}`, {
          method,
          headers: { 'content-type': 'application/json', ...(token === null ? {} : { authorization: `Bearer ${token}` }) },
          ...(method === 'GET' ? {} : { body: '{}' }),
        });
      expect((await init(conversation.id, owner.token)).status, `${method} ${path}`).toBeLessThan(300);
      expect((await init(conversation.id, other.token)).status, `${method} ${path}`).toBe(404);
      expect((await init('unknown', other.token)).status, `${method} ${path}`).toBe(404);
      expect((await init(conversation.id, null)).status, `${method} ${path}`).toBe(401);
    }
  });

  it('refuses ids that are operators or paths', async () => {
    const { token } = await world.signup('idder');
    const headers = { authorization: `Bearer ${token}` };
    for (const id of ['%7B%22$gt%22:%22%22%7D', '..%2f..%2fetc%2fpasswd', 'a.b', '%00', 'x'.repeat(65)]) {
      expect((await world.request(`/api/conversations/${id}`, { headers })).status, id).toBe(404);
    }
    expect((await world.request('/api/conversations/%ff', { headers })).status).toBe(400);
  });
});

describe('the limits of sign-in', () => {
  it('hold per address, and no forged header moves it', async () => {
    // Time stands still: every three seconds one more would be let in.
    const limited = await startHttpWorld({ loginsPerMinutePerIp: 20, clock: createFakeClock(Date.now()) });
    try {
      const statuses = new Map<number, number>();
      for (let at = 0; at < 30; at += 1) {
        const body = { email: `n${at}@example.org`, password: 'not the one' };
        const response = await limited.post('/api/auth/login', body, { 'x-forwarded-for': `1.2.3.${at}`, 'x-real-ip': `1.2.3.${at}` });
        statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
        if (response.status === 429) expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
      }
      expect(Object.fromEntries(statuses)).toEqual({ 401: 20, 429: 10 });
    } finally {
      await limited.close();
    }
  });
});

describe('a log of all this', () => {
  it('holds neither a password nor a secret nor a token nor a searched word', async () => {
    const { token, cookie } = await world.signup('logged');
    await world.request(`/api/conversations?q=CANARYSEARCH`, { headers: { cookie } });
    await world.post('/api/auth/login', '{"email": "logged@example.org", "password": "CANARYPASSWORD"');
    await rawRequest(world.port, 'GET /healthz CANARYPASSWORD HTTP/1.1\r\n\r\n');
    const log = world.lines.join('');
    expect(log).toContain('/api/auth/login');
    for (const canary of ['CANARYPASSWORD', 'CANARYSEARCH', secret, token, token.split('.')[2] ?? '', 'jarvis_session']) {
      expect(log.includes(canary), canary).toBe(false);
    }
  });
});

function rawRequest(port: number, text: string): Promise<string> {
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
