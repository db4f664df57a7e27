import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { AppError } from '../../lib/app-error.ts';
import { type Clock, isoTime } from '../../lib/clock.ts';
import type { DocumentStore } from '../../lib/document-store.ts';
import type { Logger } from '../../lib/logger.ts';
import { idSchema, type StoredFile } from '../../protocol/index.ts';
import type { BlobRange, BlobStore } from '../ports/blob-store.ts';
import type { ImageCodec, PictureLimits, PreparedImage, PreparedPicture } from '../ports/image-codec.ts';
import { createPlainFiles, type PlainBytes } from './plain-files.ts';
import { displayName } from './upload-name.ts';
import { createUploadQuota, type UploadQuota } from './upload-quota.ts';
import { createUploadReferences, type UploadReferences } from './upload-references.ts';
import {
  blobKey,
  type FileRow,
  type FileVariant,
  filesCollection,
  newFileId,
  toStoredFile,
  type VariantRow,
  variants,
} from './upload-rows.ts';
import { createUploadSweeper, type SweepResult } from './upload-sweeper.ts';

export interface UploadLimits extends PictureLimits {
  /** Of one uploaded file, in bytes. */
  readonly maxBytes: number;
  /** Of all that a person stores, in bytes, thumbnails included; 0: no quota. */
  readonly quotaBytes: number;
}

/** PROMISES R15: 40 megapixels over all frames, 12,000 pixels a side, 100 frames. */
export const defaultUploadLimits: UploadLimits = {
  maxBytes: 10 * 1024 * 1024,
  quotaBytes: 1024 * 1024 * 1024,
  maxPixels: 40_000_000,
  maxSide: 12_000,
  maxFrames: 100,
};

export interface UploadsOptions {
  readonly documents: DocumentStore;
  readonly blobs: BlobStore;
  readonly images: ImageCodec;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: UploadLimits;
  /** Exists, is private to this server and on a disk with room for uploads under way. */
  readonly temporaryDirectory: string;
}

export interface Upload {
  readonly ownerId: string;
  /** Of a file that `accept` takes over: it is gone afterwards, whatever happens. */
  readonly path: string;
  /** What the client called it; becomes a display name, never a path. */
  readonly originalName?: string;
  /** In bytes, as received. */
  readonly declaredSize: number;
  /** For a file that must get the same id each time it is sent (an import); else a new one. 128 bits in base64url. */
  readonly id?: string;
}

export interface OpenedFile {
  readonly file: StoredFile;
  readonly mime: string;
  /** Of the whole variant, in bytes. */
  readonly size: number;
  /** Hex, of the whole variant. */
  readonly sha256: string;
  /** Nobody decoded it: `mime` is what somebody said. */
  readonly plain: boolean;
}

export interface Uploads {
  /**
   * Judges, re-encodes and stores a picture. The row is written last: what is acknowledged exists, what fails leaves nothing.
   * @throws AppError TOO_LARGE, UNSUPPORTED_MEDIA, IMAGE_UNREADABLE, OVERLOADED, STORE_UNAVAILABLE
   */
  accept(upload: Upload, signal?: AbortSignal): Promise<StoredFile>;
  /** A picture. @throws AppError NOT_FOUND, for another owner's file as well; UNSUPPORTED_MEDIA for plain bytes */
  get(ownerId: string, fileId: string): Promise<StoredFile>;
  /** The facts of a variant without its bytes. @throws AppError NOT_FOUND */
  describe(ownerId: string, fileId: string, variant: FileVariant): Promise<OpenedFile>;
  /** The caller reads the stream to its end or destroys it. @throws AppError NOT_FOUND */
  open(ownerId: string, fileId: string, variant: FileVariant, range?: BlobRange): Promise<OpenedFile & { stream: Readable }>;
  /** The picture in the size and format for a chat model (PNG or JPEG, at most 1536 pixels a side). @throws AppError NOT_FOUND */
  readForModel(ownerId: string, fileId: string): Promise<{ mime: string; data: Uint8Array }>;
  /** A picture that a model made goes the way of an uploaded one. @throws as `accept` */
  storeGenerated(ownerId: string, picture: { data: Uint8Array; name?: string }, signal?: AbortSignal): Promise<StoredFile>;
  /** Keeps bytes as they are; they count like pictures, and unused ones go after a day. @throws AppError TOO_LARGE */
  storePlain(ownerId: string, bytes: PlainBytes): Promise<StoredFile>;
  /** Those of the person that exist, by id. */
  find(ownerId: string, fileIds: readonly string[]): Promise<ReadonlyMap<string, StoredFile>>;
  /** Writes the original into a new file. @throws AppError NOT_FOUND */
  copyTo(ownerId: string, fileId: string, path: string): Promise<void>;
  /** A picture that was judged and re-encoded already (`ImageCodec`, a job); its files stay where they are. @throws as `accept` */
  storePrepared(ownerId: string, prepared: PreparedImage, name?: string): Promise<StoredFile>;
  /** Removes files at once that nothing refers to; others stay. */
  discard(ownerId: string, fileIds: readonly string[]): Promise<void>;
  /**
   * Marks files as shown by something (`referrerId`: a conversation, a job), so that they are kept until it is released;
   * without a referrer for good. Repeating it changes nothing.
   * @throws AppError NOT_FOUND when one does not exist or has another owner; then none is marked
   */
  refer(ownerId: string, fileIds: readonly string[], referrerId?: string): Promise<void>;
  /** Ends all references of a referrer, for example of a deleted conversation. Files that nothing else shows are swept a day later. */
  release(ownerId: string, referrerId: string): Promise<void>;
  /** Removes files that nothing refers to (24 h), and what uploads that were cut off left: temporary files and blobs without a row (1 h). */
  sweep(): Promise<SweepResult>;
}

/** What the store reads by id in one call. */
const MOST_READ = 1000;

export const createUploads = (options: UploadsOptions): Uploads => new UploadService(options);

class UploadService implements Uploads {
  readonly sweep: () => Promise<SweepResult>;
  readonly storePlain: Uploads['storePlain'];
  readonly #removeUnused: (row: FileRow) => Promise<boolean>;
  readonly #options: UploadsOptions;
  readonly #quota: UploadQuota;
  readonly #references: UploadReferences;

  constructor(options: UploadsOptions) {
    const { documents, clock, limits } = options;
    this.#options = options;
    this.#quota = createUploadQuota(documents, limits.quotaBytes);
    this.#references = createUploadReferences(documents, clock);
    const sweeper = createUploadSweeper({ ...options, references: this.#references, quota: this.#quota });
    this.sweep = sweeper.sweep;
    this.storePlain = createPlainFiles({ ...options, quota: this.#quota });
    this.#removeUnused = sweeper.removeUnused;
  }

  async accept(upload: Upload, signal?: AbortSignal): Promise<StoredFile> {
    const { images, limits, temporaryDirectory } = this.#options;
    const targetDirectory = join(temporaryDirectory, `prepared-${randomUUID()}`);
    try {
      if (upload.declaredSize > limits.maxBytes) throw new AppError('TOO_LARGE', { params: { maxBytes: limits.maxBytes } });
      await mkdir(targetDirectory, { mode: 0o700 });
      const prepared = await images.prepareImage({ path: upload.path, targetDirectory, limits: pictureLimits(limits) }, signal);
      signal?.throwIfAborted();
      return toStoredFile(await this.#store(upload, prepared));
    } finally {
      await rm(targetDirectory, { recursive: true, force: true });
      await rm(upload.path, { force: true });
    }
  }

  async get(ownerId: string, fileId: string): Promise<StoredFile> {
    const row = await this.#readRow(ownerId, fileId);
    if (row.plain === true) throw new AppError('UNSUPPORTED_MEDIA');
    return toStoredFile(row);
  }

  async describe(ownerId: string, fileId: string, variant: FileVariant): Promise<OpenedFile> {
    const row = await this.#readRow(ownerId, fileId);
    const found = row.variants[variant];
    if (found === undefined) throw new AppError('NOT_FOUND');
    const { mime, size, sha256 } = found;
    return { file: toStoredFile(row), mime, size, sha256, plain: row.plain === true };
  }

  async open(ownerId: string, fileId: string, variant: FileVariant, range?: BlobRange): Promise<OpenedFile & { stream: Readable }> {
    const described = await this.describe(ownerId, fileId, variant);
    const blob = await this.#options.blobs.open(blobKey(fileId, variant), range);
    if (blob !== null) return { ...described, stream: blob.stream };
    this.#options.logger.error({ fileId, variant }, 'the bytes of a stored file are missing');
    throw new AppError('NOT_FOUND');
  }

  async readForModel(ownerId: string, fileId: string): Promise<{ mime: string; data: Uint8Array }> {
    const { mime, stream } = await this.open(ownerId, fileId, 'model');
    return { mime, data: await buffer(stream) };
  }

  async storeGenerated(ownerId: string, picture: { data: Uint8Array; name?: string }, signal?: AbortSignal): Promise<StoredFile> {
    const path = join(this.#options.temporaryDirectory, `upload-${randomUUID()}`);
    try {
      await writeFile(path, picture.data, { mode: 0o600, flag: 'wx' });
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    }
    const name = picture.name === undefined ? {} : { originalName: picture.name };
    // The limit of bytes is for what people send; what a model made is bound by its pixels.
    return this.accept({ ownerId, path, declaredSize: 0, ...name }, signal);
  }

  async find(ownerId: string, fileIds: readonly string[]): Promise<ReadonlyMap<string, StoredFile>> {
    const rows = await this.#rows(ownerId, fileIds);
    return new Map(rows.map((row) => [row.id, toStoredFile(row)]));
  }

  async copyTo(ownerId: string, fileId: string, path: string): Promise<void> {
    const { stream } = await this.open(ownerId, fileId, 'original');
    await pipeline(stream, createWriteStream(path, { mode: 0o600, flags: 'wx' }));
  }

  async storePrepared(ownerId: string, prepared: PreparedImage, name?: string): Promise<StoredFile> {
    const named = name === undefined ? {} : { originalName: name };
    return toStoredFile(await this.#store({ ownerId, path: prepared.original.path, declaredSize: 0, ...named }, prepared));
  }

  async discard(ownerId: string, fileIds: readonly string[]): Promise<void> {
    for (const row of await this.#rows(ownerId, fileIds)) await this.#removeUnused(row);
  }

  async refer(ownerId: string, fileIds: readonly string[], referrerId = 'kept'): Promise<void> {
    const rows = await Promise.all(fileIds.map((fileId) => this.#readRow(ownerId, fileId)));
    for (const { id } of rows) await this.#references.add(ownerId, id, referrerId);
  }

  release(ownerId: string, referrerId: string): Promise<void> {
    return this.#references.release(ownerId, referrerId);
  }

  async #rows(ownerId: string, fileIds: readonly string[]): Promise<FileRow[]> {
    const ids = [...new Set(fileIds)].filter((id) => idSchema.safeParse(id).success);
    const rows: FileRow[] = [];
    for (let at = 0; at < ids.length; at += MOST_READ) {
      rows.push(...(await this.#options.documents.getMany<FileRow>(filesCollection.name, ids.slice(at, at + MOST_READ))));
    }
    return rows.filter((row) => row.ownerId === ownerId);
  }

  async #readRow(ownerId: string, fileId: string): Promise<FileRow> {
    const { documents } = this.#options;
    const row = idSchema.safeParse(fileId).success ? await documents.get<FileRow>(filesCollection.name, fileId) : null;
    if (row === null || row.ownerId !== ownerId) throw new AppError('NOT_FOUND');
    return row;
  }

  async #store(upload: Upload, prepared: PreparedImage): Promise<FileRow> {
    const { blobs, documents, clock } = this.#options;
    const row = await createRow(upload, prepared, clock);
    await this.#quota.take(upload.ownerId, row.id, row.bytes);
    try {
      for (const variant of variants) await blobs.put(blobKey(row.id, variant), prepared[variant].path);
      await documents.insert(filesCollection.name, row);
      return row;
    } catch (error) {
      // An insert that failed for want of an answer may have happened: deleting the blobs would then break a stored file.
      if ((await documents.get(filesCollection.name, row.id)) !== null) return row;
      await this.#undo(row);
      throw error;
    } finally {
      this.#quota.settle(upload.ownerId, row.id);
    }
  }

  /** What cannot be undone now is found by the sweeper, and the quota is counted anew before it refuses anybody. */
  async #undo(row: FileRow): Promise<void> {
    const { blobs, logger } = this.#options;
    const steps = [
      ...variants.map((variant) => blobs.delete(blobKey(row.id, variant))),
      this.#quota.giveBack(row.ownerId, row.id, row.bytes),
    ];
    const results = await Promise.allSettled(steps);
    if (results.some(({ status }) => status === 'rejected')) logger.warn({ fileId: row.id }, 'a failed upload is left to the sweeper');
  }
}

function pictureLimits({ maxPixels, maxSide, maxFrames }: UploadLimits): PictureLimits {
  return { maxPixels, maxSide, maxFrames };
}

async function createRow(upload: Upload, prepared: PreparedImage, clock: Clock): Promise<FileRow> {
  const [original, model, thumb] = await Promise.all([
    describePicture(prepared.original),
    describePicture(prepared.model),
    describePicture(prepared.thumb),
  ]);
  const name = displayName(upload.originalName);
  return {
    id: upload.id ?? newFileId(),
    ownerId: upload.ownerId,
    ...(name === undefined ? {} : { name }),
    variants: { original, model, thumb },
    bytes: original.size + model.size + thumb.size,
    unusedSince: clock.now(),
    createdAt: isoTime(clock.now()),
  };
}

async function describePicture({ path, mime, size, width, height }: PreparedPicture): Promise<VariantRow> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return { mime, size, width, height, sha256: hash.digest('hex') };
}
