import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Db, GridFSBucket, GridFSFile } from 'mongodb';
import { checkBlobKey, holdError } from './blob-input.ts';

const bucketName = 'blobs';

/**
 * Blobs in MongoDB's GridFS (collections `blobs.files` and `blobs.chunks`), the key as file name. A new revision is
 * written whole before the older ones go, so that a key holds all of a blob or none.
 * @param options.database yields the connected database; it rejects while there is none
 */
export function createGridFsBlobs({ database }: { readonly database: () => Promise<Db> }) {
  async function bucket(): Promise<{ db: Db; files: GridFSBucket }> {
    const db = await database();
    // Only who uses MongoDB pays for loading its driver.
    const { GridFSBucket: Bucket } = await import('mongodb');
    return { db, files: new Bucket(db, { bucketName }) };
  }

  async function put(key: string, source: Readable | string): Promise<{ size: number }> {
    checkBlobKey(key);
    holdError(source);
    const { files } = await bucket();
    const older = await revisions(files, key);
    const upload = files.openUploadStream(key);
    try {
      await pipeline(typeof source === 'string' ? createReadStream(source) : source, upload);
    } catch (error) {
      // The stream may have been aborted by the pipeline; what stays is swept.
      await upload.abort().catch(() => {});
      throw error;
    }
    for (const revision of older) await remove(files, revision);
    return { size: upload.length };
  }

  async function open(key: string, range?: { start: number; end: number }): Promise<{ stream: Readable; size: number } | null> {
    checkBlobKey(key);
    const { files } = await bucket();
    const [newest] = await revisions(files, key);
    if (newest === undefined) return null;
    // GridFS counts the end exclusively.
    const part = range === undefined ? {} : { start: range.start, end: Math.min(range.end + 1, newest.length) };
    return { stream: files.openDownloadStream(newest._id, part), size: newest.length };
  }

  async function deleteBlob(key: string): Promise<void> {
    checkBlobKey(key);
    const { files } = await bucket();
    for (const revision of await revisions(files, key)) await remove(files, revision);
  }

  async function* list(): AsyncGenerator<{ key: string; modifiedAt: number; size: number }> {
    const { files } = await bucket();
    for await (const file of files.find({})) yield { key: file.filename, modifiedAt: file.uploadDate.getTime(), size: file.length };
  }

  async function sweepUnfinished(before: number): Promise<number> {
    return sweepChunks((await bucket()).db, before);
  }

  return { put, open, delete: deleteBlob, list, sweepUnfinished };
}

/** Newest first. */
function revisions(files: GridFSBucket, key: string): Promise<GridFSFile[]> {
  return files
    .find({ filename: checkBlobKey(key) })
    .sort({ uploadDate: -1, _id: -1 })
    .toArray();
}

async function remove(files: GridFSBucket, revision: GridFSFile): Promise<void> {
  const { MongoRuntimeError } = await import('mongodb');
  try {
    await files.delete(revision._id);
  } catch (error) {
    // The driver's word for "another process has deleted it already".
    if (!(error instanceof MongoRuntimeError)) throw error;
  }
}

/** An upload writes its chunks first and its file last: chunks without a file are what a killed process left. */
async function sweepChunks(db: Db, before: number): Promise<number> {
  const { ObjectId } = await import('mongodb');
  const chunks = db.collection(`${bucketName}.chunks`);
  const files = db.collection(`${bucketName}.files`);
  const oldest = ObjectId.createFromTime(Math.floor(before / 1000));
  let removed = 0;
  for await (const chunk of chunks.find({ n: 0, _id: { $lt: oldest } }, { projection: { files_id: 1 } })) {
    const fileId: unknown = chunk['files_id'];
    if (!(fileId instanceof ObjectId)) continue;
    if ((await files.countDocuments({ _id: fileId }, { limit: 1 })) > 0) continue;
    await chunks.deleteMany({ files_id: fileId });
    removed += 1;
  }
  return removed;
}
