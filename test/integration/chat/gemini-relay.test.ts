import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Message } from '../../../src/protocol/index.ts';
import { flat } from '../../fixtures/images/make-images.ts';
import { type FakeGemini, type FakeStep, type RecordedRequest, startFakeGemini } from '../../support/fake-gemini.ts';
import { scenarios } from '../../support/fake-gemini-scenarios.ts';
import { startTestApp, type TestApp } from '../../support/test-app.ts';
import { textOf, type WsClient } from '../../support/ws-client.ts';

/** One person at a server whose model service does what the last message names. */
interface Desk {
  readonly app: TestApp;
  readonly client: WsClient;
  readonly token: string;
  /** Asks for a scenario and waits for the end. */
  play(scenario: string, options?: Record<string, unknown>): Promise<Played>;
}

interface Played {
  readonly upstream: RecordedRequest[];
  readonly generationId: string;
  readonly conversationId: string;
  readonly frame: Awaited<ReturnType<WsClient['finished']>>;
  readonly folded: string;
  readonly thoughts: string;
  readonly stored: Message;
}

let fake: FakeGemini;
let desk: Desk;
const apps: TestApp[] = [];
const extra = new Map<string, (call: number) => Iterable<FakeStep>>();

interface WireBody {
  readonly contents: readonly { readonly role: string; readonly parts: readonly Record<string, unknown>[] }[];
  readonly systemInstruction?: { readonly parts: readonly { readonly text: string }[] };
  readonly generationConfig?: Record<string, unknown>;
  readonly store?: boolean;
}

const bodyOf = (request: RecordedRequest): WireBody => request.body as WireBody;

/** The last thing a person said in a request. */
function askedIn(request: RecordedRequest): string {
  const parts = bodyOf(request).contents.at(-1)?.parts ?? [];
  return parts.map(({ text }) => (typeof text === 'string' ? text : '')).join('');
}

const upstreamOf = (scenario: string): RecordedRequest[] =>
  fake.of('relay').filter((request) => request.method === 'POST' && askedIn(request) === scenario);

async function openDesk(env: Record<string, string> = {}): Promise<Desk> {
  const app = await startTestApp({
    env: {
      GEMINI_API_KEY: 'test-key',
      GEMINI_BASE_URL: fake.url('relay'),
      LIMIT_GENERATIONS_PER_USER: '0',
      LIMIT_FRAMES_PER_MINUTE: '0',
      ...env,
    },
  });
  apps.push(app);
  const { client, token } = await app.signup();
  return {
    app,
    client,
    token,
    async play(scenario, options = {}) {
      const before = upstreamOf(scenario).length;
      const { generationId, conversation, answer } = await client.ask(scenario, options);
      const frame = await client.finished(generationId);
      const folded = client.answers.get(generationId);
      const listed = await app.request(`/api/conversations/${conversation.id}/messages`, { token });
      const { items } = (await listed.json()) as { items: Message[] };
      const stored = items.find((message) => message.id === answer.id);
      if (stored === undefined || folded === undefined) throw new Error('the answer is not there');
      const upstream = upstreamOf(scenario).slice(before);
      return { upstream, generationId, conversationId: conversation.id, frame, folded: folded.text, thoughts: folded.thoughts, stored };
    },
  };
}

beforeAll(async () => {
  fake = await startFakeGemini();
  const calls = new Map<string, number>();
  fake.script('relay', (call, request) => {
    if (request.method !== 'POST' || !request.path.includes(':streamGenerateContent')) return scenarios['ok']?.(call, request) ?? [];
    const name = askedIn(request);
    const count = calls.get(name) ?? 0;
    calls.set(name, count + 1);
    return extra.get(name)?.(count) ?? scenarios[name]?.(count, request) ?? [{ text: `no scenario ${name}` }, { finish: 'STOP' }];
  });
  desk = await openDesk();
});
afterAll(async () => {
  for (const app of apps) await app.close();
  await fake.close();
});

/** What the reader folded, what was announced, what is stored and what the service sent: all the same. */
function expectSame({ upstream, folded, frame, stored }: Played): void {
  const sent = upstream.at(-1)?.sentText() ?? '';
  expect(folded).toBe(sent);
  expect(textOf(frame.message)).toBe(sent);
  expect(textOf(stored)).toBe(sent);
  expect(stored.parts).toEqual(frame.message.parts);
  expect(stored.status).toBe(frame.status);
}

describe('an answer that arrives whole', () => {
  const whole = [
    ...['persian', 'bytewise', 'split-utf8', 'lf', 'cr', 'text-with-crlf', 'line-separators', 'many', 'signature', 'multi-part'],
    ...['two-candidates', 'grounding', 'usage-last', 'usage-growing', 'finish-everywhere', 'odd-chunks', 'comments', 'no-space'],
    ...['multi-line-data', 'done', 'no-last-blank', 'bom', 'code', 'finish-STOP', 'finish-MAX_TOKENS', 'finish-SOMETHING_NEW'],
  ];
  it.each(whole)('is byte for byte what the service sent: %s', async (scenario) => {
    const played = await desk.play(scenario);
    expect(played.frame.status).toBe('complete');
    expect(played.folded).not.toBe('');
    expectSame(played);
    expect(desk.client.faults).toEqual([]);
  });

  it('keeps thoughts apart from the text', async () => {
    const played = await desk.play('thoughts');
    expectSame(played);
    expect(played.thoughts).toBe('First I think. Then again.');
    expect(played.folded).toBe('The answer is 42.');
    expect(played.stored.parts.map((part) => part.type)).toEqual(['thought', 'text']);
  });

  it('joins an answer that the service gives in several hops', async () => {
    const played = await desk.play('continuation');
    expect(played.frame.status).toBe('complete');
    expect(played.folded).toBe('part 0 part 1 the end');
    expect(textOf(played.stored)).toBe(played.folded);
    expect(played.frame.usage).toMatchObject({ inputTokens: 30, outputTokens: 15 });
  });

  it('names the limit that ended it', async () => {
    expect((await desk.play('finish-MAX_TOKENS')).stored.finishReason).toBe('MAX_TOKENS');
  });

  it('holds pictures as files of their owner', async () => {
    const bytes = await flat(40, 30).png().toBuffer();
    extra.set('picture', () => [{ text: 'Here: ' }, { image: { mime: 'image/png', bytes } }, { text: 'done' }, { finish: 'STOP' }]);
    const played = await desk.play('picture');
    expectSame(played);
    expect(played.stored.parts.map((part) => part.type)).toEqual(['text', 'image', 'text']);
    const image = played.stored.parts.find((part) => part.type === 'image');
    expect(image).toMatchObject({ width: 40, height: 30 });
    const url = image?.type === 'image' ? image.url : '';
    const served = await desk.app.request(url, { token: desk.token });
    expect(served.status).toBe(200);
    expect((await served.arrayBuffer()).byteLength).toBeGreaterThan(50);
    const other = await desk.app.signup('Bob');
    expect((await desk.app.request(url, { token: other.token })).status).toBe(404);
  });

  it('is ended, with its text and its upstream call closed, by a picture that cannot be read', async () => {
    const steps: FakeStep[] = [{ text: 'Look: ' }, { image: { mime: 'image/png', bytes: Buffer.from('no picture') } }, { hang: true }];
    extra.set('damaged', () => steps);
    const played = await desk.play('damaged');
    expect(played.frame).toMatchObject({ status: 'interrupted', error: { code: 'MODEL_UNAVAILABLE', params: { class: 'bad_chunk' } } });
    expect(played.folded).toBe('Look: ');
    await played.upstream[0]?.aborted;
  });
});

describe('an answer that fails', () => {
  const refusals = [
    ...['SAFETY', 'RECITATION', 'LANGUAGE', 'OTHER', 'BLOCKLIST', 'PROHIBITED_CONTENT', 'SPII', 'MALFORMED_FUNCTION_CALL'],
    ...['UNEXPECTED_TOOL_CALL', 'TOO_MANY_TOOL_CALLS', 'IMAGE_SAFETY', 'NO_IMAGE', 'MALFORMED_RESPONSE'],
  ].map((reason) => [`finish-${reason}`, 'interrupted', 'MODEL_REFUSED', 1] as const);
  const blocks = ['SAFETY', 'OTHER', 'PROHIBITED_CONTENT', 'JAILBREAK', 'SOMETHING_NEW'].map(
    (reason) => [`block-${reason}`, 'failed', 'MODEL_REFUSED', 1] as const,
  );
  it.each([
    ...refusals,
    ...blocks,
    ['no-finish', 'interrupted', 'MODEL_UNAVAILABLE', 1],
    ['eof-mid-utf8', 'interrupted', 'MODEL_UNAVAILABLE', 1],
    ['eof-mid-json', 'interrupted', 'MODEL_UNAVAILABLE', 1],
    ['bad-json', 'interrupted', 'MODEL_UNAVAILABLE', 1],
    ['raw-error-tail', 'interrupted', 'MODEL_UNAVAILABLE', 1],
    ['raw-error-array', 'interrupted', 'MODEL_UNAVAILABLE', 1],
    ['framed-error', 'interrupted', 'MODEL_UNAVAILABLE', 1],
    ['reset-mid', 'interrupted', 'MODEL_UNAVAILABLE', 1],
    ['cut-mid', 'interrupted', 'MODEL_UNAVAILABLE', 1],
    ['bad-key', 'failed', 'MODEL_BAD_KEY', 1],
    ['bad-request', 'failed', 'BAD_REQUEST', 1],
    ['not-found', 'failed', 'MODEL_UNAVAILABLE', 1],
  ] as const)('%s ends as %s, %s', async (scenario, status, code, calls) => {
    const played = await desk.play(scenario);
    expect(played.frame.status).toBe(status);
    expect(played.frame.error?.code).toBe(code);
    expect(played.stored.error?.code).toBe(code);
    expectSame(played);
    expect(played.folded === '').toBe(status === 'failed');
    expect(played.upstream).toHaveLength(calls);
    expect(JSON.stringify(played.stored)).not.toContain('test-key');
    expect(desk.client.faults).toEqual([]);
  });

  it.each(['empty', 'html', 'region', 'forbidden', 'max-tokens-thinking'])('has a name and no text: %s', async (scenario) => {
    const played = await desk.play(scenario);
    expect(played.folded).toBe('');
    expect(played.frame.status === 'failed' || played.frame.finishReason !== undefined).toBe(true);
    expect(textOf(played.stored)).toBe('');
  });

  it('is tried again before its first piece, and says so', async () => {
    const played = await Promise.all(['503-once', 'framed-error-first', 'reset-once'].map((scenario) => desk.play(scenario)));
    for (const { frame, folded, upstream, generationId } of played) {
      expect(frame.status).toBe('complete');
      expect(folded).toBe('after the retry');
      expect(upstream).toHaveLength(2);
      const retrying = desk.client.frames.filter(
        (candidate) => candidate.type === 'generation.status' && candidate.generationId === generationId && candidate.state === 'retrying',
      );
      expect(retrying).toHaveLength(1);
    }
  });

  it('gives up after two repeats', async () => {
    const played = await desk.play('503');
    expect(played.frame).toMatchObject({ status: 'failed', error: { code: 'MODEL_UNAVAILABLE' } });
    expect(played.upstream).toHaveLength(3);
  });

  it('is ended when the service goes silent, before and after its first piece', async () => {
    const impatient = await openDesk({ LIMIT_FIRST_TOKEN_MS: '900', LIMIT_FIRST_TOKEN_THINKING_MS: '900' });
    // With a limit of its own: on a busy machine the first piece itself may be late.
    const patientAtFirst = await openDesk({ LIMIT_GAP_MS: '900' });
    const [before, after, between] = await Promise.all([
      impatient.play('silent-before-headers'),
      impatient.play('silent-after-headers'),
      patientAtFirst.play('one-then-silent'),
    ]);
    for (const played of [before, after]) expect(played?.frame).toMatchObject({ status: 'failed', error: { code: 'MODEL_TIMEOUT' } });
    expect(between?.frame).toMatchObject({ status: 'interrupted', error: { code: 'MODEL_TIMEOUT' } });
    expect(between?.folded).toBe('one');
    for (const played of [before, after, between]) await played?.upstream.at(-1)?.aborted;
  });

  it('leaves a server behind that answers the next question', async () => {
    expect((await desk.play('ok')).folded).toBe('Hello, world');
    expect((await desk.app.request('/healthz')).status).toBe(200);
  });
});

describe('a refusal for too many requests', () => {
  it('is learned: the next question is refused here, with the time to wait', async () => {
    const { play, client } = await openDesk();
    const played = await play('429-minute', { model: 'gemini-3.8-flash' });
    expect(played.frame).toMatchObject({ status: 'failed', error: { code: 'RATE_LIMITED', retryAfter: 42 } });
    const refused = await client.request({
      type: 'message.send',
      clientMessageId: 'after-429',
      conversationId: null,
      text: 'ok',
      model: 'gemini-3.8-flash',
    });
    expect(refused).toMatchObject({ type: 'error', code: 'RATE_LIMITED' });
    expect(refused.type === 'error' && refused.retryAfter !== undefined && refused.retryAfter > 30 && refused.retryAfter <= 42).toBe(true);
    expect(upstreamOf('429-minute')).toHaveLength(1);
    const other = await play('429-day', { model: 'gemini-2.5-flash' });
    expect(other.frame).toMatchObject({ status: 'failed', error: { code: 'RATE_LIMITED' } });
    expect(other.frame.error?.retryAfter ?? 0).toBeGreaterThan(0);
  });
});

describe('what is sent to the service', () => {
  it('is the branch with its pictures, the instruction, and the wish not to be stored', async () => {
    const { client, token, app, play } = desk;
    const settings = { systemInstruction: 'Answer in Persian.', temperature: 0.5 };
    const first = await play('ok');
    const conversationId = first.conversationId;
    await client.request({ type: 'settings.update', conversationId, settings });
    const form = new FormData();
    form.append('file', new Blob([new Uint8Array(await flat(30, 20).png().toBuffer())], { type: 'image/png' }), 'a.png');
    const uploaded = await app.request('/api/uploads', { method: 'POST', token, body: form });
    expect(uploaded.status).toBe(201);
    const { file } = (await uploaded.json()) as { file: { id: string } };
    const played = await play('thoughts', { conversationId, attachments: [file.id] });
    const sent = played.upstream[0];
    if (sent === undefined) throw new Error('nothing was sent');
    const body = bodyOf(sent);
    expect(body.store).toBe(false);
    expect(body.systemInstruction?.parts.map((part) => part.text).join('')).toBe('Answer in Persian.');
    expect(body.contents.map((turn) => [turn.role, turn.parts.map((part) => part['text']).join('')])).toEqual([
      ['user', 'ok'],
      ['model', 'Hello, world'],
      ['user', 'thoughts'],
    ]);
    const inline = body.contents.at(-1)?.parts.find((part) => 'inlineData' in part);
    expect(inline?.['inlineData']).toMatchObject({ mimeType: expect.stringMatching(/^image\//) });
    expect(sent.headers['x-goog-api-key']).toBe('test-key');
    expect(sent.path).not.toContain('test-key');
  });

  it('is ended when the person stops the answer, and the text so far is kept', async () => {
    const { client } = desk;
    extra.set('endless', () => [{ text: 'so far' }, { hang: true }]);
    const { generationId } = await client.ask('endless');
    await client.waitFor('generation.delta', (frame) => frame.generationId === generationId);
    await client.request({ type: 'generation.stop', generationId });
    // No limit of time would end it before the test is over.
    await upstreamOf('endless')[0]?.aborted;
    const frame = await client.finished(generationId);
    expect(frame.status).toBe('stopped');
    expect(textOf(frame.message)).toBe('so far');
  });
});
