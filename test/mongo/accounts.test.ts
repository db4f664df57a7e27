import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { createTestDatabase, mongoTestUri, type TestDatabase } from '../support/mongo-server.ts';
import { startTestApp, type TestApp } from '../support/test-app.ts';

const secret = 'the same secret of every process of these tests, 48 long';

describe.runIf(mongoTestUri !== '')('accounts on MongoDB', () => {
  const databases: TestDatabase[] = [];
  const apps: TestApp[] = [];
  let people = 0;

  afterEach(async () => {
    await Promise.all(apps.splice(0).map((app) => app.close()));
  });
  afterAll(() => Promise.all(databases.map((database) => database.drop())));

  async function twoServers(): Promise<{ servers: [TestApp, TestApp]; database: TestDatabase }> {
    const database = await createTestDatabase('accounts');
    databases.push(database);
    const begin = () => startTestApp({ env: { MONGO_URI: database.uri, JWT_SECRET_KEY: secret } });
    const servers: [TestApp, TestApp] = [await begin(), await begin()];
    apps.push(...servers);
    return { servers, database };
  }

  async function signup(app: TestApp, email: string): Promise<{ status: number; role?: string; code?: string; token?: string }> {
    const body = JSON.stringify({ name: 'Somebody', email, password: 'correct horse battery' });
    const response = await app.request('/api/auth/signup', { method: 'POST', body });
    const answer = (await response.json()) as { token?: string; user?: { role: string }; error?: { code: string } };
    return {
      status: response.status,
      ...(answer.user === undefined ? {} : { role: answer.user.role }),
      ...(answer.token === undefined ? {} : { token: answer.token }),
      ...(answer.error === undefined ? {} : { code: answer.error.code }),
    };
  }

  const fresh = () => {
    people += 1;
    return `first${people}@example.org`;
  };

  it('give one admin when the first people sign up at the same time on two servers', async () => {
    const { servers, database } = await twoServers();
    const answers = await Promise.all([0, 1, 2, 3].map((n) => signup(servers[n % 2 === 0 ? 0 : 1], fresh())));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
    expect(answers.filter(({ role }) => role === 'admin')).toHaveLength(1);
    expect(await database.db.collection('users').countDocuments({ role: 'admin' })).toBe(1);
  });

  it('take an address once, however often and in whatever case it comes at the same time', async () => {
    const { servers, database } = await twoServers();
    await signup(servers[0], fresh());
    const answers = await Promise.all(
      [0, 1, 2, 3].map((n) => signup(servers[n % 2 === 0 ? 0 : 1], n < 2 ? 'Twin@example.org' : 'twin@EXAMPLE.org')),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ code }) => code === 'EMAIL_TAKEN')).toHaveLength(3);
    expect(await database.db.collection('users').countDocuments({})).toBe(2);
  });

  it('keep an admin when the first address is sent twice at the same time', async () => {
    const { servers, database } = await twoServers();
    const email = fresh();
    const answers = await Promise.all([signup(servers[0], email), signup(servers[1], email)]);
    expect(answers.map(({ code }) => code)).toContain('EMAIL_TAKEN');
    expect(answers.find(({ status }) => status === 201)?.role).toBe('admin');
    expect((await signup(servers[1], fresh())).role).toBe('user');
    expect(await database.db.collection('users').countDocuments({ role: 'admin' })).toBe(1);
  });

  it("know each other's sessions, and their end", async () => {
    const { servers } = await twoServers();
    const [a, b] = servers;
    const { token = '' } = await signup(a, fresh());
    expect((await b.request('/api/auth/me', { token })).status).toBe(200);
    expect((await b.request('/api/auth/logout', { method: 'POST', token })).status).toBeLessThan(300);
    expect((await a.request('/api/auth/me', { token })).status).toBe(401);
  });

  it('close a socket here within 30 s when its session ended on another server', async () => {
    // The database needs real time; what is done again and again is done when the test says so.
    let ahead = 0;
    const repeated: { ms: number; run: () => void }[] = [];
    const clock = {
      ...systemClock,
      now: () => Date.now() + ahead,
      every: (ms: number, run: () => void) => {
        repeated.push({ ms, run });
        return () => {};
      },
      advance(by: number) {
        ahead += by;
        for (const { ms, run } of repeated) if (ms <= by) run();
      },
    };
    const {
      servers: [there],
      database,
    } = await twoServers();
    const here = await startTestApp({ clock, env: { MONGO_URI: database.uri, JWT_SECRET_KEY: secret } });
    apps.push(here);
    const { token = '' } = await signup(there, fresh());
    const client = await here.connect(token);
    expect((await there.request('/api/auth/logout', { method: 'POST', token })).status).toBeLessThan(300);
    clock.advance(30_000);
    expect((await client.closed).code).toBe(4401);
  });

  it('always keep an administrator, although two of them take the rights from each other on two servers', async () => {
    const { servers, database } = await twoServers();
    const users = database.db.collection<{ _id: string; role: string; disabled: boolean }>('users');
    const login = async (app: TestApp, email: string) => {
      const body = JSON.stringify({ email, password: 'correct horse battery' });
      return (await (await app.request('/api/auth/login', { method: 'POST', body })).json()) as { token: string; user: { id: string } };
    };
    const emails: [string, string] = [fresh(), fresh()];
    for (const email of emails) await signup(servers[0], email);
    for (let round = 0; round < 10; round += 1) {
      await users.updateMany({}, { $set: { role: 'admin', disabled: false } });
      const [first, second] = [await login(servers[0], emails[0]), await login(servers[1], emails[1])];
      const change = (app: TestApp, token: string, id: string, body: object) =>
        app.request(`/api/admin/users/${id}`, { method: 'PATCH', body: JSON.stringify(body), token });
      const answers = await Promise.all([
        change(servers[0], first.token, second.user.id, { role: 'user' }),
        change(servers[1], second.token, first.user.id, { disabled: true }),
      ]);
      expect(answers.filter(({ status }) => status === 200).length).toBeLessThan(2);
      expect(await users.countDocuments({ role: 'admin', disabled: false })).toBeGreaterThan(0);
    }
  });
});
