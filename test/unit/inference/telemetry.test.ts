import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeTrialModel } from './trial-model.ts';

let directory: string;
let model: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'argus-telemetry-'));
  model = join(await makeTrialModel(directory), 'model.onnx');
});
afterAll(() => rm(directory, { recursive: true }));

/** Inodes of the sockets of IP that a process holds. What the kernel lists is of its whole network namespace. */
async function networkSockets(pid: number): Promise<string[]> {
  const tables = await Promise.all(
    ['tcp', 'tcp6', 'udp', 'udp6', 'raw'].map((table) => readFile(`/proc/${pid}/net/${table}`, 'utf8').catch(() => '')),
  );
  const inodes = new Set(
    tables.flatMap((table) =>
      table
        .split('\n')
        .slice(1)
        .map((line) => line.trim().split(/\s+/)[9]),
    ),
  );
  const names = await readdir(`/proc/${pid}/fd`);
  const targets = await Promise.all(names.map((name) => readlink(`/proc/${pid}/fd/${name}`).catch(() => '')));
  return targets.flatMap((target) => /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? []).filter((inode) => inodes.has(inode));
}

describe('the model runtime', () => {
  it.runIf(process.platform === 'linux')('writes no file and opens no socket when it loads and runs a model, CI or not', async () => {
    const home = join(directory, 'home');
    await mkdir(home);
    const folders = {
      HOME: home,
      XDG_CACHE_HOME: join(home, 'cache'),
      XDG_CONFIG_HOME: join(home, 'config'),
      XDG_DATA_HOME: join(home, 'data'),
    };
    const script = fileURLToPath(new URL('../../support/bare-session-main.ts', import.meta.url));
    const tsx = fileURLToPath(import.meta.resolve('tsx'));
    // Nothing else: neither CI nor a switch that would keep a runtime quiet that is not so by itself.
    const child = spawn(process.execPath, ['--import', tsx, script, model], {
      env: { ...folders, TMPDIR: join(directory) },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    const said = await new Promise<string>((resolve) => child.stdout.once('data', (data: Buffer) => resolve(data.toString())));
    expect(said).toBe('ran\n');
    expect(await networkSockets(child.pid ?? 0)).toEqual([]);
    child.stdin.end();
    expect(await ended).toBe(0);
    expect(await readdir(home, { recursive: true })).toEqual([]);
  });
});
