import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { StoredFile } from '../../src/protocol/index.ts';
import { flat, photo } from '../fixtures/images/make-images.ts';
import { createTestDatabase, mongoTestUri, type TestDatabase } from '../support/mongo-server.ts';
import { createRareTimerClock } from '../support/rare-timer-clock.ts';
import { ScriptedModel } from '../support/scripted-model.ts';
import { startTestApp, type TestApp } from '../support/test-app.ts';

describe.runIf(mongoTestUri !== '')('pictures on MongoDB', () => {
  let database: TestDatabase;
  let app: TestApp;
  let model: ScriptedModel;

  beforeAll(async () => {
    database = await createTestDatabase('pictures');
  });
  afterAll(() => database.drop());
  beforeEach(async () => {
    model = new ScriptedModel();
    app = await startTestApp({ models: [model], env: { MONGO_URI: database.uri } });
  });
  afterEach(() => app.close());

  async function upload(token: string, picture: Buffer, name = 'picture.jpg'): Promise<StoredFile> {
    const form = new FormData();
    form.append('file', new Blob([new Uint8Array(picture)]), name);
    const response = await app.request('/api/uploads', { method: 'POST', token, body: form });
    expect(response.status).toBe(201);
    return ((await response.json()) as { file: StoredFile }).file;
  }

  const files = () => database.db.collection('blobs.files').countDocuments();

  it('are stored in GridFS, served to their owner only, in ranges too, and shown to the model', async () => {
    const { client, token } = await app.signup('Ada');
    const stranger = await app.signup('Bob');
    const file = await upload(token, await photo(640, 480));
    expect(await files()).toBe(3);
    const served = await app.request(file.url, { token });
    const bytes = Buffer.from(await served.arrayBuffer());
    expect([served.status, served.headers.get('content-type'), bytes.length]).toEqual([200, file.mime, file.size]);
    expect(bytes.includes('CanaryCam')).toBe(false);
    const range = await app.request(file.url, { token, headers: { range: 'bytes=100-299' } });
    expect(range.status).toBe(206);
    expect(Buffer.from(await range.arrayBuffer())).toEqual(bytes.subarray(100, 300));
    expect((await app.request(file.url, { token: stranger.token })).status).toBe(404);
    const accepted = await client.ask('what is this?', { attachments: [file.id] });
    expect(accepted.message.parts[0]).toMatchObject({ type: 'image', fileId: file.id });
    const call = await model.nextCall();
    const [image] = call.request.turns[0]?.images ?? [];
    const shown = await image?.load();
    expect(shown?.length).toBeGreaterThan(100);
    call.text('blue').finish();
    expect((await client.finished(accepted.generationId)).status).toBe('complete');
  });

  it('that a model makes are stored before anyone sees them', async () => {
    const { client, token } = await app.signup();
    const accepted = await client.ask('paint');
    const data = await flat(64, 48).png().toBuffer();
    (await model.nextCall()).emit({ type: 'media', mime: 'image/png', data }).finish();
    const { message } = await client.finished(accepted.generationId);
    const part = message.parts.find((one) => one.type === 'image');
    if (part?.type !== 'image') throw new Error('no picture');
    const served = await app.request(part.url, { token });
    expect(served.status).toBe(200);
    expect(await sharp(Buffer.from(await served.arrayBuffer())).metadata()).toMatchObject({ width: 64, height: 48 });
  });

  it('are swept when nobody needs them any more, and kept while a message shows them', async () => {
    const { client, token } = await app.signup();
    const [used, unused] = [await upload(token, await photo(320, 240)), await upload(token, await photo(321, 240))];
    const accepted = await client.ask('keep this', { attachments: [used.id] });
    (await model.nextCall()).text('kept').finish();
    await client.finished(accepted.generationId);
    const before = await files();
    const old = Date.now() - 25 * 3600_000;
    await database.db.collection<{ _id: string }>('files').updateOne({ _id: unused.id }, { $set: { unusedSince: old } });
    await app.close(true);
    const clock = createRareTimerClock();
    app = await startTestApp({ models: [model], env: { MONGO_URI: database.uri }, clock, dataDir: app.dataDir });
    clock.runRare();
    await expect.poll(files, { timeout: 10_000 }).toBe(before - 3);
    const rows = database.db.collection<{ _id: string }>('files');
    expect(await rows.findOne({ _id: unused.id })).toBeNull();
    expect(await rows.findOne({ _id: used.id })).not.toBeNull();
  });
});
