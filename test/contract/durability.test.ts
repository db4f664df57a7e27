import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { MongoClient } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { durableDatabase } from '../../src/infrastructure/database/mongo-connection.ts';
import { takeLock } from '../../src/infrastructure/database/sqlite-engine.ts';

describe('what is acknowledged', () => {
  it.each(['', '?w=1', '?w=0', '?journal=false', '?w=1&journal=false&readPreference=secondary'])(
    'is on the disk of most members of a MongoDB, whatever MONGO_URI says (%s)',
    (options) => {
      const { writeConcern, readPreference } = durableDatabase(
        new MongoClient(`mongodb://127.0.0.1:1/${options}`, { readPreference: 'primary' }),
        'x',
      ).collection('y');
      expect(writeConcern).toMatchObject({ w: 'majority', journal: true });
      expect(writeConcern?.wtimeout).toBeUndefined();
      expect(readPreference?.mode).toBe('primary');
    },
  );

  it('is flushed to the disk by the embedded store with each commit', () => {
    const folder = mkdtempSync(join(tmpdir(), 'durable-'));
    const db = new Database(join(folder, 'x.db'));
    try {
      takeLock(db);
      // FULL is 2: https://sqlite.org/pragma.html#pragma_synchronous
      expect(db.prepare('PRAGMA synchronous').raw().get()).toEqual([2]);
      expect(db.prepare('PRAGMA journal_mode').raw().get()).toEqual(['wal']);
    } finally {
      db.close();
      rmSync(folder, { recursive: true });
    }
  });
});
