import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Collection, Db } from 'mongodb';
import type { Clock } from '../../lib/clock.ts';
import { StoreUnavailableError } from '../../lib/store-errors.ts';
import type { CollectionCatalog, CollectionRules } from './collection-catalog.ts';
import { cleanDocument, type JsonObject } from './document-rules.ts';
import { documentFrom, keyName, type StoredDocument, uniqueIndexes, uniqueKeys } from './mongo-layout.ts';
import { type Migration, newestSchema, pendingMigrations } from './schema-migrations.ts';

export interface MongoMigrationDeps {
  readonly db: Db;
  readonly catalog: CollectionCatalog;
  readonly migrations: readonly Migration[];
  readonly clock: Clock;
  /** Milliseconds since the epoch by the database's clock. */
  readonly serverNow: () => Promise<number>;
  readonly onNote: (text: string) => void;
  readonly closed: () => boolean;
}

interface MetaDocument {
  readonly _id: string;
  readonly value?: number;
  readonly owner?: string;
  readonly until?: number;
  /** How far the step came: a process that takes over goes on there. */
  readonly to?: number;
  readonly collection?: string;
  readonly after?: string;
}

interface Position {
  readonly collection: string;
  readonly after: string;
}

const page = 200;
/** A process that is silent for this long has lost the right to migrate. */
const leaseMs = 30_000;
const waitMs = 1000;
const maxTries = 10;
const leaseId = 'migration';

/**
 * Runs the pending steps, in one process at a time; others wait until it is done or its lease has ended. What a killed
 * process did stays, and its successor goes on behind it.
 * @throws NewerSchemaError
 */
export async function runMongoMigrations(deps: MongoMigrationDeps): Promise<void> {
  const { db, migrations, clock, closed } = deps;
  const meta = db.collection<MetaDocument>('meta');
  await meta.updateOne({ _id: 'schemaVersion' }, { $setOnInsert: { value: newestSchema(migrations) } }, { upsert: true });
  const owner = randomUUID();
  for (;;) {
    const found = (await meta.findOne({ _id: 'schemaVersion' }))?.value ?? newestSchema(migrations);
    const [step] = pendingMigrations(migrations, found);
    if (step === undefined) return;
    if (closed()) throw new StoreUnavailableError('MongoDB: the connection is closed');
    const position = await takeLease(deps, owner, step.to);
    if (position === null) await new Promise<void>((resolve) => clock.after(waitMs, resolve));
    else await runStep(deps, owner, { step, position });
  }
}

/** @returns where to begin, null while another process has the lease */
async function takeLease({ db, serverNow }: MongoMigrationDeps, owner: string, to: number): Promise<Position | null> {
  const meta = db.collection<MetaDocument>('meta');
  await meta.updateOne({ _id: leaseId }, { $setOnInsert: { until: 0 } }, { upsert: true });
  const now = await serverNow();
  const taken = await meta.findOneAndUpdate(
    { _id: leaseId, until: { $lt: now } },
    { $set: { owner, until: now + leaseMs } },
    { returnDocument: 'after' },
  );
  if (taken === null) return null;
  if (taken.to === to && taken.collection !== undefined) return { collection: taken.collection, after: taken.after ?? '' };
  return { collection: '', after: '' };
}

interface Run {
  readonly step: Migration;
  readonly position: Position;
}

async function runStep(deps: MongoMigrationDeps, owner: string, { step, position }: Run): Promise<void> {
  const { db, catalog, onNote } = deps;
  const meta = db.collection<MetaDocument>('meta');
  onNote(`MongoDB: schema ${step.to} (${step.describe}) is being made`);
  // Sorted, so that "behind this collection" means the same to whoever goes on.
  const names = Object.keys(step.run).sort();
  for (const name of names) {
    if (name < position.collection) continue;
    const after = name === position.collection ? position.after : '';
    await migrateCollection(deps, owner, { step, rules: catalog.collection(name), after });
  }
  await renew(deps, owner, { to: step.to, collection: names.at(-1) ?? '', after: '\u{10FFFF}' });
  await meta.updateOne({ _id: 'schemaVersion', value: step.to - 1 }, { $set: { value: step.to } });
  await meta.updateOne({ _id: leaseId, owner }, { $set: { until: 0 }, $unset: { to: '', collection: '', after: '' } });
}

async function migrateCollection(
  deps: MongoMigrationDeps,
  owner: string,
  run: { readonly step: Migration; readonly rules: CollectionRules; readonly after: string },
): Promise<void> {
  const { step, rules } = run;
  const change = step.run[rules.spec.name];
  const collection = deps.db.collection<StoredDocument>(rules.spec.name);
  for (let after = run.after; ; ) {
    const found = await collection
      .find({ _id: { $gt: after } })
      .sort({ _id: 1 })
      .limit(page)
      .toArray();
    if (change !== undefined) await migratePage(collection, rules, { found, change });
    const last = found.at(-1);
    if (last === undefined) return;
    after = last._id;
    await renew(deps, owner, { to: step.to, collection: rules.spec.name, after });
  }
}

/** The lease also keeps how far it came. @throws StoreUnavailableError when another process has taken over */
async function renew({ db, serverNow, closed }: MongoMigrationDeps, owner: string, progress: Omit<MetaDocument, '_id'>): Promise<void> {
  const until = (await serverNow()) + leaseMs;
  const { matchedCount } = await db.collection<MetaDocument>('meta').updateOne({ _id: leaseId, owner }, { $set: { ...progress, until } });
  if (matchedCount === 0 || closed()) throw new StoreUnavailableError('MongoDB: another process brings the data to the new schema');
}

interface Page {
  readonly found: readonly StoredDocument[];
  readonly change: Migration['run'][string];
}

/** All in one request; what was changed under it is read again. */
async function migratePage(collection: Collection<StoredDocument>, rules: CollectionRules, { found, change }: Page): Promise<void> {
  let left = found;
  for (let tries = 0; tries < maxTries; tries += 1) {
    const updates = left.flatMap((stored) => updateFrom(rules, stored, change) ?? []);
    if (updates.length === 0) return;
    const { matchedCount } = await collection.bulkWrite(
      updates.map((updateOne) => ({ updateOne })),
      { ordered: false },
    );
    if (matchedCount === updates.length) return;
    left = await collection.find({ _id: { $in: left.map(({ _id }) => _id) } }).toArray();
  }
  throw new StoreUnavailableError('MongoDB: a document changes too often to be brought to the new schema');
}

interface GuardedUpdate {
  readonly filter: Record<string, unknown>;
  readonly update: Record<string, Record<string, unknown>>;
}

/** Only the fields that change are written, and only while they are as they were read: the version before may write them too. */
function updateFrom(rules: CollectionRules, stored: StoredDocument, change: Page['change']): GuardedUpdate | null {
  const before = documentFrom<JsonObject & { id: string }>(stored);
  const changed = change(before);
  if (changed === null) return null;
  const after = cleanDocument(rules, { ...changed, id: before.id });
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  const fields = [...names].filter((field) => !isDeepStrictEqual(before[field], after[field]));
  if (fields.length === 0) return null;
  const keys = uniqueKeys(rules, after);
  const written = new Map<string, unknown>(fields.map((field) => [field, after[field]]));
  for (const index of uniqueIndexes(rules)) written.set(`_keys.${keyName(index)}`, keys[keyName(index)]);
  const kept = [...written].filter(([, value]) => value !== undefined);
  const gone = [...written.keys()].filter((field) => written.get(field) === undefined).map((field) => [field, ''] as const);
  const same = fields.map((field) => ({ [field]: before[field] === undefined ? { $exists: false } : { $eq: before[field] } }));
  return {
    filter: { $and: [{ _id: before.id }, ...same] },
    update: {
      ...(kept.length === 0 ? {} : { $set: Object.fromEntries(kept) }),
      ...(gone.length === 0 ? {} : { $unset: Object.fromEntries(gone) }),
    },
  };
}
