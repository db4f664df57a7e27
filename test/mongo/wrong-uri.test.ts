import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ServerProcess, startServerProcess } from '../support/server-process.ts';

const password = 'hunter2-0815';

// No database is needed: each address is wrong in its own way.
describe('the program with a wrong MONGO_URI', () => {
  let dataDir: string;
  let server: ServerProcess | null;

  beforeEach(async () => {
    server = null;
    dataDir = await mkdtemp(join(tmpdir(), 'jarvis-uri-'));
  });
  afterEach(async () => {
    server?.kill('SIGKILL');
    await server?.exited;
    await rm(dataDir, { recursive: true, force: true });
  });

  it.each<[what: string, uri: string, sentence: string]>([
    ['has an unknown option', `mongodb://ada:${password}@127.0.0.1:1/db?nonsense=1`, 'MONGO_URI cannot be read: check its spelling'],
    ['leads nowhere', `mongodb://ada:${password}@127.0.0.1:1/db`, 'MONGO_URI: the host refuses the connection'],
  ])('stays up and says in one line that it %s', async (_what, uri, sentence) => {
    server = await startServerProcess({ DATA_DIR: dataDir, MONGO_URI: uri }, { awaitReady: false });
    const { origin, lines } = server;
    await expect.poll(() => lines.filter((line) => line.includes(sentence)), { timeout: 15_000 }).toHaveLength(1);
    const statuses = await Promise.all(['/healthz', '/readyz'].map(async (path) => (await fetch(origin + path)).status));
    expect(statuses).toEqual([200, 503]);
    expect(lines.join('\n')).not.toContain(password);
    server.kill('SIGTERM');
    expect(await server.exited).toEqual({ code: 0, signal: null });
    expect(lines.join('\n')).not.toContain(password);
  });
});
