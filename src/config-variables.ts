import { z } from 'zod';
import { baseUrl, cap, dsn, limit, oneOf, origin, origins, timeLimit, whole } from './config-values.ts';

/**
 * Every variable that the server reads, each as text in and a typed value out. A default is written as the text that a
 * person would set, so that it passes the same checks; `.env.example` is tested against it.
 */

const MEBIBYTE = 1_048_576;

/** Scheme, user and password if any, hosts, and what follows; @, /, ?, # and a bare % of a password would move its end. What else is wrong only the driver knows. */
const mongoAddress = /^mongodb(\+srv)?:\/\/((?:[^\s@/?#%]|%[\da-f]{2})+@)?(?:[^\s@/?#%]|%[\da-f]{2})+(\/[^\s@?]*)?(\?\S*)?$/i;
const mongoUri = z
  .string()
  .regex(mongoAddress, 'must begin with mongodb:// or mongodb+srv:// and hold no spaces; encode special characters');

/** Where the address of a client is read. `hops` counts the proxies in front: the address is that many from the right. */
export type ClientIpSource =
  | { readonly kind: 'direct' }
  | { readonly kind: 'header'; readonly name: string }
  | { readonly kind: 'hops'; readonly count: number };

/**
 * What each platform's router writes. Heroku appends the peer to X-Forwarded-For; Railway documents X-Real-IP, its
 * X-Forwarded-For ends in a rotating edge; on Render all traffic passes Cloudflare, whose header its edge overwrites.
 */
export const clientIpPresets = {
  direct: { kind: 'direct' },
  heroku: { kind: 'hops', count: 1 },
  render: { kind: 'header', name: 'cf-connecting-ip' },
  railway: { kind: 'header', name: 'x-real-ip' },
} as const satisfies Record<string, ClientIpSource>;

const clientIp = z.string().transform((text, context): ClientIpSource | 'auto' => {
  const value = text.trim().toLowerCase();
  if (value === 'auto') return 'auto';
  if (value === 'direct' || value === 'heroku' || value === 'render' || value === 'railway') return clientIpPresets[value];
  const header = /^header:([a-z0-9-]{1,64})$/.exec(value)?.[1];
  if (header !== undefined) return { kind: 'header', name: header };
  const hops = /^hops:([1-9]\d?)$/.exec(value)?.[1];
  if (hops !== undefined) return { kind: 'hops', count: Number(hops) };
  const message = 'must be auto, heroku, render, railway, direct, header:<name> or hops:<number>';
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
});

/** Host names and addresses without a port, as they stand in the `Host` header; `*.example.com` stands for every name below it. */
const hosts = z.string().transform((text, context) => {
  const values = text
    .split(',')
    .map((part) => part.trim().toLowerCase())
    .filter((part) => part !== '');
  if (values.every((value) => /^(?:(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\])$/.test(value))) return values;
  context.addIssue({ code: 'custom', message: 'must be a comma-separated list of host names such as chat.example.com, without ports' });
  return z.NEVER;
});

/** What `%20` and the like stand for; undefined where that is no text of a header. */
function decoded(value: string): string | undefined {
  try {
    const text = decodeURIComponent(value.trim());
    return /^[\x20-\x7e]*$/.test(text) ? text : undefined;
  } catch {
    return undefined;
  }
}

/** `name=value` pairs with percent signs, as the OpenTelemetry exporters read them (the format of W3C Baggage). */
const headerPairs = z.string().transform((text, context) => {
  const pairs = text.split(',').filter((part) => part.trim() !== '');
  const values = pairs.map((pair) => {
    const [, name = '', text = ''] = /^\s*([A-Za-z0-9-]+)\s*=([\x20-\x7e]*)$/.exec(pair) ?? [];
    const value = decoded(text);
    return name === '' || value === undefined ? undefined : ([name.toLowerCase(), value] as const);
  });
  const known = values.filter((value) => value !== undefined);
  if (known.length === values.length) return known;
  context.addIssue({ code: 'custom', message: 'must be a comma-separated list of name=value, with percent signs as in Basic%20abc' });
  return z.NEVER;
});

/** Names of packages or models: a comma-separated list. */
const names = z.string().transform((text, context) => {
  const values = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  if (values.every((value) => /^(?:@[a-z0-9._-]+\/)?[a-z0-9._-]+$/.test(value))) return values;
  context.addIssue({ code: 'custom', message: 'must be a comma-separated list of names' });
  return z.NEVER;
});

/** `plugin:imagine=2/2048,user:*=1/1024`: of whom, threads, MB, and MB of a graphics card if that is limited too. */
const jobQuotas = z.string().transform((text, context) => {
  const parts = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  return parts.flatMap((part) => {
    const found = /^(user|plugin|model):([\w.*@-]{1,100})=(\d{1,6})\/(\d{1,8})(?:\/(\d{1,8}))?$/.exec(part);
    if (found === null) {
      context.addIssue({
        code: 'custom',
        message: 'must be a list such as plugin:imagine=2/2048,user:*=1/1024 (threads/MB or threads/MB/MB)',
      });
      return [];
    }
    const [, sort, name, cpuThreads, memoryMb, gpuMemoryMb] = found;
    const subject = `${sort === 'user' || sort === 'plugin' ? sort : 'model'}:${name ?? '*'}` as const;
    const gpu = gpuMemoryMb === undefined ? Number.POSITIVE_INFINITY : Number(gpuMemoryMb);
    return [{ subject, cpuThreads: Number(cpuThreads), memoryMb: Number(memoryMb), gpuMemoryMb: gpu }];
  });
});

const knownProviders = ['cuda', 'webgpu', 'cpu'] as const;
type KnownProvider = (typeof knownProviders)[number];

/** In the order in which they are tried. */
const providers = z.string().transform((text, context): KnownProvider[] => {
  const words = text.split(',').map((part) => part.trim().toLowerCase());
  const values = words.map((word) => knownProviders.find((known) => known === word)).filter((value) => value !== undefined);
  if (values.length === words.length && values.length > 0) return values;
  context.addIssue({ code: 'custom', message: 'must be a comma-separated list of cuda, webgpu and cpu, in the order to try' });
  return z.NEVER;
});

export const variables = {
  NODE_ENV: z.string().optional(),
  PORT: whole(0, 65_535).prefault('8000'),
  HOST: z.string().regex(/^\S+$/, 'must be an address without spaces').prefault('::'),
  PUBLIC_URL: origin.optional(),
  ALLOWED_ORIGINS: origins.prefault(''),
  EMBED_ORIGINS: origins.prefault(''),
  ALLOWED_HOSTS: hosts.prefault(''),
  CLIENT_IP: clientIp.prefault('auto'),
  DATA_DIR: z.string().prefault('./data'),
  SITE_DIR: z.string().optional(),
  MONGO_URI: mongoUri.optional(),
  GEMINI_API_KEY: z.string().regex(/^\S+$/, 'must not hold spaces').optional(),
  GEMINI_BASE_URL: baseUrl.prefault('https://generativelanguage.googleapis.com'),
  GEMINI_MODEL: z
    .string()
    .regex(/^(models\/)?[\w.-]{1,100}$/, 'must be the name of a model, such as gemini-3.8-flash')
    .prefault('gemini-3.8-flash'),
  OPENAI_BASE_URL: baseUrl.optional(),
  OPENAI_API_KEY: z.string().regex(/^\S+$/, 'must not hold spaces').optional(),
  OPENAI_MODEL: z
    .string()
    .regex(/^[\w./:@-]{1,128}$/, 'must be the name of a model, such as llama3.2')
    .optional(),
  PLUGINS: names.prefault(''),
  MODELS: names.prefault(''),
  INFERENCE_PROVIDERS: providers.prefault('cuda,webgpu,cpu'),
  INFERENCE_KEEP_ALIVE_MS: whole(0, 2_147_483_647).prefault('60000'),
  INFERENCE_MEMORY_MB: whole(64, 1_048_576).optional(),
  INFERENCE_THREADS: whole(1, 256).optional(),
  INFERENCE_GPU_MEMORY_MB: whole(1, 16_777_216).optional(),
  JOB_CONCURRENCY: whole(1, 64).optional(),
  JOB_KEEP_DAYS: whole(1, 3650).prefault('90'),
  JOB_QUOTAS: jobQuotas.prefault(''),
  RESULT_CACHE_MB: whole(0, 1_048_576).prefault('64'),
  JWT_SECRET_KEY: z.string().optional(),
  JWT_SECRET_KEY_PREVIOUS: z.string().optional(),
  SIGNUP: oneOf(['open', 'closed', 'first-user']).prefault('open'),
  BCRYPT_COST: whole(10, 15).prefault('12'),
  SESSION_DAYS: whole(1, 365).prefault('7'),
  LOG_LEVEL: oneOf(['debug', 'info', 'warn', 'error', 'silent']).prefault('info'),
  DRAIN_MS: whole(0, 600_000).optional(),
  METRICS_TOKEN: z
    .string()
    .regex(/^[\x21-\x7e]{16,}$/, 'must be at least 16 characters without spaces')
    .optional(),
  SENTRY_DSN: dsn.optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: baseUrl.optional(),
  OTEL_EXPORTER_OTLP_HEADERS: headerPairs.prefault(''),
  LIMIT_MEMORY_MB: whole(0, 1_048_576).optional(),
  LIMIT_FRAME_BYTES: limit(65_536),
  LIMIT_TEXT_BYTES: limit(49_152),
  LIMIT_FRAMES_PER_MINUTE: limit(120),
  LIMIT_CONNECTIONS: limit(2000),
  LIMIT_SOCKETS: limit(1000),
  LIMIT_SOCKETS_PER_USER: limit(8),
  LIMIT_SOCKETS_PER_IP: limit(30),
  LIMIT_SOCKET_QUEUE_BYTES: limit(MEBIBYTE),
  LIMIT_SOCKET_QUEUE_EVENTS: limit(2000),
  LIMIT_HELLO_MS: timeLimit(10_000),
  LIMIT_PING_MS: timeLimit(25_000),
  LIMIT_PONG_MS: timeLimit(10_000),
  LIMIT_ANONYMOUS_IDLE_MS: timeLimit(600_000),
  LIMIT_GENERATIONS_PER_USER: limit(3),
  LIMIT_MESSAGES_PER_MINUTE: limit(60),
  LIMIT_LOGINS_PER_MINUTE_PER_IP: limit(20),
  LIMIT_SIGNUPS_PER_HOUR_PER_IP: limit(20),
  LIMIT_SHARES_PER_USER: limit(200),
  LIMIT_SHARED_READS_PER_MINUTE_PER_IP: limit(600),
  LIMIT_HISTORY_BYTES: limit(MEBIBYTE),
  LIMIT_HISTORY_MESSAGES: limit(200),
  LIMIT_MODEL_RPM: limit(0),
  LIMIT_MODEL_RPD: limit(0),
  LIMIT_USER_RPM: limit(0),
  LIMIT_USER_RPD: limit(0),
  LIMIT_USER_TOKENS_PER_DAY: limit(0),
  LIMIT_USER_CENTS_PER_DAY: limit(0),
  LIMIT_USER_CENTS_PER_MONTH: limit(0),
  LIMIT_CENTS_PER_MONTH: limit(0),
  LIMIT_WARN_PERCENT: whole(0, 100).prefault('80'),
  LIMIT_FIRST_TOKEN_MS: timeLimit(30_000),
  LIMIT_FIRST_TOKEN_THINKING_MS: timeLimit(120_000),
  LIMIT_GAP_MS: timeLimit(60_000),
  LIMIT_TOTAL_MS: timeLimit(900_000),
  LIMIT_OUTPUT_TOKENS: limit(0),
  LIMIT_JOBS: limit(500),
  LIMIT_JOBS_PER_USER: limit(50),
  LIMIT_JOB_MS: cap(1_800_000),
  LIMIT_JOB_STALL_MS: cap(60_000),
  LIMIT_JOB_SECONDS_PER_USER_PER_DAY: limit(0),
  UPLOAD_MAX_BYTES: cap(10 * MEBIBYTE),
  UPLOAD_MAX_PIXELS: cap(40_000_000),
  UPLOAD_MAX_SIDE: cap(12_000),
  UPLOAD_QUOTA_BYTES: limit(1024 * MEBIBYTE),
  UPLOAD_MAX_ATTACHMENTS: whole(1, 16).prefault('8'),
};

export const environmentSchema = z.object(variables);
export type Environment = z.output<typeof environmentSchema>;
export type VariableName = keyof typeof variables;

/** Variables whose value is a secret: each may also be given as `NAME_FILE`, the path of a file that holds it. */
export const secretVariables = [
  'MONGO_URI',
  'GEMINI_API_KEY',
  'OPENAI_API_KEY',
  'JWT_SECRET_KEY',
  'JWT_SECRET_KEY_PREVIOUS',
  'METRICS_TOKEN',
  'SENTRY_DSN',
  'OTEL_EXPORTER_OTLP_HEADERS',
] as const;
