import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ServerFrame } from '../../../src/protocol/index.ts';
import { flat } from '../../fixtures/images/make-images.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { ScriptedModel } from '../../support/scripted-model.ts';
import { startTestApp, type TestApp } from '../../support/test-app.ts';
import type { WsClient } from '../../support/ws-client.ts';

const apps: TestApp[] = [];
afterEach(async () => {
  for (const app of apps.splice(0)) await app.close();
});

async function start(env: Record<string, string>, options: Parameters<typeof startTestApp>[0] = {}): Promise<TestApp> {
  const app = await startTestApp({ ...options, env });
  apps.push(app);
  return app;
}

let ids = 0;
function send(client: WsClient, text: string, more: Record<string, unknown> = {}): Promise<ServerFrame> {
  ids += 1;
  return client.request({ type: 'message.send', clientMessageId: `limit-${ids}`, conversationId: null, text, ...more });
}

describe('the size of a message', () => {
  let app: TestApp;
  let model: ScriptedModel;
  beforeAll(async () => {
    model = new ScriptedModel();
    app = await startTestApp({ models: [model], env: { LIMIT_GENERATIONS_PER_USER: '0', UPLOAD_MAX_ATTACHMENTS: '2' } });
  });
  afterAll(() => app.close());

  it('is counted in bytes of UTF-8: 48 KiB pass, one byte more does not', async () => {
    const { client } = await app.signup();
    const full = 'س'.repeat(24 * 1024);
    expect(await send(client, full)).toMatchObject({ type: 'message.accepted' });
    expect((await model.nextCall()).request.turns.at(-1)?.text).toBe(full);
    expect(await send(client, `${full}x`)).toMatchObject({ type: 'error', code: 'TOO_LARGE', params: { limit: 49_152, bytes: 49_153 } });
  });

  it('is not nothing', async () => {
    const { client, token } = await app.signup();
    const calls = model.calls.length;
    for (const text of ['', ' ', '\n\t', '\u00a0']) expect(await send(client, text)).toMatchObject({ type: 'error', code: 'BAD_REQUEST' });
    const listed = await app.request('/api/conversations', { token });
    expect(await listed.json()).toMatchObject({ items: [] });
    expect(model.calls).toHaveLength(calls);
  });

  it('holds so many pictures, each of them the sender’s own', async () => {
    const { client, token } = await app.signup();
    const upload = async (owner: string): Promise<string> => {
      const form = new FormData();
      form.append('file', new Blob([new Uint8Array(await flat(8, 8).png().toBuffer())], { type: 'image/png' }), 'a.png');
      const response = await app.request('/api/uploads', { method: 'POST', token: owner, body: form });
      return ((await response.json()) as { file: { id: string } }).file.id;
    };
    const attachments = [await upload(token), await upload(token)];
    const refused = await send(client, 'three', { attachments: [...attachments, attachments[0]] });
    expect(refused).toMatchObject({ type: 'error', code: 'TOO_LARGE', params: { limit: 2, attachments: 3 } });
    const stranger = await app.signup('Mallory');
    expect(await send(stranger.client, 'mine', { attachments })).toMatchObject({ type: 'error', code: 'NOT_FOUND' });
    expect(await send(client, 'x', { attachments: ['no-such-file'] })).toMatchObject({ type: 'error', code: 'NOT_FOUND' });
    expect(await send(client, '', { attachments })).toMatchObject({ type: 'message.accepted' });
  });
});

describe('the number of messages', () => {
  it('a minute is limited for each person, with the time to wait', async () => {
    const clock = createFakeClock(Date.now());
    const model = new ScriptedModel();
    const app = await start({ LIMIT_MESSAGES_PER_MINUTE: '3', LIMIT_GENERATIONS_PER_USER: '0' }, { models: [model], clock });
    const { client, token } = await app.signup();
    const other = await app.signup('Bob');
    const tab = await app.connect(token);
    for (const socket of [client, tab, client]) expect((await send(socket, 'hi')).type).toBe('message.accepted');
    clock.advance(20_000);
    const refused = await send(tab, 'one more');
    expect(refused).toMatchObject({ type: 'error', code: 'RATE_LIMITED', retryAfter: 40, params: { scope: 'messages', limit: 3 } });
    expect((await send(other.client, 'not my limit')).type).toBe('message.accepted');
    for (let n = 0; n < 5; n += 1) {
      clock.advance(8_000);
      // A sign of life between two pings of the server.
      for (const socket of [client, other.client, tab]) await socket.request({ type: 'ping' });
    }
    clock.advance(1);
    expect((await send(client, 'now')).type).toBe('message.accepted');
    for (const call of model.calls) call.finish();
  });

  it('of answers that are written at once is three for a person, however they are asked for', async () => {
    const model = new ScriptedModel();
    const app = await start({}, { models: [model] });
    const { client, token } = await app.signup();
    const tabs = [client, ...(await Promise.all(Array.from({ length: 5 }, () => app.connect(token))))];
    const answers = await Promise.all(tabs.map((tab) => send(tab, 'at once')));
    expect(answers.filter((answer) => answer.type === 'message.accepted')).toHaveLength(3);
    for (const answer of answers.filter((each) => each.type === 'error'))
      expect(answer).toMatchObject({ code: 'RATE_LIMITED', params: { scope: 'generations', limit: 3 } });
    for (let n = 0; n < 3; n += 1) await model.nextCall();
    expect(model.calls).toHaveLength(3);
    const [first] = answers.filter((answer) => answer.type === 'message.accepted');
    const generationId = first?.type === 'message.accepted' ? first.generationId : '';
    model.calls.forEach((call) => call.finish());
    await client.wait((frame) => frame.type === 'conversation.updated' && frame.conversation.running !== true);
    await client.request({ type: 'generation.stop', generationId });
    for (const tab of tabs) expect(tab.faults).toEqual([]);
  });
});

describe('the quota of requests', () => {
  it.each([
    ['LIMIT_MODEL_RPM', 'model', false],
    ['LIMIT_USER_RPM', 'user', true],
  ] as const)('a minute, %s, is kept', async (variable, scope, perPerson) => {
    const clock = createFakeClock(Date.now());
    const app = await start({ [variable]: '2', LIMIT_GENERATIONS_PER_USER: '0' }, { models: [new ScriptedModel(['one', 'two'])], clock });
    const { client } = await app.signup();
    const other = await app.signup('Bob');
    expect((await send(client, 'a')).type).toBe('message.accepted');
    expect((await send(client, 'b')).type).toBe('message.accepted');
    expect(await send(client, 'c')).toMatchObject({ code: 'RATE_LIMITED', retryAfter: 60, params: { scope, limit: 2 } });
    expect((await send(other.client, 'd')).type).toBe(perPerson ? 'message.accepted' : 'error');
    expect((await send(client, 'e', { model: 'two' })).type).toBe(perPerson ? 'error' : 'message.accepted');
  });

  it('a day ends at midnight Pacific time, and survives a restart', async () => {
    // 2026-07-01, 23:59:50 in Los Angeles.
    const clock = createFakeClock(Date.UTC(2026, 6, 2, 6, 59, 50));
    const model = new ScriptedModel();
    const env = { LIMIT_USER_RPD: '2' };
    const first = await startTestApp({ models: [model], clock, env });
    const { client, token } = await first.signup();
    for (const text of ['a', 'b']) {
      const accepted = await send(client, text);
      (await model.nextCall()).text('x').finish();
      if (accepted.type === 'message.accepted') await client.finished(accepted.generationId);
    }
    expect(await send(client, 'c')).toMatchObject({ code: 'RATE_LIMITED', retryAfter: 10, params: { scope: 'user-day', limit: 2 } });
    await first.close(true);
    const next = new ScriptedModel();
    const second = await start(env, { models: [next], clock, dataDir: first.dataDir });
    const back = await second.connect(token);
    expect(await send(back, 'c')).toMatchObject({ code: 'RATE_LIMITED', retryAfter: 10 });
    clock.advance(11_000);
    const accepted = await send(back, 'c');
    expect(accepted.type).toBe('message.accepted');
    (await next.nextCall()).finish();
    if (accepted.type === 'message.accepted') await back.finished(accepted.generationId);
  });

  it('that the service names in a refusal is kept to until its time is over', async () => {
    const clock = createFakeClock(Date.now());
    const model = new ScriptedModel();
    const app = await start({}, { models: [model], clock });
    const { client } = await app.signup();
    const accepted = await send(client, 'a');
    if (accepted.type !== 'message.accepted') throw new Error(JSON.stringify(accepted));
    (await model.nextCall()).emit({
      type: 'failure',
      failure: {
        code: 'RATE_LIMITED',
        message: 'Too many requests.',
        class: 'http_429',
        retryable: true,
        retryAfter: 42,
        quota: { window: 'minute' },
      },
    });
    expect(await client.finished(accepted.generationId)).toMatchObject({
      status: 'failed',
      error: { code: 'RATE_LIMITED', retryAfter: 42 },
    });
    expect(await send(client, 'b')).toMatchObject({ type: 'error', code: 'RATE_LIMITED', retryAfter: 42, params: { scope: 'model' } });
    for (let n = 0; n < 5; n += 1) {
      clock.advance(8_000);
      await client.request({ type: 'ping' });
    }
    expect(await send(client, 'b')).toMatchObject({ type: 'error', code: 'RATE_LIMITED', retryAfter: 2 });
    clock.advance(2_001);
    expect((await send(client, 'b')).type).toBe('message.accepted');
    (await model.nextCall()).finish();
    expect(model.calls).toHaveLength(2);
  });

  it('does not count what was refused for another reason', async () => {
    const clock = createFakeClock(Date.now());
    const model = new ScriptedModel();
    const app = await start({ LIMIT_USER_RPM: '2', LIMIT_MESSAGES_PER_MINUTE: '4' }, { models: [model], clock });
    const { client } = await app.signup();
    const first = await send(client, 'a');
    if (first.type !== 'message.accepted') throw new Error(JSON.stringify(first));
    const conversationId = first.conversation.id;
    expect(await send(client, 'while it runs', { conversationId })).toMatchObject({ code: 'GENERATION_RUNNING' });
    expect(await send(client, 'x', { model: 'none' })).toMatchObject({ code: 'BAD_REQUEST' });
    (await model.nextCall()).finish();
    await client.finished(first.generationId);
    expect((await send(client, 'b', { conversationId })).type).toBe('message.accepted');
    (await model.nextCall()).finish();
  });
});
