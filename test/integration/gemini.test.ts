import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ModelEvent } from '../../src/core/base/model-events.ts';
import type { ModelInterface, ModelRequest, ModelTurn } from '../../src/core/base/model-interface.ts';
import { type Clock, systemClock } from '../../src/lib/clock.ts';
import type { LogFields, Logger } from '../../src/lib/logger.ts';
import { createGeminiModel } from '../../src/models/gemini/gemini-model.ts';
import { geminiModelTable } from '../../src/models/gemini/gemini-model-table.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { type FakeGemini, type FakeStep, startFakeGemini } from '../support/fake-gemini.ts';

const KEY = 'AIza-test-key-that-must-not-leak';
const timeouts = { firstTokenMs: 30_000, thinkingFirstTokenMs: 120_000, gapMs: 60_000, totalMs: 900_000 };

let fake: FakeGemini;
const open: ModelInterface[] = [];
const unhandled: unknown[] = [];
const note = (reason: unknown): void => {
  unhandled.push(reason);
};

beforeAll(async () => {
  process.on('unhandledRejection', note);
  fake = await startFakeGemini();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((model) => model.release()));
  await new Promise((resolve) => setImmediate(resolve));
  expect(unhandled).toEqual([]);
});
afterAll(async () => {
  process.off('unhandledRejection', note);
  await fake.close();
});

function modelFor(scenario: string, given: { clock?: Clock; logger?: Logger; random?: () => number } = {}): ModelInterface {
  const model = createGeminiModel({
    apiKey: KEY,
    baseUrl: fake.url(scenario),
    models: geminiModelTable,
    timeouts,
    clock: given.clock ?? quickClock,
    logger: given.logger ?? recordingLogger().logger,
    random: given.random ?? (() => 0),
  });
  open.push(model);
  return model;
}

/** Real time for everything but the waits between attempts: those are over at once. */
const quickClock: Clock = { ...systemClock, after: (ms, run) => systemClock.after(ms <= 25_000 ? 0 : ms, run) };

function recordingLogger(): { logger: Logger; lines: { level: string; fields: LogFields; message: string }[] } {
  const lines: { level: string; fields: LogFields; message: string }[] = [];
  const at = (level: string) => (fields: LogFields, message: string) => {
    lines.push({ level, fields, message });
  };
  const logger: Logger = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error'), child: () => logger };
  return { logger, lines };
}

function ask(given: Partial<ModelRequest> = {}): ModelRequest {
  return { model: 'gemini-3.8-flash', turns: [user('Hello')], thinking: true, level: 'normal', ...given };
}

function user(text: string): ModelTurn {
  return { role: 'user', text, images: [] };
}

async function collect(model: ModelInterface, request = ask(), signal = new AbortController().signal): Promise<ModelEvent[]> {
  const events: ModelEvent[] = [];
  for await (const event of model.process(request, { signal })) events.push(event);
  return events;
}

async function run(scenario: string, given: { request?: ModelRequest; clock?: Clock; logger?: Logger } = {}) {
  const events = await collect(modelFor(scenario, given), given.request);
  const calls = fake.of(scenario).filter((request) => request.method === 'POST');
  return { events, calls, text: textOf(events), last: events.at(-1), sent: calls.at(-1)?.sentText() };
}

function textOf(events: readonly ModelEvent[]): string {
  return events.map((event) => (event.type === 'text' ? event.text : '')).join('');
}

function failureOf(event: ModelEvent | undefined) {
  return event?.type === 'failure' ? event.failure : undefined;
}

function kinds(events: readonly ModelEvent[]): string[] {
  return events.map((event) => event.type);
}

/** A clock whose timers a test can wait for. */
function steppedClock() {
  const clock = createFakeClock();
  const waiting: { ms: number; seen: () => void }[] = [];
  const set: number[] = [];
  const stepped: Clock = {
    now: () => clock.now(),
    every: (ms, tick) => clock.every(ms, tick),
    after(ms, tick) {
      set.push(ms);
      for (const waiter of waiting) if (waiter.ms === ms) waiter.seen();
      return clock.after(ms, tick);
    },
  };
  return {
    clock: stepped,
    set,
    advance: (ms: number) => clock.advance(ms),
    /** Resolves when a timer of this length is set. */
    armed(ms: number): Promise<void> {
      return new Promise((resolve) => waiting.push({ ms, seen: resolve }));
    },
  };
}

describe('an answer of Gemini', () => {
  it.each([
    ...['ok', 'persian', 'bytewise', 'split-utf8', 'lf', 'cr', 'text-with-crlf', 'line-separators', 'many', 'thoughts', 'signature'],
    ...['multi-part', 'two-candidates', 'image', 'code', 'grounding', 'usage-last', 'finish-everywhere', 'odd-chunks', 'comments'],
    ...['no-space', 'multi-line-data', 'done', 'no-last-blank', 'bom'],
  ])('is complete and byte for byte what the service sent: %s', async (scenario) => {
    const { events, text, last, sent, calls } = await run(scenario);
    expect(text).toBe(sent);
    expect(text).not.toBe('');
    expect(last).toEqual({ type: 'finish', reason: 'STOP', outcome: 'complete' });
    expect(events.filter((event) => event.type === 'finish' || event.type === 'failure')).toHaveLength(1);
    expect(calls).toHaveLength(1);
  });

  it('keeps thoughts apart from the text', async () => {
    const { events, text } = await run('thoughts');
    expect(text).toBe('The answer is 42.');
    expect(events.filter((event) => event.type === 'thought').map((event) => event.text)).toEqual(['First I think. ', 'Then again.']);
  });

  it('keeps the signature of a final empty part, and joins the text before it', async () => {
    const { events } = await run('signature');
    expect(events.filter((event) => event.type === 'raw').map((event) => event.part)).toEqual([
      { text: 'Hello there' },
      { text: '', thoughtSignature: 'c2lnbmF0dXJl' },
    ]);
  });

  it('yields a picture of 4 MB whole, and not a second time in the raw parts', async () => {
    const { events } = await run('image-4mb');
    const media = events.find((event) => event.type === 'media');
    expect(media?.mime).toBe('image/png');
    expect(media?.data.byteLength).toBe(4_194_304);
    expect(Buffer.from(media?.data.subarray(0, 4) ?? []).toJSON().data).toEqual([0, 31, 62, 93]);
    expect(JSON.stringify(events.filter((event) => event.type === 'raw'))).toBe(
      '[{"type":"raw","part":{"inlineData":{"mimeType":"image/png","data":""}}}]',
    );
  });

  it('marks the interim pictures of a model that thinks in pictures', async () => {
    const { events } = await run('image-thought');
    expect(events.filter((event) => event.type === 'media').map((event) => [event.data.byteLength, event.thought ?? false])).toEqual([
      [500, true],
      [600, false],
    ]);
  });

  it('names the code that the model ran, what came out, and safe sources only', async () => {
    const { events } = await run('code');
    expect(events).toContainEqual({ type: 'code', language: 'python', code: 'print(1)' });
    expect(events).toContainEqual({ type: 'code-result', outcome: 'OUTCOME_OK', output: '1\n' });
    const found = await run('grounding');
    expect(found.events.filter((event) => event.type === 'source')).toEqual([{ type: 'source', url: 'https://example.org/a', title: 'A' }]);
  });

  it('takes the last count of tokens, and says which model really answered', async () => {
    const { events } = await run('usage-growing');
    expect(events.filter((event) => event.type === 'usage')).toEqual([
      { type: 'usage', usage: { inputTokens: 5, outputTokens: 9, thoughtTokens: 0, totalTokens: 14 } },
    ]);
    expect(events).toContainEqual({ type: 'version', modelVersion: 'gemini-3.8-flash' });
  });

  it('goes on over several requests when the service asks for a continuation', async () => {
    const { text, calls, events, last } = await run('continuation');
    expect(text).toBe('part 0 part 1 the end');
    expect(calls.map((call) => Reflect.get(Object(call.body), 'continuationToken'))).toEqual([undefined, 'token-0', 'token-1']);
    expect(events.filter((event) => event.type === 'usage')).toEqual([
      { type: 'usage', usage: { inputTokens: 30, outputTokens: 15, thoughtTokens: 0, totalTokens: 45 } },
    ]);
    expect(last).toEqual({ type: 'finish', reason: 'STOP', outcome: 'complete' });
  });

  it('hands out every piece as it arrives, not at the end', async () => {
    let release = (): void => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    fake.script('gated', [{ text: 'first' }, { wait: gate }, { text: ' second' }, { finish: 'STOP' }]);
    const seen: string[] = [];
    for await (const event of modelFor('gated').process(ask(), { signal: new AbortController().signal })) {
      if (event.type !== 'text') continue;
      seen.push(event.text);
      release();
    }
    expect(seen).toEqual(['first', ' second']);
  });
});

describe('the end of an answer', () => {
  it.each([
    ['MAX_TOKENS', 'limited'],
    ...['SAFETY', 'RECITATION', 'LANGUAGE', 'OTHER', 'BLOCKLIST', 'PROHIBITED_CONTENT', 'SPII'].map((reason) => [reason, 'refused']),
    ...['MALFORMED_FUNCTION_CALL', 'UNEXPECTED_TOOL_CALL', 'TOO_MANY_TOOL_CALLS', 'MALFORMED_RESPONSE'].map((reason) => [
      reason,
      'refused',
    ]),
    ...['IMAGE_SAFETY', 'IMAGE_PROHIBITED_CONTENT', 'IMAGE_RECITATION', 'IMAGE_OTHER', 'NO_IMAGE'].map((reason) => [reason, 'refused']),
    ['SOMETHING_NEW', 'limited'],
  ])('finish reason %s is %s, with a sentence, and keeps the text', async (reason, outcome) => {
    const { text, last } = await run(`finish-${reason}`);
    expect(text).toBe('Some text.');
    expect(last).toMatchObject({ type: 'finish', reason, outcome, detail: expect.stringMatching(/\.$/) });
  });

  it.each(['SAFETY', 'OTHER', 'BLOCKLIST', 'PROHIBITED_CONTENT', 'IMAGE_SAFETY', 'MODEL_ARMOR', 'JAILBREAK', 'SOMETHING_NEW'])(
    'a prompt that is blocked for %s is refused, with a sentence',
    async (reason) => {
      const { events, last } = await run(`block-${reason}`);
      expect(last).toMatchObject({ type: 'finish', reason, outcome: 'refused', detail: expect.stringMatching(/\.$/) });
      expect(kinds(events)).toEqual(['usage', 'finish']);
    },
  );

  it('says that thinking used the budget when no text was left', async () => {
    const { last } = await run('max-tokens-thinking');
    expect(last).toMatchObject({ type: 'finish', outcome: 'limited', detail: expect.stringContaining('Thinking used') });
  });

  it.each([
    ['no-finish', 'truncated'],
    ['eof-mid-utf8', 'truncated'],
    ['eof-mid-json', 'truncated'],
    ['cut-mid', 'truncated'],
    ['reset-mid', 'truncated'],
    ['bad-json', 'bad_chunk'],
    ['raw-error-tail', 'http_503'],
    ['raw-error-array', 'http_503'],
    ['framed-error', 'http_503'],
  ])('%s ends as a failure of class %s; what was sent is kept and nothing is asked twice', async (scenario, kind) => {
    const { text, last, sent, calls } = await run(scenario);
    expect(text).toBe(sent);
    expect(Buffer.from(text).toString()).toBe(text);
    expect(failureOf(last)).toMatchObject({ code: 'MODEL_UNAVAILABLE', class: kind, retryable: true });
    expect(calls).toHaveLength(1);
  });

  it('ends an answer that grows beyond every measure as limited, and hangs up', async () => {
    fake.script('endless', function* () {
      for (;;) yield { text: 'x'.repeat(65_536) };
    });
    const { last, text, calls } = await run('endless');
    expect(last).toMatchObject({ type: 'finish', reason: 'SIZE_LIMIT', outcome: 'limited' });
    expect(text.length).toBeLessThan(9 * 1024 * 1024);
    await calls[0]?.aborted;
  });
});

describe('many answers at once', () => {
  it('keeps a hundred of them apart, each byte for byte', async () => {
    const model = modelFor('crowd');
    fake.script('crowd', (call) => [...Array.from({ length: 20 }, (_, n) => ({ text: `${call}:${n} سلام ` })), { finish: 'STOP' }]);
    const answers = await Promise.all(Array.from({ length: 100 }, () => collect(model)));
    expect(answers.map(textOf).sort()).toEqual(
      fake
        .of('crowd')
        .map((request) => request.sentText())
        .sort(),
    );
    expect(new Set(answers.map(textOf)).size).toBe(100);
    expect(model.status()).toEqual({ state: 'ready', requests: 100, failures: 0 });
  });
});

describe('a service that refuses', () => {
  it.each(['bad-key', 'forbidden'])('%s is the operator’s matter: not repeated, logged as an error, without the key', async (scenario) => {
    const { logger, lines } = recordingLogger();
    const { last, calls } = await run(scenario, { logger });
    expect(failureOf(last)).toMatchObject({ code: 'MODEL_BAD_KEY', retryable: false });
    expect(calls).toHaveLength(1);
    expect(lines.filter((line) => line.level === 'error')).toHaveLength(1);
    expect(JSON.stringify([lines, last])).not.toContain(KEY);
  });

  it.each([
    ['not-found', 'MODEL_UNAVAILABLE', 'http_404'],
    ['bad-request', 'BAD_REQUEST', 'http_400'],
    ['region', 'MODEL_UNAVAILABLE', 'region'],
  ])('%s is not repeated', async (scenario, code, kind) => {
    const { last, calls } = await run(scenario);
    expect(failureOf(last)).toMatchObject({ code, class: kind, retryable: false });
    expect(calls).toHaveLength(1);
  });

  it.each(['503-once', 'reset-once', 'framed-error-first', '429-minute-then-ok', '429-fraction-then-ok', '429-message-then-ok'])(
    '%s gives one answer after one visible repeat',
    async (scenario) => {
      const { events, text, calls, last } = await run(scenario);
      expect(text).toBe('after the retry');
      expect(kinds(events).filter((kind) => kind === 'retrying')).toHaveLength(1);
      expect(kinds(events)[0]).toMatch(/retrying|version/);
      expect(calls).toHaveLength(2);
      expect(last?.type).toBe('finish');
    },
  );

  it('waits exactly as long as the service asks', async () => {
    const delay = async (scenario: string) => (await run(scenario)).events.find((event) => event.type === 'retrying')?.delayMs;
    fake.script('asks-3s', (call) => (call === 0 ? [refusal('3s')] : [{ text: 'ok' }, { finish: 'STOP' }]));
    fake.script('asks-2.5s', (call) => (call === 0 ? [refusal('2.5s')] : [{ text: 'ok' }, { finish: 'STOP' }]));
    expect(await delay('asks-3s')).toBe(3000);
    expect(await delay('asks-2.5s')).toBe(2500);
  });

  it('repeats twice at most', async () => {
    expect((await run('503-twice')).text).toBe('after the retry');
    for (const scenario of ['503', '500', '503-html', 'reset-before-headers', 'empty', 'html']) {
      const { events, last, calls } = await run(scenario);
      expect(calls, scenario).toHaveLength(3);
      expect(kinds(events), scenario).toEqual(['retrying', 'retrying', 'failure']);
      expect(failureOf(last), scenario).toMatchObject({ code: 'MODEL_UNAVAILABLE', retryable: true });
    }
  });

  it.each([
    ['is not there', 'http:', /^network_econnrefused$/],
    ['speaks no TLS', 'https:', /^network_(?:err_ssl|eproto|econnreset)/],
  ])('names the network fault of a service that %s', async (_words, protocol, kind) => {
    const gone = await startFakeGemini();
    if (protocol === 'http:') await gone.close();
    const model = createGeminiModel({
      apiKey: KEY,
      baseUrl: gone.url('x').replace('http:', protocol),
      models: geminiModelTable,
      timeouts,
      clock: quickClock,
      logger: recordingLogger().logger,
    });
    open.push(model);
    expect(failureOf((await collect(model)).at(-1))).toMatchObject({ code: 'MODEL_UNAVAILABLE', class: expect.stringMatching(kind) });
    if (protocol === 'https:') await gone.close();
  });

  it('does not wait for a limit that ends later than 20 s, and says when', async () => {
    const { last, calls } = await run('429-minute');
    expect(calls).toHaveLength(1);
    expect(failureOf(last)).toEqual({
      code: 'RATE_LIMITED',
      message: expect.any(String),
      class: 'http_429',
      retryable: true,
      retryAfter: 42,
      quota: { window: 'minute', limit: 5 },
    });
  });

  it('takes a daily limit for what it is, whatever wait the service names', async () => {
    const clock: Clock = { ...quickClock, now: () => Date.parse('2026-11-21T20:00:00-08:00') };
    const { last, calls } = await run('429-day', { clock });
    expect(calls).toHaveLength(1);
    expect(failureOf(last)).toMatchObject({
      class: 'http_429_day',
      retryable: false,
      retryAfter: 4 * 3600,
      quota: { window: 'day', limit: 20 },
    });
  });

  it('takes a limit of zero for a plan without this model', async () => {
    const { last, calls } = await run('429-zero');
    expect(calls).toHaveLength(1);
    expect(failureOf(last)).toMatchObject({ class: 'http_429_day', quota: { window: 'day', limit: 0 } });
  });

  it('backs off twice from a 429 that explains nothing', async () => {
    const { last, calls } = await run('429-bare');
    expect(calls).toHaveLength(3);
    expect(failureOf(last)).toMatchObject({ code: 'RATE_LIMITED', class: 'http_429', retryable: true });
    expect(failureOf(last)).not.toHaveProperty('quota');
  });
});

describe('time', () => {
  it.each(['silent-before-headers', 'silent-after-headers'])(
    '%s: the wait for the first token ends, and so does the request',
    async (scenario) => {
      const time = steppedClock();
      const armed = time.armed(30_000);
      const answer = run(scenario, { clock: time.clock, request: ask({ thinking: false }) });
      await armed;
      const request = await fake.arrived(scenario);
      time.advance(30_000);
      const { last } = await answer;
      expect(failureOf(last)).toMatchObject({ code: 'MODEL_TIMEOUT', class: 'first_token_timeout' });
      await request.aborted;
    },
  );

  it('is more patient with a model that thinks', async () => {
    const time = steppedClock();
    const answer = run('hush', { clock: time.clock });
    fake.script('hush', [{ hang: true }]);
    await fake.arrived('hush');
    time.advance(119_999);
    expect(fake.of('hush')).toHaveLength(1);
    time.advance(1);
    expect(failureOf((await answer).last)).toMatchObject({ class: 'first_token_timeout' });
    expect(time.set).toContain(120_000);
  });

  it('ends an answer that falls silent in the middle, and keeps the text', async () => {
    const time = steppedClock();
    const waits = time.armed(60_000);
    const answer = run('one-then-silent', { clock: time.clock });
    await waits;
    time.advance(60_000);
    const { last, text } = await answer;
    expect(text).toBe('one');
    expect(failureOf(last)).toMatchObject({ code: 'MODEL_TIMEOUT', class: 'idle_timeout' });
    await (await fake.arrived('one-then-silent')).aborted;
  });

  it('ends an answer that never ends', async () => {
    const time = steppedClock();
    let release = (): void => {};
    fake.script('drip', function* (): Iterable<FakeStep> {
      for (let n = 0; ; n += 1) {
        yield { text: `${n} ` };
        yield {
          wait: new Promise<void>((resolve) => {
            release = resolve;
          }),
        };
      }
    });
    const events: ModelEvent[] = [];
    for await (const event of modelFor('drip', { clock: time.clock }).process(ask(), { signal: new AbortController().signal })) {
      events.push(event);
      if (event.type !== 'text') continue;
      time.advance(50_000);
      release();
    }
    expect(failureOf(events.at(-1))).toMatchObject({ code: 'MODEL_TIMEOUT', class: 'total_timeout' });
    expect(textOf(events).split(' ').length).toBeGreaterThan(15);
  });

  it('does not count the time that its reader takes as silence of the model', async () => {
    const time = steppedClock();
    const texts: string[] = [];
    for await (const event of modelFor('ok', { clock: time.clock }).process(ask(), { signal: new AbortController().signal })) {
      if (event.type === 'text') texts.push(event.text);
      time.advance(70_000);
    }
    expect(texts.join('')).toBe('Hello, world');
  });
});

describe('hanging up', () => {
  it('closes the request when the signal is aborted in mid-answer, and yields nothing more', async () => {
    fake.script('abort-mid', [{ text: 'one' }, { hang: true }]);
    const controller = new AbortController();
    const events: ModelEvent[] = [];
    for await (const event of modelFor('abort-mid').process(ask(), { signal: controller.signal })) {
      events.push(event);
      if (event.type === 'text') controller.abort();
    }
    expect(kinds(events)).toEqual(['version', 'text']);
    await (await fake.arrived('abort-mid')).aborted;
  });

  it('closes the request when its reader leaves the loop', async () => {
    fake.script('break-mid', [{ text: 'one' }, { hang: true }]);
    for await (const event of modelFor('break-mid').process(ask(), { signal: new AbortController().signal })) {
      if (event.type === 'text') break;
    }
    await (await fake.arrived('break-mid')).aborted;
  });

  it.each([
    ['silent', { hang: true }],
    ['silent-body', { headers: true }],
    ['endless-error', { status: 503, body: '{"error":', open: true }],
  ] as const)('closes a request that waits (%s)', async (name, step) => {
    fake.script(name, [step, { hang: true }]);
    const controller = new AbortController();
    const answer = collect(modelFor(name), ask(), controller.signal);
    const request = await fake.arrived(name);
    controller.abort();
    expect(await answer).toEqual([]);
    await request.aborted;
  });

  it('stops waiting between two attempts', async () => {
    const time = steppedClock();
    const controller = new AbortController();
    const events: ModelEvent[] = [];
    for await (const event of modelFor('503', { clock: time.clock }).process(ask(), { signal: controller.signal })) {
      events.push(event);
      queueMicrotask(() => controller.abort());
    }
    expect(kinds(events)).toEqual(['retrying']);
  });

  it('sends nothing for a signal that is aborted already', async () => {
    expect(await collect(modelFor('never-called'), ask(), AbortSignal.abort())).toEqual([]);
    expect(fake.of('never-called')).toEqual([]);
  });

  it('leaves no listener on a signal that lives long', async () => {
    const controller = new AbortController();
    let listeners = 0;
    const add = controller.signal.addEventListener.bind(controller.signal);
    const remove = controller.signal.removeEventListener.bind(controller.signal);
    controller.signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners += 1;
      add(...args);
    };
    controller.signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners -= 1;
      remove(...args);
    };
    await collect(modelFor('ok'), ask(), controller.signal);
    expect(listeners).toBe(0);
  });

  it('lets requests of others through untouched while it is there', async () => {
    modelFor('ok');
    const address = `${fake.url('ok')}/v1beta/models/gemini-3.8-flash:streamGenerateContent?alt=sse`;
    const response = await fetch(address, { method: 'POST', body: '{"of":"somebody else"}' });
    expect(await response.text()).toContain('Hello');
    expect(fake.of('ok').at(-1)?.body).toEqual({ of: 'somebody else' });
  });

  it('closes what is running when it is released, and gives the global fetch back', async () => {
    const before = globalThis.fetch;
    fake.script('released', [{ text: 'one' }, { hang: true }]);
    const model = modelFor('released');
    expect(globalThis.fetch).not.toBe(before);
    for await (const event of model.process(ask(), { signal: new AbortController().signal })) {
      if (event.type === 'text') await model.release();
    }
    await (await fake.arrived('released')).aborted;
    expect(globalThis.fetch).toBe(before);
    expect(failureOf((await collect(model)).at(-1))?.class).toBe('released');
  });
});

describe('what is sent', () => {
  const body = async (request: ModelRequest): Promise<unknown> => {
    const { calls } = await run('ok', { request });
    return calls.at(-1)?.body;
  };

  it('opts out of logging, names the key in a header only, and sends no sampling that nobody asked for', async () => {
    const { calls } = await run('ok', { request: ask({ systemInstruction: 'Be kind.' }) });
    const sent = calls.at(-1);
    expect(sent?.headers['x-goog-api-key']).toBe(KEY);
    expect(Object.keys(sent?.headers ?? {}).filter((name) => name.includes('jarvis'))).toEqual([]);
    expect(sent?.path).toBe('/ok/v1beta/models/gemini-3.8-flash:streamGenerateContent?alt=sse');
    expect(sent?.body).toMatchObject({ store: false, systemInstruction: { role: 'system', parts: [{ text: 'Be kind.' }] } });
    expect(JSON.stringify(sent?.body)).not.toMatch(/temperature|maxOutputTokens/);
  });

  it.each([
    ['gemini-3.8-flash', true, 'quick', { includeThoughts: true, thinkingLevel: 'low' }],
    ['gemini-3.8-flash', true, 'deep', { includeThoughts: true, thinkingLevel: 'high' }],
    ['gemini-3.8-flash', false, 'deep', { includeThoughts: false, thinkingLevel: 'low' }],
    ['gemini-3.5-flash-lite', true, 'quick', { includeThoughts: true, thinkingLevel: 'low' }],
    ['gemini-3.5-flash-lite', false, 'quick', undefined],
    ['gemini-2.5-flash', true, 'normal', { includeThoughts: true, thinkingBudget: -1 }],
    ['gemini-2.5-flash', false, 'normal', { includeThoughts: false, thinkingBudget: 0 }],
    ['gemini-2.5-pro', false, 'normal', { includeThoughts: false, thinkingBudget: 128 }],
    ['gemini-nano-banana-2.1', true, 'normal', undefined],
  ] as const)('asks %s (thinking %s, level %s) in its own words', async (model, thinking, level, expected) => {
    const sent = await body(ask({ model, thinking, level, temperature: 0.5, maxOutputTokens: 100 }));
    const config = Reflect.get(Object(sent), 'generationConfig');
    expect(config).toMatchObject({ temperature: 0.5, maxOutputTokens: 100 });
    expect(config.thinkingConfig).toEqual(expected);
    expect(config.responseModalities).toEqual(model.includes('banana') ? ['TEXT', 'IMAGE'] : undefined);
  });

  it('sends pictures inline, and its own parts of earlier answers as they came', async () => {
    const raw = [{ text: 'An answer' }, { text: '', thoughtSignature: 'c2ln' }];
    const turns: ModelTurn[] = [
      { role: 'user', text: 'Look', images: [{ mime: 'image/png', load: async () => Uint8Array.of(1, 2, 3) }] },
      { role: 'assistant', text: 'An answer', images: [], raw, rawProvider: 'gemini', rawModel: 'gemini-3.8-flash' },
      user('And now?'),
    ];
    expect(await body(ask({ turns }))).toMatchObject({
      contents: [
        { role: 'user', parts: [{ inlineData: { mimeType: 'image/png', data: 'AQID' } }, { text: 'Look' }] },
        { role: 'model', parts: raw },
        { role: 'user', parts: [{ text: 'And now?' }] },
      ],
    });
    expect(JSON.stringify(await body(ask({ turns, model: 'gemini-3.6-flash' })))).not.toContain('thoughtSignature');
  });

  it('says what a picture is, whatever it was when it was stored', async () => {
    const jpeg = Uint8Array.of(0xff, 0xd8, 0xff, 0xe0);
    const turns: ModelTurn[] = [{ role: 'user', text: 'Look', images: [{ mime: 'image/webp', load: async () => jpeg }] }];
    const sent = [{ inlineData: { mimeType: 'image/jpeg' } }, { text: 'Look' }];
    expect(await body(ask({ turns }))).toMatchObject({ contents: [{ parts: sent }] });
  });

  it('puts a stored picture back where the model had drawn it', async () => {
    const turns: ModelTurn[] = [
      user('Draw'),
      {
        role: 'assistant',
        text: 'Here',
        images: [{ mime: 'image/png', load: async () => Uint8Array.of(9) }],
        raw: [{ text: 'Here' }, { inlineData: { mimeType: 'image/png', data: '' }, thoughtSignature: 'c2ln' }],
        rawProvider: 'gemini',
        rawModel: 'gemini-nano-banana-2.1',
      },
      user('Again'),
    ];
    expect(await body(ask({ turns, model: 'gemini-nano-banana-2.1' }))).toMatchObject({
      contents: [{}, { parts: [{ text: 'Here' }, { inlineData: { mimeType: 'image/png', data: 'CQ==' }, thoughtSignature: 'c2ln' }] }, {}],
    });
  });

  it('sends the text where raw parts are of another provider or no longer say the same', async () => {
    const turn = { role: 'assistant', text: 'One. Two.', images: [], raw: [{ text: 'Two.', thoughtSignature: 'x' }] } as const;
    for (const rawProvider of ['openai', 'gemini']) {
      const turns = [user('a'), { ...turn, rawProvider, rawModel: 'gemini-3.8-flash' }, user('b')];
      expect(await body(ask({ turns }))).toMatchObject({ contents: [{}, { role: 'model', parts: [{ text: 'One. Two.' }] }, {}] });
    }
  });

  it('asks once more without signatures when the service does not accept them', async () => {
    const raw = [{ text: 'An answer', thoughtSignature: 'c2ln' }];
    const turns: ModelTurn[] = [
      user('a'),
      { role: 'assistant', text: 'An answer', images: [], raw, rawProvider: 'gemini', rawModel: 'gemini-3.8-flash' },
      user('b'),
    ];
    const { text, calls } = await run('bad-signature', { request: ask({ turns }) });
    expect(text).toBe('fine without signatures');
    expect(calls).toHaveLength(2);
  });

  it('takes the long form of a name', async () => {
    const { calls } = await run('ok', { request: ask({ model: 'models/gemini-3.8-flash' }) });
    expect(calls.at(-1)?.path).toBe('/ok/v1beta/models/gemini-3.8-flash:streamGenerateContent?alt=sse');
  });

  it('refuses a name that is no model, and pictures that are too large, before anything is sent', async () => {
    const before = fake.of('ok').length;
    for (const model of ['../secret', 'gemini-x?alt=y', 'a b', 'GPT-9', '', 'gemini-../x']) {
      expect(failureOf((await collect(modelFor('ok'), ask({ model }))).at(-1))).toMatchObject({
        code: 'BAD_REQUEST',
        class: 'unknown_model',
      });
    }
    const huge = { mime: 'image/png', load: async () => new Uint8Array(16_000_000) };
    const unreadable = { mime: 'image/png', load: () => Promise.reject(new Error('gone')) };
    const large = await collect(modelFor('ok'), ask({ turns: [{ role: 'user', text: '', images: [huge] }] }));
    expect(failureOf(large.at(-1))).toMatchObject({ code: 'BAD_REQUEST', class: 'inline_too_large' });
    const gone = await collect(modelFor('ok'), ask({ turns: [{ role: 'user', text: '', images: [unreadable] }] }));
    expect(failureOf(gone.at(-1))).toMatchObject({ code: 'BAD_REQUEST', class: 'image_unreadable' });
    expect(fake.of('ok').length).toBe(before);
  });
});

describe('the list of models', () => {
  it('comes from the service over all its pages, without those that do not chat', async () => {
    const models = await modelFor('ok', { clock: createFakeClock(Date.parse('2026-11-22')) }).list();
    expect(models.map((model) => model.id)).toEqual(['gemini-3.8-flash', 'gemini-2.5-flash', 'gemini-9-future']);
    expect(models[0]).toMatchObject({
      label: 'Gemini 3.8 Flash',
      provider: 'gemini',
      thinking: true,
      images: true,
      contextTokens: 1_048_576,
    });
    expect(models[1]?.warning).toContain('2026-12-01');
    expect(models[2]?.label).toBe('gemini-9-future');
  });

  it('is asked for once an hour', async () => {
    const clock = createFakeClock(Date.parse('2026-11-22'));
    fake.script('list-cache', [
      { status: 200, body: { models: [{ name: 'models/gemini-7', supportedGenerationMethods: ['generateContent'] }] } },
    ]);
    const model = modelFor('list-cache', { clock });
    await Promise.all([model.list(), model.list()]);
    clock.advance(3_599_000);
    await model.list();
    expect(fake.of('list-cache')).toHaveLength(1);
    clock.advance(2_000);
    await model.list();
    // Nobody waits for the renewal: what was known is answered, the service is asked behind the scenes.
    await fake.arrived('list-cache', 1);
    expect(fake.of('list-cache')).toHaveLength(2);
  });

  it('lets a service that says nothing keep the first person for a moment, and nobody after', async () => {
    const clock = createFakeClock(Date.parse('2026-11-22'));
    const model = modelFor('silent-before-headers', { clock });
    const listed = model.list();
    await fake.arrived('silent-before-headers');
    clock.advance(1_500);
    expect((await listed).map((known) => known.id)).toContain('gemini-3.8-flash');
    // The service still says nothing, and no time goes by: whoever had to wait would wait for ever.
    expect(await model.list()).toEqual(await listed);
    expect(fake.of('silent-before-headers')).toHaveLength(1);
  });

  it.each(['503', 'html', 'forbidden', 'reset-before-headers'])(
    'falls back to the dated table (%s), without models that are gone',
    async (scenario) => {
      const { logger, lines } = recordingLogger();
      const before = (await modelFor(scenario, { logger, clock: createFakeClock(Date.parse('2026-11-30T23:59:59Z')) }).list()).map(
        (model) => model.id,
      );
      const after = (await modelFor(scenario, { logger, clock: createFakeClock(Date.parse('2026-12-01T00:00:00Z')) }).list()).map(
        (model) => model.id,
      );
      expect(before).toContain('gemini-2.5-pro');
      expect(after).toContain('gemini-3.8-flash');
      expect(after).not.toContain('gemini-2.5-pro');
      expect(JSON.stringify(lines)).not.toContain(KEY);
      expect(lines.map((line) => line.level)).toEqual(['warn', 'warn']);
    },
  );

  it('falls back when the service is silent', async () => {
    const time = steppedClock();
    const armed = time.armed(10_000);
    fake.script('list-silent', [{ hang: true }]);
    const models = modelFor('list-silent', { clock: time.clock }).list();
    await armed;
    time.advance(10_000);
    expect((await models).length).toBeGreaterThan(5);
  });
});

function refusal(delay: string): FakeStep {
  return {
    status: 429,
    body: { error: { code: 429, message: 'quota', details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: delay }] } },
  };
}
