import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildServerBundle, type ServerBundle } from '../faults/server-bundle.ts';
import { flat } from '../fixtures/images/make-images.ts';
import { runServerProcess, startServerProcess } from '../support/server-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'start-'));
let bundle: ServerBundle;
beforeAll(async () => {
  bundle = await buildServerBundle();
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await bundle.remove();
});

it('ends the start with one line about DATA_DIR where no folder can be made there', async () => {
  const file = join(folder, 'a-file');
  writeFileSync(file, '');
  // A folder that is there and cannot be written to: something stands where the probe would be.
  const taken = join(folder, 'taken');
  mkdirSync(join(taken, 'tmp', '.probe'), { recursive: true });
  // Below /proc a parent exists and still nothing can be made: Node's own way of making folders never returns there.
  const refused = [join(file, 'data'), taken, ...(process.platform === 'linux' ? ['/proc/jarvis'] : [])];
  for (const DATA_DIR of refused) {
    const { code, lines } = await runServerProcess({ DATA_DIR }, bundle.program);
    expect(code).toBe(1);
    const end = lines.indexOf('Jarvis Argus cannot start:');
    expect(lines.slice(end + 1)).toEqual([expect.stringContaining('DATA_DIR: this folder cannot be made')]);
  }
});

it('ends the start with one line about PORT where another program listens', async () => {
  const other = createServer();
  await once(other.listen(0, '127.0.0.1'), 'listening');
  const { port } = other.address() as AddressInfo;
  const { code, lines } = await runServerProcess({ DATA_DIR: join(folder, 'no-port'), PORT: String(port) }, bundle.program);
  other.close();
  expect([code, lines.at(-1)]).toEqual([1, `  PORT: ${port} is in use. Choose another one, for example PORT=8001.`]);
});

it('says at the start, to the admin at /readyz and with each picture that each deploy would empty the store', async () => {
  const server = await startServerProcess({ DATA_DIR: join(folder, 'data'), DYNO: 'web.1' }, bundle);
  try {
    expect(server.lines.join('\n')).toContain('set MONGO_URI');
    const signup = await fetch(`${server.origin}/api/auth/signup`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'Anna', email: 'anna@example.org', password: 'a fine phrase 7' }),
    });
    const { token } = (await signup.json()) as { token: string };
    const ready = await fetch(`${server.origin}/readyz`, { headers: { authorization: `Bearer ${token}` } });
    expect(await ready.json()).toMatchObject({ status: 'ready', durability: 'none', reasons: [expect.stringContaining('set MONGO_URI')] });
    const form = new FormData();
    form.set('file', new Blob([new Uint8Array(await flat(8, 8).png().toBuffer())]), 'a.png');
    const upload = await fetch(`${server.origin}/api/uploads`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: form,
    });
    expect(await upload.json()).toMatchObject({ file: { mime: 'image/png', temporary: true } });
  } finally {
    server.kill('SIGTERM');
    await server.exited;
  }
});

it.each([
  ['where nobody thought of it', ''],
  ['where the operator set it', '--max-old-space-size=256'],
])('keeps the heap within half of LIMIT_MEMORY_MB, or says how to, %s', async (_where, flag) => {
  const file = join(folder, 'heap.mjs');
  writeFileSync(
    file,
    "import v8 from 'node:v8'; import { isMainThread } from 'node:worker_threads'; if (isMainThread) console.log('HEAP ' + v8.getHeapStatistics().heap_size_limit / 2 ** 20);",
  );
  const NODE_OPTIONS = `${flag} --import=${pathToFileURL(file).href}`;
  const server = await startServerProcess({ DATA_DIR: join(folder, `heap${flag}`), LIMIT_MEMORY_MB: '512', NODE_OPTIONS }, bundle);
  server.kill('SIGTERM');
  await server.exited;
  const heaps = server.lines.filter((line) => line.startsWith('HEAP ')).map((line) => Number(line.slice(5)));
  const told = server.lines.some((line) => line.includes('start it with NODE_OPTIONS=--max-old-space-size=256'));
  // Node 22.15 and newer can begin anew in the same process; older versions leave it to the operator.
  const small = (heaps.at(-1) ?? Number.POSITIVE_INFINITY) <= 512;
  expect(small).toBe(flag !== '' || 'execve' in process);
  expect(told).toBe(!small);
});
