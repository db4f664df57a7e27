import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { isoTime } from '../../lib/clock.ts';
import type { StoredFile } from '../../protocol/index.ts';
import { plainType } from './plain-types.ts';
import { displayName } from './upload-name.ts';
import type { UploadQuota } from './upload-quota.ts';
import { blobKey, type FileRow, filesCollection, newFileId, toStoredFile } from './upload-rows.ts';
import type { UploadsOptions } from './uploads.ts';

/** What a plugin made, or what somebody gave to one: of any type, and never decoded here. */
export interface PlainBytes {
  /** What somebody says that it is; it decides how a page shows it, never whether it is safe. */
  readonly mime: string;
  readonly name?: string | undefined;
  /** The bytes themselves, or a file with them that is gone afterwards. */
  readonly source: Uint8Array | { readonly path: string };
  /** For a file that must get the same id each time it is sent (an import); else a new one. */
  readonly id?: string | undefined;
}

/** Handed on in pieces, so that hashing many megabytes never holds the loop for long. */
const PIECE = 1024 * 1024;

export interface PlainFilesOptions extends Pick<UploadsOptions, 'documents' | 'blobs' | 'clock' | 'logger'> {
  readonly quota: UploadQuota;
}

/** Stores bytes as they are: the blob first, the row last, as with pictures. */
export function createPlainFiles({ documents, blobs, clock, logger, quota }: PlainFilesOptions) {
  async function store(ownerId: string, { mime, name: originalName, source, id }: PlainBytes): Promise<StoredFile> {
    const { sha256, size, head } = await measured(source);
    const name = displayName(originalName);
    const row: FileRow = {
      id: id ?? newFileId(),
      ownerId,
      ...(name === undefined ? {} : { name }),
      variants: { original: { mime: plainType(mime, head), size, width: 0, height: 0, sha256 } },
      plain: true,
      bytes: size,
      unusedSince: clock.now(),
      createdAt: isoTime(clock.now()),
    };
    await quota.take(ownerId, row.id, row.bytes);
    try {
      await blobs.put(blobKey(row.id, 'original'), source instanceof Uint8Array ? Readable.from(piecesOf(source)) : source.path);
      await documents.insert(filesCollection.name, row);
      return toStoredFile(row);
    } catch (error) {
      // An insert that failed for want of an answer may have happened: deleting the blob would then break a stored file.
      if ((await documents.get(filesCollection.name, row.id).catch(() => null)) !== null) return toStoredFile(row);
      await undo(row);
      throw error;
    } finally {
      quota.settle(ownerId, row.id);
    }
  }

  /** What cannot be undone now is found by the sweeper. */
  async function undo(row: FileRow): Promise<void> {
    const steps = [blobs.delete(blobKey(row.id, 'original')), quota.giveBack(row.ownerId, row.id, row.bytes)];
    const results = await Promise.allSettled(steps);
    if (results.some(({ status }) => status === 'rejected')) logger.warn({ fileId: row.id }, 'a failed upload is left to the sweeper');
  }

  return async (ownerId: string, bytes: PlainBytes): Promise<StoredFile> => {
    try {
      return await store(ownerId, bytes);
    } finally {
      if (!(bytes.source instanceof Uint8Array)) await rm(bytes.source.path, { force: true });
    }
  };
}

async function measured(source: PlainBytes['source']): Promise<{ sha256: string; size: number; head: Buffer }> {
  const hash = createHash('sha256');
  let size = 0;
  let head = Buffer.alloc(0);
  const pieces = source instanceof Uint8Array ? Readable.from(piecesOf(source)) : createReadStream(source.path);
  for await (const piece of pieces) {
    const bytes = Buffer.from(piece);
    if (size === 0) head = bytes.subarray(0, 1024);
    hash.update(bytes);
    size += bytes.length;
    await setImmediate();
  }
  return { sha256: hash.digest('hex'), size, head };
}

function* piecesOf(data: Uint8Array): Generator<Buffer> {
  for (let at = 0; at < data.length; at += PIECE) {
    yield Buffer.from(data.buffer, data.byteOffset + at, Math.min(PIECE, data.length - at));
  }
}
