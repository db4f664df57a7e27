import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

it('a host whose plugin never gives its loop back ends all the same when the server was killed', async () => {
  const script = fileURLToPath(new URL('../../support/host-parent-main.ts', import.meta.url));
  const tsx = fileURLToPath(import.meta.resolve('tsx'));
  const server = spawn(process.execPath, ['--conditions=source', '--import', tsx, script, tmpdir()], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said = await new Promise<string>((resolve) => server.stdout.once('data', (data: Buffer) => resolve(data.toString())));
  const host = Number(said);
  expect(process.kill(host, 0)).toBe(true);
  server.kill('SIGKILL');
  const isAlive = () => {
    try {
      return process.kill(host, 0);
    } catch {
      return false;
    }
  };
  await expect.poll(isAlive, { interval: 50, timeout: 15_000 }).toBe(false);
});
