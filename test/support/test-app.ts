import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type App, createApp } from '../../src/app.ts';
import { type Config, readConfig } from '../../src/config.ts';
import type { ModelInterface } from '../../src/core/index.ts';
import type { Clock } from '../../src/lib/clock.ts';
import { type Logger, silentLogger } from '../../src/lib/logger.ts';
import type { ChatTimings } from '../../src/services/generations/chat-timings.ts';
import type { JobTimings } from '../../src/services/jobs/job-timings.ts';
import type { JobExecutor } from '../../src/services/ports/job-executor.ts';
import type { AppOptions } from '../../src/wiring/parts.ts';
import { WsClient } from './ws-client.ts';

export interface TestAppOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly models?: readonly ModelInterface[];
  /** To start again on the same data. */
  readonly dataDir?: string;
  readonly logger?: Logger;
  /** Time that the test moves. */
  readonly clock?: Clock & { advance(ms: number): void };
  /** Changes a value that the environment would not allow, such as a cheap password hash. */
  readonly adjust?: (config: Config) => Config;
  /** false: returns as soon as the server listens, whether the store is open or not. */
  readonly awaitReady?: boolean;
  readonly timings?: Partial<ChatTimings>;
  /** Folder with plugins; without it there are none, and no process is started to try them. */
  readonly pluginsFolder?: string;
  /** Folder with a built client; without it there is none. */
  readonly publicDirectory?: string;
  readonly jobTimings?: Partial<JobTimings>;
  /** What works on jobs, and what kinds of them there are, in place of the inference host and the plugins. */
  readonly jobExecutor?: JobExecutor;
  readonly jobKinds?: NonNullable<AppOptions['jobKinds']>;
  /** Bytes in use, in place of what the system says. */
  readonly measureMemory?: () => Promise<number>;
}

export interface TestApp {
  readonly origin: string;
  readonly port: number;
  readonly dataDir: string;
  /** A client over the real socket; `hello` is said already. */
  connect(token?: string, options?: { origin?: string }): Promise<WsClient>;
  signup(name?: string): Promise<{ token: string; user: { id: string; name: string; email: string; role: string }; client: WsClient }>;
  request(path: string, init?: RequestInit & { token?: string }): Promise<Response>;
  /** Every method and path that is answered over HTTP. */
  routes(): ReturnType<App['routes']>;
  /** @param keep leaves the data for another start */
  close(keep?: boolean): Promise<void>;
}

let people = 0;

/** The whole server on a free port of this machine, with a folder of its own and a cheap password hash. */
export async function startTestApp(options: TestAppOptions = {}): Promise<TestApp> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'jarvis-test-')));
  const read = readConfig({ DATA_DIR: dataDir, PORT: '0', HOST: '127.0.0.1', LIMIT_MESSAGES_PER_MINUTE: '0', ...options.env });
  const config = { ...read, bcryptCost: 4 };
  const app = await createApp(options.adjust?.(config) ?? config, {
    logger: options.logger ?? silentLogger,
    publicDirectory: options.publicDirectory ?? join(dataDir, 'no-client'),
    version: '0.0.0-test',
    ...(options.clock === undefined ? {} : { clock: options.clock }),
    ...(options.models === undefined ? {} : { models: options.models }),
    ...(options.timings === undefined ? {} : { timings: options.timings }),
    ...(options.pluginsFolder === undefined ? {} : { plugins: { folder: resolve(options.pluginsFolder), packagesFrom: resolve('.') } }),
    ...(options.jobTimings === undefined ? {} : { jobTimings: options.jobTimings }),
    ...(options.jobExecutor === undefined ? {} : { jobExecutor: options.jobExecutor }),
    ...(options.jobKinds === undefined ? {} : { jobKinds: options.jobKinds }),
    ...(options.measureMemory === undefined ? {} : { measureMemory: options.measureMemory }),
  });
  const { port } = await app.start();
  if (options.awaitReady !== false) await app.ready();
  const origin = `http://127.0.0.1:${port}`;
  const clients: WsClient[] = [];

  async function connect(token?: string, connection: { origin?: string } = {}): Promise<WsClient> {
    const client = await WsClient.connect(`ws://127.0.0.1:${port}/ws`, connection);
    clients.push(client);
    await client.hello(token);
    return client;
  }

  function request(path: string, init: RequestInit & { token?: string } = {}): Promise<Response> {
    const { token, ...rest } = init;
    const auth: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const type: Record<string, string> = typeof rest.body === 'string' ? { 'content-type': 'application/json' } : {};
    return fetch(`${origin}${path}`, { ...rest, headers: { ...type, ...auth, ...Object.fromEntries(new Headers(rest.headers)) } });
  }

  return {
    origin,
    port,
    dataDir,
    connect,
    request,
    routes: app.routes,
    async signup(name = 'Ada') {
      people += 1;
      const body = JSON.stringify({ name, email: `person${people}.${Date.now()}@example.org`, password: 'correct horse battery' });
      const response = await request('/api/auth/signup', { method: 'POST', body });
      if (response.status >= 300) throw new Error(`sign-up failed: ${await response.text()}`);
      const granted = (await response.json()) as { token: string; user: { id: string; name: string; email: string; role: string } };
      return { ...granted, client: await connect(granted.token) };
    },
    async close(keep = false) {
      for (const client of clients) client.terminate();
      const closing = app.close(0);
      options.clock?.advance(1);
      await closing;
      if (!keep) await rm(dataDir, { recursive: true, force: true });
    },
  };
}
