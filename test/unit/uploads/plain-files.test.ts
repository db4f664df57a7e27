import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLocalBlobs } from '../../../src/infrastructure/blobs/local-blobs.ts';
import { silentLogger } from '../../../src/lib/logger.ts';
import { plainType, shownPlainly } from '../../../src/services/uploads/plain-types.ts';
import { uploadCollections } from '../../../src/services/uploads/upload-rows.ts';
import { unusedKeptMs } from '../../../src/services/uploads/upload-sweeper.ts';
import { createUploads, defaultUploadLimits, type Uploads } from '../../../src/services/uploads/uploads.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createMemoryDocuments } from '../../support/memory-documents.ts';

const clock = createFakeClock();
let root: string;
let uploads: Uploads;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'jarvis-plain-'));
  uploads = createUploads({
    documents: createMemoryDocuments(uploadCollections),
    blobs: createLocalBlobs({ directory: join(root, 'blobs') }),
    images: { prepareImage: () => Promise.reject(new Error('nothing is decoded here')) },
    clock,
    logger: silentLogger,
    limits: { ...defaultUploadLimits, quotaBytes: 1000 },
    temporaryDirectory: root,
  });
});
afterEach(() => rm(root, { recursive: true, force: true }));

describe('bytes that nobody decodes', () => {
  it('are kept as they are, for their owner alone, until nothing shows them', async () => {
    const data = Buffer.from('a,b\n1,2\n');
    const file = await uploads.storePlain('anna', { mime: 'Text/CSV; charset=utf-8', name: '../table.csv', source: data });
    expect(file).toMatchObject({ mime: 'text/csv', size: 8, name: 'table.csv' });
    expect(file.width).toBeUndefined();
    const { stream, plain } = await uploads.open('anna', file.id, 'original');
    expect([(await buffer(stream)).toString(), plain]).toEqual([data.toString(), true]);
    await expect(uploads.describe('ben', file.id, 'original')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await uploads.refer('anna', [file.id], 'conversation');
    clock.advance(unusedKeptMs + 1);
    await uploads.sweep();
    expect((await uploads.find('anna', [file.id])).size).toBe(1);
    await uploads.release('anna', 'conversation');
    clock.advance(unusedKeptMs + 1);
    await uploads.sweep();
    expect((await uploads.find('anna', [file.id])).size).toBe(0);
  });

  it('are no pictures: neither a message nor a job takes them', async () => {
    const { id } = await uploads.storePlain('anna', { mime: 'image/png', source: Buffer.from('not decoded') });
    await expect(uploads.get('anna', id)).rejects.toMatchObject({ code: 'UNSUPPORTED_MEDIA' });
    await expect(uploads.readForModel('anna', id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('count against the space of the person, and a file given as a path is gone afterwards', async () => {
    const path = join(root, 'given');
    await writeFile(path, Buffer.alloc(600));
    await uploads.storePlain('anna', { mime: 'application/zip', source: { path } });
    await expect(rm(path)).rejects.toThrow(/ENOENT/);
    await expect(uploads.storePlain('anna', { mime: 'application/zip', source: Buffer.alloc(600) })).rejects.toMatchObject({
      code: 'TOO_LARGE',
    });
  });

  it('are shown by the browser only where it runs nothing of them', () => {
    expect(plainType('audio/x-wav', Buffer.alloc(0))).toBe('audio/wav');
    expect(plainType('application/pdf', Buffer.from('<html>'))).toBe('application/octet-stream');
    expect(plainType('text/html"\r\nx: y', Buffer.alloc(0))).toBe('application/octet-stream');
    for (const mime of ['text/html', 'image/svg+xml', 'image/png', 'application/xhtml+xml', 'text/javascript'])
      expect(shownPlainly(mime)).toBeNull();
    expect(shownPlainly('text/plain')?.type).toBe('text/plain; charset=utf-8');
  });
});
