import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ClientAddressSource, createClientAddress } from '../../../src/gateway/http/client-address.ts';
import { createHostGuard } from '../../../src/gateway/http/host-guard.ts';
import { createHttpApp } from '../../../src/gateway/http/http-app.ts';
import { createHttpServer } from '../../../src/gateway/http/http-server.ts';
import { createOriginPolicy } from '../../../src/gateway/http/origin-policy.ts';
import type { ConversationsPort, Readiness } from '../../../src/gateway/http/ports.ts';
import { createSqliteDatabase } from '../../../src/infrastructure/database/sqlite-database.ts';
import { createLogger } from '../../../src/infrastructure/logging/pino-logger.ts';
import { createPasswordHasher } from '../../../src/infrastructure/passwords/password-hasher.ts';
import { createSessionTokens } from '../../../src/infrastructure/tokens/session-tokens.ts';
import { AppError } from '../../../src/lib/app-error.ts';
import { type Clock, isoTime, systemClock } from '../../../src/lib/clock.ts';
import type { Conversation } from '../../../src/protocol/index.ts';
import { accountCollections, createAccounts, type SignupMode } from '../../../src/services/accounts/accounts.ts';
import { createSessionEvents } from '../../../src/services/accounts/session-events.ts';

export const secret = 'CANARYSECRET-32-bytes-of-nothing-but-a-test';

export interface HttpWorldOptions {
  readonly signup?: SignupMode;
  readonly source?: ClientAddressSource;
  readonly publicUrl?: string;
  readonly allowedOrigins?: readonly string[];
  readonly publicDirectory?: string;
  readonly loginsPerMinutePerIp?: number;
  readonly production?: boolean;
  readonly headersTimeoutMs?: number;
  /** Default: the time of day. */
  readonly clock?: Clock;
}

/** The real HTTP edge on a real port over the embedded store; only the conversations are a stand-in that keeps owners apart. */
export async function startHttpWorld(options: HttpWorldOptions = {}) {
  const { clock = systemClock } = options;
  const directory = mkdtempSync(join(tmpdir(), 'http-world-'));
  const lines: string[] = [];
  const logger = createLogger({ level: 'debug', production: true, destination: { write: (line) => void lines.push(line) } });
  const database = createSqliteDatabase({ directory, collections: accountCollections, logger });
  await database.start();
  const hasher = createPasswordHasher({ cost: 4, maxThreads: 2, maxWaitMs: 20_000, clock, logger });
  const events = createSessionEvents(logger);
  const accounts = createAccounts({
    documents: database.documents,
    hasher,
    tokens: createSessionTokens({ secret, clock }),
    clock,
    signup: options.signup ?? 'open',
    limits: { sessionDays: 7, loginsPerMinutePerIp: options.loginsPerMinutePerIp ?? 0, signupsPerHourPerIp: 0 },
    events,
    logger,
  });
  const publicUrl = options.publicUrl;
  const address = createClientAddress({ source: options.source ?? { kind: 'direct' }, publicUrl, production: options.production ?? true });
  const origins = createOriginPolicy({ publicUrl, allowedOrigins: options.allowedOrigins ?? [], isSecure: address.isSecure });
  const drain = { draining: false };
  const lag = { ms: 0 };
  const readiness = { current: { ready: true, reasons: [] } as Readiness };
  const app = createHttpApp({
    streamRoutes: [],
    routes: [],
    accounts,
    conversations: createConversationsStandIn(),
    feedback: { set: () => Promise.reject(new AppError('NOT_FOUND')) },
    models: { list: async () => [{ id: 'demo', label: 'Demo', provider: 'demo', thinking: false, images: false }] },
    commands: { list: () => [] },
    settings: { get: async () => ({}), update: async (_user, _conversation, patch) => patch },
    uploads: {
      accept: () => Promise.reject(new AppError('UNSUPPORTED_MEDIA')),
      describe: () => Promise.reject(new AppError('NOT_FOUND')),
      open: () => Promise.reject(new AppError('NOT_FOUND')),
    },
    uploadLimits: { maxBytes: 1024 * 1024 },
    temporaryDirectory: directory,
    publicDirectory: options.publicDirectory ?? join(directory, 'nothing'),
    readiness: () => readiness.current,
    drain,
    hosts: createHostGuard({ allowedHosts: [], publicUrl, publicUrlGiven: false, allowedOrigins: [], platformUrl: undefined }),
    observe: (_request, _response, next) => next(),
    assertRoom: () => {},
    lagMs: () => lag.ms,
    address,
    origins,
    publicUrl,
    clock,
    logger,
  });
  const { headersTimeoutMs } = options;
  const server = createHttpServer(app, headersTimeoutMs === undefined ? {} : { headersTimeoutMs });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;

  return {
    url,
    port,
    accounts,
    database,
    drain,
    readiness,
    lag,
    lines,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await hasher.close();
      await database.close();
      rmSync(directory, { recursive: true, force: true });
    },
    request(path: string, init: RequestInit = {}) {
      return fetch(url + path, { redirect: 'manual', ...init });
    },
    post(path: string, body: unknown, headers: Record<string, string> = {}) {
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      return fetch(url + path, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: text });
    },
    async signup(name: string) {
      const response = await this.post('/api/auth/signup', { name, email: `${name}@example.org`, password: `${name} CANARYPASSWORD` });
      if (response.status !== 201) throw new Error(`sign-up failed: ${response.status} ${lines.slice(-3).join('')}`);
      const { token, user } = (await response.json()) as { token: string; user: { id: string } };
      const cookie = response.headers.get('set-cookie')?.split(';')[0] ?? '';
      return { token, user, cookie, setCookie: response.headers.get('set-cookie') ?? '' };
    },
  };
}

export type HttpWorld = Awaited<ReturnType<typeof startHttpWorld>>;

function createConversationsStandIn(): ConversationsPort {
  const rows = new Map<string, { owner: string; conversation: Conversation }>();
  const own = (userId: string, id: string): Conversation => {
    const row = rows.get(id);
    if (row === undefined || row.owner !== userId) throw new AppError('NOT_FOUND');
    return row.conversation;
  };
  return {
    list: async (userId) => ({
      items: [...rows.values()].flatMap((row) => (row.owner === userId ? [row.conversation] : [])),
      nextCursor: null,
    }),
    create: async (userId, body) => {
      const at = isoTime(systemClock.now());
      const conversation = { id: `c${rows.size}`, title: body.title ?? '', headId: null, createdAt: at, updatedAt: at };
      rows.set(conversation.id, { owner: userId, conversation });
      return conversation;
    },
    get: async (userId, id) => own(userId, id),
    patch: async (userId, id, body) => ({ ...own(userId, id), ...(body.title === undefined ? {} : { title: body.title }) }),
    remove: async (userId, id) => void own(userId, id),
    restore: async (userId, id) => own(userId, id),
    messages: async (userId, id) => {
      own(userId, id);
      return { items: [], nextCursor: null };
    },
  };
}
