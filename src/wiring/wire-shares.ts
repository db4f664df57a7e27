import { createExportRoutes } from '../gateway/http/export-routes.ts';
import type { RouteGroup } from '../gateway/http/http-app.ts';
import { createShareRoutes } from '../gateway/http/share-routes.ts';
import { createFileCopies } from '../services/shares/copy-files.ts';
import { createShareCopies } from '../services/shares/share-copies.ts';
import type { Shares } from '../services/shares/shares.ts';
import type { Parts } from './parts.ts';
import type { PlatformParts } from './wire-platform.ts';

/** Copies that a link shows, and conversations as files. */
export function wireShares(parts: Parts, shares: Shares, { address }: Pick<PlatformParts, 'address'>): RouteGroup[] {
  const { uploads, chat, clock, temporaryDirectory, models, storage } = parts;
  const { documents } = storage.database;
  chat.removal.alsoRelease(async (ownerId, conversationId) => void (await shares.revokeOf(ownerId, conversationId)));
  const copyFile = createFileCopies({ documents, uploads, temporaryDirectory });
  const copyShare = createShareCopies({ documents, shares, uploads, copyFile, messaging: models.messaging, clock });
  const readPicture = (userId: string, fileId: string) => uploads.readForModel(userId, fileId);
  return [
    (identities) => createShareRoutes({ identities, shares, copyShare, files: uploads, address }),
    (identities) => createExportRoutes({ identities, conversations: chat.conversations, readPicture, clock }),
  ];
}
