import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ModelEvent, ModelInterface, ModelRequest } from '../../src/core/index.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { createOpenAiModel } from '../../src/models/openai-compatible/openai-model.ts';
import { type FakeOpenAi, startFakeOpenAi } from '../support/fake-openai.ts';
import { startTestApp } from '../support/test-app.ts';

let service: FakeOpenAi;
let model: ModelInterface;

const timeouts = { firstTokenMs: 5000, thinkingFirstTokenMs: 5000, gapMs: 5000, totalMs: 20_000 };

beforeAll(async () => {
  service = await startFakeOpenAi();
});

afterAll(async () => {
  await service.close();
});

beforeEach(() => {
  service.requests.length = 0;
  service.models({ data: [{ id: 'llama3.2:3b' }] });
  model = create();
});

function create(options: { baseUrl?: string; apiKey?: string; model?: string; timeouts?: typeof timeouts } = {}): ModelInterface {
  return createOpenAiModel({ baseUrl: service.baseUrl, logger: silentLogger, clock: systemClock, timeouts, random: () => 0, ...options });
}

function request(changes: Partial<ModelRequest> = {}): ModelRequest {
  const turns = [{ role: 'user', text: 'سلام', images: [] }] as const;
  return { model: 'llama3.2:3b', turns, thinking: false, level: 'normal', ...changes };
}

async function answer(asked = request(), signal = new AbortController().signal): Promise<ModelEvent[]> {
  const events: ModelEvent[] = [];
  for await (const event of model.process(asked, { signal })) events.push(event);
  return events;
}

function textOf(events: readonly ModelEvent[], type: 'text' | 'thought' = 'text'): string {
  return events.map((event) => (event.type === type && 'text' in event ? event.text : '')).join('');
}

describe('a service of the OpenAI protocol', () => {
  it('streams an answer, says which model answered, what it used and how it ended', async () => {
    service.script([
      { delta: { role: 'assistant', content: '' } },
      { delta: { content: 'درود' } },
      { delta: { content: '! 👋🏽' } },
      { finish: 'stop' },
      { usage: { prompt_tokens: 12, completion_tokens: 9, total_tokens: 21, completion_tokens_details: { reasoning_tokens: 4 } } },
      { done: true },
    ]);
    const events = await answer();
    expect(textOf(events)).toBe('درود! 👋🏽');
    expect(events[0]).toEqual({ type: 'version', modelVersion: 'llama3.2:3b-q4' });
    expect(events.at(-2)).toEqual({ type: 'usage', usage: { inputTokens: 12, outputTokens: 5, thoughtTokens: 4, totalTokens: 21 } });
    expect(events.at(-1)).toEqual({ type: 'finish', reason: 'stop', outcome: 'complete' });
    expect(model.status()).toMatchObject({ state: 'ready', requests: 1, failures: 0 });
  });

  it('sends what the protocol knows and no more: instruction, history in turn, temperature, limit, key', async () => {
    service.script([{ delta: { content: 'x' } }, { finish: 'stop' }]);
    model = create({ apiKey: 'secret-key' });
    const turns = [
      { role: 'user', text: 'one', images: [] },
      { role: 'assistant', text: 'two', images: [] },
      { role: 'assistant', text: 'three', images: [] },
      { role: 'user', text: 'four', images: [] },
    ] as const;
    await answer(request({ turns, systemInstruction: 'Be brief.', temperature: 0.5, maxOutputTokens: 99 }));
    expect(service.requests[0]?.headers.authorization).toBe('Bearer secret-key');
    expect(service.requests[0]?.body).toEqual({
      model: 'llama3.2:3b',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'one' },
        { role: 'assistant', content: 'two\n\nthree' },
        { role: 'user', content: 'four' },
      ],
      stream: true,
      stream_options: { include_usage: true },
      temperature: 0.5,
      max_tokens: 99,
    });
  });

  it('shows pictures to a model that sees and names them to one that does not', async () => {
    service.models({ data: [{ id: 'llava:7b' }, { id: 'llama3.2:3b' }, { id: 'nomic-embed-text' }] });
    service.script([{ delta: { content: 'x' } }, { finish: 'stop' }]);
    const load = async () => new Uint8Array([1, 2, 3]);
    const turns = [{ role: 'user', text: 'What is it?', images: [{ mime: 'image/png', load }] }] as const;
    await answer(request({ model: 'llava:7b', turns }));
    await answer(request({ turns }));
    const picture = { type: 'image_url', image_url: { url: 'data:image/png;base64,AQID' } };
    expect(service.requests[0]?.body).toMatchObject({
      messages: [{ role: 'user', content: [picture, { type: 'text', text: 'What is it?' }] }],
    });
    expect(service.requests[1]?.body).toMatchObject({
      messages: [{ role: 'user', content: 'What is it?\n\n[A picture that you cannot see.]' }],
    });
    expect((await model.list()).map(({ id, images }) => [id, images])).toEqual([
      ['llava:7b', true],
      ['llama3.2:3b', false],
    ]);
  });

  it.each([
    { name: 'a field of its own', deltas: [{ reasoning_content: 'Hm' }, { reasoning: 'm.' }, { content: 'Yes.' }] },
    { name: 'tags in one piece', deltas: [{ content: '<think>Hmm.</think>\n\nYes.' }] },
    { name: 'tags cut anywhere', deltas: [...'<think>\nHmm.\n</think>\n\nYes.'].map((content) => ({ content })) },
  ])('tells thoughts from the answer: $name', async ({ deltas }) => {
    service.script([...deltas.map((delta) => ({ delta })), { finish: 'stop' }, { done: true }]);
    const events = await answer();
    expect(textOf(events, 'thought').trim()).toBe('Hmm.');
    expect(textOf(events)).toBe('Yes.');
  });

  it('loses nothing of a text that only looks like a thought', async () => {
    service.script([...[...'  <thin> ice'].map((content) => ({ delta: { content } })), { finish: 'length' }]);
    const events = await answer();
    expect(textOf(events)).toBe('  <thin> ice');
    expect(events.at(-1)).toEqual({ type: 'finish', reason: 'length', outcome: 'limited' });
  });

  it('keeps what was held back when an answer ends inside a tag', async () => {
    service.script([{ delta: { content: '<think>Hmm.</thi' } }, { finish: 'stop' }]);
    expect(textOf(await answer(), 'thought')).toBe('Hmm.</thi');
    service.script([{ delta: { content: '<thi' } }, { finish: 'stop' }]);
    expect(textOf(await answer())).toBe('<thi');
  });

  it.each([
    { status: 401, code: 'MODEL_BAD_KEY', calls: 1 },
    { status: 404, code: 'MODEL_UNAVAILABLE', calls: 1 },
    { status: 400, code: 'BAD_REQUEST', calls: 1 },
    { status: 500, code: 'MODEL_UNAVAILABLE', calls: 3 },
  ])('names a refusal with $status and repeats only what may succeed', async ({ status, code, calls }) => {
    service.script([{ status, body: { error: { message: 'a secret path /home/x' } } }]);
    const events = await answer();
    expect(events.at(-1)).toMatchObject({ type: 'failure', failure: { code } });
    expect(JSON.stringify(events)).not.toContain('secret path');
    expect(service.requests).toHaveLength(calls);
  });

  it('tells how long to wait when the service has too many requests for longer than a person waits', async () => {
    service.script([{ status: 429, body: {}, headers: { 'retry-after': '120' } }]);
    expect((await answer()).at(-1)).toMatchObject({ type: 'failure', failure: { code: 'RATE_LIMITED', retryAfter: 120 } });
    expect(service.requests).toHaveLength(1);
  });

  it('says that an answer was cut, with the text so far, and does not ask again', async () => {
    service.script([{ delta: { content: 'Half' } }, { cut: true }]);
    const events = await answer();
    expect(textOf(events)).toBe('Half');
    expect(events.at(-1)).toMatchObject({ type: 'failure', failure: { code: 'MODEL_UNAVAILABLE', class: 'truncated' } });
    expect(service.requests).toHaveLength(1);
  });

  it('asks again where nothing had come, and says so', async () => {
    service.script([{ cut: true }], [{ delta: { content: 'Now.' } }, { finish: 'stop' }]);
    const events = await answer();
    expect(events.map(({ type }) => type)).toEqual(['retrying', 'version', 'text', 'finish']);
  });

  it.each([
    { name: 'an error event', raw: 'data: {"error":{"message":"out of memory","code":500}}\n\n', class: 'http_500' },
    { name: 'bytes that are no JSON', raw: 'data: {"choices": nonsense}\n\n', class: 'bad_event' },
    { name: 'a page of a proxy', raw: '<html>Bad gateway</html>', class: 'bad_body' },
  ])('names what is no answer: $name', async ({ raw, class: kind }) => {
    service.script([{ delta: { content: 'A' } }, { raw }]);
    expect((await answer()).at(-1)).toMatchObject({ type: 'failure', failure: { class: kind } });
  });

  it('hangs up when its reader goes away', async () => {
    service.script([{ delta: { content: 'A' } }, { hang: true }]);
    const controller = new AbortController();
    const seen: ModelEvent[] = [];
    for await (const event of model.process(request(), { signal: controller.signal })) {
      seen.push(event);
      if (event.type === 'text') controller.abort();
    }
    await service.requests[0]?.aborted;
    expect(seen.map(({ type }) => type)).toEqual(['version', 'text']);
  });

  it('ends a silent answer at its limit of time', async () => {
    model = create({ timeouts: { ...timeouts, thinkingFirstTokenMs: 30 } });
    service.script([{ hang: true }]);
    expect((await answer()).at(-1)).toMatchObject({ type: 'failure', failure: { code: 'MODEL_TIMEOUT', class: 'first_token_timeout' } });
    await service.requests[0]?.aborted;
  });

  it('offers the named model even while the service cannot be reached, and checks whether it can', async () => {
    model = create({ baseUrl: 'http://127.0.0.1:9/v1', model: 'llama3.2:3b' });
    expect((await model.list()).map(({ id }) => id)).toEqual(['llama3.2:3b']);
    expect(await model.check?.()).toBe('unreachable');
    service.models(401);
    expect(await create().check?.()).toBe('bad_key');
    service.models({ data: [] });
    expect(await create().check?.()).toBe('ok');
  });
});

describe('the server with OPENAI_BASE_URL', () => {
  it('offers its models in place of the demo and answers with them', async () => {
    service.script([{ delta: { content: 'From a local model.' } }, { finish: 'stop' }]);
    const app = await startTestApp({ env: { OPENAI_BASE_URL: service.baseUrl, OPENAI_MODEL: 'llama3.2:3b' } });
    try {
      const { client, token } = await app.signup();
      const listed = await (await app.request('/api/models', { token })).json();
      expect(listed).toMatchObject({ items: [{ id: 'llama3.2:3b', provider: 'openai-compatible' }] });
      const { generationId } = await client.ask('Hello');
      const finished = await client.finished(generationId);
      expect(finished).toMatchObject({ status: 'complete', message: { parts: [{ type: 'text', text: 'From a local model.' }] } });
    } finally {
      await app.close();
    }
  });
});
