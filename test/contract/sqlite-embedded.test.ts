import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import Database from 'libsql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCollectionCatalog } from '../../src/infrastructure/database/collection-catalog.ts';
import { createSqliteDatabase, type SqliteDatabaseOptions } from '../../src/infrastructure/database/sqlite-database.ts';
import { indexName, keptMarkName } from '../../src/infrastructure/database/sqlite-schema-names.ts';
import { prepareSqliteWorker, startSqliteWorker } from '../../src/infrastructure/database/sqlite-thread.ts';
import type { CollectionSpec, Document, DocumentDatabase } from '../../src/lib/document-store.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { newId } from '../../src/lib/new-id.ts';
import { StoreLockedError, StoreUnavailableError } from '../../src/lib/store-errors.ts';

const writerFile = fileURLToPath(new URL('./sqlite-writer.ts', import.meta.url));
const things: readonly CollectionSpec[] = [{ name: 'things', indexes: [] }];

describe('the embedded store alone', () => {
  let directory: string;
  const opened: DocumentDatabase[] = [];
  const children: ChildProcess[] = [];

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'jarvis-argus-embedded-'));
  });
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    for (const database of opened.splice(0)) await database.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const file = () => join(directory, 'jarvis-argus.db');

  function create(options: Partial<SqliteDatabaseOptions> = {}): DocumentDatabase {
    const database = createSqliteDatabase({ directory, collections: things, logger: silentLogger, ...options });
    opened.push(database);
    return database;
  }

  async function open(options: Partial<SqliteDatabaseOptions> = {}): Promise<DocumentDatabase> {
    const database = create(options);
    await database.start();
    return database;
  }

  /** A writing process; resolves when it has the store, or says why not. */
  async function startWriter(): Promise<{ child: ChildProcess; lines: string[]; first: string; until(count: number): Promise<void> }> {
    const child = spawn(process.execPath, ['--import', 'tsx', writerFile, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(child);
    const lines: string[] = [];
    const reader = createInterface({ input: child.stdout });
    reader.on('line', (line) => lines.push(line));
    const until = async (count: number) => {
      while (lines.length < count) await once(reader, 'line');
    };
    await until(1);
    return { child, lines, first: lines[0] ?? '', until };
  }

  async function kill(child: ChildProcess): Promise<void> {
    const closed = once(child, 'close');
    child.kill('SIGKILL');
    await closed;
  }

  it('loses no acknowledged insert in 20 kills', async () => {
    const acknowledged: string[] = [];
    for (let round = 0; round < 20; round += 1) {
      const writer = await startWriter();
      expect(writer.first).toBe('open');
      await writer.until(20 + round * 7);
      await kill(writer.child);
      // A line cut by the kill is no acknowledgement.
      acknowledged.push(...writer.lines.slice(1).filter((line) => line.length === 26));
    }
    const database = await open();
    for (let from = 0; from < acknowledged.length; from += 1000) {
      const ids = acknowledged.slice(from, from + 1000);
      expect(await database.documents.getMany('things', ids)).toHaveLength(ids.length);
    }
    expect(acknowledged.length).toBeGreaterThan(1000);
  }, 120_000);

  it('refuses a second process while the first lives, and takes it at once after a kill', async () => {
    const writer = await startWriter();
    expect(writer.first).toBe('open');
    await expect(open()).rejects.toThrow(StoreLockedError);
    await expect(open()).rejects.toThrow(/another process uses the data folder.*DATA_DIR/);
    await kill(writer.child);
    expect((await open()).state()).toEqual({ kind: 'embedded', ready: true });
    const second = await startWriter();
    expect(second.first).toMatch(/^refused StoreLockedError/);
  }, 60_000);

  it('refuses a second store of the same process', async () => {
    const first = await open();
    await expect(open()).rejects.toBeInstanceOf(StoreLockedError);
    await first.documents.insert('things', { id: 'still-works' });
    await first.close();
    expect(await (await open()).documents.get('things', 'still-works')).not.toBeNull();
  });

  it('does not try again, or say that it does, when it is refused while this thread looks away', async () => {
    const said: string[] = [];
    const database = create({
      logger: { ...silentLogger, error: (_fields, text) => void said.push(text) },
      startWorker() {
        const worker = new Worker('', { eval: true });
        // As Node gives them when both have come: no promise goes on in between.
        setImmediate(() => {
          worker.emit('message', { type: 'refused', fault: { name: 'locked', message: 'another process' } });
          worker.emit('exit', 0);
        });
        return worker;
      },
    });
    await expect(database.start()).rejects.toThrow(StoreLockedError);
    expect(said).toEqual([]);
  });

  it.each([
    ['garbage at its end', (log: string) => appendFileSync(log, Buffer.alloc(7000, 0xab))],
    ['its last bytes missing', (log: string) => truncateSync(log, statSync(log).size - 100)],
    ['nothing left of it but its head', (log: string) => truncateSync(log, 40)],
  ])(
    'opens after a kill with a torn log: %s',
    async (_, tear) => {
      const writer = await startWriter();
      await writer.until(200);
      await kill(writer.child);
      tear(`${file()}-wal`);
      const database = await open();
      await database.documents.insert('things', { id: 'after' });
      expect(await database.documents.get('things', 'after')).toEqual({ id: 'after' });
    },
    60_000,
  );

  it('says plainly that a file is no database, and leaves it alone', async () => {
    writeFileSync(file(), 'not a database at all '.repeat(500));
    const size = statSync(file()).size;
    await expect(open()).rejects.toThrow(/DATA_DIR is not a database/);
    expect(statSync(file()).size).toBe(size);
  });

  it('refuses data of a newer version', async () => {
    await (await open()).close();
    const raw = new Database(file());
    raw.exec("UPDATE meta SET value = '2' WHERE key = 'schemaVersion'");
    raw.close();
    await expect(open()).rejects.toThrow(/newer version \(schema 2, this one knows 1\)/);
  });

  it('makes and drops indexes when the declarations change, and keeps the documents', async () => {
    const make = (at: number) => ({ id: `t${at}`, owner: 'o', at, words: ['word', `w${at}`] }) as Document;
    const first = await open();
    await first.documents.batch([1, 2, 3].map((at) => ({ type: 'insert', collection: 'things', document: make(at) }) as const));
    await first.close();

    const indexed: CollectionSpec[] = [
      { name: 'things', indexes: [{ name: 'byOwner', fields: ['owner', 'at'] }], search: { owner: 'owner', words: 'words' } },
    ];
    const second = await open({ collections: indexed });
    const page = await second.documents.find('things', { index: 'byOwner', where: { owner: 'o' }, order: 'desc', limit: 9 });
    expect(page.items.map((thing) => thing.id)).toEqual(['t3', 't2', 't1']);
    expect((await second.documents.search('things', { owner: 'o', words: ['word', 'w2'], limit: 9 })).items).toHaveLength(1);
    await second.close();

    await (await open()).close();
    await expect(
      open({ collections: [{ name: 'things', indexes: [{ name: 'owner', fields: ['owner'], unique: true }] }] }),
    ).rejects.toThrow(/unique index/);
    const raw = new Database(file());
    expect(raw.prepare("SELECT name FROM sqlite_master WHERE name GLOB '[intw]_*'").all()).toEqual([]);
    raw.close();
  });

  it('finds everything again after the version before has written in its file', async () => {
    const specs: CollectionSpec[] = [
      { name: 'things', indexes: [{ name: 'byOwner', fields: ['owner', 'at'] }], search: { owner: 'owner', words: 'words' } },
    ];
    const document = (id: string, at: number, words: string[]) => ({ id, owner: 'o', at, words }) as Document;
    const first = await open({ collections: specs });
    await first.documents.insert('things', document('a', 1, ['old']));
    await first.documents.insert('things', document('b', 2, ['old']));
    await first.close();
    const raw = new Database(file());
    // That version knows documents alone, and drops indexes and word tables that it does not know.
    for (const rules of createCollectionCatalog(specs).all) {
      for (const index of rules.indexes.values()) raw.exec(`DROP INDEX ${indexName(rules, index)}`);
      raw.exec(`DROP TABLE ${keptMarkName(rules)}`);
    }
    raw.exec(`UPDATE c_things SET doc = '${JSON.stringify(document('a', 9, ['new']))}' WHERE id = 'a'`);
    raw.exec("DELETE FROM c_things WHERE id = 'b'");
    raw.exec(`INSERT INTO c_things (id, doc) VALUES ('c', '${JSON.stringify(document('c', 5, ['new']))}')`);
    raw.close();

    const { documents } = await open({ collections: specs });
    const ids = ({ items }: { items: Document[] }) => items.map(({ id }) => id);
    expect(ids(await documents.find('things', { index: 'byOwner', where: { owner: 'o' }, limit: 9 }))).toEqual(['c', 'a']);
    expect(ids(await documents.search('things', { owner: 'o', words: ['new'], limit: 9 }))).toEqual(['c', 'a']);
    expect(ids(await documents.search('things', { owner: 'o', words: ['old'], limit: 9 }))).toEqual([]);
  });

  it('goes on with cursors of an earlier run', async () => {
    const collections: CollectionSpec[] = [{ name: 'things', indexes: [{ name: 'all', fields: ['id'] }] }];
    const first = await open({ collections });
    for (const id of ['a', 'b', 'c']) await first.documents.insert('things', { id });
    const { nextCursor } = await first.documents.find('things', { index: 'all', where: {}, limit: 1 });
    await first.close();
    const second = await open({ collections });
    const page = await second.documents.find('things', { index: 'all', where: {}, limit: 9, cursor: nextCursor ?? '' });
    expect(page.items.map((thing) => thing.id)).toEqual(['b', 'c']);
  });

  it('rejects what waits when its thread dies, says so, and is back by itself with everything acknowledged', async () => {
    const workers: Worker[] = [];
    const database = await open({
      startWorker: (data) => {
        const worker = startSqliteWorker(data);
        workers.push(worker);
        return worker;
      },
    });
    await database.documents.insert('things', { id: 'before' });
    for (let round = 1; round <= 3; round += 1) {
      const current = workers.at(-1);
      const waiting = Array.from({ length: 20 }, () => database.documents.insert('things', { id: newId() }));
      const settled = Promise.allSettled(waiting);
      await current?.terminate();
      for (const result of await settled) if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(StoreUnavailableError);
      expect(database.state()).toMatchObject({ ready: false, reason: expect.stringContaining('starting again') });
      await expect(database.documents.get('things', 'before')).rejects.toBeInstanceOf(StoreUnavailableError);
      await expect.poll(() => database.state().ready, { timeout: 20_000 }).toBe(true);
      expect(await database.documents.get('things', 'before')).toEqual({ id: 'before' });
      expect(workers).toHaveLength(round + 1);
    }
  }, 60_000);

  it('opens with a thread that began before its file was known, and with new ones when that is gone', async () => {
    const workers: Worker[] = [];
    const startPrepared = prepareSqliteWorker();
    const database = await open({
      startWorker: (data) => {
        const worker = startPrepared(data);
        workers.push(worker);
        return worker;
      },
    });
    await database.documents.insert('things', { id: 'before' });
    await workers[0]?.terminate();
    await expect.poll(() => database.state().ready, { timeout: 20_000 }).toBe(true);
    expect(await database.documents.get('things', 'before')).toEqual({ id: 'before' });
    expect(new Set(workers).size).toBe(2);
  }, 60_000);

  it('lets only so many requests wait', async () => {
    const database = await open({ maxWaiting: 50 });
    const results = await Promise.allSettled(Array.from({ length: 80 }, () => database.documents.insert('things', { id: newId() })));
    const refused = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
    expect(refused).toHaveLength(30);
    for (const reason of refused) expect(reason).toBeInstanceOf(StoreUnavailableError);
    await expect(database.documents.insert('things', { id: newId() })).resolves.toBeUndefined();
  });

  it('answers that the store is unavailable when the disk takes nothing more, and works on when it does again', async () => {
    const limited = await open();
    await limited.documents.insert('things', { id: 'kept' });
    await limited.close();
    const raw = new Database(file());
    raw.exec("CREATE TRIGGER full BEFORE INSERT ON c_things WHEN NEW.id GLOB 'too-much*' BEGIN SELECT RAISE(ABORT, 'disk'); END");
    raw.close();
    const database = await open();
    const results = await Promise.allSettled(['x', 'too-much', 'y'].map((id) => database.documents.insert('things', { id })));
    expect(results.map((result) => result.status)).toEqual(['rejected', 'rejected', 'rejected']);
    for (const result of results) if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(StoreUnavailableError);
    expect(await database.documents.getMany('things', ['x', 'y', 'kept'])).toEqual([{ id: 'kept' }]);
    await database.documents.insert('things', { id: 'x' });
  });

  it('is not ready while the disk takes no writes, is read meanwhile, and gets ready by itself', async () => {
    const limited = await open();
    await limited.documents.insert('things', { id: 'kept' });
    await limited.close();
    const raw = new Database(file());
    raw.exec("CREATE TRIGGER full BEFORE INSERT ON c_things WHEN NEW.id GLOB 'too-much*' BEGIN SELECT RAISE(ABORT, 'disk'); END");
    raw.close();
    const database = await open();
    const fail = () => expect(database.documents.insert('things', { id: 'too-much' })).rejects.toBeInstanceOf(StoreUnavailableError);
    // One write that fails alone is no fault of the disk.
    await fail();
    await database.documents.insert('things', { id: 'x' });
    expect(database.state()).toEqual({ kind: 'embedded', ready: true });
    // Nothing can be written where a folder stands.
    mkdirSync(`${file()}-probe`);
    await fail();
    await expect.poll(() => database.state()).toEqual({ kind: 'embedded', ready: false, reason: 'the embedded store failed (EISDIR)' });
    expect(await database.documents.get('things', 'kept')).toEqual({ id: 'kept' });
    rmSync(`${file()}-probe`, { recursive: true });
    await expect.poll(() => database.state().ready).toBe(true);
    expect(existsSync(`${file()}-probe`)).toBe(false);
  });

  it('finishes what waits when it closes, and rejects what comes later', async () => {
    const database = await open();
    const writes = Promise.all(Array.from({ length: 100 }, (_, at) => database.documents.insert('things', { id: `w${at}` })));
    const closed = database.close();
    await expect(database.documents.insert('things', { id: 'late' })).rejects.toBeInstanceOf(StoreUnavailableError);
    await Promise.all([writes, closed]);
    expect(database.state()).toEqual({ kind: 'embedded', ready: false, reason: 'the embedded store is closed' });
    // The log is folded in: the file alone is a whole copy.
    expect(existsSync(`${file()}-wal`)).toBe(false);
    expect(await (await open()).documents.get('things', 'w99')).not.toBeNull();
  });

  it('waits for ready, and gives up by a signal', async () => {
    const database = create();
    const controller = new AbortController();
    const given = database.whenReady(controller.signal);
    controller.abort(new Error('enough'));
    await expect(given).rejects.toThrow('enough');
    await expect(database.documents.get('things', 'x')).rejects.toBeInstanceOf(StoreUnavailableError);
    const ready = database.whenReady();
    await database.start();
    await ready;
    await database.whenReady();
  });

  it('keeps its folder and files to their owner', async () => {
    directory = join(directory, 'made');
    const database = await open();
    await database.documents.insert('things', { id: 'x' });
    const mode = (path: string) => statSync(path).mode & 0o777;
    expect([mode(directory), mode(file()), mode(`${file()}-wal`)]).toEqual([0o700, 0o600, 0o600]);
  });

  it('says that it cannot write without naming the path', async () => {
    writeFileSync(join(directory, 'taken'), '');
    const database = create({ directory: join(directory, 'taken', 'below') });
    await expect(database.start()).rejects.toMatchObject({ name: 'StoreUnavailableError', message: 'DATA_DIR cannot be created' });
  });
});
