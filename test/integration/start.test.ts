import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { runServerProcess, startServerProcess } from '../support/server-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'start-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('ends the start with one line about DATA_DIR where no folder can be made there', async () => {
  const file = join(folder, 'a-file');
  writeFileSync(file, '');
  const { code, lines } = await runServerProcess({ DATA_DIR: join(file, 'data') });
  expect(code).toBe(1);
  const end = lines.indexOf('Jarvis Argus cannot start:');
  expect(lines.slice(end + 1)).toEqual([expect.stringContaining('DATA_DIR: this folder cannot be made')]);
});

it('says at the start, and to the admin at /readyz, that each deploy would empty the store', async () => {
  const server = await startServerProcess({ DATA_DIR: join(folder, 'data'), DYNO: 'web.1' });
  try {
    expect(server.lines.join('\n')).toContain('set MONGO_URI');
    const signup = await fetch(`${server.origin}/api/auth/signup`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'Anna', email: 'anna@example.org', password: 'a fine phrase 7' }),
    });
    const { token } = (await signup.json()) as { token: string };
    const ready = await fetch(`${server.origin}/readyz`, { headers: { authorization: `Bearer ${token}` } });
    expect(await ready.json()).toMatchObject({ status: 'ready', reasons: [expect.stringContaining('set MONGO_URI')] });
  } finally {
    server.kill('SIGTERM');
    await server.exited;
  }
});
