import type { Collection } from 'mongodb';
import type { Document } from '../../lib/document-store.ts';
import { StoreUnavailableError } from '../../lib/store-errors.ts';
import type { CollectionRules } from './collection-catalog.ts';
import { applyChange, type CleanChange, type JsonObject } from './document-rules.ts';
import { isDuplicateKey, violatedIndex } from './mongo-failure.ts';
import { documentFrom, expectFilter, keyName, type StoredDocument, uniqueIndexes, uniqueKeys, withoutKeys } from './mongo-layout.ts';

const maxTries = 10;

export async function writeStored(
  collection: Collection<StoredDocument>,
  type: 'insert' | 'put' | 'insertIfAbsent',
  documents: readonly StoredDocument[],
): Promise<void> {
  if (type === 'insert') {
    if (documents.length > 0) await collection.insertMany([...documents], { ordered: true });
    return;
  }
  for (const document of documents) await (type === 'put' ? replace(collection, document) : insertIfAbsent(collection, document));
}

async function replace(collection: Collection<StoredDocument>, document: StoredDocument): Promise<void> {
  const { _id, ...members } = document;
  for (let tries = 1; ; tries += 1) {
    try {
      await collection.replaceOne({ _id }, members, { upsert: true });
      return;
    } catch (error) {
      // Two upserts of one id at the same time: the loser finds it there when it comes again.
      if (!isDuplicateKey(error) || violatedIndex(error) !== 'id' || tries >= maxTries) throw error;
    }
  }
}

async function insertIfAbsent(collection: Collection<StoredDocument>, document: StoredDocument): Promise<void> {
  const { _id, ...members } = document;
  try {
    await collection.updateOne({ _id }, { $setOnInsert: members }, { upsert: true });
  } catch (error) {
    if (!isDuplicateKey(error) || violatedIndex(error) !== 'id') throw error;
  }
}

/** @returns the document after the change, null when it does not exist or the expectation is not met */
export async function updateStored(
  collection: Collection<StoredDocument>,
  rules: CollectionRules,
  id: string,
  change: CleanChange,
): Promise<StoredDocument | null> {
  const touched = new Set([...Object.keys(change.set), ...change.unset, ...Object.keys(change.increment)]);
  if (uniqueIndexes(rules).some((index) => index.fields.some((field) => touched.has(field))))
    return updateUnique(collection, rules, id, change);
  const filter = expectFilter(id, change.expect);
  const update = operatorsFrom(change);
  if (Object.keys(update).length === 0) return collection.findOne(filter, { projection: withoutKeys });
  return collection.findOneAndUpdate(filter, update, { returnDocument: 'after', projection: withoutKeys });
}

function operatorsFrom(change: CleanChange): Record<string, Record<string, unknown>> {
  return {
    ...(Object.keys(change.set).length === 0 ? {} : { $set: change.set }),
    ...(change.unset.length === 0 ? {} : { $unset: Object.fromEntries(change.unset.map((field) => [field, ''])) }),
    ...(Object.keys(change.increment).length === 0 ? {} : { $inc: change.increment }),
  };
}

/** The text of a unique key stands on fields that this change may not name, so it is made from the document as it is now, by compare-and-set. */
async function updateUnique(
  collection: Collection<StoredDocument>,
  rules: CollectionRules,
  id: string,
  change: CleanChange,
): Promise<StoredDocument | null> {
  for (let tries = 0; tries < maxTries; tries += 1) {
    const stored = await collection.findOne(expectFilter(id, change.expect), { projection: withoutKeys });
    if (stored === null) return null;
    const before = documentFrom<JsonObject & Document>(stored);
    const after = applyChange(before, change);
    if (after === null) return null;
    const guarded = uniqueIndexes(rules).flatMap((index) => index.fields.map((field) => [field, scalarOf(before[field])] as const));
    const filter = expectFilter(id, [...change.expect, ...guarded]);
    const update = withKeys(rules, after, operatorsFrom(change));
    const written = await collection.findOneAndUpdate(filter, update, { returnDocument: 'after', projection: withoutKeys });
    if (written !== null) return written;
  }
  throw new StoreUnavailableError('MongoDB: too many changes of one document at the same time');
}

function withKeys(
  rules: CollectionRules,
  after: JsonObject,
  update: Record<string, Record<string, unknown>>,
): Record<string, Record<string, unknown>> {
  const keys = uniqueKeys(rules, after);
  const set: Record<string, unknown> = { ...update['$set'] };
  const unset: Record<string, unknown> = { ...update['$unset'] };
  for (const index of uniqueIndexes(rules)) {
    const name = keyName(index);
    const key = keys[name];
    if (key === undefined) unset[`_keys.${name}`] = '';
    else set[`_keys.${name}`] = key;
  }
  return {
    ...update,
    ...(Object.keys(set).length === 0 ? {} : { $set: set }),
    ...(Object.keys(unset).length === 0 ? {} : { $unset: unset }),
  };
}

function scalarOf(value: unknown): string | number | boolean | null {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
}
