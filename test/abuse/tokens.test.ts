import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { startTestApp, type TestApp } from '../support/test-app.ts';
import { WsClient } from '../support/ws-client.ts';

/* PROMISES section 7, M-AU: what is not a token of this server, or is one no longer. And M-ID: what a body may not say. */

const secret = 'CANARYjwt+Zx8Qm2vR7tLk5Np9Ws3Yb6Hc1Fd4Gj0';
const password = 'correct horse battery';
let app: TestApp;
let admin: Awaited<ReturnType<TestApp['signup']>>;
let people = 0;

beforeAll(async () => {
  app = await startTestApp({ env: { JWT_SECRET_KEY: secret } });
  admin = await app.signup('Admin');
});
afterAll(() => app.close());

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const decode = (part: string | undefined) => JSON.parse(Buffer.from(part ?? '', 'base64url').toString('utf8')) as Record<string, unknown>;
const sign = (text: string, key: string) => createHmac('sha256', key).update(text).digest('base64url');

interface Forgery {
  readonly header?: object;
  readonly claims?: object;
  readonly key?: string;
  readonly without?: string;
}

/** A real token of the administrator with something changed, signed anew: with the right key unless another is named. */
function forge({ header = {}, claims = {}, key = secret, without }: Forgery): string {
  const [first, second] = admin.token.split('.');
  const payload = { ...decode(second), ...claims };
  const head = encode({ ...decode(first), ...header });
  const body = encode(Object.fromEntries(Object.entries(payload).filter(([name]) => name !== without)));
  return `${head}.${body}.${sign(`${head}.${body}`, key)}`;
}

const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;
const me = (headers: Record<string, string>) => app.request('/api/auth/me', { headers });

/** Only as long as needed for the server to refuse it: a raw request may hold what `fetch` would not send. */
function rawStatus(lines: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(app.port, '127.0.0.1', () => socket.write(`${lines.join('\r\n')}\r\n\r\n`));
    let text = '';
    socket.on('data', (data: Buffer) => {
      text += data.toString('latin1');
      if (text.includes('\r\n')) {
        socket.destroy();
        resolve(text.split(' ')[1] ?? '');
      }
    });
    socket.on('error', reject);
    socket.on('end', () => resolve(text.split(' ')[1] ?? 'closed'));
  });
}

describe('a forged token', () => {
  it('would be taken if it were not forged', async () => {
    expect((await me({ authorization: `Bearer ${forge({})}` })).status).toBe(200);
  });

  it('is taken by a server whose clock is 20 s off the one that signed it', async () => {
    for (const claims of [{ exp: inSeconds(-20) }, { iat: inSeconds(20), nbf: inSeconds(20) }])
      expect((await me({ authorization: `Bearer ${forge({ claims })}` })).status).toBe(200);
  });

  const forgeries: readonly (readonly [string, () => string])[] = [
    [
      'without a signature, alg none',
      () =>
        `${forge({ header: { alg: 'none' } })
          .split('.')
          .slice(0, 2)
          .join('.')}.`,
    ],
    ['alg none in capitals, signed', () => forge({ header: { alg: 'NONE' } })],
    ['another algorithm of the family', () => forge({ header: { alg: 'HS512' } })],
    ['RS256 signed with a secret', () => forge({ header: { alg: 'RS256' } })],
    ['a key of its own in the header', () => forge({ header: { jwk: { kty: 'oct', k: 'YQ' } }, key: 'a' })],
    ['a critical header that nobody knows', () => forge({ header: { crit: ['exp2'], exp2: 1 } })],
    ['a kid that is a path', () => forge({ header: { kid: '../../dev/null' }, key: '' })],
    ['a kid that is a query', () => forge({ header: { kid: "' OR 1" } })],
    ['a kid that is an operator', () => forge({ header: { kid: { $ne: 1 } } })],
    ['a kid that is a member of every object', () => forge({ header: { kid: '__proto__' } })],
    ['no kid', () => forge({ header: { kid: undefined } })],
    ['another type', () => forge({ header: { typ: 'JWT' } })],
    ['no exp', () => forge({ without: 'exp' })],
    ['an exp in the past', () => forge({ claims: { exp: inSeconds(-60) } })],
    ['an exp that is a word', () => forge({ claims: { exp: 'never' } })],
    ['an nbf in the future', () => forge({ claims: { nbf: inSeconds(3600) } })],
    ['an iat in the future', () => forge({ claims: { iat: inSeconds(3600) } })],
    ['no sid', () => forge({ without: 'sid' })],
    ['an operator for sid', () => forge({ claims: { sid: { $gt: '' } } })],
    ['the sid of nobody', () => forge({ claims: { sid: 'AAAAAAAAAAAAAAAAAAAAAA' } })],
    ['somebody else for sub', () => forge({ claims: { sub: 'somebody-else' } })],
    ['another issuer', () => forge({ claims: { iss: 'evil' } })],
    ['another audience', () => forge({ claims: { aud: ['evil'] } })],
    ['an empty secret', () => forge({ key: '' })],
    ['the secret "secret"', () => forge({ key: 'secret' })],
    ['the secret "changeme"', () => forge({ key: 'changeme' })],
    [
      'a changed payload under the old signature',
      () =>
        [
          ...forge({ claims: { x: 1 } })
            .split('.')
            .slice(0, 2),
          admin.token.split('.')[2],
        ].join('.'),
    ],
    ['two parts', () => admin.token.split('.').slice(0, 2).join('.')],
    ['a part too many', () => `${admin.token}.e30`],
    ['JSON', () => '{}'],
  ];

  it.each(forgeries)('is nobody over HTTP, by header and by cookie, and on the socket: %s', async (_what, make) => {
    const token = make();
    expect((await me({ authorization: `Bearer ${token}` })).status).toBe(401);
    expect((await me({ cookie: `jarvis_session=${token}` })).status).toBe(401);
    const client = await WsClient.connect(`ws://127.0.0.1:${app.port}/ws`);
    expect(await client.request({ type: 'hello', version: 1, token })).toMatchObject({ type: 'error', code: 'UNAUTHENTICATED' });
    expect((await client.closed).code).toBe(4401);
  });
});

describe('a header or cookie that is not one', () => {
  it.each([
    ['Bearer twice', (token: string) => `Bearer Bearer ${token}`],
    ['two tokens', (token: string) => `Bearer ${token} ${token}`],
    ['two tokens with a comma', (token: string) => `Bearer ${token},${token}`],
    ['Basic', (token: string) => `Basic ${token}`],
    ['no scheme', (token: string) => token],
    ['quotes', (token: string) => `Bearer "${token}"`],
    ['a tab', (token: string) => `Bearer\t${token}`],
    ['nothing behind Bearer', () => 'Bearer'],
    ['10 KB', () => `Bearer ${'a'.repeat(10_000)}`],
  ])('is nobody: %s', async (_what, make) => {
    expect((await me({ authorization: make(admin.token) })).status).toBe(401);
  });

  it.each([
    ['a NUL', (token: string) => `${token}\0`],
    ['a line break that begins another header', (token: string) => `x\r\nX-Other: 1\r\nAuthorization: Bearer ${token}`],
    ['a bare line feed', (token: string) => `x\nAuthorization: Bearer ${token}`],
    ['1 MB', () => 'a'.repeat(1_000_000)],
  ])('never lets anybody in: %s', async (_what, make) => {
    const status = await rawStatus(['GET /api/auth/me HTTP/1.1', 'Host: 127.0.0.1', `Authorization: Bearer ${make(admin.token)}`]);
    expect(['400', '401', '431', 'closed']).toContain(status);
    expect((await me({ authorization: `Bearer ${admin.token}` })).status).toBe(200);
  });

  it.each([
    ['two, the good one first', (token: string) => `jarvis_session=${token}; jarvis_session=planted`],
    ['two, the good one last', (token: string) => `jarvis_session=planted; jarvis_session=${token}`],
    ['the same twice', (token: string) => `jarvis_session=${token}; jarvis_session=${token}`],
    ['quoted', (token: string) => `jarvis_session="${token}"`],
    ['of another name', (token: string) => `Jarvis_Session=${token}`],
    ['percent-encoded', (token: string) => `jarvis_session=${token.replaceAll('.', '%2e')}`],
  ])('is a cookie that counts for nothing: %s', async (_what, make) => {
    expect((await me({ cookie: make(admin.token) })).status).toBe(401);
    expect((await me({ cookie: `other=1; jarvis_session=${admin.token}` })).status).toBe(200);
  });

  it('is a token in the address, over HTTP and at the upgrade', async () => {
    expect((await app.request(`/api/auth/me?token=${admin.token}&access_token=${admin.token}`)).status).toBe(401);
    const client = await WsClient.connect(`ws://127.0.0.1:${app.port}/ws?token=${admin.token}`);
    expect((await client.hello()).user).toBeNull();
    client.terminate();
  });
});

describe('a token of before', () => {
  async function person(): Promise<{ email: string; id: string; token: string; client: WsClient }> {
    people += 1;
    const email = `token${people}@example.org`;
    const response = await app.request('/api/auth/signup', { method: 'POST', body: JSON.stringify({ name: 'Token', email, password }) });
    const { token, user } = (await response.json()) as { token: string; user: { id: string } };
    return { email, id: user.id, token, client: await app.connect(token) };
  }

  const patch = (id: string, change: object) =>
    app.request(`/api/admin/users/${id}`, { method: 'PATCH', body: JSON.stringify(change), token: admin.token });

  const ends: readonly (readonly [string, number, (one: { id: string; token: string; email: string }) => Promise<Response>])[] = [
    ['logout', 4401, ({ token }) => app.request('/api/auth/logout', { method: 'POST', token })],
    ['the account is disabled', 4403, ({ id }) => patch(id, { disabled: true })],
    ['the person becomes an administrator', 4100, ({ id }) => patch(id, { role: 'admin' })],
    [
      'an administrator signs the person out',
      4401,
      ({ id }) => app.request(`/api/admin/users/${id}/sessions`, { method: 'DELETE', token: admin.token }),
    ],
  ];

  it.each(ends)('is refused at once, and its open socket handles no further frame: %s', async (_what, code, end) => {
    const one = await person();
    expect((await end(one)).status).toBeLessThan(300);
    one.client.send({ type: 'message.send', id: 'late', clientMessageId: 'late', conversationId: null, text: 'Too late' });
    expect((await one.client.closed).code).toBe(code);
    expect(one.client.frames.filter((frame) => 'replyTo' in frame && frame.replyTo === 'late')).toEqual([]);
    expect((await app.request('/api/conversations', { token: one.token })).status).toBe(401);
    const again = await WsClient.connect(`ws://127.0.0.1:${app.port}/ws`);
    expect(await again.request({ type: 'hello', version: 1, token: one.token })).toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  it('of another device is refused after the password was changed, and this one goes on', async () => {
    const one = await person();
    const login = await app.request('/api/auth/login', { method: 'POST', body: JSON.stringify({ email: one.email, password }) });
    const { token } = (await login.json()) as { token: string };
    const body = JSON.stringify({ current: password, next: 'quite another phrase' });
    expect((await app.request('/api/auth/password', { method: 'POST', body, token })).status).toBe(204);
    expect((await one.client.closed).code).toBe(4401);
    expect((await me({ authorization: `Bearer ${one.token}` })).status).toBe(401);
    expect((await me({ authorization: `Bearer ${token}` })).status).toBe(200);
  });

  it('closes three sockets at once when the account is disabled, and leaves other people’s alone', async () => {
    const one = await person();
    const bystander = await person();
    const sockets = [one.client, await app.connect(one.token), await app.connect(one.token)];
    await patch(one.id, { disabled: true });
    expect((await Promise.all(sockets.map((socket) => socket.closed))).map(({ code }) => code)).toEqual([4403, 4403, 4403]);
    expect(await bystander.client.request({ type: 'ping' })).toMatchObject({ type: 'pong' });
  });

  it('does not sign a socket in that was opened with it and said hello only after it ended', async () => {
    const one = await person();
    const headers = { cookie: `jarvis_session=${one.token}` };
    const socket = new WebSocket(`ws://127.0.0.1:${app.port}/ws`, { origin: app.origin, headers });
    await once(socket, 'open');
    const closed = new Promise<number>((resolve) => socket.once('close', resolve));
    const frames: string[] = [];
    socket.on('message', (data) => frames.push(Buffer.isBuffer(data) ? data.toString('utf8') : ''));
    await app.request('/api/auth/logout', { method: 'POST', token: one.token });
    socket.send(JSON.stringify({ type: 'hello', version: 1 }));
    expect(await closed).toBe(4401);
    expect(frames).toEqual([]);
  });

  it('was an administrator’s: demoted, it reaches nothing of the administration', async () => {
    const one = await person();
    await patch(one.id, { role: 'admin' });
    const login = await app.request('/api/auth/login', { method: 'POST', body: JSON.stringify({ email: one.email, password }) });
    const { token } = (await login.json()) as { token: string };
    expect((await app.request('/api/admin/users', { token })).status).toBe(200);
    await patch(one.id, { role: 'user' });
    expect((await app.request('/api/admin/users', { token })).status).toBe(401);
  });
});

describe('a session id', () => {
  it('is listed, and signs nobody in', async () => {
    const listed = await app.request('/api/auth/sessions', { token: admin.token });
    const { items } = (await listed.json()) as { items: { id: string; current: boolean }[] };
    const id = items.find(({ current }) => current)?.id ?? '';
    expect(id).toMatch(/^[\w-]{22}$/);
    expect((await me({ authorization: `Bearer ${id}` })).status).toBe(401);
    expect((await me({ cookie: `jarvis_session=${id}` })).status).toBe(401);
  });
});

describe('a body that says more than it may', () => {
  const more = {
    id: 'other',
    ownerId: 'other',
    userId: 'other',
    role: 'admin',
    createdAt: '2000-01-01T00:00:00.000Z',
    sessionVersion: 9,
    emailKey: 'x',
  };

  it('signs nobody up as administrator', async () => {
    const body = { ...more, name: 'Climber', email: 'climber@example.org', password };
    const { user } = (await (await app.request('/api/auth/signup', { method: 'POST', body: JSON.stringify(body) })).json()) as {
      user: { id: string; role: string };
    };
    expect(user).toMatchObject({ role: 'user' });
    expect(user.id).not.toBe('other');
  });

  it('changes of a conversation what a patch may change and nothing else', async () => {
    const { token } = await app.signup('Assigner');
    const send = async (path: string, method: string, body: object) => {
      const response = await app.request(path, { method, body: JSON.stringify(body), token });
      return ((await response.json()) as { conversation: Record<string, unknown> }).conversation;
    };
    const made = await send('/api/conversations', 'POST', { ...more, title: 'Mine', headId: 'x', deletedAt: 1 });
    expect(made).toMatchObject({ title: 'Mine', headId: null });
    expect([made['id'], made['createdAt']]).not.toContain('other');
    const patched = await send(`/api/conversations/${String(made['id'])}`, 'PATCH', {
      ...more,
      title: 'Still mine',
      runningId: 'x',
      version: 7,
    });
    expect({ ...patched, updatedAt: '' }).toEqual({ ...made, title: 'Still mine', updatedAt: '' });
  });

  it('makes of an edited message neither another role nor another owner or time', async () => {
    const { token, client } = await app.signup('Editor');
    const first = await client.ask('Hello');
    await client.finished(first.generationId);
    const edited = await client.request({
      type: 'message.edit',
      clientMessageId: 'edit-1',
      messageId: first.message.id,
      text: 'Changed',
      ...more,
      role: 'system',
      status: 'failed',
      parts: [],
    });
    expect(edited).toMatchObject({
      type: 'message.accepted',
      message: { role: 'user', status: 'complete', parts: [{ type: 'text', text: 'Changed' }] },
    });
    const { message } = edited as { message: { id: string; createdAt: string } };
    expect(message.id).not.toBe('other');
    expect(message.createdAt > first.message.createdAt).toBe(true);
    const page = await app.request(`/api/conversations/${first.conversation.id}/messages`, { token });
    expect(page.status).toBe(200);
    expect(((await page.json()) as { items: { id: string }[] }).items.map(({ id }) => id)).toContain(first.message.id);
  });

  it('gives an account through the administrator’s patch neither a name nor a password', async () => {
    const { user } = await app.signup('Patched');
    const body = JSON.stringify({
      ...more,
      role: 'user',
      name: 'Other',
      email: 'other@example.org',
      passwordHash: 'x',
      budget: { centsPerDay: 1, more: 1 },
    });
    const response = await app.request(`/api/admin/users/${user.id}`, { method: 'PATCH', body, token: admin.token });
    const { account } = (await response.json()) as { account: object };
    expect(account).toMatchObject({
      id: user.id,
      name: user.name,
      email: user.email,
      role: 'user',
      budget: { centsPerDay: 1, centsPerMonth: null },
    });
  });
});
