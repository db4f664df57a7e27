import { AppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import type { DocumentStore } from '../../lib/document-store.ts';
import { type FileReferenceRow, type FileRow, fileReferencesCollection, filesCollection } from './upload-rows.ts';

/**
 * Who still shows a file. A reference is written before the file's mark is taken away, and the sweeper deletes a row
 * only while its mark is the one that it saw: whichever comes first, a used file is never removed.
 */
export function createUploadReferences(documents: DocumentStore, clock: Clock) {
  const files = filesCollection.name;
  const references = fileReferencesCollection.name;

  async function add(ownerId: string, fileId: string, referrerId: string): Promise<void> {
    const row: FileReferenceRow & { ownerId: string } = { id: `${fileId}.${referrerId}`, fileId, referrerId, ownerId };
    await documents.batch([{ type: 'insertIfAbsent', collection: references, document: row }]);
    const file = await documents.update<FileRow>(files, fileId, { expect: { ownerId }, set: { unusedSince: null } });
    if (file !== null) return;
    await documents.delete(references, row.id);
    throw new AppError('NOT_FOUND');
  }

  async function isUsed(fileId: string): Promise<boolean> {
    return (await documents.count(references, { index: 'byFile', where: { fileId }, limit: 1 })) > 0;
  }

  async function release(ownerId: string, referrerId: string): Promise<void> {
    for (;;) {
      const page = await documents.find<FileReferenceRow>(references, { index: 'byReferrer', where: { referrerId }, limit: 200 });
      for (const { id, fileId } of page.items) {
        // The mark comes first: a crash between the two leaves what a repetition finds, never a file that nobody would remove. From one
        // that something else shows the sweeper takes the mark away.
        await documents.update(files, fileId, { expect: { ownerId }, set: { unusedSince: clock.now() } });
        await documents.delete(references, id);
      }
      if (page.nextCursor === null) return;
    }
  }

  return { add, isUsed, release };
}

export type UploadReferences = ReturnType<typeof createUploadReferences>;
