import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Conversation, Message } from '../../src/protocol/index.ts';
import { flat } from '../fixtures/images/make-images.ts';
import { ScriptedModel } from '../support/scripted-model.ts';
import { startTestApp, type TestApp } from '../support/test-app.ts';
import { textOf } from '../support/ws-client.ts';

/** Runs `npm run backup` or `npm run restore` from the sources. */
async function run(mode: 'backup' | 'restore', file: string, dataDir: string): Promise<{ code: number; said: string }> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/wiring/store-tool.ts', mode, file], {
    env: { PATH: process.env['PATH'], DATA_DIR: dataDir },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code: Number(code), said: `${out}${err}` };
}

describe('the backup of an instance', () => {
  let folder: string;
  let dataDir: string;
  let app: TestApp;
  let email: string;
  let token: string;
  let userToken: string;
  /** As downloaded from the running server. */
  let downloaded: string;

  const path = (name: string) => join(folder, name);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'jarvis-backup-'));
    dataDir = path('data');
    await mkdir(dataDir);
    const model = new ScriptedModel();
    app = await startTestApp({ dataDir, models: [model] });
    const admin = await app.signup('آدا');
    const user = await app.signup('Bob');
    ({ email } = admin.user);
    ({ token } = admin);
    userToken = user.token;
    const form = new FormData();
    form.append('file', new Blob([new Uint8Array(await flat(40, 30).png().toBuffer())]), 'گل.png');
    const uploaded = await app.request('/api/uploads', { method: 'POST', body: form, token });
    const { file } = (await uploaded.json()) as { file: { id: string } };
    const accepted = await admin.client.ask('سلام دنیا', { attachments: [file.id] });
    (await model.nextCall()).text('پاسخ').finish();
    await admin.client.finished(accepted.generationId);
    const response = await app.request('/api/admin/backup', { token });
    expect(response.headers.get('content-disposition')).toMatch(/^attachment; filename="jarvis-argus-backup-\d{4}-\d\d-\d\d\.ndjson"$/);
    downloaded = await response.text();
    await writeFile(path('download.ndjson'), downloaded);
  });
  afterAll(async () => {
    await app.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function shows(running: TestApp): Promise<void> {
    const login = await running.request('/api/auth/login', {
      method: 'POST',
      body: JSON.stringify({ email, password: 'correct horse battery' }),
    });
    expect(login.status).toBe(200);
    const granted = (await login.json()) as { token: string; user: { role: string } };
    expect(granted.user.role).toBe('admin');
    const get = async <T>(address: string) => (await (await running.request(address, { token: granted.token })).json()) as T;
    const { items: conversations } = await get<{ items: Conversation[] }>('/api/conversations');
    const { items } = await get<{ items: Message[] }>(`/api/conversations/${conversations[0]?.id}/messages`);
    expect(items.map((message) => [message.status, textOf(message)])).toEqual([
      ['complete', 'پاسخ'],
      ['complete', 'سلام دنیا'],
    ]);
    const picture = items.flatMap(({ parts }) => parts).find((part) => part.type === 'image');
    const bytes = await running.request(picture?.type === 'image' ? picture.url : '/', { token: granted.token });
    expect([bytes.status, bytes.headers.get('content-type')]).toEqual([200, 'image/png']);
    // Nobody stays signed in through a restore.
    expect((await running.request('/api/auth/me', { token })).status).toBe(401);
  }

  it('says what it holds, ends with an end, and leaves sessions out', async () => {
    const lines = downloaded.trimEnd().split('\n');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      type: 'jarvis-argus.instance',
      version: 1,
      schema: 1,
      warning: expect.stringContaining('password hashes'),
    });
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ type: 'end', counts: { 'document.users': 2, 'document.messages': 2, blob: 3 } });
    expect(downloaded).not.toContain('"collection":"sessions"');
    expect((await app.request('/api/admin/backup', { token: userToken })).status).toBe(403);
  });

  it('is restored into a new store, whose people sign in and find everything', async () => {
    const restored = path('restored');
    expect(await run('restore', path('download.ndjson'), restored)).toMatchObject({
      code: 0,
      said: expect.stringContaining('Everybody signs in again'),
    });
    const other = await startTestApp({ dataDir: restored });
    try {
      await shows(other);
    } finally {
      await other.close(true);
    }
    // With somebody's data in it, it is refused.
    expect(await run('restore', path('download.ndjson'), restored)).toMatchObject({
      code: 1,
      said: expect.stringContaining('the store is not empty'),
    });
  });

  it('is refused by the command while the server runs, in a line that says what to do', async () => {
    const { code, said } = await run('backup', path('locked.ndjson'), dataDir);
    expect({ code, said }).toEqual({
      code: 1,
      said: 'backup: another process uses the data folder: stop it, or give this one its own DATA_DIR\n',
    });
    expect(await readdir(folder)).not.toContain('locked.ndjson');
  });

  it('is not made of an empty store: the address was wrong', async () => {
    expect(await run('backup', path('nothing.ndjson'), path('mistyped'))).toMatchObject({
      code: 1,
      said: expect.stringContaining('the store is empty'),
    });
    expect((await readdir(folder)).filter((name) => name.startsWith('nothing'))).toEqual([]);
  });

  it('that is not whole, was changed, is of a newer version or of another kind is refused before anything is written', async () => {
    const lines = downloaded.trimEnd().split('\n');
    const header = JSON.parse(lines[0] ?? '') as object;
    const bad: [string, string, RegExp][] = [
      ['cut', lines.slice(0, -1).join('\n'), /not whole/],
      ['torn', downloaded.slice(0, -20), /damaged/],
      ['changed', downloaded.replace('Bob', 'Eve'), /checksum/],
      ['newer', [JSON.stringify({ ...header, version: 2 }), ...lines.slice(1)].join('\n'), /newer version/],
      ['schema', [JSON.stringify({ ...header, schema: 99 }), ...lines.slice(1)].join('\n'), /newer version/],
    ];
    const results = await Promise.all(
      bad.map(async ([name, content]) => {
        await writeFile(path(`${name}.ndjson`), content);
        return run('restore', path(`${name}.ndjson`), path(`to-${name}`));
      }),
    );
    expect(results.map(({ code }) => code)).toEqual(bad.map(() => 1));
    for (const [at, [, , words]] of bad.entries()) expect(results[at]?.said).toMatch(words);
    const made = await readdir(folder);
    expect(made.filter((name) => name.startsWith('to-'))).toEqual([]);
  });

  it('is made by the command when the server is stopped, for its owner alone, and holds the same', async () => {
    await app.close(true);
    const file = path('stopped.ndjson');
    expect(await run('backup', file, dataDir)).toMatchObject({ code: 0 });
    expect((await stat(file)).mode & 0o077).toBe(0);
    const documents = (content: string) => content.split('\n').filter((line) => line.includes('"collection":"messages"'));
    expect(documents(await readFile(file, 'utf8'))).toEqual(documents(downloaded));
    expect(await run('backup', file, dataDir)).toMatchObject({ code: 1, said: expect.stringContaining('a file of this name') });
  });
});
