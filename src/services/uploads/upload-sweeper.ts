import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../lib/clock.ts';
import type { DocumentStore } from '../../lib/document-store.ts';
import type { Logger } from '../../lib/logger.ts';
import type { BlobStore } from '../ports/blob-store.ts';
import type { UploadQuota } from './upload-quota.ts';
import type { UploadReferences } from './upload-references.ts';
import { blobKey, type FileRow, fileIdOfBlob, filesCollection, variants } from './upload-rows.ts';

const hour = 3_600_000;
/** Nothing refers to it: an attachment that was never sent, or whose conversation is deleted. */
export const unusedKeptMs = 24 * hour;
/**
 * What an upload that was cut off left: temporary files, half-written blobs, blobs whose row was never written (PROMISES G17).
 * No upload takes this long from its first byte to its row.
 */
export const temporaryKeptMs = hour;

/** So many files that the database does not know, and none that it does, belong to another database. */
const mostStrangers = 20;

/** Only names that uploads and jobs make: a wrongly set folder must not be emptied. */
export const temporaryName = /^(?:upload|prepared|job)-[0-9a-f-]{36}$/;
/** A job may work for long with the same folder. */
const jobFolderKeptMs = 24 * hour;

export interface SweepResult {
  readonly files: number;
  readonly blobs: number;
  readonly temporary: number;
}

export interface UploadSweeperOptions {
  readonly documents: DocumentStore;
  readonly blobs: BlobStore;
  readonly references: UploadReferences;
  readonly quota: UploadQuota;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly temporaryDirectory: string;
}

/** Removes what nobody needs. Every step can be repeated and interrupted; several processes may sweep at once. */
export function createUploadSweeper(options: UploadSweeperOptions) {
  const { documents, blobs, references, quota, clock, logger, temporaryDirectory } = options;
  let current: Promise<SweepResult> | null = null;

  async function removeUnused(row: FileRow): Promise<boolean> {
    if (await references.isUsed(row.id)) {
      await documents.update(filesCollection.name, row.id, { expect: { unusedSince: row.unusedSince }, set: { unusedSince: null } });
      return false;
    }
    // Fails when somebody has begun to use the file since it was read.
    if (!(await documents.delete(filesCollection.name, row.id, { unusedSince: row.unusedSince }))) return false;
    for (const variant of variants) await blobs.delete(blobKey(row.id, variant));
    await quota.giveBack(row.ownerId, row.id, row.bytes);
    return true;
  }

  async function sweepFiles(): Promise<number> {
    const before = clock.now() - unusedKeptMs;
    let removed = 0;
    for (;;) {
      const page = await documents.find<FileRow>(filesCollection.name, {
        index: 'byUnused',
        where: {},
        range: { from: 0, before },
        limit: 200,
      });
      for (const row of page.items) if (await removeUnused(row)) removed += 1;
      if (page.nextCursor === null) return removed;
    }
  }

  /** A blob is written before its row, so one without a row is an orphan only once no upload can still be under way. */
  async function sweepBlobs(): Promise<number> {
    const before = clock.now() - temporaryKeptMs;
    let removed = 0;
    let batch: { key: string; fileId: string }[] = [];
    for await (const { key, modifiedAt } of blobs.list()) {
      const fileId = fileIdOfBlob(key);
      if (fileId === null || modifiedAt >= before) continue;
      batch.push({ key, fileId });
      if (batch.length < 500) continue;
      removed += await removeOrphans(options, batch);
      batch = [];
    }
    return removed + (await removeOrphans(options, batch));
  }

  async function sweepAll(): Promise<SweepResult> {
    const before = clock.now() - temporaryKeptMs;
    const temporary = (await blobs.sweepUnfinished(before)) + (await sweepTemporary(temporaryDirectory, before));
    const result = { temporary, files: await sweepFiles(), blobs: await sweepBlobs() };
    if (result.files + result.blobs + result.temporary > 0) logger.info(result, 'uploads swept');
    return result;
  }

  return {
    /** Calls that come while one is under way get its result. */
    sweep(): Promise<SweepResult> {
      current ??= sweepAll().finally(() => {
        current = null;
      });
      return current;
    },
    /** Deletes a file now, unless something refers to it. @returns whether it is gone */
    removeUnused,
  };
}

async function removeOrphans(
  { documents, blobs, logger }: UploadSweeperOptions,
  keys: readonly { key: string; fileId: string }[],
): Promise<number> {
  const ids = [...new Set(keys.map(({ fileId }) => fileId))];
  const rows = await documents.getMany<FileRow>(filesCollection.name, ids);
  if (rows.length === 0 && ids.length > mostStrangers) {
    logger.warn(
      { count: ids.length },
      'stored files that the database knows none of are left alone: do DATA_DIR and the database belong together?',
    );
    return 0;
  }
  const known = new Set(rows.map(({ id }) => id));
  const orphans = keys.filter(({ fileId }) => !known.has(fileId));
  for (const { key } of orphans) await blobs.delete(key);
  return orphans.length;
}

async function sweepTemporary(temporaryDirectory: string, before: number): Promise<number> {
  let removed = 0;
  for (const name of await readdir(temporaryDirectory)) {
    if (!temporaryName.test(name)) continue;
    const path = join(temporaryDirectory, name);
    const found = await stat(path).catch(() => null);
    const kept = name.startsWith('job-') ? jobFolderKeptMs - temporaryKeptMs : 0;
    if (found === null || found.mtimeMs >= before - kept) continue;
    await rm(path, { recursive: true, force: true });
    removed += 1;
  }
  return removed;
}
