import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createLocalBlobs } from '../../../src/infrastructure/blobs/local-blobs.ts';
import { createInferenceClient, type InferenceClient } from '../../../src/infrastructure/inference/inference-client.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import type { DocumentStore } from '../../../src/lib/document-store.ts';
import { silentLogger } from '../../../src/lib/logger.ts';
import { StoreUnavailableError } from '../../../src/lib/store-errors.ts';
import { fileSchema, idSchema } from '../../../src/protocol/index.ts';
import { displayName } from '../../../src/services/uploads/upload-name.ts';
import { blobKey, fileIdOfBlob, newFileId, uploadCollections } from '../../../src/services/uploads/upload-rows.ts';
import { createUploads, defaultUploadLimits, type Uploads } from '../../../src/services/uploads/uploads.ts';
import { flat, htmlPage, noise } from '../../fixtures/images/make-images.ts';
import { createMemoryDocuments } from '../../support/memory-documents.ts';

const hour = 3_600_000;
let images: InferenceClient;
let root: string;
let temporaryDirectory: string;
let documents: DocumentStore;
let blobs: ReturnType<typeof createLocalBlobs>;
let uploads: Uploads;
let now: number;
let picture: Buffer;

function build(limits: Partial<typeof defaultUploadLimits> = {}, store: DocumentStore = documents): Uploads {
  return createUploads({
    documents: store,
    blobs,
    images,
    clock: { ...systemClock, now: () => now },
    logger: silentLogger,
    limits: { ...defaultUploadLimits, ...limits },
    temporaryDirectory,
  });
}

async function upload(ownerId = 'anna', data: Uint8Array = picture, service = uploads, originalName?: string) {
  const path = join(temporaryDirectory, `upload-${crypto.randomUUID()}`);
  await writeFile(path, data);
  return service.accept({ ownerId, path, declaredSize: data.length, ...(originalName === undefined ? {} : { originalName }) });
}

async function storedBlobs(): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of blobs.list()) keys.push(key);
  return keys;
}

/** Nothing is left anywhere: no blob, no row, no temporary file. */
async function expectNothingLeft(): Promise<void> {
  expect(await storedBlobs()).toEqual([]);
  expect(await documents.count('files', { index: 'byUnused', where: {}, limit: 10 })).toBe(0);
  expect(await readdir(temporaryDirectory)).toEqual([]);
}

beforeAll(async () => {
  images = createInferenceClient({ logger: silentLogger, clock: systemClock });
  picture = await flat(800, 600).png().toBuffer();
});
afterAll(() => images.close());
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'argus-uploads-'));
  temporaryDirectory = join(root, 'tmp');
  await mkdir(temporaryDirectory);
  now = Date.now();
  documents = createMemoryDocuments(uploadCollections);
  blobs = createLocalBlobs({ directory: join(root, 'blobs') });
  uploads = build();
});
afterEach(() => rm(root, { recursive: true }));

describe('accepting a picture', () => {
  it('answers with the file of the wire contract and keeps three pictures', async () => {
    const file = await upload('anna', picture, uploads, 'گربه.png');
    expect(fileSchema.parse(file)).toEqual(file);
    expect(file).toMatchObject({ url: `/api/files/${file.id}`, mime: 'image/png', width: 800, height: 600, name: 'گربه.png' });
    expect(await uploads.get('anna', file.id)).toEqual(file);
    expect(await storedBlobs()).toHaveLength(3);
    expect(await readdir(temporaryDirectory)).toEqual([]);
  });

  it('gives the model a small picture', async () => {
    const file = await upload('anna', await flat(2000, 1000).png().toBuffer());
    const { mime, data } = await uploads.readForModel('anna', file.id);
    expect(mime).toBe('image/jpeg');
    expect(Buffer.from(data.subarray(0, 2)).toString('hex')).toBe('ffd8');
  });

  it('opens any variant, whole or in part', async () => {
    const file = await upload();
    const whole = await uploads.open('anna', file.id, 'original');
    const bytes = await buffer(whole.stream);
    expect(bytes.length).toBe(file.size);
    const part = await uploads.open('anna', file.id, 'original', { start: 1, end: 3 });
    expect((await buffer(part.stream)).toString('latin1')).toBe('PNG');
    expect((await uploads.describe('anna', file.id, 'thumb')).mime).toBe('image/webp');
  });

  it('treats a picture that a model made like an uploaded one', async () => {
    const file = await uploads.storeGenerated('anna', { data: picture });
    expect(file).toMatchObject({ mime: 'image/png', width: 800 });
    await expect(uploads.storeGenerated('anna', { data: htmlPage })).rejects.toMatchObject({ code: 'UNSUPPORTED_MEDIA' });
    expect(await readdir(temporaryDirectory)).toEqual([]);
  });

  it('answers a foreign id, an unknown id and an impossible id alike', async () => {
    const file = await upload();
    for (const id of [file.id, newFileId(), '../../etc/passwd', '', '__proto__']) {
      await expect(uploads.get('boris', id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await expect(uploads.open('boris', id, 'original')).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await expect(uploads.readForModel('boris', id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await expect(uploads.refer('boris', [id])).rejects.toMatchObject({ code: 'NOT_FOUND' });
    }
  });
});

describe('failing', () => {
  it.each([
    ['an unreadable file', htmlPage, 'UNSUPPORTED_MEDIA'],
    ['a file over the limit', Buffer.alloc(2000), 'TOO_LARGE'],
  ])('leaves nothing of %s', async (_name, data, code) => {
    await expect(upload('anna', data, build({ maxBytes: 1000 }))).rejects.toMatchObject({ code });
    await expectNothingLeft();
  });

  it('leaves nothing when the row cannot be written', async () => {
    const broken = { ...documents, insert: () => Promise.reject(new StoreUnavailableError('gone')) };
    await expect(upload('anna', picture, build({}, broken))).rejects.toThrow('gone');
    await expectNothingLeft();
    expect(await documents.get('fileQuotas', 'anna')).toMatchObject({ bytes: 0 });
  });

  it('is stored when the row was written though the answer was lost', async () => {
    const insert: DocumentStore['insert'] = async (collection, document) => {
      await documents.insert(collection, document);
      throw new StoreUnavailableError('no answer');
    };
    const file = await upload('anna', picture, build({}, { ...documents, insert }));
    expect((await uploads.readForModel('anna', file.id)).data.length).toBeGreaterThan(0);
  });

  it('leaves nothing for longer than an hour when the process is killed between the bytes and the row', async () => {
    await new Promise<void>((reached) => {
      const insert: DocumentStore['insert'] = () => {
        reached();
        return new Promise(() => {});
      };
      void upload('anna', picture, build({}, { ...documents, insert }));
    });
    // The next process, on the same folders and the same store.
    uploads = build();
    expect(await storedBlobs()).toHaveLength(3);
    expect(await uploads.sweep()).toEqual({ files: 0, blobs: 0, temporary: 0 });
    now += hour + 60_000;
    expect(await uploads.sweep()).toEqual({ files: 0, blobs: 3, temporary: 2 });
    await expectNothingLeft();
  });

  it('leaves nothing when the blob store fails half-way', async () => {
    const { put } = blobs;
    let calls = 0;
    blobs = { ...blobs, put: async (key, source) => (++calls === 2 ? Promise.reject(new Error('disk full')) : put(key, source)) };
    await expect(upload('anna', picture, build())).rejects.toThrow('disk full');
    await expectNothingLeft();
  });

  it('leaves nothing when the person gives up', async () => {
    const path = join(temporaryDirectory, `upload-${crypto.randomUUID()}`);
    await writeFile(path, await noise(2000, 2000).png().toBuffer());
    const stop = new AbortController();
    const accepted = uploads.accept({ ownerId: 'anna', path, declaredSize: 1 }, stop.signal);
    const refused = expect(accepted).rejects.toThrow('gave up');
    stop.abort(new Error('gave up'));
    await refused;
    await expectNothingLeft();
  });
});

describe('the quota', () => {
  it('refuses what does not fit, for this person only, and has room again after a sweep', async () => {
    const first = await upload();
    const { bytes } = (await documents.get<{ id: string; bytes: number }>('fileQuotas', 'anna')) ?? { bytes: 0 };
    const service = build({ quotaBytes: Math.floor(bytes * 1.5) });
    await expect(upload('anna', picture, service)).rejects.toMatchObject({
      code: 'TOO_LARGE',
      params: { quotaBytes: Math.floor(bytes * 1.5) },
    });
    await upload('boris', picture, service);
    now += 25 * hour;
    await service.sweep();
    await expect(uploads.get('anna', first.id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await upload('anna', picture, service);
  });

  it('is off where it is 0', async () => {
    const file = await upload('anna', picture, build({ quotaBytes: 0 }));
    expect(await uploads.get('anna', file.id)).toMatchObject({ id: file.id });
  });

  it('counts anew before it refuses anybody because of a wrong counter', async () => {
    await documents.put('fileQuotas', { id: 'anna', bytes: 9e9 } as { id: string });
    const file = await upload();
    expect(await documents.get('fileQuotas', 'anna')).toMatchObject({ bytes: expect.any(Number) });
    const row = await documents.get<{ id: string; bytes: number }>('files', file.id);
    expect(await documents.get('fileQuotas', 'anna')).toMatchObject({ bytes: row?.bytes });
  });

  it('holds when several uploads come at once', async () => {
    await upload();
    const { bytes } = (await documents.get<{ id: string; bytes: number }>('fileQuotas', 'anna')) ?? { bytes: 0 };
    const service = build({ quotaBytes: bytes * 3 });
    const results = await Promise.allSettled(Array.from({ length: 5 }, () => upload('anna', picture, service)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
    expect(await documents.get('fileQuotas', 'anna')).toMatchObject({ bytes: bytes * 3 });
  });
});

describe('sweeping', () => {
  it('removes what nobody used for a day, and its bytes', async () => {
    const file = await upload();
    now += 23 * hour;
    expect((await uploads.sweep()).files).toBe(0);
    now += 2 * hour;
    expect((await uploads.sweep()).files).toBe(1);
    await expect(uploads.get('anna', file.id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await storedBlobs()).toEqual([]);
  });

  it('keeps what a message shows until the last conversation that shows it is gone', async () => {
    const file = await upload();
    await uploads.refer('anna', [file.id], 'conversation-1');
    await uploads.refer('anna', [file.id], 'conversation-1');
    await uploads.refer('anna', [file.id], 'conversation-2');
    now += 48 * hour;
    await uploads.sweep();
    await uploads.release('anna', 'conversation-1');
    now += 48 * hour;
    await uploads.sweep();
    expect(await uploads.get('anna', file.id)).toEqual(file);
    await uploads.release('anna', 'conversation-2');
    await uploads.sweep();
    expect(await uploads.get('anna', file.id)).toEqual(file);
    now += 25 * hour;
    await uploads.sweep();
    await expect(uploads.get('anna', file.id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('removes what a release that was cut off at any write had released', async () => {
    for (const most of [0, 1, 2, 3]) {
      const ids = [(await upload()).id, (await upload()).id];
      await uploads.refer('anna', ids, 'conversation');
      let writes = 0;
      const dying = <T>(write: () => Promise<T>): Promise<T> => (++writes > most ? Promise.reject(new Error('killed')) : write());
      const update: DocumentStore['update'] = (...given) => dying(() => documents.update(...given));
      const remove: DocumentStore['delete'] = (...given) => dying(() => documents.delete(...given));
      await expect(build({}, { ...documents, update, delete: remove }).release('anna', 'conversation')).rejects.toThrow('killed');
      await uploads.release('anna', 'conversation');
      now += 25 * hour;
      expect((await uploads.sweep()).files).toBe(2);
    }
  });

  it('marks no file when one of several is not to be had', async () => {
    const [mine, other] = [await upload('anna'), await upload('boris')];
    await expect(uploads.refer('anna', [mine.id, other.id], 'c')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await documents.count('fileReferences', { index: 'byFile', where: { fileId: mine.id }, limit: 10 })).toBe(0);
  });

  it('believes a reference more than the mark', async () => {
    const file = await upload();
    await uploads.refer('anna', [file.id], 'c');
    await documents.update('files', file.id, { set: { unusedSince: 1 } });
    await uploads.sweep();
    expect(await uploads.get('anna', file.id)).toEqual(file);
  });

  it('removes old temporary files of uploads, and no other file', async () => {
    const old = new Date(now - 2 * hour);
    const names = [`upload-${crypto.randomUUID()}`, `prepared-${crypto.randomUUID()}`, 'somebody-elses', `upload-${crypto.randomUUID()}`];
    for (const name of names) await writeFile(join(temporaryDirectory, name), 'x');
    for (const name of names.slice(0, 3)) await utimes(join(temporaryDirectory, name), old, old);
    expect((await uploads.sweep()).temporary).toBe(2);
    expect((await readdir(temporaryDirectory)).sort()).toEqual(names.slice(2).sort());
  });

  it('removes blobs without a row after an hour, and never those of a row', async () => {
    const file = await upload();
    await uploads.refer('anna', [file.id], 'c');
    const orphan = blobKey(newFileId(), 'thumb');
    await blobs.put(orphan, Readable.from([Buffer.from('x')]));
    await blobs.put('other/thing', Readable.from([Buffer.from('x')]));
    expect((await uploads.sweep()).blobs).toBe(0);
    now += hour + 60_000;
    expect((await uploads.sweep()).blobs).toBe(1);
    expect(await storedBlobs()).toHaveLength(4);
  });

  it('leaves many files alone that the database knows none of: they belong to another one', async () => {
    const strangers = Array.from({ length: 21 }, () => blobKey(newFileId(), 'thumb'));
    for (const key of strangers) await blobs.put(key, Readable.from([Buffer.from('x')]));
    now += hour + 60_000;
    expect((await uploads.sweep()).blobs).toBe(0);
    await blobs.delete(strangers[0] ?? '');
    expect((await uploads.sweep()).blobs).toBe(20);
  });
});

describe('names', () => {
  it('makes ids that fit the wire contract, and keys that lead back to them', () => {
    const id = newFileId();
    expect(idSchema.parse(id)).toBe(id);
    expect(id).toHaveLength(22);
    expect(fileIdOfBlob(blobKey(id, 'model'))).toBe(id);
    expect(fileIdOfBlob('pictures/zz-model')).toBeNull();
  });

  it.each([
    ['cat.png', 'cat.png'],
    ['C:\\fakepath\\cat.png', 'cat.png'],
    ['../../etc/passwd', 'passwd'],
    ['invoice\u202egnp.exe', 'invoicegnp.exe'],
    ['a\r\nSet-Cookie: x\0.png', 'aSet-Cookie: x.png'],
    ['می‌خواهم.png', 'می‌خواهم.png'],
    ['half \ud800 a surrogate', 'half a surrogate'],
    [' \u200b ', undefined],
    ['', undefined],
  ])('shows %j as %j', (given, shown) => {
    expect(displayName(given)).toBe(shown);
  });

  it('shortens a long name but keeps its ending', () => {
    const name = displayName(`${'😀'.repeat(500)}.png`) ?? '';
    expect([...name]).toHaveLength(120);
    expect(name.endsWith('….png')).toBe(true);
  });
});
