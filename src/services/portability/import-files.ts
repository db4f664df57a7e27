import { createHash } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../lib/app-error.ts';
import type { DocumentStore } from '../../lib/document-store.ts';
import { maxAskFileBytes } from '../surface/ask-values.ts';
import { type FileRow, filesCollection } from '../uploads/upload-rows.ts';
import type { Uploads } from '../uploads/uploads.ts';
import type { LineOf } from './account-lines.ts';
import { derivedFileId } from './derived-id.ts';

export interface ImportFilesOptions {
  readonly documents: DocumentStore;
  readonly uploads: Pick<Uploads, 'accept' | 'storePlain'>;
  readonly temporaryDirectory: string;
  /** Of one picture, in bytes; what plugins show and are given may be larger. */
  readonly maxBytes: number;
}

/** A file of which some lines have come. */
interface Partial {
  readonly line: LineOf<'file'>;
  readonly path: string;
  received: number;
}

/** The pictures of an import: put together in the temporary folder, then the way of every upload. */
export class ImportFiles {
  readonly #options: ImportFilesOptions;
  /** One for each person: a file begins where the one before has ended. */
  readonly #partials = new Map<string, Partial>();

  constructor(options: ImportFilesOptions) {
    this.#options = options;
  }

  /** The file that a file's id stands for here: the one that was imported, or the person's own. */
  async find(userId: string, oldId: string): Promise<FileRow | null> {
    const ids = [derivedFileId(userId, oldId), oldId];
    const rows = await this.#options.documents.getMany<FileRow>(filesCollection.name, ids);
    return rows.find(({ ownerId }) => ownerId === userId) ?? null;
  }

  /** @returns false when the file is here already: its data is passed over */
  async begin(userId: string, line: LineOf<'file'>): Promise<boolean> {
    await this.#drop(userId);
    if ((await this.find(userId, line.id)) !== null) return false;
    const { temporaryDirectory } = this.#options;
    const maxBytes = line.plain === true ? Math.max(this.#options.maxBytes, maxAskFileBytes) : this.#options.maxBytes;
    if (line.size > maxBytes) throw new AppError('TOO_LARGE', { params: { maxBytes } });
    // The sweeper of uploads knows such names: what is never finished goes after an hour.
    const path = join(temporaryDirectory, `upload-${uuidOf(userId)}`);
    await (await open(path, 'w', 0o600)).close();
    this.#partials.set(userId, { line, path, received: 0 });
    return true;
  }

  /**
   * A piece that is sent again may repeat bytes, never leave any out.
   * @returns whether the file is whole and stored now
   */
  async add(userId: string, line: LineOf<'file.data'>, signal: AbortSignal): Promise<boolean> {
    const partial = this.#partials.get(userId);
    if (partial === undefined || partial.line.id !== line.id) {
      if ((await this.find(userId, line.id)) !== null) return false;
      throw outOfOrder('The lines of a file begin with the one that describes it: send the export again from there.');
    }
    const data = Buffer.from(line.data, 'base64');
    if (data.toString('base64') !== line.data) throw new AppError('BAD_REQUEST', { params: { field: 'data' } });
    if (line.offset > partial.received) throw outOfOrder('A part of the file is missing before this line.');
    if (line.offset + data.length > partial.line.size) throw outOfOrder('The file is longer than its first line says.');
    if (!(await writeAt(partial.path, data, line.offset))) {
      this.#partials.delete(userId);
      throw outOfOrder('The beginning of the file was kept for an hour: send the export again from there.');
    }
    partial.received = line.offset + data.length;
    if (partial.received < partial.line.size) return false;
    this.#partials.delete(userId);
    const { name, size, mime, plain } = partial.line;
    const upload = { ownerId: userId, path: partial.path, declaredSize: size, id: derivedFileId(userId, line.id) };
    if (plain === true) {
      const { id, path } = upload;
      await this.#options.uploads.storePlain(userId, { id, mime, name, source: { path } });
      return true;
    }
    await this.#options.uploads.accept({ ...upload, ...(name === undefined ? {} : { originalName: name }) }, signal);
    return true;
  }

  async #drop(userId: string): Promise<void> {
    const partial = this.#partials.get(userId);
    if (partial === undefined) return;
    this.#partials.delete(userId);
    await rm(partial.path, { force: true });
  }
}

function outOfOrder(message: string): AppError {
  return new AppError('BAD_REQUEST', { message, params: { reason: 'order' } });
}

/** @returns false when the file has been swept since */
async function writeAt(path: string, data: Uint8Array, position: number): Promise<boolean> {
  const file = await open(path, 'r+').catch(nullWhenMissing);
  if (file === null) return false;
  try {
    await file.write(data, 0, data.length, position);
    return true;
  } finally {
    await file.close();
  }
}

function nullWhenMissing(error: unknown): null {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
  throw error;
}

function uuidOf(userId: string): string {
  const hex = createHash('sha256').update(`import\n${userId}`).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}
