import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';

/** One thing that the fake service does for a chat request. */
export type OpenAiStep =
  | { readonly delta: Readonly<Record<string, unknown>> }
  | { readonly finish: string }
  | { readonly usage: Readonly<Record<string, unknown>> }
  | { readonly raw: string | Uint8Array }
  | { readonly done: true }
  /** Never answers again; the client has to hang up. */
  | { readonly hang: true }
  | { readonly cut: true }
  | { readonly status: number; readonly body: unknown; readonly headers?: Readonly<Record<string, string>> };

export interface OpenAiRequest {
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
  /** Resolves when the client hung up before the answer was whole. */
  readonly aborted: Promise<void>;
}

export interface FakeOpenAi {
  readonly baseUrl: string;
  readonly requests: OpenAiRequest[];
  /** What the next calls do, in order; the last plan stays. */
  script(...plans: readonly (readonly OpenAiStep[])[]): void;
  /** What `GET /models` answers; a number is a refusal with that status. */
  models(value: unknown): void;
  close(): Promise<void>;
}

/** A service of the OpenAI chat protocol on this machine, as Ollama and vLLM speak it. */
export async function startFakeOpenAi(): Promise<FakeOpenAi> {
  let plans: readonly (readonly OpenAiStep[])[] = [[{ delta: { content: 'Hello.' } }, { finish: 'stop' }, { done: true }]];
  let models: unknown = { object: 'list', data: [{ id: 'llama3.2:3b', object: 'model' }] };
  const requests: OpenAiRequest[] = [];

  async function chat(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const plan = plans[Math.min(requests.length, plans.length - 1)] ?? [];
    const aborted = new Promise<void>((resolve) => {
      response.once('close', () => {
        if (!response.writableEnded) resolve();
      });
    });
    requests.push({ headers: request.headers, body: JSON.parse(await text(request)), aborted });
    for (const step of plan) {
      if ('status' in step) {
        response.writeHead(step.status, { 'content-type': 'application/json', ...step.headers }).end(JSON.stringify(step.body));
        return;
      }
      if ('hang' in step) return;
      if ('cut' in step) {
        response.destroy();
        return;
      }
      if (!response.headersSent) response.writeHead(200, { 'content-type': 'text/event-stream' });
      await new Promise<void>((resolve) => response.write(bytesOf(step), () => resolve()));
    }
    response.end();
  }

  const server = createServer((request, response) => {
    if (request.url === '/v1/models') {
      const status = typeof models === 'number' ? models : 200;
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(models));
    } else if (request.url === '/v1/chat/completions') void chat(request, response);
    else response.writeHead(404).end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    requests,
    script(...next) {
      plans = next;
    },
    models(value) {
      models = value;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

type Sent = Extract<OpenAiStep, { delta: unknown } | { finish: string } | { usage: unknown } | { raw: unknown } | { done: true }>;

function bytesOf(step: Sent): string | Uint8Array {
  if ('raw' in step) return step.raw;
  if ('done' in step) return 'data: [DONE]\n\n';
  const base = { id: 'c1', object: 'chat.completion.chunk', model: 'llama3.2:3b-q4' };
  if ('usage' in step) return event({ ...base, choices: [], usage: step.usage });
  const choice =
    'finish' in step ? { index: 0, delta: {}, finish_reason: step.finish } : { index: 0, delta: step.delta, finish_reason: null };
  return event({ ...base, choices: [choice] });
}

function event(value: unknown): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}
