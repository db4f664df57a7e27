import { AppError } from '../lib/app-error.ts';
import type { DocumentStore } from '../lib/document-store.ts';
import { type FileQuotaRow, type FileRow, fileQuotasCollection, filesCollection } from './upload-rows.ts';

/**
 * How much each person stores: one counter, taken before anything is written and given back when it is not. A process
 * that dies in between leaves the counter too high; it is counted anew before anybody is refused because of it.
 */
export function createUploadQuota(documents: DocumentStore, quotaBytes: number) {
  const collection = fileQuotasCollection.name;

  async function add(ownerId: string, bytes: number): Promise<number> {
    const change = { increment: { bytes } };
    const row = await documents.update<FileQuotaRow>(collection, ownerId, change);
    if (row !== null) return row.bytes;
    await documents.batch([{ type: 'insertIfAbsent', collection, document: newQuota(ownerId) }]);
    const made = await documents.update<FileQuotaRow>(collection, ownerId, change);
    return made?.bytes ?? bytes;
  }

  async function storedBytes(ownerId: string): Promise<number> {
    let sum = 0;
    let cursor: string | null = null;
    do {
      const page: { items: FileRow[]; nextCursor: string | null } = await documents.find<FileRow>(filesCollection.name, {
        index: 'byOwner',
        where: { ownerId },
        limit: 500,
        ...(cursor === null ? {} : { cursor }),
      });
      for (const row of page.items) sum += row.bytes;
      cursor = page.nextCursor;
    } while (cursor !== null);
    return sum;
  }

  /** Sets the counter to what is stored plus `bytes` unless it has moved meanwhile. */
  async function recount(ownerId: string, seen: number, bytes: number): Promise<number> {
    const total = (await storedBytes(ownerId)) + bytes;
    const row = await documents.update<FileQuotaRow>(collection, ownerId, { expect: { bytes: seen }, set: { bytes: total } });
    return row?.bytes ?? seen;
  }

  return {
    /** @throws AppError TOO_LARGE when the person would store more than allowed; then nothing is taken */
    async take(ownerId: string, bytes: number): Promise<void> {
      let total = await add(ownerId, bytes);
      if (total > quotaBytes) total = await recount(ownerId, total, bytes);
      if (total <= quotaBytes) return;
      await add(ownerId, -bytes);
      throw new AppError('TOO_LARGE', {
        message: 'Your pictures take up all the space you have here. Delete conversations with pictures first.',
        params: { quotaBytes },
      });
    },
    async giveBack(ownerId: string, bytes: number): Promise<void> {
      await add(ownerId, -bytes);
    },
  };
}

function newQuota(ownerId: string): FileQuotaRow {
  return { id: ownerId, bytes: 0 };
}

export type UploadQuota = ReturnType<typeof createUploadQuota>;
