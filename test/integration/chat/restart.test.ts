import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Message } from '../../../src/protocol/index.ts';
import { type FakeGemini, type FakeStep, startFakeGemini } from '../../support/fake-gemini.ts';
import { runServerProcess, type ServerProcess, startServerProcess } from '../../support/server-process.ts';
import { textOf, WsClient } from '../../support/ws-client.ts';

let fake: FakeGemini;
let dataDir: string;
let server: ServerProcess;
let token: string;
const clients: WsClient[] = [];

const env = (more: Record<string, string> = {}) => ({
  DATA_DIR: dataDir,
  GEMINI_API_KEY: 'test-key',
  GEMINI_BASE_URL: fake.url('relay'),
  DRAIN_MS: '10000',
  ...more,
});

const words = (count: number, delay: number): FakeStep[] =>
  Array.from({ length: count }, (_, n): FakeStep[] => [{ text: `w${n} ` }, { delay }]).flat();

/** What the service does with the last message of a request. */
const scripts: Record<string, readonly FakeStep[]> = {
  'say nothing': [{ hang: true }],
  'talk for long': [...words(3000, 20), { finish: 'STOP' }],
  'talk for two seconds': [...words(20, 100), { finish: 'STOP' }],
  'go on': [{ text: 'and the rest' }, { finish: 'STOP' }],
};

function lastText(body: unknown): string {
  const { contents = [] } = body as { contents?: { parts: { text?: string }[] }[] };
  return (
    contents
      .at(-1)
      ?.parts.map((part) => part.text ?? '')
      .join('') ?? ''
  );
}

const asked = (text: string) => fake.of('relay').filter((request) => request.method === 'POST' && lastText(request.body) === text);

async function connect(): Promise<WsClient> {
  const client = await WsClient.connect(`ws://127.0.0.1:${server.port}/ws`);
  clients.push(client);
  await client.hello(token);
  return client;
}

async function messagesOf(conversationId: string): Promise<Message[]> {
  const response = await fetch(`${server.origin}/api/conversations/${conversationId}/messages`, {
    headers: { authorization: `Bearer ${token}` },
  });
  expect(response.status).toBe(200);
  return ((await response.json()) as { items: Message[] }).items;
}

beforeAll(async () => {
  fake = await startFakeGemini();
  fake.script('relay', (_call, request) => {
    if (request.method !== 'POST') return [{ status: 404, body: {} }];
    const text = lastText(request.body);
    return scripts[text] ?? scripts['go on'] ?? [];
  });
  dataDir = await mkdtemp(join(tmpdir(), 'jarvis-restart-'));
  server = await startServerProcess(env());
  const signup = await fetch(`${server.origin}/api/auth/signup`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Ada', email: 'ada@example.org', password: 'correct horse battery' }),
  });
  token = ((await signup.json()) as { token: string }).token;
});
afterAll(async () => {
  for (const client of clients) client.terminate();
  server.kill('SIGKILL');
  await server.exited;
  await fake.close();
  await rm(dataDir, { recursive: true, force: true });
});

describe('a server that is killed', () => {
  it('right after it accepted a message has it once, with an answer that was interrupted', async () => {
    const client = await connect();
    const accepted = await client.ask('say nothing', { clientMessageId: 'kill-1' });
    server.kill('SIGKILL');
    await server.exited;
    server = await startServerProcess(env());
    const [answer, question, ...others] = await messagesOf(accepted.conversation.id);
    expect(others).toEqual([]);
    expect([question?.id, question && textOf(question)]).toEqual([accepted.message.id, 'say nothing']);
    expect(answer).toMatchObject({ id: accepted.answer.id, status: 'interrupted' });
    const calls = asked('say nothing').length;
    const back = await connect();
    const again = await back.ask('say nothing', { clientMessageId: 'kill-1' });
    expect(again).toMatchObject({ duplicate: true, generationId: accepted.generationId });
    expect(await messagesOf(accepted.conversation.id)).toHaveLength(2);
    expect(asked('say nothing')).toHaveLength(calls);
    const retried = await back.request({ type: 'message.regenerate', clientMessageId: 'kill-1-retry', messageId: accepted.answer.id });
    expect(retried.type).toBe('message.accepted');
    if (retried.type === 'message.accepted') await back.request({ type: 'generation.stop', generationId: retried.generationId });
    expect(back.faults).toEqual([]);
  });

  it('in the middle of an answer keeps what was streamed, says so within five seconds, and goes on from there', async () => {
    const client = await connect();
    const accepted = await client.ask('talk for long', { clientMessageId: 'kill-2' });
    const arrivals: { at: number; length: number }[] = [];
    client.socket.on('message', () =>
      arrivals.push({ at: Date.now(), length: client.answers.get(accepted.generationId)?.text.length ?? 0 }),
    );
    // Well beyond three seconds, so that the text comes from the message and from the events after it.
    await client.waitFor('generation.delta', (frame) => frame.generationId === accepted.generationId && frame.seq >= 250);
    server.kill('SIGKILL');
    const killedAt = Date.now();
    await server.exited;
    const oracle = asked('talk for long')[0]?.sentText() ?? '';
    // 200 ms, and the write that was under way on a busy machine.
    const certain = arrivals.filter((arrival) => arrival.at <= killedAt - 1000).at(-1)?.length ?? 0;
    expect(certain).toBeGreaterThan(100);

    server = await startServerProcess(env());
    const readyAt = Date.now();
    const [answer] = await messagesOf(accepted.conversation.id);
    expect(Date.now() - readyAt).toBeLessThan(5000);
    expect(answer?.status).toBe('interrupted');
    const kept = answer === undefined ? '' : textOf(answer);
    expect(oracle.startsWith(kept)).toBe(true);
    expect(kept.length).toBeGreaterThanOrEqual(certain);

    const back = await connect();
    const old = client.answers.get(accepted.generationId);
    back.send({ type: 'generation.attach', generationId: accepted.generationId, epoch: old?.epoch ?? '', afterSeq: old?.seq ?? 0 });
    const end = await back.finished(accepted.generationId);
    expect(end.status).toBe('interrupted');
    expect(end.epoch).not.toBe(old?.epoch);
    expect(textOf(end.message)).toBe(kept);
    const again = await back.ask('talk for long', { clientMessageId: 'kill-2' });
    expect(again.duplicate).toBe(true);
    const continued = await back.request({ type: 'message.continue', clientMessageId: 'kill-2-on', messageId: accepted.answer.id });
    if (continued.type !== 'message.accepted') throw new Error(JSON.stringify(continued));
    const finished = await back.finished(continued.generationId);
    expect(finished.status).toBe('complete');
    expect(textOf(finished.message)).toBe(`${kept}and the rest`);
    expect(await messagesOf(accepted.conversation.id)).toHaveLength(2);
    expect(back.faults).toEqual([]);
  });
});

describe('a server on a folder that another one uses', () => {
  it('refuses to start, in one sentence, and leaves the first one alone', async () => {
    const { code, lines } = await runServerProcess(env());
    expect(code).toBe(1);
    const said = lines.join('\n');
    expect(said).toContain('cannot start');
    expect(said).toMatch(/DATA_DIR|another process|in use/i);
    expect(said).not.toMatch(/\n\s+at /);
    expect((await fetch(`${server.origin}/readyz`)).status).toBe(200);
  });
});

describe('a server that is asked to stop', () => {
  it('tells every socket, finishes the answer that needs two seconds, and exits with 0', async () => {
    const [busy, ...idle] = await Promise.all([connect(), ...Array.from({ length: 5 }, () => connect())]);
    const accepted = await busy.ask('talk for two seconds');
    await busy.waitFor('generation.delta', (frame) => frame.generationId === accepted.generationId);
    server.kill('SIGTERM');
    await busy.waitFor('draining');
    const late = await busy.request({ type: 'message.send', clientMessageId: 'late', conversationId: null, text: 'too late' });
    expect(late).toMatchObject({ type: 'error', code: 'DRAINING' });
    const finished = await busy.finished(accepted.generationId);
    expect(finished.status).toBe('complete');
    expect(textOf(finished.message)).toBe(asked('talk for two seconds')[0]?.sentText());
    expect((await server.exited).code).toBe(0);
    for (const client of [busy, ...idle]) {
      expect((await client.closed).code).toBe(4001);
      expect(client.frames.some((frame) => frame.type === 'draining')).toBe(true);
      expect(client.faults).toEqual([]);
    }
  });

  it('marks an answer that needs too long as interrupted, stores it, and exits with 0 in time', async () => {
    server = await startServerProcess(env({ DRAIN_MS: '300' }));
    const client = await connect();
    const accepted = await client.ask('talk for long');
    await client.waitFor('generation.delta', (frame) => frame.generationId === accepted.generationId && frame.seq >= 5);
    server.kill('SIGTERM');
    const finished = await client.finished(accepted.generationId);
    expect(finished).toMatchObject({ status: 'interrupted', error: { code: 'DRAINING' } });
    // Later than five seconds after the drain it would have ended by force, with 1.
    expect((await server.exited).code).toBe(0);
    expect((await client.closed).code).toBe(4001);
    expect(client.faults).toEqual([]);
    server = await startServerProcess(env());
    const [answer] = await messagesOf(accepted.conversation.id);
    expect(answer?.status).toBe('interrupted');
    expect(answer === undefined ? '' : textOf(answer)).toBe(textOf(finished.message));
  });
});
