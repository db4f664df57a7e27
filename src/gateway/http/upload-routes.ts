import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Request, type Response, Router } from 'express';
import { AppError } from '../../lib/app-error.ts';
import { type Clock, systemClock } from '../../lib/clock.ts';
import { idSchema, type StoredFile } from '../../protocol/index.ts';
import { type RangeRequest, readRange } from './byte-range.ts';
import { createMultipart, type ReceivedFile } from './multipart.ts';

type Variant = 'original' | 'model' | 'thumb';

interface Described {
  readonly file: StoredFile;
  readonly mime: string;
  readonly size: number;
  readonly sha256: string;
}

/** What the routes need of `services/uploads`. */
export interface UploadRoutesUploads {
  accept(upload: { ownerId: string; path: string; originalName?: string; declaredSize: number }, signal?: AbortSignal): Promise<StoredFile>;
  describe(ownerId: string, fileId: string, variant: Variant): Promise<Described>;
  open(
    ownerId: string,
    fileId: string,
    variant: Variant,
    range?: { start: number; end: number },
  ): Promise<Described & { stream: Readable }>;
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

/** Only what the picture codec makes; anything else would be served as bytes. */
const endings: ReadonlyMap<string, string> = new Map([
  ['image/png', 'png'],
  ['image/jpeg', 'jpg'],
  ['image/webp', 'webp'],
  ['image/gif', 'gif'],
]);

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
    const variant = readVariant(request.query['variant']);
    if (fileId === undefined || variant === null) throw new AppError('NOT_FOUND');
    const described = await uploads.describe(ownerId, fileId, variant);
    const etag = setHeaders(response, described);
    if (matches(request.headers['if-none-match'], etag)) return void response.status(304).end();
    const range = rangeOf(request, described.size, etag);
    if (range === 'unsatisfiable') {
      response.removeHeader('Content-Disposition');
      return void response.status(416).set('Content-Range', `bytes */${described.size}`).end();
    }
    const part = range === 'whole' ? undefined : range;
    response.set('Content-Type', endings.has(described.mime) ? described.mime : 'application/octet-stream');
    response.set('Content-Length', String(part === undefined ? described.size : part.end - part.start + 1));
    if (part !== undefined) response.status(206).set('Content-Range', `bytes ${part.start}-${part.end}/${described.size}`);
    if (request.method === 'HEAD') return void response.end();
    const { stream } = await uploads.open(ownerId, fileId, variant, part);
    // A reader that goes away in the middle is not an error of ours; the pipeline has destroyed both ends.
    await pipeline(stream, response).catch((error: unknown) => {
      if (!response.headersSent) throw error;
    });
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

function readVariant(value: unknown): Variant | null {
  if (value === undefined) return 'original';
  return value === 'original' || value === 'thumb' || value === 'model' ? value : null;
}

/** @returns the entity tag */
function setHeaders(response: Response, { file, mime, sha256 }: Described): string {
  const etag = `"${sha256.slice(0, 32)}"`;
  response.set({
    ETag: etag,
    // The bytes under an id never change. Vary: who signs out does not read them from the cache.
    'Cache-Control': 'private, max-age=31536000, immutable',
    Vary: 'Cookie, Authorization',
    'Accept-Ranges': 'bytes',
    'Content-Disposition': contentDisposition(file.name ?? 'picture', endings.get(mime) ?? 'bin'),
    'X-Content-Type-Options': 'nosniff',
    'Content-Security-Policy': "sandbox; default-src 'none'",
    'Cross-Origin-Resource-Policy': 'same-origin',
  });
  return etag;
}

/** RFC 6266, with a name for old clients. The ending is ours, whatever the name says. */
function contentDisposition(name: string, ending: string): string {
  const full = `${name.replace(/\.[A-Za-z0-9]{1,8}$/, '')}.${ending}`;
  const ascii = full.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  const encoded = encodeURIComponent(full).replace(/['()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
  return `inline; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}

function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.split(',', 100).some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag);
}

/** `If-Range` with another tag (or a date, which we do not give) asks for the whole. */
function rangeOf(request: Request, size: number, etag: string): RangeRequest {
  const condition = request.headers['if-range'];
  if (condition !== undefined && condition !== etag) return 'whole';
  return readRange(request.headers.range, size);
}
