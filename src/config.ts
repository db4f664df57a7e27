import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs, parseEnv } from 'node:util';
import { hostEnvironment } from './config-inference.ts';
import { type ConfigLimits, type ConfigUploads, limitsFrom, uploadsFrom } from './config-limits.ts';
import { npmEnvironment } from './config-npm.ts';
import { defaultDrainMs, detectPlatform, type Platform } from './config-platform.ts';
import {
  type ClientIpSource,
  clientIpPresets,
  type Environment,
  environmentSchema,
  secretVariables,
  variables,
} from './config-variables.ts';
import { editDistance } from './lib/edit-distance.ts';
import { weaknessOf } from './lib/secret-strength.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/** The environment is wrong: one readable line for each variable, none of them with a value in it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly lines: readonly string[];

  constructor(lines: readonly string[]) {
    super(lines.join('\n'));
    this.lines = lines;
  }
}

export interface ConfigInference {
  /** In the order in which they are tried. */
  readonly providers: readonly ('cuda' | 'webgpu' | 'cpu')[];
  /** An idle host with warm sessions exits after this long. */
  readonly keepAliveMs: number;
  /** Most that one host may hold, in MiB; undefined: by the machine. */
  readonly memoryMb: number | undefined;
  /** Undefined: by the machine. */
  readonly threads: number | undefined;
  /** Of graphics cards, for all jobs together, in MiB; undefined: not counted. */
  readonly gpuMemoryMb: number | undefined;
  /** What a host sees of the environment: where graphics libraries lie. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Everything that the environment and the command line say, checked and frozen. */
export interface Config {
  readonly production: boolean;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly host: string;
  /** False when nobody chose a host: then the caller may fall back from `::` to `0.0.0.0`. */
  readonly hostGiven: boolean;
  /** The origin that people open, e.g. `https://chat.example.com`; undefined when unknown. */
  readonly publicUrl: string | undefined;
  /** Set as PUBLIC_URL, not told by the platform. */
  readonly publicUrlGiven: boolean;
  readonly allowedOrigins: readonly string[];
  /** Pages that may show the chat in a frame; none: nobody may. */
  readonly embedOrigins: readonly string[];
  /** Names under which people reach the server; empty: any, unless `publicUrl` was set by hand. */
  readonly allowedHosts: readonly string[];
  readonly clientIp: ClientIpSource;
  /** Absolute. */
  readonly dataDir: string;
  /** Theme, readme, links and avatars of the operator; undefined: `site` in `dataDir`. */
  readonly siteDir: string | undefined;
  /** Undefined: the embedded store in `dataDir`. */
  readonly mongoUri: string | undefined;
  readonly gemini: { readonly apiKey: string | undefined; readonly baseUrl: string; readonly model: string };
  /** An OpenAI-compatible service (Ollama, llama.cpp, vLLM …); without `baseUrl` there is none. `model`: what is offered first. */
  readonly openai: { readonly baseUrl: string | undefined; readonly apiKey: string | undefined; readonly model: string | undefined };
  /** Installed packages that are plugins, besides the folders in `plugins/`. */
  readonly plugins: readonly string[];
  /** Weights that are installed at start. */
  readonly models: readonly string[];
  /** What npm may see of the environment when weights are installed. */
  readonly npmEnvironment: Readonly<Record<string, string>>;
  readonly inference: ConfigInference;
  readonly jobs: {
    /** Undefined: one for each 512 MB. */
    readonly concurrency: number | undefined;
    /** How long the history of ended jobs stays. */
    readonly keepDays: number;
    /** Shares of users, plugins and models; idle ones are lent to others. */
    readonly quotas: Environment['JOB_QUOTAS'];
    /** Of results on disk; 0: none are kept. */
    readonly cacheMb: number;
  };
  /** Undefined (never in production): a random one, kept in `dataDir`. */
  readonly jwtSecret: string | undefined;
  /** Still accepted, never used to sign. */
  readonly jwtSecretPrevious: string | undefined;
  readonly signup: Environment['SIGNUP'];
  readonly bcryptCost: number;
  readonly sessionDays: number;
  readonly logLevel: Environment['LOG_LEVEL'];
  readonly metrics: {
    /** Whoever shows it may read `/metrics`; undefined: only this machine. */
    readonly token: string | undefined;
    /** Base address of an OTLP/HTTP collector, e.g. `http://127.0.0.1:4318`. */
    readonly otlpEndpoint: string | undefined;
    readonly otlpHeaders: readonly (readonly [string, string])[];
  };
  /** Where error reports go; undefined: nowhere. */
  readonly sentryDsn: string | undefined;
  /** How long running answers may go on after SIGTERM. */
  readonly drainMs: number;
  readonly limits: ConfigLimits;
  readonly uploads: ConfigUploads;
  readonly platform: Platform;
}

/**
 * The environment of the process, completed by a `.env` file in the working directory. The real environment wins; an
 * empty variable counts as not set. The only place that reads `process.env`.
 */
export function readEnvironment(file = '.env'): Variables {
  let fromFile: Variables = {};
  try {
    fromFile = parseEnv(readFileSync(file, 'utf8'));
  } catch {
    // No such file, or not ours to read: then the real environment is all there is.
  }
  return { ...fromFile, ...withoutEmpty(process.env) };
}

/**
 * Reads and checks everything at once.
 * @param env e.g. from `readEnvironment()`
 * @param argv the words after the script's name; `--port` and `--host` win over the environment
 * @throws ConfigError with a line for each wrong variable
 */
export function readConfig(env: Variables, argv: readonly string[] = []): Config {
  const lines: string[] = [];
  const given = { ...withoutEmpty(env), ...flagsFrom(argv, lines) };
  const known = withSecretFiles(given, lines);
  lines.push(...unknownNames(given));
  // Compiling the check would take longer than checking once.
  const parsed = environmentSchema.safeParse(known, { jitless: true });
  if (!parsed.success) lines.push(...parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}.`));
  lines.push(...secretProblems(known));
  if (!parsed.success || lines.length > 0) throw new ConfigError([...new Set(lines)].sort());
  return configFrom(parsed.data, given);
}

function configFrom(values: Environment, given: Variables): Config {
  const platform = detectPlatform(given);
  const preset = clientIpPresets[platform.name === 'none' ? 'direct' : platform.name];
  return deepFreeze({
    production: values.NODE_ENV === 'production',
    port: values.PORT,
    host: values.HOST,
    hostGiven: given['HOST'] !== undefined,
    publicUrl: values.PUBLIC_URL ?? platform.publicUrl,
    publicUrlGiven: values.PUBLIC_URL !== undefined,
    allowedOrigins: values.ALLOWED_ORIGINS,
    embedOrigins: values.EMBED_ORIGINS,
    allowedHosts: values.ALLOWED_HOSTS,
    clientIp: values.CLIENT_IP === 'auto' ? preset : values.CLIENT_IP,
    dataDir: resolve(values.DATA_DIR),
    siteDir: values.SITE_DIR === undefined ? undefined : resolve(values.SITE_DIR),
    mongoUri: values.MONGO_URI,
    gemini: { apiKey: values.GEMINI_API_KEY, baseUrl: values.GEMINI_BASE_URL, model: values.GEMINI_MODEL },
    openai: { baseUrl: values.OPENAI_BASE_URL, apiKey: values.OPENAI_API_KEY, model: values.OPENAI_MODEL },
    plugins: values.PLUGINS,
    models: values.MODELS,
    npmEnvironment: npmEnvironment(given),
    inference: {
      providers: values.INFERENCE_PROVIDERS,
      keepAliveMs: values.INFERENCE_KEEP_ALIVE_MS,
      memoryMb: values.INFERENCE_MEMORY_MB,
      threads: values.INFERENCE_THREADS,
      gpuMemoryMb: values.INFERENCE_GPU_MEMORY_MB,
      environment: hostEnvironment(given),
    },
    jobs: {
      concurrency: values.JOB_CONCURRENCY,
      keepDays: values.JOB_KEEP_DAYS,
      quotas: values.JOB_QUOTAS,
      cacheMb: values.RESULT_CACHE_MB,
    },
    jwtSecret: values.JWT_SECRET_KEY,
    jwtSecretPrevious: values.JWT_SECRET_KEY_PREVIOUS,
    signup: values.SIGNUP,
    bcryptCost: values.BCRYPT_COST,
    sessionDays: values.SESSION_DAYS,
    logLevel: values.LOG_LEVEL,
    metrics: {
      token: values.METRICS_TOKEN,
      otlpEndpoint: values.OTEL_EXPORTER_OTLP_ENDPOINT,
      otlpHeaders: values.OTEL_EXPORTER_OTLP_HEADERS,
    },
    sentryDsn: values.SENTRY_DSN,
    drainMs: values.DRAIN_MS ?? defaultDrainMs(platform.graceMs),
    limits: limitsFrom(values),
    uploads: uploadsFrom(values),
    platform,
  });
}

function withoutEmpty(env: Variables): Variables {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value.trim() !== ''));
}

function flagsFrom(argv: readonly string[], lines: string[]): Variables {
  try {
    const { values } = parseArgs({ args: [...argv], options: { port: { type: 'string' }, host: { type: 'string' } } });
    return withoutEmpty({ PORT: values.port, HOST: values.host });
  } catch {
    lines.push('Command line: only --port <number> and --host <address> are known.');
    return {};
  }
}

/** Puts the content of `NAME_FILE` in the place of `NAME`. */
function withSecretFiles(given: Variables, lines: string[]): Variables {
  const known = { ...given };
  for (const name of secretVariables) {
    const path = given[`${name}_FILE`];
    if (path === undefined) continue;
    if (given[name] !== undefined) lines.push(`${name}: set it or ${name}_FILE, not both.`);
    try {
      known[name] = readFileSync(path, 'utf8').trim();
      if (known[name] === '') lines.push(`${name}_FILE: the file is empty.`);
    } catch {
      lines.push(`${name}_FILE: the file cannot be read.`);
    }
  }
  return known;
}

const makeSecret = `make one with: node -e "console.log(require('crypto').randomBytes(48).toString('base64url'))"`;

function secretProblems(known: Variables): string[] {
  const lines: string[] = [];
  const { JWT_SECRET_KEY: current, JWT_SECRET_KEY_PREVIOUS: previous } = known;
  if (current === undefined && known['NODE_ENV'] === 'production') lines.push(`JWT_SECRET_KEY: is required in production; ${makeSecret}`);
  for (const name of ['JWT_SECRET_KEY', 'JWT_SECRET_KEY_PREVIOUS']) {
    const weakness = known[name] === undefined ? undefined : weaknessOf(known[name]);
    if (weakness !== undefined) lines.push(`${name}: ${weakness}; ${makeSecret}`);
  }
  if (previous !== undefined && current === previous)
    lines.push('JWT_SECRET_KEY_PREVIOUS: must be the key before, not JWT_SECRET_KEY again.');
  return lines;
}

/** A mistyped limit would be silently without effect, so it ends the start. */
function unknownNames(given: Variables): string[] {
  const names = Object.keys(variables);
  const unknown = Object.keys(given).filter((name) => /^(LIMIT|UPLOAD)_/.test(name) && !names.includes(name));
  return unknown.map((name) => `${name}: there is no such variable; did you mean ${nearest(name, names)}?`);
}

function nearest(name: string, names: readonly string[]): string {
  const ranked = names.map((other) => ({ other, distance: editDistance(name, other) })).sort((a, b) => a.distance - b.distance);
  return ranked[0]?.other ?? '';
}

function deepFreeze<T extends object>(value: T): T {
  for (const part of Object.values(value)) if (typeof part === 'object' && part !== null) deepFreeze(part);
  return Object.freeze(value);
}
