import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const root = path.join(import.meta.dirname, '../..');
const copies = path.join(root, '.cache/e2e-server');
const run = promisify(execFile);

export interface E2eServer {
  /** Where people open it, e.g. `http://127.0.0.1:34567`. */
  readonly origin: string;
  /** Ends the process without a word, as a crash does. Resolves when it is gone. */
  kill(): Promise<void>;
  /** Asks it to end (SIGTERM). Resolves when it is gone. */
  terminate(): Promise<void>;
  /** Starts it again on the same data and port; one that still runs is killed first. */
  restart(): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
  /** What it wrote to stdout and stderr so far. */
  log(): string;
}

/**
 * The built server as a process of its own, on a free port of 127.0.0.1 and with a folder of its own. Builds first when the
 * sources are newer than the build; `E2E_BUILD` names a folder with a finished `dist` to use as it is.
 * @param env variables of the server, besides the ones that keep it private and quick
 */
export async function startE2eServer(env: Readonly<Record<string, string>> = {}): Promise<E2eServer> {
  const folder = await privateBuild();
  const dataDir = await mkdtemp(path.join(tmpdir(), 'jarvis-e2e-'));
  const database = freshDatabase();
  let output = '';
  let port = 0;
  let child: ChildProcess | undefined;

  async function start(): Promise<void> {
    const started = spawn(process.execPath, ['dist/server/main.js'], {
      cwd: folder,
      env: {
        ...inherited(),
        DATA_DIR: dataDir,
        HOST: '127.0.0.1',
        PORT: String(port),
        BCRYPT_COST: '10',
        LIMIT_MESSAGES_PER_MINUTE: '0',
        ...database,
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child = started;
    port = await new Promise<number>((resolve, reject) => {
      let fresh = '';
      const read = (data: Buffer): void => {
        fresh += data.toString();
        output += data.toString();
        const found = /listens on http:\/\/[^\s:]+:(\d+)/.exec(fresh)?.[1];
        if (found !== undefined) resolve(Number(found));
      };
      started.stdout.on('data', read);
      started.stderr.on('data', read);
      started.on('error', reject);
      started.on('exit', (code, signal) => reject(new Error(`The server ended at its start (${code ?? signal}):\n${fresh}`)));
    });
    await ready();
  }

  async function ready(): Promise<void> {
    const deadline = Date.now() + 20_000;
    for (;;) {
      const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined);
      if (answer?.ok === true) return;
      if (Date.now() > deadline) throw new Error(`The server is not ready:\n${output}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    const ending = child;
    if (ending === undefined || ending.exitCode !== null || ending.signalCode !== null) return;
    await new Promise<void>((resolve) => {
      ending.once('exit', () => resolve());
      ending.kill(signal);
    });
  }

  await start();
  return {
    origin: `http://127.0.0.1:${port}`,
    kill: () => end('SIGKILL'),
    terminate: () => end('SIGTERM'),
    async restart() {
      await end('SIGKILL');
      await start();
    },
    async stop() {
      await end('SIGKILL');
      await rm(dataDir, { recursive: true, force: true });
    },
    log: () => output,
  };
}

/** Folder of the built client, for a server that runs inside of the test. */
export async function builtClient(): Promise<string> {
  return path.join(await privateBuild(), 'dist/public');
}

/** `E2E_MONGO_URI` puts the same tests on MongoDB, each server on a database of its own; else the embedded store. */
function freshDatabase(): Record<string, string> {
  const given = process.env['E2E_MONGO_URI'];
  if (given === undefined || given === '') return {};
  const uri = new URL(given);
  uri.pathname = `/jarvis_e2e_${randomUUID().slice(0, 8)}`;
  return { MONGO_URI: uri.href };
}

/** Only what a process needs to start: no setting of the person who runs the tests reaches the server. */
function inherited(): Record<string, string> {
  const names = ['PATH', 'HOME', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot', 'LD_LIBRARY_PATH'];
  return Object.fromEntries(names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name] ?? '']])));
}

/** A copy of a finished build, named by its time: a build that starts meanwhile does not pull the files from under a test. */
async function privateBuild(): Promise<string> {
  const given = process.env['E2E_BUILD'];
  if (given !== undefined && given !== '') return path.resolve(given);
  for (let attempt = 0; attempt < 4; attempt += 1) {
    const state = "import('./scripts/build-state.mjs').then((build) => process.stdout.write(build.readBuildState()))";
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', state], { cwd: root });
    if (stdout !== 'fresh') await run(process.execPath, ['scripts/build.mjs'], { cwd: root });
    const stamp = await readStamp();
    if (stamp === undefined) continue;
    const folder = path.join(copies, stamp);
    if (existsSync(folder)) return folder;
    if (await copyBuild(folder, stamp)) return folder;
  }
  throw new Error('The build changed again and again while it was copied.');
}

async function copyBuild(folder: string, stamp: string): Promise<boolean> {
  await mkdir(copies, { recursive: true });
  const old = await readdir(copies);
  const fresh = await mkdtemp(`${folder}-`);
  await cp(path.join(root, 'dist'), path.join(fresh, 'dist'), { recursive: true });
  await cp(path.join(root, 'package.json'), path.join(fresh, 'package.json'));
  if ((await readStamp()) !== stamp) {
    await rm(fresh, { recursive: true, force: true });
    return false;
  }
  try {
    await rename(fresh, folder);
  } catch (error) {
    // Test files start side by side: another one has made the same copy meanwhile.
    await rm(fresh, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
  // The two newest stay: another run may still be using one.
  const stale = old
    .filter((name) => /^\d+$/.test(name))
    .sort()
    .slice(0, -1);
  await Promise.all(stale.map((name) => rm(path.join(copies, name), { recursive: true, force: true })));
  return true;
}

async function readStamp(): Promise<string | undefined> {
  try {
    const { startedAt } = JSON.parse(await readFile(path.join(root, 'dist/build-stamp.json'), 'utf8')) as { startedAt: number };
    return String(startedAt);
  } catch {
    return undefined;
  }
}
