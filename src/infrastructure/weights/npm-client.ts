import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

/** The registry that npm is set to use: its address is npm's business, never ours. */
export interface NpmClient {
  /** @throws Error when npm is not there, or does not know the package */
  describe(spec: PackageSpec, signal: AbortSignal): Promise<PackageDist>;
  /** Lets npm itself fetch the package, with its proxies and passwords. @returns the path of the file in `folder` */
  pack(spec: PackageSpec, folder: string, signal: AbortSignal): Promise<string>;
}

export interface PackageSpec {
  readonly package: string;
  /** Exact. */
  readonly version: string;
}

export interface PackageDist {
  /** Address of the file. */
  readonly tarball: string;
  /** `sha512-…` */
  readonly integrity: string;
}

export interface NpmClientOptions {
  /** What npm needs to find its settings: HOME, PATH, proxies, npm_config_*. Nothing else of the server's environment reaches it. */
  readonly environment: Readonly<Record<string, string>>;
  /** For npm's own cache, which it cannot do without. */
  readonly cacheFolder: string;
  /** @default 10 minutes */
  readonly timeoutMs?: number;
}

const packageName = /^(@[a-z0-9][\w.-]*\/)?[a-z0-9][\w.-]*$/;
const exactVersion = /^\d+\.\d+\.\d+(-[\w.]+)?$/;
const LONGEST_ANSWER = 1_048_576;

export function createNpmClient({ environment, cacheFolder, timeoutMs = 600_000 }: NpmClientOptions): NpmClient {
  const env = {
    npm_config_cache: cacheFolder,
    ...environment,
    npm_config_ignore_scripts: 'true',
    npm_config_update_notifier: 'false',
    npm_config_logs_max: '0',
    npm_config_loglevel: 'error',
  };

  function run(args: readonly string[], signal: AbortSignal): Promise<string> {
    return new Promise((resolve, reject) => {
      const [command, ...before] = npmCommand();
      const child = spawn(command, [...before, ...args], {
        env,
        signal,
        timeout: timeoutMs,
        windowsHide: true,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let answer = '';
      let complaint = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        answer = (answer + text).slice(0, LONGEST_ANSWER);
      });
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        complaint = (complaint + text).slice(0, LONGEST_ANSWER);
      });
      child.on('error', (error) => reject(signal.aborted ? error : new Error(`npm could not be started: ${error.message}`)));
      child.on('close', (code) => {
        if (code === 0) resolve(answer);
        else reject(new Error(`npm could not read the package: ${firstComplaint(complaint)}`));
      });
    });
  }

  return {
    async describe(spec, signal) {
      return distFrom(await run(['view', specText(spec), 'dist', '--json'], signal));
    },
    async pack(spec, folder, signal) {
      const answer: unknown = JSON.parse(await run(['pack', specText(spec), '--json', '--pack-destination', folder], signal));
      const first: unknown = Array.isArray(answer) ? answer[0] : undefined;
      const filename = typeof first === 'object' && first !== null && 'filename' in first ? first.filename : undefined;
      if (typeof filename !== 'string') throw new Error('npm did not say where it put the package');
      // Some versions name a scoped package with its slash although the file has a hyphen.
      return path.join(folder, path.basename(filename.replace(/^@/, '').replace('/', '-')));
    },
  };
}

/** npm beside this Node, run by it, so that no shell is needed on Windows either; else what PATH finds. */
function npmCommand(): [string, ...string[]] {
  const beside = path.dirname(process.execPath);
  const script = [path.join(beside, '../lib/node_modules/npm/bin/npm-cli.js'), path.join(beside, 'node_modules/npm/bin/npm-cli.js')].find(
    existsSync,
  );
  return script === undefined ? ['npm'] : [process.execPath, script];
}

/** Arguments of a program are made of manifests only, and of nothing that does not look like a package. @throws Error */
function specText(spec: PackageSpec): string {
  if (!packageName.test(spec.package) || !exactVersion.test(spec.version))
    throw new Error('The manifest names no package with an exact version');
  return `${spec.package}@${spec.version}`;
}

function distFrom(answer: string): PackageDist {
  const dist: unknown = answer.trim() === '' ? undefined : JSON.parse(answer);
  if (typeof dist !== 'object' || dist === null || !('tarball' in dist) || !('integrity' in dist))
    throw new Error('the registry does not have this version');
  const { tarball, integrity } = dist;
  if (typeof tarball !== 'string' || typeof integrity !== 'string') throw new Error('the registry does not have this version');
  return { tarball, integrity };
}

function firstComplaint(text: string): string {
  const lines = text.split('\n').map((line) => line.replace(/^npm (error|ERR!)\s*/i, '').trim());
  return lines.find((line) => line !== '' && !/^(code|npm warn)/i.test(line)) ?? 'it gave no reason';
}
