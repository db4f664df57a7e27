import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { AppError } from '../../lib/app-error.ts';
import type { DocumentStore } from '../../lib/document-store.ts';
import type { StoredFile } from '../../protocol/index.ts';
import type { PreparedPicture } from '../ports/image-codec.ts';
import { type FileRow, type FileVariant, filesCollection } from '../uploads/upload-rows.ts';
import type { Uploads } from '../uploads/uploads.ts';

export interface CopyFilesOptions {
  readonly documents: DocumentStore;
  readonly uploads: Pick<Uploads, 'open' | 'storePrepared' | 'storePlain'>;
  readonly temporaryDirectory: string;
}

/**
 * Gives a file of one person to another as one of their own, byte for byte: it was judged and re-encoded here when it came.
 * @returns a function; it resolves to null for a file that is not there any more, and throws TOO_LARGE when the new owner has no room
 */
export function createFileCopies({ documents, uploads, temporaryDirectory }: CopyFilesOptions) {
  async function writeVariant(row: FileRow, variant: FileVariant, folder: string): Promise<PreparedPicture> {
    const facts = row.variants[variant];
    if (facts === undefined) throw new AppError('NOT_FOUND');
    const { stream } = await uploads.open(row.ownerId, row.id, variant);
    const path = join(folder, variant);
    await pipeline(stream, createWriteStream(path, { mode: 0o600, flags: 'wx' }));
    const { mime, size, width, height } = facts;
    return { path, mime, size, width, height };
  }

  return async (ownerId: string, fileId: string, newOwnerId: string): Promise<StoredFile | null> => {
    const row = await documents.get<FileRow>(filesCollection.name, fileId);
    if (row === null || row.ownerId !== ownerId) return null;
    const folder = join(temporaryDirectory, `prepared-${randomUUID()}`);
    await mkdir(folder, { mode: 0o700 });
    try {
      const original = await writeVariant(row, 'original', folder);
      const { name } = row;
      if (row.plain === true) return await uploads.storePlain(newOwnerId, { mime: original.mime, name, source: { path: original.path } });
      const [model, thumb] = [await writeVariant(row, 'model', folder), await writeVariant(row, 'thumb', folder)];
      return await uploads.storePrepared(newOwnerId, { original, model, thumb }, name);
    } catch (error) {
      if (error instanceof AppError && error.code === 'NOT_FOUND') return null;
      throw error;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };
}
