import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Request, Response } from 'express';
import { AppError } from '../../lib/app-error.ts';
import type { StoredFile } from '../../protocol/index.ts';
import { shownPlainly } from '../../services/uploads/plain-types.ts';
import { type RangeRequest, readRange } from './byte-range.ts';
import { contentDisposition } from './content-disposition.ts';

type Variant = 'original' | 'model' | 'thumb';

interface Described {
  readonly file: StoredFile;
  readonly mime: string;
  readonly size: number;
  readonly sha256: string;
  /** Bytes that nobody decoded. */
  readonly plain?: boolean;
}

/** Where the bytes come from. */
export interface ServedFiles {
  describe(ownerId: string, fileId: string, variant: Variant): Promise<Described>;
  open(
    ownerId: string,
    fileId: string,
    variant: Variant,
    range?: { start: number; end: number },
  ): Promise<Described & { stream: Readable }>;
}

export interface SentFile {
  readonly files: ServedFiles;
  readonly ownerId: string;
  readonly fileId: string;
  /** Who may keep the bytes, and for how long. Not set on a refusal. */
  readonly caching: Readonly<Record<string, string>>;
}

/** Only what the picture codec makes; anything else would be served as bytes. */
const endings: ReadonlyMap<string, string> = new Map([
  ['image/png', 'png'],
  ['image/jpeg', 'jpg'],
  ['image/webp', 'webp'],
  ['image/gif', 'gif'],
]);

/**
 * Answers with a stored file (`?variant=original|thumb|model`): one Range, ETag, and headers that let a browser show it and run
 * nothing of it.
 * @throws AppError NOT_FOUND
 */
export async function sendFile(request: Request, response: Response, { files, ownerId, fileId, caching }: SentFile): Promise<void> {
  const variant = readVariant(request.query['variant']);
  if (variant === null) throw new AppError('NOT_FOUND');
  const described = await files.describe(ownerId, fileId, variant);
  const etag = setHeaders(response, described);
  response.set(caching);
  if (matches(request.headers['if-none-match'], etag)) return void response.status(304).end();
  const range = rangeOf(request, described.size, etag);
  if (range === 'unsatisfiable') {
    response.removeHeader('Content-Disposition');
    return void response.status(416).set('Content-Range', `bytes */${described.size}`).end();
  }
  const part = range === 'whole' ? undefined : range;
  response.set('Content-Type', typeOf(described));
  response.set('Content-Length', String(part === undefined ? described.size : part.end - part.start + 1));
  if (part !== undefined) response.status(206).set('Content-Range', `bytes ${part.start}-${part.end}/${described.size}`);
  if (request.method === 'HEAD') return void response.end();
  const { stream } = await files.open(ownerId, fileId, variant, part);
  // A reader that goes away in the middle is not an error of ours; the pipeline has destroyed both ends.
  await pipeline(stream, response).catch((error: unknown) => {
    if (!response.headersSent) throw error;
  });
}

function readVariant(value: unknown): Variant | null {
  if (value === undefined) return 'original';
  return value === 'original' || value === 'thumb' || value === 'model' ? value : null;
}

/** @returns the entity tag */
function setHeaders(response: Response, described: Described): string {
  const { file, mime, sha256, plain } = described;
  const etag = `"${sha256.slice(0, 32)}"`;
  response.set({
    ETag: etag,
    'Accept-Ranges': 'bytes',
    'Content-Disposition': plain === true ? plainDisposition(described) : pictureDisposition(file.name, mime),
    'X-Content-Type-Options': 'nosniff',
    'Content-Security-Policy': mime === 'application/pdf' ? pdfPolicy : "sandbox; default-src 'none'",
    'Cross-Origin-Resource-Policy': 'same-origin',
  });
  return etag;
}

/**
 * A browser's own viewer does not open in a sandbox, and counts as an object of the document; it runs nothing with the rights of this
 * site, and nobody may frame it.
 */
const pdfPolicy = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'";

function typeOf({ plain, mime }: Described): string {
  if (plain === true) return shownPlainly(mime)?.type ?? 'application/octet-stream';
  return endings.has(mime) ? mime : 'application/octet-stream';
}

/** The ending is ours, whatever the name says. */
function pictureDisposition(name: string | undefined, mime: string): string {
  const ending = endings.get(mime) ?? 'bin';
  return contentDisposition('inline', `${(name ?? 'picture').replace(/\.[A-Za-z0-9]{1,8}$/, '')}.${ending}`);
}

/** What the browser may show keeps an ending of ours; everything else is a download under the name that it has. */
function plainDisposition({ file: { name = 'file' }, mime }: Described): string {
  const shown = shownPlainly(mime);
  if (shown === null) return contentDisposition('attachment', name);
  return contentDisposition('inline', `${name.replace(/\.[A-Za-z0-9]{1,8}$/, '')}.${shown.ending}`);
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
