import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { chunk, errorBody, scenarios } from './fake-gemini-scenarios.ts';

/** One thing that the fake service does for a request. Text parts that are not thoughts are remembered as the oracle. */
export type FakeStep =
  | { readonly text: string; readonly signature?: string }
  | { readonly thought: string }
  | { readonly image: { readonly mime: string; readonly bytes: Uint8Array; readonly thought?: boolean } }
  /** A whole response object, framed as one event. */
  | { readonly event: unknown }
  /** Bytes as they are; `text` is what a reader should get out of them. */
  | { readonly raw: string | Uint8Array; readonly text?: string }
  | { readonly finish: string; readonly usage?: Readonly<Record<string, number>> }
  /** Waits for a gate that a test opens. */
  | { readonly wait: Promise<unknown> }
  /** Waits in real time: for scenarios that run in another process. */
  | { readonly delay: number }
  | { readonly newline: string }
  /** From here on write at most this many bytes at a time. */
  | { readonly pieces: number }
  | { readonly headers: true }
  /** Never answers again; the client has to hang up. */
  | { readonly hang: true }
  | { readonly reset: true }
  | { readonly cut: true }
  /** A refusal. `open`: its body never ends. */
  | { readonly status: number; readonly body: unknown; readonly open?: true };

/** What a scenario does on its n-th call (from 0); requests for its list of models are counted apart. */
export type FakePlan = (call: number, request: RecordedRequest) => Iterable<FakeStep>;

export interface RecordedRequest {
  readonly scenario: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: unknown;
  /** Text of the answer that was written so far: the oracle. */
  readonly sentText: () => string;
  /** Events written so far. */
  readonly sentEvents: () => number;
  /** Resolves when the client hung up before the answer was whole. */
  readonly aborted: Promise<void>;
  /** Resolves when the answer was written to its end. */
  readonly completed: Promise<void>;
}

export interface FakeGemini {
  /** The base URL to give to a client. The first path segment names the scenario. */
  url(scenario: string): string;
  readonly port: number;
  readonly requests: RecordedRequest[];
  /** Requests of one scenario, oldest first. */
  of(scenario: string): RecordedRequest[];
  /** Adds or replaces a scenario. */
  script(name: string, plan: FakePlan | readonly FakeStep[]): void;
  /** Resolves with the n-th request (from 0) of a scenario, now or when it arrives. */
  arrived(scenario: string, call?: number): Promise<RecordedRequest>;
  close(): Promise<void>;
}

interface Running {
  readonly record: RecordedRequest;
  text: string;
  events: number;
  ended: boolean;
}

/** Starts a server on 127.0.0.1 that speaks the protocol of the Gemini API (`v1beta` and `v1`). */
export async function startFakeGemini(port = 0): Promise<FakeGemini> {
  const plans = new Map<string, FakePlan>(Object.entries(scenarios));
  const requests: RecordedRequest[] = [];
  const waiting = new Set<() => void>();
  const server = createServer((req, res) => {
    handle(req, res).catch(() => res.destroy());
  });

  async function handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const path = req.url ?? '/';
    const scenario = decodeURIComponent(path.split('/')[1] ?? '');
    if (scenario === '__requests') {
      const view = requests.map(({ aborted: _a, completed: _c, ...rest }) => ({ ...rest, sentText: rest.sentText() }));
      res.setHeader('content-type', 'application/json').end(JSON.stringify(view));
      return;
    }
    const body = parse(await readBody(req));
    const call = requests.filter((earlier) => earlier.scenario === scenario && earlier.method === req.method).length;
    const run = record({ req, res, scenario, body });
    requests.push(run.record);
    for (const wake of waiting) wake();
    const plan = plans.get(scenario);
    if (plan === undefined) {
      await play(run, res, [{ status: 404, body: errorBody(404, 'NOT_FOUND', `no scenario ${scenario}`) }]);
      return;
    }
    await play(run, res, plan(call, run.record));
  }

  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const address = server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;
  const of = (scenario: string): RecordedRequest[] => requests.filter((request) => request.scenario === scenario);
  return {
    port: bound,
    requests,
    of,
    url: (scenario) => `http://127.0.0.1:${bound}/${scenario}`,
    script(name, plan) {
      plans.set(name, typeof plan === 'function' ? plan : () => plan);
    },
    arrived(scenario, call = 0) {
      return new Promise((resolve) => {
        const look = (): void => {
          const found = of(scenario)[call];
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      });
    },
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function record(given: { req: IncomingMessage; res: ServerResponse; scenario: string; body: unknown }): Running {
  const { req, res, scenario, body } = given;
  const aborted = deferred();
  const completed = deferred();
  const run: Running = {
    text: '',
    events: 0,
    ended: false,
    record: {
      scenario,
      body,
      method: req.method ?? '',
      path: req.url ?? '',
      headers: req.headers,
      sentText: () => run.text,
      sentEvents: () => run.events,
      aborted: aborted.promise,
      completed: completed.promise,
    },
  };
  res.on('error', () => {});
  res.on('finish', () => completed.resolve());
  res.on('close', () => {
    if (!res.writableFinished && !run.ended) aborted.resolve();
    run.ended = true;
  });
  return run;
}

/** Plays the steps in order. Stops early when the client is gone. */
async function play(run: Running, res: ServerResponse, steps: Iterable<FakeStep>): Promise<void> {
  res.socket?.setNoDelay(true);
  const framing = { newline: '\r\n', pieces: 0 };
  for (const step of steps) {
    if (run.ended || res.destroyed) return;
    if ('status' in step) {
      const text = typeof step.body === 'string' ? step.body : JSON.stringify(step.body);
      res.writeHead(step.status, { 'content-type': 'application/json; charset=UTF-8' });
      if (step.open === true) res.write(text);
      else res.end(text);
      return;
    }
    if ('newline' in step) framing.newline = step.newline;
    else if ('pieces' in step) framing.pieces = step.pieces;
    else if ('wait' in step) await Promise.race([step.wait, run.record.aborted]);
    else if ('delay' in step) await new Promise((resolve) => setTimeout(resolve, step.delay).unref());
    else if ('hang' in step) return;
    else if ('reset' in step || 'cut' in step) {
      run.ended = true;
      if ('reset' in step) res.socket?.resetAndDestroy();
      else res.socket?.destroy();
      return;
    } else await send(run, res, step, framing);
  }
  res.end();
}

type Sent = Extract<
  FakeStep,
  | { text: string }
  | { thought: string }
  | { image: unknown }
  | { event: unknown }
  | { raw: unknown }
  | { finish: string }
  | { headers: true }
>;

async function send(run: Running, res: ServerResponse, step: Sent, framing: { newline: string; pieces: number }): Promise<void> {
  if (!res.headersSent) {
    res.writeHead(200, { 'content-type': 'text/event-stream', 'x-content-type-options': 'nosniff' });
    res.flushHeaders();
  }
  if ('headers' in step) return;
  const raw = 'raw' in step;
  const event = raw ? undefined : toEvent(step);
  const text = raw ? (step.text ?? '') : visibleText(event);
  const end = framing.newline;
  const bytes = raw ? Buffer.from(step.raw) : Buffer.from(`data: ${JSON.stringify(event)}${end}${end}`);
  // Counted before the write: a client that reads it at once must not be ahead of the oracle.
  run.text += text;
  if (!raw) run.events += 1;
  if (framing.pieces === 0) {
    await write(res, bytes);
    return;
  }
  for (let at = 0; at < bytes.length && !res.destroyed; at += framing.pieces) {
    await write(res, bytes.subarray(at, at + framing.pieces));
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function write(res: ServerResponse, bytes: Uint8Array): Promise<void> {
  if (res.destroyed || res.write(bytes)) return;
  await new Promise<void>((resolve) => {
    const go = (): void => {
      res.off('drain', go);
      res.off('close', go);
      resolve();
    };
    res.on('drain', go);
    res.on('close', go);
  });
}

function toEvent(step: Exclude<Sent, { raw: unknown } | { headers: true }>): unknown {
  if ('event' in step) return step.event;
  if ('finish' in step) {
    return {
      candidates: [{ index: 0, content: { role: 'model', parts: [{ text: '' }] }, finishReason: step.finish }],
      usageMetadata: step.usage ?? { promptTokenCount: 7, candidatesTokenCount: 11, thoughtsTokenCount: 3, totalTokenCount: 21 },
      modelVersion: 'gemini-3.8-flash',
      responseId: 'fake',
    };
  }
  return chunk([toPart(step)]);
}

function toPart(step: Extract<FakeStep, { text: string; signature?: string } | { thought: string } | { image: unknown }>): unknown {
  if ('thought' in step) return { text: step.thought, thought: true };
  if ('image' in step) {
    const { mime, bytes, thought } = step.image;
    return { inlineData: { mimeType: mime, data: Buffer.from(bytes).toString('base64') }, ...(thought === true ? { thought } : {}) };
  }
  return { text: step.text, ...(step.signature === undefined ? {} : { thoughtSignature: step.signature }) };
}

/** The text of an event as the protocol defines it: first candidate, parts that are not thoughts. */
function visibleText(event: unknown): string {
  const candidates = Array.isArray(get(event, 'candidates')) ? (get(event, 'candidates') as unknown[]) : [];
  const parts = get(get(candidates[0], 'content'), 'parts');
  if (!Array.isArray(parts)) return '';
  return parts.map((part) => (get(part, 'thought') === true ? '' : asText(get(part, 'text')))).join('');
}

function get(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && key in value ? (value as Record<string, unknown>)[key] : undefined;
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

async function readBody(req: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of req) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces).toString('utf8');
}

function parse(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return text;
  }
}
