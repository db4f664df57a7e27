import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type App, createApp } from './app.ts';
import type { Config } from './config.ts';
import { failStart } from './fail-start.ts';
import type { StartSqliteWorker } from './infrastructure/database/sqlite-thread.ts';
import { createLogger } from './infrastructure/logging/pino-logger.ts';
import type { Logger } from './lib/logger.ts';
import { watchParent } from './lib/parent-watch.ts';
import { removeProtoAccessor } from './lib/remove-proto-accessor.ts';
import { type WiredReports, wireErrorReports } from './wiring/wire-error-reports.ts';

/** Both `dist/server` and `src` lie below the root; the first has a manifest of its own. */
const root = findRoot(dirname(dirname(fileURLToPath(import.meta.url))));
/** After the drain, storing and closing get this long before the process ends by force. */
const LAST_RESORT_MS = 5000;
/** The end by force comes this long before the platform's SIGKILL. */
const KILL_MARGIN_MS = 2000;
/** Nobody knows what still works after an unexpected error: answers get this long, then they are marked and stored. */
const UNEXPECTED_DRAIN_MS = 1000;

function findRoot(directory: string): string {
  try {
    readFileSync(join(directory, 'package.json'));
    return directory;
  } catch {
    return findRoot(dirname(directory));
  }
}

/** From sources `plugins`, built `dist/server/plugins`: what the build made of it. */
function pluginFolder(): string {
  return import.meta.url.endsWith('.ts') ? join(root, 'plugins') : fileURLToPath(new URL('./plugins', import.meta.url));
}

function failWith(error: unknown, logger: Logger): never {
  logger.debug({ error }, 'start failed');
  return failStart([error instanceof Error ? error.message : String(error)]);
}

function versionOf(): string {
  const manifest: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : 'unknown';
}

interface Ending {
  readonly begun: boolean;
  /** Ends in order; only the first reason counts. */
  end(reason: string, exitCode: number, drainMs?: number): void;
  /** From now on there is something to end. */
  watch(app: App): void;
}

/** Signals, a lost parent, used-up memory and unexpected errors all end the same way; a second Ctrl+C does not wait. */
function createEnding(config: Config, { logger, flush }: WiredReports): Ending {
  let begun = false;
  let app: App | undefined;
  function end(reason: string, exitCode: number, drainMs = config.drainMs): void {
    if (begun) return;
    begun = true;
    logger.info({ reason }, 'shutting down');
    if (app === undefined) process.exit(exitCode);
    setTimeout(() => process.exit(1), hardLimitMs(config, drainMs)).unref();
    app.close(drainMs).then(
      () => flush().then(() => process.exit(exitCode)),
      (error: unknown) => {
        logger.error({ error }, 'shutting down failed');
        return flush().then(() => process.exit(1));
      },
    );
  }
  process.on('SIGTERM', () => end('SIGTERM', 0));
  process.on('SIGINT', () => (begun ? process.exit(130) : end('SIGINT', 0)));
  watchParent(() => end('the parent process is gone', 0));
  const unexpected = (error: unknown) => {
    logger.error({ error }, 'an unexpected error: the process ends in order');
    end('unexpected error', 1, Math.min(config.drainMs, UNEXPECTED_DRAIN_MS));
  };
  process.on('uncaughtException', unexpected);
  process.on('unhandledRejection', unexpected);
  return {
    get begun() {
      return begun;
    },
    end,
    watch(started) {
      app = started;
    },
  };
}

/** Before the platform's own SIGKILL, where its time is known and leaves room. */
function hardLimitMs({ platform }: Config, drainMs: number): number {
  const whole = drainMs + LAST_RESORT_MS;
  const { graceMs } = platform;
  return graceMs === undefined ? whole : Math.max(drainMs + 1000, Math.min(whole, graceMs - KILL_MARGIN_MS));
}

/** Everything from the configuration to the end of the process. @param startSqliteWorker of a thread that was started ahead */
export async function serve(config: Config, startSqliteWorker: StartSqliteWorker | undefined): Promise<void> {
  removeProtoAccessor();
  const version = versionOf();
  const reports = wireErrorReports(config, createLogger({ level: config.logLevel, production: config.production }), version);
  const { logger } = reports;
  for (const warning of config.platform.warnings) logger.warn({}, warning);
  const ending = createEnding(config, reports);
  const options = {
    logger,
    publicDirectory: join(root, 'dist/public'),
    version,
    startSqliteWorker,
    plugins: { folder: pluginFolder(), packagesFrom: root },
    onExhausted: () => ending.end('memory is exhausted: see LIMIT_MEMORY_MB', 1),
  };
  const app = await createApp(config, options).catch((error: unknown) => failWith(error, logger));
  ending.watch(app);
  try {
    const { port } = await app.start();
    const address = config.publicUrl ?? `http://localhost:${port}`;
    // What cannot start has no address.
    await app.opened();
    process.stdout.write(`Jarvis Argus listens on ${address}\n`);
    await app.ready();
    logger.info({ port }, 'ready');
  } catch (error) {
    // A stop during the start closes the store under it: the end is on its way and tells the exit code.
    if (ending.begun) return;
    failWith(error, logger);
  }
}
