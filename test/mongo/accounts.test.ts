import { afterAll, afterEach, describe, expect, it } from 'vitest';
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
});
