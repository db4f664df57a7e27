import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newestSchema } from '../../src/infrastructure/database/schema-migrations.ts';
import { createSqliteDatabase } from '../../src/infrastructure/database/sqlite-database.ts';
import type { CollectionSpec, Document, DocumentDatabase } from '../../src/lib/document-store.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { workerEntry } from '../../src/lib/worker-entry.ts';
import { addCode, things, thingsWithCode } from './test-migrations.ts';

type Thing = Document & { readonly code?: string; readonly words?: string[]; readonly half?: boolean; readonly touched?: boolean };

describe('a migration of the embedded store', () => {
  let directory: string;
  let database: DocumentDatabase | null = null;
  let notes: string[] = [];

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'jarvis-argus-migrations-'));
    notes = [];
  });
  afterEach(async () => {
    await database?.close();
    database = null;
    rmSync(directory, { recursive: true, force: true });
  });

  const snapshots = () => readdirSync(join(directory, 'snapshots')).sort();

  async function open(list: string, spec: CollectionSpec = things, freeBytes?: number): Promise<DocumentDatabase> {
    await database?.close();
    const { url, options } = workerEntry('none', './migrating-worker.ts', import.meta.url);
    const logger = { ...silentLogger, info: (_fields: object, message: string) => void notes.push(message) };
    database = createSqliteDatabase({
      directory,
      collections: [spec],
      logger,
      startWorker: (data) => new Worker(url, { ...options, workerData: { ...data, list, freeBytes } }),
    });
    await database.start();
    return database;
  }

  async function fill(count: number): Promise<void> {
    const { documents } = await open('none');
    const document = (at: number) => ({ id: String(at).padStart(5, '0'), owner: 'ada', words: ['old'] });
    const rows = Array.from({ length: count }, (_, at) => ({ type: 'insert', collection: 'things', document: document(at) }) as const);
    await documents.batch(rows);
  }

  async function all(): Promise<Thing[]> {
    const found: Thing[] = [];
    for (let page = await scan(null); page.length > 0; page = await scan(page.at(-1)?.id ?? null)) found.push(...page);
    return found;
  }

  function scan(after: string | null): Promise<Thing[]> {
    return database?.scan<Thing>('things', { after, limit: 500 }) ?? Promise.reject(new Error('not open'));
  }

  async function countWord(word: string): Promise<number> {
    const found = await database?.documents.search('things', { owner: 'ada', words: [word], limit: 1000 });
    return found?.items.length ?? -1;
  }

  it('changes every document once, makes the indexes and the words that need it, and says so', async () => {
    await fill(900);
    await open('words', thingsWithCode);
    const found = await all();
    expect(found).toHaveLength(900);
    expect(found[700]).toEqual({ id: '00700', owner: 'ada', words: ['fresh'], code: 'c-00700' });
    expect([await countWord('old'), await countWord('fresh')]).toEqual([0, 900]);
    expect(notes).toHaveLength(1);
    expect(notes[0]).toContain('from schema 1 to 2 (every thing has a code), 3 (new words)');
    await open('words', thingsWithCode);
    expect(notes).toHaveLength(1);
  });

  it('keeps a private copy of what was there before, which the version before can open', async () => {
    await fill(3);
    await open('code', thingsWithCode);
    const [name = ''] = snapshots();
    expect(name).toMatch(/^schema-1-.*\.db$/);
    expect(statSync(join(directory, 'snapshots', name)).mode & 0o077).toBe(0);
    await database?.close();
    renameSync(join(directory, 'snapshots', name), join(directory, 'jarvis-argus.db'));
    await open('none');
    expect((await all()).map(({ code }) => code)).toEqual([undefined, undefined, undefined]);
  });

  it('makes no copy of a new store, and keeps three copies at most', async () => {
    await open('code');
    expect(readdirSync(directory)).not.toContain('snapshots');
    for (const list of ['to3', 'to4', 'to5', 'to6']) await open(list);
    expect(snapshots().map((name) => name.slice(0, 8))).toEqual(['schema-3', 'schema-4', 'schema-5']);
  });

  it('refuses to begin without room for the copy, with a line that says how much is needed, and changes nothing', async () => {
    await fill(3);
    await expect(open('code', things, 1024)).rejects.toThrow(/room for the snapshot before it: \d+ MiB/);
    await open('none');
    expect((await all())[0]).not.toHaveProperty('code');
  });

  it('refuses data of a newer version and leaves it as it is', async () => {
    await open('code');
    await expect(open('none')).rejects.toThrow(
      'the data in DATA_DIR was written by a newer version (schema 2, this one knows 1): start that version',
    );
    await open('code');
  });

  it('changes nothing when one document cannot be changed', async () => {
    await fill(3);
    await expect(open('broken')).rejects.toThrow();
    await open('none');
    expect((await all()).some(({ touched }) => touched === true)).toBe(false);
  });

  it('killed in the middle leaves the data as it was, and the next start does all of it', async () => {
    await fill(900);
    await database?.close();
    const script = fileURLToPath(new URL('./migrating-process.ts', import.meta.url));
    const file = join(directory, 'jarvis-argus.db');
    const child = spawn(process.execPath, ['--import', 'tsx', script, file], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'close');
    await open('none');
    const before = await all();
    expect([before.length, before.some(({ half }) => half === true)]).toEqual([900, false]);
    await open('code', thingsWithCode);
    expect((await all()).every(({ id, code }) => code === `c-${id}`)).toBe(true);
  });

  it('is refused as a list with a gap', () => {
    expect(() => newestSchema([addCode, { to: 4, describe: 'three is missing', run: {} }])).toThrow('leads to schema 4 instead of 3');
  });
});
