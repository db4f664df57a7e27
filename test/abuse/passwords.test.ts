import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createFakeClock } from '../support/fake-clock.ts';
import { startTestApp, type TestApp, type TestAppOptions } from '../support/test-app.ts';

/* PROMISES section 7, M-PW and M-CS, and R8 to R12: guessing passwords, and requests that another page forges. */

const password = 'correct horse battery';
const apps: TestApp[] = [];
let people = 0;

interface Given extends Pick<TestAppOptions, 'clock'> {
  readonly bcryptCost?: number;
}

async function start(env: Readonly<Record<string, string>> = {}, { bcryptCost = 4, ...options }: Given = {}): Promise<TestApp> {
  const app = await startTestApp({ ...options, env, adjust: (config) => ({ ...config, bcryptCost }) });
  apps.push(app);
  return app;
}

const post = (app: TestApp, path: string, body: object, headers: Record<string, string> = {}) =>
  app.request(path, { method: 'POST', body: JSON.stringify(body), headers });

async function signup(app: TestApp, secret = password): Promise<{ email: string; id: string; token: string; status: number }> {
  people += 1;
  const email = `guess${people}@example.org`;
  const response = await post(app, '/api/auth/signup', { name: 'Guessed', email, password: secret });
  const { user, token } = (await response.json()) as { user?: { id: string }; token?: string };
  return { email, id: user?.id ?? '', token: token ?? '', status: response.status };
}

/** Everything of an answer that a stranger sees, but the clock and the request's number. */
async function seen(response: Response): Promise<string> {
  const headers = [...response.headers].filter(([name]) => name !== 'date' && name !== 'x-request-id');
  return JSON.stringify({ status: response.status, headers, body: (await response.text()).replace(/"requestId":"[^"]*"/, '') });
}

const codeIn = async (response: Response) =>
  ((await response.json()) as { error?: { code?: string } }).error?.code ?? String(response.status);

describe('guessing', () => {
  afterEach(() => Promise.all(apps.splice(0).map((app) => app.close())));

  it('tells by nothing whether an address is unknown, the password wrong, or the account disabled, also once the account is locked', async () => {
    const app = await start();
    const admin = await signup(app);
    const [known, disabled] = [await signup(app), await signup(app)];
    const body = JSON.stringify({ disabled: true });
    expect((await app.request(`/api/admin/users/${disabled.id}`, { method: 'PATCH', body, token: admin.token })).status).toBe(200);
    const tries = [
      { email: 'nobody@example.org', password: 'not the one' },
      { email: known.email, password: 'not the one' },
      { email: disabled.email, password },
    ];
    for (let round = 0; round < 6; round += 1) {
      const answers = await Promise.all(tries.map(async (body) => seen(await post(app, '/api/auth/login', body))));
      expect(new Set(answers).size, `round ${round}: ${answers.join('\n')}`).toBe(1);
      expect(answers[0]).toContain(round < 5 ? 'BAD_CREDENTIALS' : 'RATE_LIMITED');
    }
    // Locked, the right password is refused like a wrong one.
    expect(await codeIn(await post(app, '/api/auth/login', { email: known.email, password }))).toBe('RATE_LIMITED');
  });

  it('gets at most five of fifty parallel tries judged, over HTTP and over the socket together', async () => {
    const app = await start();
    const { email } = await signup(app);
    const socket = await app.connect();
    const overHttp = Array.from({ length: 25 }, async () => codeIn(await post(app, '/api/auth/login', { email, password: 'not the one' })));
    const overSocket = Array.from({ length: 25 }, async (_, at) => {
      const answer = await socket.request({
        type: 'command.run',
        clientMessageId: `try-${at}`,
        name: 'login',
        args: [email, 'not the one'],
      });
      return answer.type === 'error' ? answer.code : answer.type;
    });
    const codes = await Promise.all([...overHttp, ...overSocket]);
    expect(codes.filter((code) => code === 'BAD_CREDENTIALS').length).toBeLessThanOrEqual(5);
    expect(new Set(codes)).toEqual(new Set(['BAD_CREDENTIALS', 'RATE_LIMITED']));
  });

  it('is not moved by forged addresses: a hundred tries at a hundred accounts from one place meet its limit', async () => {
    const env = { LIMIT_LOGINS_PER_MINUTE_PER_IP: '20', NODE_ENV: 'production', JWT_SECRET_KEY: 'Zx8Qm2vR7tLk5Np9Ws3Yb6Hc1Fd4Gj0aB' };
    // Time stands still: every three seconds one more would be let in.
    const app = await start(env, { clock: createFakeClock(Date.now()) });
    const codes = await Promise.all(
      Array.from({ length: 100 }, async (_, at) => {
        const address = `203.0.113.${at}`;
        const headers = { 'x-forwarded-for': address, 'x-real-ip': address, 'cf-connecting-ip': address, 'true-client-ip': address };
        return codeIn(await post(app, '/api/auth/login', { email: `p${at}@example.org`, password: 'not the one' }, headers));
      }),
    );
    expect(codes.filter((code) => code !== 'RATE_LIMITED').length).toBe(20);
  });

  it('at the current password locks the session that guesses, not the account', async () => {
    const app = await start();
    const one = await signup(app);
    const change = (current: string, token: string) => {
      const body = JSON.stringify({ current, next: 'quite another phrase' });
      return app.request('/api/auth/password', { method: 'POST', body, token });
    };
    const codes: string[] = [];
    for (let at = 0; at < 6; at += 1) codes.push(await codeIn(await change('not the one', one.token)));
    expect(codes).toEqual([...Array.from({ length: 5 }, () => 'BAD_CREDENTIALS'), 'RATE_LIMITED']);
    const login = await post(app, '/api/auth/login', { email: one.email, password });
    const { token } = (await login.json()) as { token: string };
    expect((await change(password, token)).status).toBe(204);
  });

  it('leaves the event loop to others: while many sign-ins are judged it has time to spare', async () => {
    const app = await start({}, { bcryptCost: 10 });
    const { email } = await signup(app);
    const socket = await app.connect();
    let judged = 0;
    const before = performance.eventLoopUtilization();
    const tries = Array.from({ length: 40 }, async (_, at) => {
      const wrong = { email: at % 2 === 0 ? email : `n${at}@example.org`, password: 'not the one' };
      if ((await codeIn(await post(app, '/api/auth/login', wrong))) === 'BAD_CREDENTIALS') judged += 1;
    });
    for (let pongs = 0; pongs < 20; pongs += 1) await socket.request({ type: 'ping' });
    await Promise.all(tries);
    // How many are refused because they would wait too long depends on the machine.
    expect(judged).toBeGreaterThan(2);
    // Hashes that stood in its way would have left it none. What else the machine does makes it wait, not busy.
    expect(performance.eventLoopUtilization(before).utilization).toBeLessThan(0.8);
  });
});

describe('a password', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.close());

  it.each([
    ['73 bytes that differ only in the last', `${'aB3$'.repeat(18)}x`, 'PASSWORD_TOO_LONG'],
    ['19 emoji, which are 76 bytes', '🐋'.repeat(19), 'PASSWORD_TOO_LONG'],
    ['a NUL in the middle', 'abc\0def-ghi-jkl', 'BAD_REQUEST'],
    ['half a character', 'abc-def-ghi\ud800', 'BAD_REQUEST'],
    ['password1', 'password1', 'PASSWORD_WEAK'],
    ['P@ssw0rd2026', 'P@ssw0rd2026', 'PASSWORD_WEAK'],
    ['seven characters', 'aB3$xyz', 'PASSWORD_WEAK'],
    ['nothing', '', 'BAD_REQUEST'],
    ['a list', ['a', 'b'], 'BAD_REQUEST'],
    ['an operator', { $ne: null }, 'BAD_REQUEST'],
  ])('is refused at sign-up and as a new one: %s', async (_what, secret, code) => {
    people += 1;
    const response = await post(app, '/api/auth/signup', { name: 'Refused', email: `refused${people}@example.org`, password: secret });
    expect(await codeIn(response)).toBe(code);
    const one = await signup(app);
    const body = JSON.stringify({ current: password, next: secret });
    expect(await codeIn(await app.request('/api/auth/password', { method: 'POST', body, token: one.token }))).toBe(code);
  });

  it('of 72 bytes is good to its last byte', async () => {
    const long = 'Seventy-two bytes make a phrase that nobody else would ever write: 4711!'.padEnd(72, '?').slice(0, 72);
    const one = await signup(app, long);
    expect(one.status).toBe(201);
    expect((await post(app, '/api/auth/login', { email: one.email, password: `${long.slice(0, -1)}x` })).status).toBe(401);
    expect((await post(app, '/api/auth/login', { email: one.email, password: long })).status).toBe(200);
  });

  it.each([' with spaces around ', 'ＦＵＬＬ width 12', 'گذرواژهٔ من دراز است', 'e\u0301toile filante'])(
    'is used exactly as typed: %s',
    async (secret) => {
      const one = await signup(app, secret);
      expect(one.status).toBe(201);
      for (const other of [secret.trim(), secret.normalize('NFKC'), secret.toLowerCase()].filter((text) => text !== secret)) {
        expect((await post(app, '/api/auth/login', { email: one.email, password: other })).status).toBe(401);
      }
      expect((await post(app, '/api/auth/login', { email: one.email, password: secret })).status).toBe(200);
    },
  );

  it('cannot sign up under the address of an account, however it is written', async () => {
    const one = await signup(app);
    for (const email of [one.email, one.email.toUpperCase(), ` ${one.email} `, one.email.replace('g', 'ｇ')]) {
      expect(await codeIn(await post(app, '/api/auth/signup', { name: 'Twin', email, password })), email).toBe('EMAIL_TAKEN');
    }
  });
});

describe('a request that another page forges with the cookie', () => {
  let app: TestApp;
  let cookie: string;
  beforeAll(async () => {
    app = await startTestApp();
    const { token } = await signup(app);
    cookie = `jarvis_session=${token}`;
  });
  afterAll(() => app.close());

  const json = { 'content-type': 'application/json' };
  const refused: readonly (readonly [string, Record<string, string>])[] = [
    ['a form with JSON as text', { 'content-type': 'text/plain', 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }],
    ['a form as browsers send it', { 'content-type': 'application/x-www-form-urlencoded', origin: 'https://evil.example' }],
    ['a form of our own page without a header of ours', { 'content-type': 'text/plain', 'sec-fetch-site': 'same-origin' }],
    ['multipart of another origin', { 'content-type': 'multipart/form-data; boundary=x', origin: 'https://evil.example' }],
    ['JSON of another site', { ...json, 'sec-fetch-site': 'cross-site' }],
    ['JSON of another site under our domain', { ...json, 'sec-fetch-site': 'same-site' }],
    ['no Sec-Fetch-Site and an evil origin', { ...json, origin: 'https://evil.example' }],
    ['the origin null', { ...json, origin: 'null' }],
    ['an origin that begins like ours', { ...json, origin: 'http://127.0.0.1.evil.example' }],
    ['our host on another port', { ...json, origin: 'http://127.0.0.1:1' }],
    ['neither of the two headers', { ...json }],
    ['two cookies, one of them planted', { ...json, cookie2: 'planted' }],
  ];
  const paths: readonly (readonly [string, string])[] = [
    ['POST', '/api/conversations'],
    ['PATCH', '/api/settings'],
    ['DELETE', '/api/auth/sessions'],
    ['POST', '/api/auth/logout'],
    ['PATCH', '/api/admin/users/somebody'],
    ['POST', '/api/uploads'],
    ['POST', '/api/account/import'],
  ];

  it.each(refused)('is refused on every route that changes something: %s', async (_what, { cookie2, ...headers }) => {
    const cookies = cookie2 === undefined ? cookie : `${cookie}; jarvis_session=${cookie2}`;
    for (const [method, path] of paths) {
      const response = await app.request(path, { method, body: '{"title":"Forged"}', headers: { ...headers, cookie: cookies } });
      // Of two cookies none counts, so that the administrator's routes see nobody at all.
      expect(cookie2 === undefined ? [403] : [401, 403], `${method} ${path}`).toContain(response.status);
      expect(response.headers.get('access-control-allow-origin')).toBeNull();
    }
    const list = await app.request('/api/conversations', { headers: { cookie } });
    expect(await list.json()).toEqual({ items: [], nextCursor: null });
  });

  it('gets no leave from a preflight with credentials', async () => {
    const headers = {
      origin: 'https://evil.example',
      'access-control-request-method': 'DELETE',
      'access-control-request-headers': 'content-type',
    };
    const response = await app.request('/api/auth/sessions', { method: 'OPTIONS', headers: { ...headers, cookie } });
    for (const name of ['access-control-allow-origin', 'access-control-allow-credentials', 'access-control-allow-methods']) {
      expect(response.headers.get(name)).toBeNull();
    }
  });

  it('is refused at sign-in too, where no cookie is needed: nobody is signed in to a stranger’s account', async () => {
    const one = await signup(app);
    for (const headers of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }]) {
      const response = await post(app, '/api/auth/login', { email: one.email, password }, headers);
      expect(await codeIn(response)).toBe('ORIGIN_REFUSED');
      expect(response.headers.get('set-cookie')).toBeNull();
    }
  });

  it('would be taken from our own page', async () => {
    const headers = { ...json, cookie, 'sec-fetch-site': 'same-origin' };
    expect((await app.request('/api/conversations', { method: 'POST', body: '{"title":"Ours"}', headers })).status).toBe(201);
  });
});
