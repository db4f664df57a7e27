import { buffer } from 'node:stream/consumers';
import { type Clock, isoTime } from '../../lib/clock.ts';
import type { Document, DocumentDatabase } from '../../lib/document-store.ts';
import type { BlobStore } from '../ports/blob-store.ts';
import { isCacheKey } from '../processing/blob-cache-level.ts';
import { chunkBytes } from './account-lines.ts';
import { backupVersion, backupWarning, collectionsInBackup } from './backup-lines.ts';
import { chained, emptyChain } from './line-chain.ts';

export interface InstanceBackupOptions {
  readonly scan: DocumentDatabase['scan'];
  /** Names of all collections of the store. */
  readonly collections: readonly string[];
  readonly schema: number;
  readonly blobs: BlobStore;
  readonly clock: Clock;
  readonly version: string;
}

type Line = { readonly type: string; readonly [name: string]: unknown };

/** Documents read ahead of the reader, at most. */
const page = 20;

/**
 * The whole instance as lines, each with its line feed: a header, every document, every blob, and an end by which a reader knows
 * that nothing is missing. Each document is whole; two of them may be of different moments when the server runs meanwhile.
 */
export class InstanceBackup {
  readonly #options: InstanceBackupOptions;

  constructor(options: InstanceBackupOptions) {
    this.#options = options;
  }

  async *lines(): AsyncGenerator<string> {
    const counts: Record<string, number> = {};
    let chain = emptyChain;
    for await (const line of this.#body()) {
      const text = JSON.stringify(line);
      const name = line.type === 'document' ? `document.${String(line['collection'])}` : line.type;
      counts[name] = (counts[name] ?? 0) + 1;
      chain = chained(chain, text);
      yield `${text}\n`;
    }
    yield `${JSON.stringify({ type: 'end', counts, sha256: chain })}\n`;
  }

  async *#body(): AsyncGenerator<Line> {
    const { clock, version: server, schema } = this.#options;
    yield {
      type: 'jarvis-argus.instance',
      version: backupVersion,
      schema,
      exportedAt: isoTime(clock.now()),
      server,
      warning: backupWarning,
    };
    for (const collection of collectionsInBackup(this.#options.collections)) {
      for await (const document of this.#documents(collection)) yield { type: 'document', collection, document };
    }
    for await (const { key } of this.#options.blobs.list()) if (!isCacheKey(key)) yield* this.#blob(key);
  }

  async *#documents(collection: string): AsyncGenerator<Document> {
    for (let after: string | null = null; ; ) {
      const found: Document[] = await this.#options.scan(collection, { after, limit: page });
      yield* found;
      const last = found.at(-1);
      if (last === undefined) return;
      after = last.id;
    }
  }

  /** Piece by piece, because the next one may be asked for much later. A blob that is deleted meanwhile is left without an end. */
  async *#blob(key: string): AsyncGenerator<Line> {
    const { blobs } = this.#options;
    const sizeOf = await blobs.open(key, { start: 0, end: 0 });
    if (sizeOf === null) return;
    sizeOf.stream.destroy();
    const { size } = sizeOf;
    yield { type: 'blob', key, size };
    for (let offset = 0; offset < size; offset += chunkBytes) {
      const part = await blobs.open(key, { start: offset, end: Math.min(offset + chunkBytes, size) - 1 });
      if (part === null) return;
      yield { type: 'blob.data', key, offset, data: (await buffer(part.stream)).toString('base64') };
    }
  }
}
