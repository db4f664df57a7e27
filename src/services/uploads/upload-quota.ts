import { AppError } from '../../lib/app-error.ts';
import type { DocumentStore } from '../../lib/document-store.ts';
import { KeyedQueue } from '../../lib/keyed-queue.ts';
import { type FileQuotaRow, type FileRow, fileQuotasCollection, filesCollection } from './upload-rows.ts';

type Page = { items: FileRow[]; nextCursor: string | null };

/**
 * How much each person stores: one counter, taken before anything is written and given back when it is not. A process
 * that dies in between leaves the counter too high; it is counted anew before anybody is refused because of it.
 * @param quotaBytes for each person; 0 turns the quota off, and what is stored is still counted
 */
export function createUploadQuota(documents: DocumentStore, quotaBytes: number) {
  const most = quotaBytes === 0 ? Number.POSITIVE_INFINITY : quotaBytes;
  const collection = fileQuotasCollection.name;
  /** Bytes taken for files whose rows are not written yet, by owner and file. */
  const pending = new Map<string, Map<string, number>>();
  const queue = new KeyedQueue();

  async function add(ownerId: string, bytes: number): Promise<number> {
    const change = { increment: { bytes } };
    const row = await documents.update<FileQuotaRow>(collection, ownerId, change);
    if (row !== null) return row.bytes;
    await documents.batch([{ type: 'insertIfAbsent', collection, document: newQuota(ownerId) }]);
    const made = await documents.update<FileQuotaRow>(collection, ownerId, change);
    return made?.bytes ?? bytes;
  }

  /** Sets the counter to what is stored and under way plus `bytes`, unless it has moved meanwhile. */
  async function recount(ownerId: string, seen: number, bytes: number): Promise<number> {
    const underWay = new Map(pending.get(ownerId));
    let total = (await storedBytes(documents, ownerId, underWay)) + bytes;
    for (const other of underWay.values()) total += other;
    const row = await documents.update<FileQuotaRow>(collection, ownerId, { expect: { bytes: seen }, set: { bytes: total } });
    return row?.bytes ?? seen;
  }

  async function takeNow(ownerId: string, fileId: string, bytes: number): Promise<void> {
    let total = await add(ownerId, bytes);
    if (total > most) total = await recount(ownerId, total, bytes);
    if (total <= most) {
      const files = pending.get(ownerId) ?? new Map<string, number>();
      pending.set(ownerId, files.set(fileId, bytes));
      return;
    }
    await add(ownerId, -bytes);
    throw new AppError('TOO_LARGE', {
      message: 'Your pictures take up all the space you have here. Delete conversations with pictures first.',
      params: { quotaBytes },
    });
  }

  function settle(ownerId: string, fileId: string): void {
    const files = pending.get(ownerId);
    files?.delete(fileId);
    if (files?.size === 0) pending.delete(ownerId);
  }

  return {
    /**
     * One after the other for each owner, so that a recount knows all that is under way here.
     * @throws AppError TOO_LARGE when the person would store more than allowed; then nothing is taken
     */
    take: (ownerId: string, fileId: string, bytes: number): Promise<void> => queue.run(ownerId, () => takeNow(ownerId, fileId, bytes)),
    /** The row of a file that was taken for is written. */
    settle,
    async giveBack(ownerId: string, fileId: string, bytes: number): Promise<void> {
      settle(ownerId, fileId);
      await add(ownerId, -bytes);
    },
  };
}

async function storedBytes(documents: DocumentStore, ownerId: string, except: ReadonlyMap<string, number>): Promise<number> {
  let sum = 0;
  let cursor: string | null = null;
  do {
    const from: { cursor?: string } = cursor === null ? {} : { cursor };
    const page: Page = await documents.find<FileRow>(filesCollection.name, { index: 'byOwner', where: { ownerId }, limit: 500, ...from });
    for (const row of page.items) if (!except.has(row.id)) sum += row.bytes;
    cursor = page.nextCursor;
  } while (cursor !== null);
  return sum;
}

function newQuota(ownerId: string): FileQuotaRow {
  return { id: ownerId, bytes: 0 };
}

export type UploadQuota = ReturnType<typeof createUploadQuota>;
