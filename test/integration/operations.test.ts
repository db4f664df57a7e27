import { type OutgoingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LogFields, type Logger, silentLogger } from '../../src/lib/logger.ts';
import { overviewSchema } from '../../src/protocol/index.ts';
import { startCollector } from '../support/collector.ts';
import { ScriptedModel } from '../support/scripted-model.ts';
import { startTestApp, type TestApp } from '../support/test-app.ts';

const CANARY = 'canary7f3a';

interface Line {
  readonly level: string;
  readonly fields: LogFields;
  readonly message: string;
}

const listeners = new Set<() => void>();

/** Resolves when so many lines of this text were written. */
function logged(message: string, count: number): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (lines.filter((line) => line.message === message).length < count) return;
      listeners.delete(look);
      resolve();
    };
    listeners.add(look);
    look();
  });
}

/** A log that remembers, with the fields of its children. */
function recordingLogger(lines: Line[], known: LogFields = {}): Logger {
  const write = (level: string) => (fields: LogFields, message: string) => {
    lines.push({ level, fields: { ...known, ...fields }, message });
    for (const look of listeners) setImmediate(look);
  };
  const levels = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
  return { ...silentLogger, ...levels, child: (fields) => recordingLogger(lines, { ...known, ...fields }) };
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

/** A request whose headers are exactly these. */
function ask(app: TestApp, path: string, headers: OutgoingHttpHeaders = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port: app.port, path, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks).toString('utf8') }),
      );
    });
    sent.on('error', reject);
    sent.end();
  });
}

/** Value of a line of the text, such as `jarvis_sockets` or `jarvis_frames_total{type="hello",direction="in"}`. */
function valueOf(text: string, series: string): number | undefined {
  const line = text.split('\n').find((each) => each.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}

let app: TestApp;
let model: MoodyModel;
let lines: Line[];
let admin: Awaited<ReturnType<TestApp['signup']>>;

beforeAll(async () => {
  model = new MoodyModel(['clever']);
  lines = [];
  app = await startTestApp({ models: [model], logger: recordingLogger(lines), env: { LIMIT_SOCKETS_PER_USER: '0' } });
  admin = await app.signup(CANARY);
});
afterAll(() => app.close());

const metrics = async () => (await ask(app, '/metrics')).body;
/** Sends a message; `script` plays the model. @returns the id of the generation, which has ended */
async function converse(script: (call: Awaited<ReturnType<ScriptedModel['nextCall']>>) => void): Promise<string> {
  const { generationId, conversation } = await admin.client.ask(CANARY);
  // The last thing that happens to a generation; its numbers are counted before.
  const over = admin.client.next(
    (frame) => frame.type === 'conversation.updated' && frame.conversation.id === conversation.id && frame.conversation.running !== true,
  );
  script(await model.nextCall());
  await over;
  return generationId;
}

describe('/metrics', () => {
  it('shows an answer from its request to its end', async () => {
    await converse((call) => {
      call.emit({ type: 'retrying', attempt: 1, delayMs: 1, reason: 'http_503' });
      call.text(`${CANARY} `, 'is a bird');
      call.emit({ type: 'usage', usage: { inputTokens: 11, outputTokens: 7, thoughtTokens: 3, totalTokens: 21 } });
      call.finish();
    });
    await converse((call) => {
      call.text('half');
      const failure = { code: 'MODEL_UNAVAILABLE', message: 'The model is away.', class: 'http_503', retryable: true } as const;
      call.emit({ type: 'failure', failure });
    });
    const text = await metrics();
    expect(valueOf(text, 'jarvis_generations_total{status="complete",model="clever"}')).toBe(1);
    expect(valueOf(text, 'jarvis_generations_total{status="interrupted",model="clever"}')).toBe(1);
    expect(valueOf(text, 'jarvis_generation_seconds_count{model="clever",status="complete"}')).toBe(1);
    expect(valueOf(text, 'jarvis_first_token_seconds_count{model="clever"}')).toBe(2);
    expect(valueOf(text, 'jarvis_tokens_total{model="clever",kind="output"}')).toBeGreaterThanOrEqual(7);
    expect(valueOf(text, 'jarvis_tokens_total{model="clever",kind="thought"}')).toBe(3);
    expect(valueOf(text, 'jarvis_retries_total{model="clever"}')).toBe(1);
    expect(valueOf(text, 'jarvis_upstream_errors_total{class="http_503",model="clever"}')).toBe(1);
    expect(valueOf(text, 'jarvis_answer_characters_total')).toBe(CANARY.length + 1 + 'is a bird'.length + 'half'.length);
    expect(valueOf(text, 'jarvis_frames_total{type="message.send",direction="in"}')).toBe(2);
    expect(valueOf(text, 'jarvis_http_requests_total{route="/api/auth/signup",method="POST",status="201"}')).toBe(1);
    expect(valueOf(text, 'jarvis_store_seconds_count{operation="batch",outcome="ok"}')).toBeGreaterThan(0);
  });

  it('counts people and sockets as they come and go, and how they go', async () => {
    const before = await metrics();
    const second = await app.connect(admin.token);
    const stranger = await app.connect();
    stranger.sendRaw('{bad');
    await stranger.next((frame) => frame.type === 'error');
    const during = await metrics();
    expect(valueOf(during, 'jarvis_sockets')).toBe((valueOf(before, 'jarvis_sockets') ?? 0) + 2);
    expect(valueOf(during, 'jarvis_people')).toBe(1);
    expect(valueOf(during, 'jarvis_frames_total{type="invalid",direction="in"}')).toBe(1);
    const closed = lines.filter(({ message }) => message === 'socket closed').length;
    second.socket.close(1000);
    stranger.socket.close(3999, CANARY);
    await logged('socket closed', closed + 2);
    const after = await metrics();
    expect(valueOf(after, 'jarvis_sockets')).toBe(valueOf(before, 'jarvis_sockets'));
    expect(valueOf(after, 'jarvis_sockets_closed_total{code="1000"}')).toBe(1);
    expect(valueOf(after, 'jarvis_sockets_closed_total{code="other"}')).toBe(1);
  });

  it('holds nothing that a person typed, in no label and no value', async () => {
    for (const path of [`/api/${CANARY}`, `/${CANARY}?q=${CANARY}`, `/api/conversations?q=${CANARY}`, `/api/conversations/${CANARY}`])
      await app.request(path, { token: admin.token });
    await app.request('/api/auth/login', { method: 'POST', body: JSON.stringify({ email: `${CANARY}@example.org`, password: CANARY }) });
    await admin.client.request({ type: 'command.run', clientMessageId: 'c1', name: CANARY, args: [CANARY] });
    admin.client.sendRaw(JSON.stringify({ type: CANARY, id: 'x' }));
    await admin.client.next((frame) => frame.type === 'error' && frame.replyTo === 'x');
    const answer = await ask(app, '/metrics');
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(answer.body).toContain('route="unknown"');
    expect(answer.body.toLowerCase()).not.toContain(CANARY);
    expect(answer.body).not.toContain(admin.user.id);
  });

  it.each<[string, OutgoingHttpHeaders]>([
    ['a proxy that tells for whom', { 'x-forwarded-for': '127.0.0.1' }],
    ['a proxy that tells the scheme', { 'x-forwarded-proto': 'https' }],
    ['a proxy with the newer header', { forwarded: 'for=127.0.0.1' }],
    ['a proxy with a header of its own', { 'x-real-ip': '127.0.0.1' }],
    ['Cloudflare', { 'cf-connecting-ip': '127.0.0.1' }],
    ['a page of another site', { origin: 'https://evil.example' }],
    ['a page of an unknown origin', { origin: 'null' }],
    ['a picture in a page of another site', { 'sec-fetch-site': 'cross-site' }],
    ['a page of a neighbour', { 'sec-fetch-site': 'same-site' }],
    ['a name that was rebound to this machine', { host: 'rebound.example' }],
    ['a name that begins like this machine', { host: 'localhost.evil.example' }],
    ['another address of this machine', { host: '192.168.1.2:8000' }],
  ])('is no address for %s', async (_who, headers) => {
    const refused = await ask(app, '/metrics', headers);
    const unknown = await ask(app, '/metricsx', headers);
    expect(refused.status).toBe(unknown.status);
    expect(refused.status).toBeGreaterThanOrEqual(400);
    const shape = (body: string) => ({ ...(JSON.parse(body) as { error: object }).error, requestId: '' });
    expect(shape(refused.body)).toEqual(shape(unknown.body));
  });

  it('is no address for the old version of HTTP, which proxies speak, and for other methods', async () => {
    const old = await new Promise<string>((resolve) => {
      const socket = connect(app.port, '127.0.0.1', () => socket.write(`GET /metrics HTTP/1.0\r\nHost: 127.0.0.1:${app.port}\r\n\r\n`));
      const chunks: Buffer[] = [];
      socket.on('data', (chunk) => chunks.push(chunk));
      socket.on('close', () => resolve(Buffer.concat(chunks).toString('utf8')));
    });
    expect(old).toMatch(/^HTTP\/1\.[01] 404 /);
    expect((await app.request('/metrics', { method: 'DELETE' })).status).toBe(404);
  });

  it.each([`localhost:${8000}`, 'localhost', '127.0.0.1', '[::1]:8000'])(
    'is open to a program of this machine that calls it %s',
    async (host) => {
      expect((await ask(app, '/metrics', { host })).status).toBe(200);
    },
  );

  it('is open to nobody without a token where a proxy stands in front', async () => {
    const behind = await startTestApp({ models: [new ScriptedModel()], env: { CLIENT_IP: 'hops:1' } });
    try {
      // What a proxy on this machine that adds no header of its own would pass on.
      expect((await ask(behind, '/metrics')).status).toBe(404);
    } finally {
      await behind.close();
    }
  });

  it('asks everybody for the token once there is one', async () => {
    const token = 'a-token-of-the-operator';
    const guarded = await startTestApp({ models: [new ScriptedModel()], env: { METRICS_TOKEN: token } });
    try {
      const withToken = (authorization: string, headers: OutgoingHttpHeaders = {}) =>
        ask(guarded, '/metrics', { authorization, ...headers });
      expect((await ask(guarded, '/metrics')).status).toBe(404);
      for (const wrong of [`Bearer ${token}x`, `Bearer ${token.slice(1)}`, 'Bearer ', `Basic ${token}`, token])
        expect((await withToken(wrong)).status, wrong).toBe(404);
      expect((await withToken(`Bearer ${token}`)).status).toBe(200);
      expect((await withToken(`bearer ${token}`, { 'x-forwarded-for': '203.0.113.7' })).status).toBe(200);
    } finally {
      await guarded.close();
    }
  });
});

describe('the overview', () => {
  it('is for administrators alone', async () => {
    const other = await app.signup('Ben');
    expect((await app.request('/api/admin/overview')).status).toBe(401);
    const refused = await app.request('/api/admin/overview', { token: other.token });
    expect(refused.status).toBe(403);
    expect(await refused.json()).toMatchObject({ error: { code: 'FORBIDDEN' } });
  });

  it('tells the same numbers', async () => {
    const answer = await app.request('/api/admin/overview', { token: admin.token });
    expect(answer.status).toBe(200);
    const { overview } = (await answer.json()) as { overview: unknown };
    const seen = overviewSchema.parse(overview);
    expect(seen).toMatchObject({ version: '0.0.0-test', ready: true, store: { kind: 'embedded', ready: true } });
    expect(seen.numbers['sockets']).toBe(valueOf(await metrics(), 'jarvis_sockets'));
    expect(seen.numbers['rssBytes']).toBeGreaterThan(1_000_000);
  });
});

describe('the push to a collector', () => {
  it('sends the last numbers when the server ends', async () => {
    const collector = await startCollector();
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${collector.port}`, OTEL_EXPORTER_OTLP_HEADERS: 'x-api-key=abc' };
    try {
      const pushing = await startTestApp({ models: [new ScriptedModel()], env });
      await pushing.signup('Cleo');
      await pushing.close();
      expect(collector.received.map(({ path, headers }) => [path, headers['x-api-key']])).toEqual([['/v1/metrics', 'abc']]);
      expect(collector.received[0]?.body).toContain('"jarvis_http_requests_total"');
      expect(collector.received[0]?.body).not.toMatch(/cleo|example\.org/i);
    } finally {
      await collector.close();
    }
  });
});

describe('the log', () => {
  it('names the request, the connection and the answer that a line is about', async () => {
    const answered = await app.request(`/api/conversations/${CANARY}`, { token: admin.token });
    const { error } = (await answered.json()) as { error: { requestId: string } };
    expect(lines.find(({ fields }) => fields['requestId'] === error.requestId)).toMatchObject({
      message: 'request',
      fields: { route: '/api/conversations/:id', status: 404 },
    });
    const generationId = await converse((call) => {
      call.text('x');
      call.finish();
    });
    expect(lines.find(({ message, fields }) => message === 'generation ended' && fields['generationId'] === generationId)).toBeDefined();
    const client = await app.connect(admin.token);
    const before = lines.filter(({ message }) => message === 'socket closed').length;
    client.socket.close(1000);
    await logged('socket closed', before + 1);
    const closed = lines.filter(({ message }) => message === 'socket closed');
    expect(closed.every(({ fields }) => typeof fields['connectionId'] === 'string')).toBe(true);
  });

  it('has a failed frame under the id that the client is shown, with its cause', async () => {
    const client = await app.connect(admin.token);
    model.broken = true;
    const answer = await client.request({ type: 'hello', version: 1 });
    model.broken = false;
    if (answer.type !== 'error') throw new Error(`expected an error, got ${answer.type}`);
    expect(answer.code).toBe('INTERNAL');
    const line = lines.find(({ fields }) => fields['requestId'] === answer.requestId);
    expect(line).toMatchObject({ level: 'error', fields: { code: 'INTERNAL', error: { message: 'the list is broken' } } });
    expect(line?.fields['connectionId']).toMatch(/\w/);
  });
});

/** A model that fails where no model may. */
class MoodyModel extends ScriptedModel {
  broken = false;

  override async list(): ReturnType<ScriptedModel['list']> {
    if (this.broken) throw new Error('the list is broken');
    return super.list();
  }
}
