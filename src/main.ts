import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type App, createApp } from './app.ts';
import { type Config, ConfigError, readConfig, readEnvironment } from './config.ts';
import { createLogger } from './infrastructure/logging/pino-logger.ts';
import type { Logger } from './lib/logger.ts';
import { watchParent } from './lib/parent-watch.ts';

/** Both `dist/server/main.js` and `src/main.ts` lie below the root. */
const root = findRoot(dirname(fileURLToPath(import.meta.url)));
/** After the drain, storing and closing get this long before the process ends by force. */
const LAST_RESORT_MS = 5000;

function findRoot(directory: string): string {
  try {
    readFileSync(join(directory, 'package.json'));
    return directory;
  } catch {
    return findRoot(dirname(directory));
  }
}

function fail(lines: readonly string[]): never {
  process.stderr.write(`Jarvis Argus cannot start:\n${lines.map((line) => `  ${line}\n`).join('')}`);
  process.exit(1);
}

function failWith(error: unknown, logger: Logger): never {
  logger.debug({ error }, 'start failed');
  return fail([error instanceof Error ? error.message : String(error)]);
}

function loadConfig(): Config {
  try {
    return readConfig(readEnvironment(), process.argv.slice(2));
  } catch (error) {
    if (error instanceof ConfigError) return fail(error.lines);
    throw error;
  }
}

function versionOf(): string {
  const manifest: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : 'unknown';
}

/** What an operator should know at each start, with what to do. */
function warningsOf({ platform, mongoUri }: Config): string[] {
  const lost = `The disk of ${platform.name} is emptied at each restart and DATA_DIR lies on it:`;
  if (!platform.ephemeralDisk || mongoUri !== undefined) return [...platform.warnings];
  return [
    ...platform.warnings,
    `${lost} accounts, conversations and pictures are lost. Set MONGO_URI, or mount a disk and set DATA_DIR to it.`,
  ];
}

/** Signals, a lost parent and unexpected errors all end the same way; a second Ctrl+C does not wait. */
function endOnSignals(app: App, config: Config, logger: Logger): { readonly ending: boolean } {
  let ending = false;
  const end = (reason: string, exitCode: number, drainMs?: number) => {
    if (ending) return;
    ending = true;
    logger.info({ reason }, 'shutting down');
    setTimeout(() => process.exit(1), (drainMs ?? config.drainMs) + LAST_RESORT_MS).unref();
    app.close(drainMs).then(
      () => process.exit(exitCode),
      (error: unknown) => {
        logger.error({ error }, 'shutting down failed');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', () => end('SIGTERM', 0));
  process.on('SIGINT', () => (ending ? process.exit(130) : end('SIGINT', 0)));
  watchParent(() => end('the parent process is gone', 0));
  const unexpected = (error: unknown) => {
    logger.error({ error }, 'an unexpected error: the process ends in order');
    end('unexpected error', 1, 0);
  };
  process.on('uncaughtException', unexpected);
  process.on('unhandledRejection', unexpected);
  return {
    get ending() {
      return ending;
    },
  };
}

async function main(): Promise<void> {
  const config = loadConfig();
  const logger = createLogger({ level: config.logLevel, production: config.production });
  for (const warning of config.platform.warnings) logger.warn({}, warning);
  const options = { logger, publicDirectory: join(root, 'dist/public'), version: versionOf() };
  const app = await createApp(config, options).catch((error: unknown) => failWith(error, logger));
  const end = endOnSignals(app, config, logger);
  for (const warning of warningsOf(config)) logger.warn({}, warning);
  try {
    const { port } = await app.start();
    const address = config.publicUrl ?? `http://localhost:${port}`;
    // The embedded store opens in no time or never; a database elsewhere may come later, and the address holds until then.
    if (config.mongoUri === undefined) await app.ready();
    process.stdout.write(`Jarvis Argus listens on ${address}\n`);
    await app.ready();
    logger.info({ port }, 'ready');
  } catch (error) {
    // A stop during the start closes the store under it: the end is on its way and tells the exit code.
    if (end.ending) return;
    failWith(error, logger);
  }
}

await main();
