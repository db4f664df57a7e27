import { AppError } from '../../lib/app-error.ts';
import { isoTime } from '../../lib/clock.ts';
import type { CollectionSpec, DocumentStore } from '../../lib/document-store.ts';
import type { Folder } from '../../protocol/index.ts';

/** A folder as stored. Conversations name it; it holds no list of them. */
export type FolderRecord = {
  readonly id: string;
  readonly ownerId: string;
  readonly name: string;
  /** Ascending in the order that is shown; equal ones are ordered by id. */
  readonly position: number;
  readonly createdAt: number;
};

export const foldersCollection: CollectionSpec = {
  name: 'folders',
  indexes: [{ name: 'byOwner', fields: ['ownerId', 'position'] }],
};

export function toFolder({ id, name, position, createdAt }: FolderRecord): Folder {
  return { id, name, position, createdAt: isoTime(createdAt) };
}

/**
 * @param temporary conversations stand in no list, so in no folder either
 * @throws AppError NOT_FOUND for an unknown and somebody else's folder alike, BAD_REQUEST for a temporary conversation
 */
export async function assertOwnFolder(documents: DocumentStore, ownerId: string, folderId: string, temporary = false): Promise<void> {
  if (temporary) throw new AppError('BAD_REQUEST', { message: 'A temporary chat stands in no folder.', params: { reason: 'temporary' } });
  const folder = await documents.get<FolderRecord>(foldersCollection.name, folderId);
  if (folder === null || folder.ownerId !== ownerId) throw new AppError('NOT_FOUND');
}
