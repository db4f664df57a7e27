import { type Request, type Response, Router } from 'express';
import { AppError } from '../../lib/app-error.ts';
import { type Clock, systemClock } from '../../lib/clock.ts';
import { idSchema, type StoredFile } from '../../protocol/index.ts';
import { createMultipart, type ReceivedFile } from './multipart.ts';
import { type ServedFiles, sendFile } from './send-file.ts';

/** What the routes need of `services/uploads`. */
export interface UploadRoutesUploads extends ServedFiles {
  accept(upload: { ownerId: string; path: string; originalName?: string; declaredSize: number }, signal?: AbortSignal): Promise<StoredFile>;
}

export interface UploadRoutesOptions {
  readonly uploads: UploadRoutesUploads;
  /** @throws AppError UNAUTHENTICATED */
  readonly currentUser: (request: Request) => { readonly id: string } | Promise<{ readonly id: string }>;
  readonly limits: {
    readonly maxBytes: number;
    /** Uploads of one person under way at once. Default 8: as many pictures as a message may hold. */
    readonly concurrentPerUser?: number;
    /** For receiving one body. Default 115 s. */
    readonly timeoutMs?: number;
  };
  readonly temporaryDirectory: string;
  readonly clock?: Clock;
}

/** The bytes under an id never change. Vary: who signs out does not read them from the cache. */
const caching = { 'Cache-Control': 'private, max-age=31536000, immutable', Vary: 'Cookie, Authorization' };

/** `POST /api/uploads`, `GET` and `HEAD /api/files/:id` (`?variant=original|thumb|model`). Errors are thrown as `AppError`. */
export function createUploadRoutes(options: UploadRoutesOptions): Router {
  const { uploads, currentUser, limits, temporaryDirectory, clock = systemClock } = options;
  const receive = createMultipart({
    temporaryDirectory,
    maxBytes: limits.maxBytes,
    clock,
    ...(limits.timeoutMs === undefined ? {} : { timeoutMs: limits.timeoutMs }),
  });
  const underWay = new Map<string, number>();
  const router = Router();

  async function upload(request: Request, response: Response): Promise<void> {
    const { id: ownerId } = await currentUser(request);
    const open = underWay.get(ownerId) ?? 0;
    if (open >= (limits.concurrentPerUser ?? 8)) throw new AppError('RATE_LIMITED', { retryAfter: 2 });
    underWay.set(ownerId, open + 1);
    try {
      const received = await receive(request, response);
      const file = await acceptFor(response, uploads, ownerId, received);
      response.status(201).json({ file });
    } finally {
      const left = (underWay.get(ownerId) ?? 1) - 1;
      if (left > 0) underWay.set(ownerId, left);
      else underWay.delete(ownerId);
    }
  }

  async function serve(request: Request, response: Response): Promise<void> {
    const { id: ownerId } = await currentUser(request);
    const fileId = idSchema.safeParse(request.params['id']).data;
    if (fileId === undefined) throw new AppError('NOT_FOUND');
    await sendFile(request, response, { files: uploads, ownerId, fileId, caching });
  }

  router.post('/api/uploads', upload);
  router.get('/api/files/:id', serve);
  return router;
}

/** Whoever hangs up before the answer gets no file: there is nobody to tell its id to. */
async function acceptFor(response: Response, uploads: UploadRoutesUploads, ownerId: string, received: ReceivedFile): Promise<StoredFile> {
  const gone = new AbortController();
  const onClose = () => gone.abort(new AppError('BAD_REQUEST', { message: 'The upload was cut off.' }));
  if (response.closed) onClose();
  response.once('close', onClose);
  try {
    const { path, originalName, size: declaredSize } = received;
    return await uploads.accept({ ownerId, path, originalName, declaredSize }, gone.signal);
  } finally {
    response.off('close', onClose);
  }
}
