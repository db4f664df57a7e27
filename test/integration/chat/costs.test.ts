import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { ModelPrices } from '../../../src/core/index.ts';
import type { Message, ServerFrame, Usage, UsageReport } from '../../../src/protocol/index.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { startFakeGemini } from '../../support/fake-gemini.ts';
import { ScriptedModel } from '../../support/scripted-model.ts';
import { startServerProcess } from '../../support/server-process.ts';
import { startTestApp, type TestApp } from '../../support/test-app.ts';
import { WsClient } from '../../support/ws-client.ts';

/** A dollar for a million tokens in, a cent for a thousand out; from December on twice as much. */
class PricedModel extends ScriptedModel {
  prices(): ModelPrices {
    return {
      of: '2026-11-21',
      entries: [
        { from: '2026-11-01', input: 1, output: 10 },
        { from: '2026-12-01', input: 2, output: 20 },
      ],
    };
  }
}

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function start(env: Record<string, string> = {}) {
  const model = new PricedModel();
  const clock = createFakeClock(Date.UTC(2026, 10, 30, 12));
  const app = await startTestApp({ env, models: [model], clock });
  ends.push(() => app.close());
  return { app, model, clock };
}

let ids = 0;
function send(client: WsClient, more: Record<string, unknown> = {}): Promise<ServerFrame> {
  ids += 1;
  return client.request({ type: 'message.send', clientMessageId: `cost-${ids}`, conversationId: null, text: 'Hello', ...more });
}

const usage: Usage = { inputTokens: 1000, outputTokens: 800, thoughtTokens: 200, totalTokens: 2000 };
/** 1000 tokens in and 1000 out. */
const cost = 11_000;

async function answered(client: WsClient, model: ScriptedModel, more: Record<string, unknown> = {}) {
  const accepted = await send(client, more);
  if (accepted.type !== 'message.accepted') throw new Error(JSON.stringify(accepted));
  (await model.nextCall()).text('Hi').emit({ type: 'usage', usage }).finish();
  return { accepted, finished: await client.finished(accepted.generationId) };
}

async function used(app: TestApp, token: string): Promise<UsageReport> {
  const response = await app.request('/api/usage', { token });
  expect(response.status).toBe(200);
  return ((await response.json()) as { usage: UsageReport }).usage;
}

describe('the cost of an answer', () => {
  it('stands in its end and its message by the prices of the day, and is counted for its owner alone', async () => {
    const { app, model, clock } = await start();
    const { client, token } = await app.signup();
    const { finished } = await answered(client, model);
    const priced = { ...usage, costMicroUsd: cost, pricesOf: '2026-11-21' };
    expect(finished.message.usage).toEqual(priced);
    clock.advance(12 * 3_600_000);
    const later = await app.connect(token);
    expect((await answered(later, model)).finished.message.usage?.costMicroUsd).toBe(2 * cost);
    expect(await used(app, token)).toMatchObject({ day: '2026-12-01', today: { requests: 1, costMicroUsd: 2 * cost, outputTokens: 1000 } });
    const notice = await later.request({ type: 'command.run', clientMessageId: 'usage', name: 'usage', args: [] });
    expect(notice).toMatchObject({
      type: 'notice',
      code: 'USAGE',
      params: { today: '$0.02', todayTokens: 2000 },
      data: { month: '2026-12' },
    });
    expect(await used(app, (await app.signup('Bob')).token)).toMatchObject({ thisMonth: { requests: 0, costMicroUsd: 0 } });
    expect((await app.request('/api/usage')).status).toBe(401);
    expect([...client.faults, ...later.faults]).toEqual([]);
  });

  it('of a stopped one is estimated, of one that the model refused to begin there is none', async () => {
    const { app, model } = await start();
    const { client, token } = await app.signup();
    const stopped = await send(client, { text: 'x'.repeat(400) });
    if (stopped.type !== 'message.accepted') throw new Error('refused');
    (await model.nextCall()).text('y'.repeat(40));
    await client.waitFor('generation.delta');
    await client.request({ type: 'generation.stop', generationId: stopped.generationId });
    const end = await client.finished(stopped.generationId);
    expect(end).toMatchObject({
      status: 'stopped',
      message: { usage: { inputTokens: 100, outputTokens: 10, estimated: true, costMicroUsd: 200 } },
    });
    const refused = await send(client);
    if (refused.type !== 'message.accepted') throw new Error('refused');
    const failure = { code: 'MODEL_UNAVAILABLE', message: 'Away.', class: 'http_503', retryable: true } as const;
    (await model.nextCall()).emit({ type: 'failure', failure });
    const failed = await client.finished(refused.generationId);
    expect(failed).toMatchObject({ status: 'failed' });
    expect(failed.message.usage).toBeUndefined();
    expect(await used(app, token)).toMatchObject({ today: { requests: 2, costMicroUsd: 200 } });
  });

  it('of a continued one is the sum on the message, each run counted once', async () => {
    const { app, model } = await start();
    const { client, token } = await app.signup();
    const first = await send(client);
    if (first.type !== 'message.accepted') throw new Error('refused');
    (await model.nextCall()).text('Once').emit({ type: 'usage', usage }).emit({ type: 'finish', reason: 'MAX_TOKENS', outcome: 'limited' });
    const { message } = await client.finished(first.generationId);
    const more = await client.request({ type: 'message.continue', clientMessageId: 'more', messageId: message.id });
    if (more.type !== 'message.accepted') throw new Error('refused');
    (await model.nextCall()).text(' upon').emit({ type: 'usage', usage }).finish();
    expect((await client.finished(more.generationId)).message.usage).toMatchObject({ costMicroUsd: 2 * cost, inputTokens: 2000 });
    expect(await used(app, token)).toMatchObject({ today: { requests: 2, costMicroUsd: 2 * cost } });
  });
});

describe('a budget', () => {
  it('refuses before anything is written, tells why, lets a repeated send pass, and begins anew with the month', async () => {
    const { app, model, clock } = await start({ LIMIT_USER_CENTS_PER_MONTH: '2' });
    const { client, token } = await app.signup();
    await answered(client, model, { clientMessageId: 'first' });
    await answered(client, model);
    const calls = model.calls.length;
    expect(await send(client)).toMatchObject({
      ...{ type: 'error', code: 'BUDGET_REACHED', params: { period: 'month', limit: 2, spent: 2, scope: 'user' } },
    });
    const listed = (await (await app.request('/api/conversations', { token })).json()) as { items: unknown[] };
    expect(listed.items).toHaveLength(2);
    expect(await send(client, { clientMessageId: 'first' })).toMatchObject({ type: 'message.accepted', duplicate: true });
    expect(model.calls).toHaveLength(calls);
    expect(await used(app, token)).toMatchObject({ thisMonth: { requests: 2, costMicroUsd: 2 * cost }, limits: { centsPerMonth: 2 } });
    clock.advance(12 * 3_600_000);
    expect((await answered(await app.connect(token), model)).finished.status).toBe('complete');
  });

  it('warns once, on every device, and is passed by no more than what was running', async () => {
    const { app, model } = await start({ LIMIT_USER_CENTS_PER_DAY: '2', LIMIT_WARN_PERCENT: '50' });
    const { client, token } = await app.signup();
    const other = await app.connect(token);
    const accepted = await Promise.all([send(client), send(client), send(client)]);
    expect(accepted.map((frame) => frame.type)).toEqual(['message.accepted', 'message.accepted', 'message.accepted']);
    for (const frame of accepted) {
      (await model.nextCall()).emit({ type: 'usage', usage }).text('x').finish();
      if (frame.type === 'message.accepted') await client.finished(frame.generationId);
    }
    expect(await send(client)).toMatchObject({ code: 'BUDGET_REACHED', params: { period: 'day', limit: 2, spent: 3 } });
    await other.waitFor('notice');
    for (const device of [client, other]) {
      const told = device.frames.filter((frame) => frame.type === 'notice');
      expect(told).toMatchObject([{ code: 'BUDGET_WARNING', params: { period: 'day', limit: 2, unit: 'cents' } }]);
    }
  });

  it('of one person is the administrator’s to change', async () => {
    const { app, model } = await start({ LIMIT_USER_CENTS_PER_DAY: '1' });
    const admin = await app.signup('Root');
    const { client, user, token } = await app.signup('Ada');
    await answered(client, model);
    expect(await send(client)).toMatchObject({ code: 'BUDGET_REACHED' });
    const body = JSON.stringify({ budget: { centsPerDay: 100 } });
    const patched = await app.request(`/api/admin/users/${user.id}`, { method: 'PATCH', token: admin.token, body });
    expect(await patched.json()).toMatchObject({ account: { budget: { centsPerDay: 100 }, thisMonth: { costMicroUsd: cost } } });
    expect((await answered(client, model)).finished.status).toBe('complete');
    expect((await used(app, token)).limits.centsPerDay).toBe(100);
  });
});

describe('an answer whose process is killed', () => {
  it('is counted once, by what was stored of it', async () => {
    const fake = await startFakeGemini();
    ends.push(() => fake.close());
    const dataDir = await mkdtemp(join(tmpdir(), 'jarvis-costs-'));
    ends.push(() => rm(dataDir, { recursive: true, force: true }));
    fake.script('costs', (_call, request) =>
      request.method === 'POST' ? [{ text: 'z'.repeat(397) }, { delay: 700 }, { text: '!' }, { hang: true }] : [{ status: 404, body: {} }],
    );
    const env = { DATA_DIR: dataDir, GEMINI_API_KEY: 'test-key', GEMINI_BASE_URL: fake.url('costs') };
    let server = await startServerProcess(env);
    const ask = async (path: string, token?: string, body?: object) => {
      const auth: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
      const headers = { 'content-type': 'application/json', ...auth };
      const response = await fetch(`${server.origin}${path}`, {
        headers,
        ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
      });
      return response.json() as Promise<unknown>;
    };
    const account = { name: 'Ada', email: 'ada@example.org', password: 'correct horse battery' };
    const { token } = (await ask('/api/auth/signup', undefined, account)) as { token: string };
    const client = await WsClient.connect(`ws://127.0.0.1:${server.port}/ws`);
    await client.hello(token);
    const accepted = await client.ask('Hello there!');
    // What came before it is stored within 200 ms; with or without it that makes a hundred tokens.
    await client.waitFor('generation.delta', (frame) => frame.text.includes('!'));
    const path = `/api/conversations/${accepted.conversation.id}/messages`;
    const stored = async () => ((await ask(path, token)) as { items: Message[] }).items.find((message) => message.role === 'assistant');
    for (let restart = 0; restart < 2; restart += 1) {
      server.kill('SIGKILL');
      await server.exited;
      server = await startServerProcess(env);
      expect(await stored()).toMatchObject({ status: 'interrupted', usage: { inputTokens: 3, outputTokens: 100, estimated: true } });
      const report = (await ask('/api/usage', token)) as { usage: UsageReport };
      expect(report.usage.thisMonth).toMatchObject({ requests: 1, inputTokens: 3, outputTokens: 100 });
      expect(report.usage.thisMonth.costMicroUsd).toBeGreaterThan(0);
    }
    server.kill('SIGKILL');
    await server.exited;
  }, 60_000);
});
