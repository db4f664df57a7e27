import { Readable } from 'node:stream';
import type { BatchOperation, Document, DocumentDatabase } from '../../lib/document-store.ts';
import type { BlobStore } from '../ports/blob-store.ts';
import { type BackupLine, backupLineFrom, backupVersion } from './backup-lines.ts';
import { chained, emptyChain } from './line-chain.ts';

/** A file that is not restored; the message is one sentence for the operator. */
export class RestoreError extends Error {
  override readonly name = 'RestoreError';
}

export interface BackupFacts {
  /** Of the data. */
  readonly schema: number;
  readonly exportedAt: string;
  readonly documents: number;
  readonly blobs: number;
}

/** Texts of a backup's lines, from the first, each time it is called. */
export type ReadLines = () => AsyncIterable<string>;

interface Known {
  readonly collections: readonly string[];
  readonly schema: number;
}

/** Reads the whole file before anything is written. @throws RestoreError */
export async function checkBackup(read: ReadLines, known: Known): Promise<BackupFacts> {
  let facts: BackupFacts | null = null;
  let chain = emptyChain;
  let ended = false;
  let number = 0;
  const counts = new Map<string, number>();
  for await (const text of read()) {
    number += 1;
    if (ended) throw new RestoreError(`line ${number}: the file goes on behind its end`);
    const line = backupLineFrom(text);
    if (line === null) throw new RestoreError(`line ${number}: this is no line of a backup; the file may be damaged`);
    if (facts === null) facts = factsFrom(line, known);
    else checkLine(line, known, number);
    if (line.type === 'end') {
      assertWhole(line, chain, counts);
      ended = true;
    } else {
      chain = chained(chain, text);
      const name = nameOf(line);
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  }
  if (facts === null || !ended) throw new RestoreError('the file is not whole: it has no last line "end"');
  const documents = [...counts].reduce((sum, [name, count]) => sum + (name.startsWith('document.') ? count : 0), 0);
  return { ...facts, documents, blobs: counts.get('blob') ?? 0 };
}

function nameOf(line: BackupLine): string {
  return line.type === 'document' ? `document.${line.collection}` : line.type;
}

function assertWhole(line: Extract<BackupLine, { type: 'end' }>, chain: string, counts: ReadonlyMap<string, number>): void {
  if (line.sha256 === chain && isSame(counts, line.counts)) return;
  throw new RestoreError('lines of the file are missing or changed: its checksum does not fit');
}

function factsFrom(line: BackupLine, known: Known): BackupFacts {
  if (line.type !== 'jarvis-argus.instance')
    throw new RestoreError('this is no backup of an instance; the export of an account is imported in the settings');
  const { version, schema, exportedAt } = line;
  if (version > backupVersion || schema > known.schema) {
    throw new RestoreError('the backup was made by a newer version of the program: restore it with that version');
  }
  return { schema, exportedAt, documents: 0, blobs: 0 };
}

function checkLine(line: BackupLine, { collections }: Known, number: number): void {
  if (line.type === 'jarvis-argus.instance') throw new RestoreError(`line ${number}: a second header`);
  if (line.type === 'document' && !collections.includes(line.collection)) {
    throw new RestoreError(`line ${number}: this version has no collection of that name`);
  }
}

function isSame(counts: ReadonlyMap<string, number>, stated: Readonly<Record<string, number>>): boolean {
  return counts.size === Object.keys(stated).length && [...counts].every(([name, count]) => stated[name] === count);
}

/** @returns whether no collection holds anything */
export async function isEmptyStore(scan: DocumentDatabase['scan'], collections: readonly string[]): Promise<boolean> {
  for (const name of collections) if ((await scan(name, { after: null, limit: 1 })).length > 0) return false;
  return true;
}

export interface RestoreTarget {
  readonly database: Pick<DocumentDatabase, 'documents'>;
  readonly blobs: BlobStore;
  /** A document of the backup as this version keeps it. */
  readonly migrate: (collection: string, document: Document) => Document;
}

const groupSize = 100;

/** Writes a checked backup: pictures and documents in the order of the file. */
export async function writeBackup(read: ReadLines, { database, blobs, migrate }: RestoreTarget): Promise<void> {
  let group: BatchOperation[] = [];
  let blob: { readonly key: string; readonly size: number; parts: Buffer[]; length: number } | null = null;
  const flush = async (): Promise<void> => {
    const operations = group;
    group = [];
    if (operations.length > 0) await database.documents.batch(operations);
  };
  for await (const text of read()) {
    const line = backupLineFrom(text);
    if (line?.type === 'document') {
      const { collection, document } = line;
      group.push({ type: 'insert', collection, document: migrate(collection, document) });
      if (group.length >= groupSize) await flush();
    } else if (line?.type === 'blob') {
      blob = { key: line.key, size: line.size, parts: [], length: 0 };
    } else if (line?.type === 'blob.data' && blob !== null) {
      const part = Buffer.from(line.data, 'base64');
      blob.parts.push(part);
      blob.length += part.length;
      // A blob that was deleted while the backup was made has no end, and nothing that shows it.
      if (blob.length === blob.size) await blobs.put(blob.key, Readable.from(blob.parts));
    }
  }
  await flush();
}
