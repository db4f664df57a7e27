import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Db, MongoClient, ObjectId } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGridFsBlobs } from '../../src/infrastructure/blobs/gridfs-blobs.ts';
import { describeBlobStore } from '../support/blob-store-contract.ts';

const uri = process.env['MONGO_TEST_URI'] ?? '';

// Needs a server: the whole project `mongo` runs only where MONGO_TEST_URI names one.
describe.runIf(uri !== '')('blobs in GridFS', () => {
  let client: MongoClient;
  let database: Db;
  let directory: string;

  beforeAll(async () => {
    client = await MongoClient.connect(uri);
    database = client.db(`argus_blobs_${process.pid}`);
    directory = await mkdtemp(join(tmpdir(), 'argus-gridfs-'));
  });
  afterAll(async () => {
    await database.dropDatabase();
    await client.close();
    await rm(directory, { recursive: true });
  });

  const setup = () => ({ blobs: createGridFsBlobs({ database: async () => database }), directory });
  describeBlobStore(setup);

  it('sweeps chunks whose file was never finished', async () => {
    const chunks = database.collection('blobs.chunks');
    await chunks.insertOne({ files_id: new ObjectId(), n: 0, data: Buffer.from('half') });
    const before = await chunks.countDocuments();
    expect(await setup().blobs.sweepUnfinished(Date.now() - 60_000)).toBe(0);
    expect(await setup().blobs.sweepUnfinished(Date.now() + 60_000)).toBe(1);
    expect(await chunks.countDocuments()).toBe(before - 1);
  });

  it('says so when there is no database', async () => {
    const { open } = createGridFsBlobs({ database: () => Promise.reject(new Error('not connected')) });
    await expect(open('a')).rejects.toThrow('not connected');
  });
});
