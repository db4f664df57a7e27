import { type Response, Router } from 'express';
import { type ConversationExport, readConversationExport } from '../../commands/exports/conversation-export.ts';
import { exportFileName } from '../../commands/exports/export-file-name.ts';
import { type ExportFormat, exportPieces, type PictureReader } from '../../commands/exports/export-pieces.ts';
import type { ConversationsPort } from '../../commands/ports.ts';
import type { Clock } from '../../lib/clock.ts';
import { exportQuerySchema } from '../../protocol/index.ts';
import { assertNotForeign } from './assert-not-foreign.ts';
import { contentDisposition } from './content-disposition.ts';
import { methodNotAllowed } from './error-responder.ts';
import { parseQuery } from './json-body.ts';
import { createOncePerPerson } from './once-per-person.ts';
import { pathId } from './path-id.ts';
import type { RequestIdentities } from './request-identity.ts';
import { sendPieces } from './send-pieces.ts';
import { whileHere } from './while-here.ts';

export interface ExportRoutesDeps {
  readonly identities: RequestIdentities;
  readonly conversations: Pick<ConversationsPort, 'get' | 'messages'>;
  /** A picture of this person, small enough for a page. @throws AppError NOT_FOUND */
  readonly readPicture: (userId: string, fileId: string) => Promise<{ readonly mime: string; readonly data: Uint8Array }>;
  readonly clock: Clock;
}

const mimes: Readonly<Record<ExportFormat, string>> = {
  md: 'text/markdown; charset=utf-8',
  json: 'application/json; charset=utf-8',
  html: 'text/html; charset=utf-8',
};

/** `GET /api/conversations/:id/export?format=md|json|html`: a conversation as a file. */
export function createExportRoutes({ identities, conversations, readPicture, clock }: ExportRoutesDeps): Router {
  const router = Router();
  const once = createOncePerPerson();
  router
    .route('/api/conversations/:id/export')
    .get(async (request, response) => {
      const identity = await identities.require(request);
      assertNotForeign(request, identity);
      const { id: userId } = identity.user;
      const { format } = parseQuery(exportQuerySchema, request.query);
      await once(`export ${userId}`, async () => {
        const content = await whileHere(response, (signal) => readConversationExport(conversations, userId, pathId(request), signal));
        setHeaders(response, format, content);
        await sendPieces(response, exportPieces(format, content, pictureReader(userId, readPicture)), clock);
      });
    })
    .all(methodNotAllowed('GET'));
  return router;
}

function setHeaders(response: Response, format: ExportFormat, { conversation }: ConversationExport): void {
  response.set({
    'Content-Type': mimes[format],
    'Content-Disposition': contentDisposition('attachment', exportFileName(conversation.title, format)),
    'X-Accel-Buffering': 'no',
  });
}

/** One that is gone leaves its name in the file. */
function pictureReader(userId: string, read: ExportRoutesDeps['readPicture']): PictureReader {
  return (fileId) => read(userId, fileId).catch(() => null);
}
