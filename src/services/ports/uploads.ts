import type { StoredFile } from '../../protocol/index.ts';

/** What the chat needs of uploads. */
export interface Uploads {
  /** @throws AppError NOT_FOUND for an unknown file and for somebody else's */
  get(ownerId: string, fileId: string): Promise<StoredFile>;
  readForModel(ownerId: string, fileId: string): Promise<{ mime: string; data: Uint8Array }>;
  storeGenerated(ownerId: string, picture: { mime: string; data: Uint8Array }): Promise<StoredFile>;
  /** Marks files as shown in a conversation: they are kept as long as it is. */
  refer(ownerId: string, fileIds: readonly string[], conversationId: string): Promise<void>;
}
