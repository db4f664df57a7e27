import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Conversation, Message } from '../../src/protocol/index.ts';
import { flat } from '../fixtures/images/make-images.ts';
import { createTestDatabase, mongoTestUri, type TestDatabase } from '../support/mongo-server.ts';
import { ScriptedModel } from '../support/scripted-model.ts';
import { startTestApp, type TestApp } from '../support/test-app.ts';
import { textOf } from '../support/ws-client.ts';

describe.runIf(mongoTestUri !== '')('a backup', () => {
  let database: TestDatabase;
  let folder: string;
  let app: TestApp | null = null;

  beforeEach(async () => {
    database = await createTestDatabase('backup');
    folder = await mkdtemp(join(tmpdir(), 'jarvis-mongo-backup-'));
  });
  afterEach(async () => {
    await app?.close();
    await database.drop();
    await rm(folder, { recursive: true, force: true });
  });

  async function run(mode: 'backup' | 'restore', file: string, env: Record<string, string>): Promise<{ code: number; said: string }> {
    const child = spawn(process.execPath, ['--import', 'tsx', 'src/wiring/store-tool.ts', mode, file], {
      env: { PATH: process.env['PATH'], ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
    return { code: Number(code), said: `${out}${err}` };
  }

  async function check(running: TestApp, email: string): Promise<void> {
    const body = JSON.stringify({ email, password: 'correct horse battery' });
    const { token } = (await (await running.request('/api/auth/login', { method: 'POST', body })).json()) as { token: string };
    const get = async <T>(address: string) => (await (await running.request(address, { token })).json()) as T;
    const { items: conversations } = await get<{ items: Conversation[] }>('/api/conversations');
    const { items } = await get<{ items: Message[] }>(`/api/conversations/${conversations[0]?.id}/messages`);
    expect(items.map(textOf)).toEqual(['پاسخ', 'سلام دنیا']);
    const picture = items.flatMap(({ parts }) => parts).find((part) => part.type === 'image');
    expect((await running.request(picture?.type === 'image' ? picture.url : '/', { token })).status).toBe(200);
  }

  it('of the embedded store is restored into MongoDB, and of MongoDB into the embedded store', async () => {
    const model = new ScriptedModel();
    const embedded = await startTestApp({ models: [model] });
    const { token, client, user } = await embedded.signup('آدا');
    const form = new FormData();
    form.append('file', new Blob([new Uint8Array(await flat(40, 30).png().toBuffer())]), 'گل.png');
    const uploaded = await embedded.request('/api/uploads', { method: 'POST', body: form, token });
    const { file } = (await uploaded.json()) as { file: { id: string } };
    const accepted = await client.ask('سلام دنیا', { attachments: [file.id] });
    (await model.nextCall()).text('پاسخ').finish();
    await client.finished(accepted.generationId);
    const first = join(folder, 'embedded.ndjson');
    await writeFile(first, await (await embedded.request('/api/admin/backup', { token })).text());
    await embedded.close();

    const there = { DATA_DIR: join(folder, 'mongo-data'), MONGO_URI: database.uri };
    expect(await run('restore', first, there)).toMatchObject({ code: 0 });
    app = await startTestApp({ env: { MONGO_URI: database.uri } });
    await check(app, user.email);
    expect(await run('restore', first, there)).toMatchObject({ code: 1, said: expect.stringContaining('not empty') });

    const second = join(folder, 'mongo.ndjson');
    expect(await run('backup', second, there)).toMatchObject({ code: 0 });
    const back = join(folder, 'back');
    expect(await run('restore', second, { DATA_DIR: back })).toMatchObject({ code: 0 });
    const again = await startTestApp({ dataDir: back });
    try {
      await check(again, user.email);
    } finally {
      await again.close();
    }
  }, 60_000);
});
