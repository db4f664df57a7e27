import { randomBytes } from 'node:crypto';
import type { AnyBulkWriteOperation, Collection, Db } from 'mongodb';
import type { JsonValue } from '../../lib/document-store.ts';
import type { CollectionCatalog, CollectionRules } from './collection-catalog.ts';
import { isOwnIndex, type MongoIndex, mongoIndexes, type StoredDocument, uniqueKeys } from './mongo-layout.ts';

const backfillGroup = 500;

interface MetaDocument {
  readonly _id: string;
  readonly value: string | number;
}

/** Brings the database's indexes to what is declared. Two processes may do it at the same time. @returns the key that signs cursors */
export async function prepareMongoSchema(db: Db, catalog: CollectionCatalog): Promise<Buffer> {
  const meta = db.collection<MetaDocument>('meta');
  for (const rules of catalog.all) await prepareCollection(db.collection<StoredDocument>(rules.spec.name), rules);
  return Buffer.from(String(await keptValue(meta, 'cursorKey', randomBytes(32).toString('base64'))), 'base64');
}

async function keptValue(meta: Collection<MetaDocument>, id: string, value: MetaDocument['value']): Promise<MetaDocument['value']> {
  await meta.updateOne({ _id: id }, { $setOnInsert: { value } }, { upsert: true });
  return (await meta.findOne({ _id: id }))?.value ?? value;
}

async function prepareCollection(collection: Collection<StoredDocument>, rules: CollectionRules): Promise<void> {
  const wanted = mongoIndexes(rules);
  const present = await indexNames(collection);
  for (const index of wanted) {
    if (!present.has(index.name)) await createIndex(collection, rules, index);
  }
  // Last, so that a query always has an index to run on.
  const names = new Set(wanted.map((index) => index.name));
  for (const name of present) if (isOwnIndex(name) && !names.has(name)) await collection.dropIndex(name);
}

async function indexNames(collection: Collection<StoredDocument>): Promise<Set<string>> {
  try {
    return new Set((await collection.indexes()).flatMap((index) => index.name ?? []));
  } catch (error) {
    // NamespaceNotFound: the collection comes into being with its first index.
    if (error instanceof Error && 'code' in error && error.code === 26) return new Set();
    throw error;
  }
}

async function createIndex(collection: Collection<StoredDocument>, rules: CollectionRules, index: MongoIndex): Promise<void> {
  if (index.unique !== undefined) await backfillKeys(collection, rules);
  const uniqueness = index.unique === undefined ? {} : { unique: true, sparse: true };
  await collection.createIndex(index.key, { name: index.name, ...uniqueness });
}

/** A new unique index holds for old documents too. */
async function backfillKeys(collection: Collection<StoredDocument>, rules: CollectionRules): Promise<void> {
  let group: AnyBulkWriteOperation<StoredDocument>[] = [];
  const write = async (): Promise<void> => {
    if (group.length > 0) await collection.bulkWrite(group, { ordered: false });
    group = [];
  };
  for await (const stored of collection.find({})) {
    const members: Record<string, JsonValue | undefined> = { id: stored._id };
    for (const [field, value] of Object.entries(stored)) if (isScalar(value)) members[field] = value;
    group.push({ updateOne: { filter: { _id: stored._id }, update: { $set: { _keys: uniqueKeys(rules, members) } } } });
    if (group.length >= backfillGroup) await write();
  }
  await write();
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}
