import { type Db, MongoClient } from 'mongodb';
import { newId } from '../../src/lib/new-id.ts';

/** Where the server of the tests is; empty where there is none. */
export const mongoTestUri = process.env['MONGO_TEST_URI'] ?? '';

export interface TestDatabase {
  readonly name: string;
  /** For MONGO_URI: names the database. */
  readonly uri: string;
  /** The same database past every layer of the server. */
  readonly db: Db;
  /** The address of this database by way of another port, such as a proxy's. */
  uriAt(port: number): string;
  drop(): Promise<void>;
}

/** A database of its own on the server of the tests. */
export async function createTestDatabase(purpose: string): Promise<TestDatabase> {
  const name = `${purpose}_${newId()}`;
  const client = await MongoClient.connect(mongoTestUri);
  const db = client.db(name);
  const uriAt = (port: string | number): string => {
    const url = new URL(mongoTestUri);
    url.port = String(port);
    url.pathname = `/${name}`;
    return url.href;
  };
  return {
    name,
    uri: uriAt(new URL(mongoTestUri).port),
    db,
    uriAt,
    async drop() {
      await db.dropDatabase();
      await client.close();
    },
  };
}
