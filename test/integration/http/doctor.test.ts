import { afterEach, describe, expect, it } from 'vitest';
import type { Finding } from '../../../src/protocol/index.ts';
import { startFakeGemini } from '../../support/fake-gemini.ts';
import { startTestApp, type TestApp } from '../../support/test-app.ts';

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function start(env: Record<string, string> = {}): Promise<TestApp> {
  const app = await startTestApp({ env });
  ends.push(() => app.close());
  return app;
}

type Ask = { readonly token?: string; readonly headers?: Record<string, string> };

async function examined(app: TestApp, ask: Ask): Promise<Map<string, Finding>> {
  const response = await app.request('/api/doctor', ask);
  expect(response.status).toBe(200);
  const { items } = (await response.json()) as { items: Finding[] };
  return new Map(items.map((finding) => [finding.code, finding]));
}

const stateOf = async (app: TestApp, code: string, ask: Ask) => (await examined(app, ask)).get(code)?.state;

/** A service in front of which everything is as the scenario says, the list of models too. */
async function withGemini(
  scenario: string,
): Promise<{ app: TestApp; token: string; client: Awaited<ReturnType<TestApp['signup']>>['client'] }> {
  const fake = await startFakeGemini();
  ends.push(() => fake.close());
  const app = await start({ GEMINI_API_KEY: 'CANARY-KEY-1234', GEMINI_BASE_URL: fake.url(scenario) });
  return { app, ...(await app.signup()) };
}

describe('GET /api/doctor', () => {
  it('is for people who are signed in; those who are no administrators hear of their own way only', async () => {
    const app = await start();
    expect((await app.request('/api/doctor')).status).toBe(401);
    const admin = await app.signup('Root');
    const other = await app.signup('Ada');
    expect((await examined(app, admin)).size).toBe(17);
    expect([...(await examined(app, other)).keys()].sort()).toEqual(['ADDRESS', 'CLOCK', 'COOKIE', 'WEBSOCKET']);
  });

  it('finds a proxy in front of a server that believes none', async () => {
    const app = await start({ CLIENT_IP: 'direct' });
    const { token } = await app.signup();
    expect(await stateOf(app, 'PROXY', { token })).toBe('ok');
    const found = (await examined(app, { token, headers: { 'x-forwarded-for': '192.0.2.1' } })).get('PROXY');
    expect(found).toMatchObject({ state: 'warning', mend: expect.stringContaining('CLIENT_IP') });
    const behind = await start({ CLIENT_IP: 'hops:1' });
    const { token: other } = await behind.signup();
    expect(await stateOf(behind, 'PROXY', { token: other, headers: { 'x-forwarded-for': '192.0.2.1' } })).toBe('ok');
  });

  it('finds a page under another address, and http where https was promised', async () => {
    const app = await start({ PUBLIC_URL: 'https://chat.example.com', ALLOWED_HOSTS: '127.0.0.1', CLIENT_IP: 'hops:1' });
    const { token } = await app.signup();
    const found = await examined(app, { token, headers: { 'x-forwarded-proto': 'http' } });
    expect(found.get('ADDRESS')).toMatchObject({ state: 'warning', params: { publicUrl: 'https://chat.example.com' } });
    expect(found.get('HTTPS')).toMatchObject({ state: 'problem', mend: expect.stringContaining('X-Forwarded-Proto') });
    expect(await stateOf(app, 'HTTPS', { token, headers: { 'x-forwarded-proto': 'https' } })).toBe('ok');
  });

  it('finds a browser without a cookie and without a connection', async () => {
    const app = await start();
    const { token, client } = await app.signup();
    const browser = { token, headers: { 'sec-fetch-site': 'same-origin' } };
    expect(await stateOf(app, 'COOKIE', { token })).toBe('unknown');
    expect(await stateOf(app, 'COOKIE', browser)).toBe('warning');
    expect(await stateOf(app, 'COOKIE', { headers: { ...browser.headers, cookie: `jarvis_session=${token}` } })).toBe('ok');
    expect(await stateOf(app, 'WEBSOCKET', browser)).toBe('ok');
    client.terminate();
    await expect.poll(() => stateOf(app, 'WEBSOCKET', browser)).toBe('problem');
  });

  it('finds that there is no key', async () => {
    const app = await start();
    expect((await examined(app, await app.signup())).get('MODEL_KEY')).toMatchObject({
      ...{ state: 'warning', mend: expect.stringContaining('GEMINI_API_KEY') },
    });
  });

  it.each([
    ['bad-key', 'MODEL_KEY', 'problem'],
    ['forbidden', 'MODEL_KEY', 'problem'],
    ['reset-before-headers', 'MODEL_SERVICE', 'problem'],
    ['region', 'MODEL_SERVICE', 'problem'],
  ])('asks the service: %s makes %s a %s, and no secret is in what it says', async (scenario, code, state) => {
    const { app, token } = await withGemini(scenario);
    const found = await examined(app, { token });
    expect(found.get(code)?.state).toBe(state);
    expect(JSON.stringify([...found.values()])).not.toMatch(/CANARY|127\.0\.0\.1:\d+\/|jarvis-test-/);
  });

  it('finds a limit of the service that was met, as a command too', async () => {
    const { app, token, client } = await withGemini('429-day');
    const accepted = await client.ask('Hello');
    await client.finished(accepted.generationId);
    const quota = (await examined(app, { token })).get('QUOTA');
    expect(quota).toMatchObject({ state: 'warning', params: { model: accepted.answer.model ?? '' } });
    const notice = await client.request({ type: 'command.run', clientMessageId: 'd', name: 'doctor', args: [] });
    expect(notice).toMatchObject({ type: 'notice', code: 'DOCTOR', text: expect.stringContaining('QUOTA: The model service refused') });
    const { client: other } = await app.signup('Ada');
    expect(await other.request({ type: 'command.run', clientMessageId: 'd', name: 'doctor', args: [] })).toMatchObject({
      ...{ type: 'error', code: 'FORBIDDEN' },
    });
  });
});
