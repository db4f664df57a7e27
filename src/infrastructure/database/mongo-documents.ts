import type { Collection } from 'mongodb';
import type { BatchOperation, Change, Document, DocumentStore, FindQuery, SearchQuery } from '../../lib/document-store.ts';
import { ExpectationError } from '../../lib/store-errors.ts';
import type { CollectionCatalog, CollectionRules } from './collection-catalog.ts';
import type { CursorSeal } from './cursor-seal.ts';
import { checkedIds, cleanChange, cleanDocument, cleanExpectation, cleanId } from './document-rules.ts';
import { type FindPlan, planFind, planMatch, planSearch } from './find-plan.ts';
import type { MongoConnection } from './mongo-connection.ts';
import {
  documentFrom,
  expectFilter,
  phaseFilter,
  planSort,
  type StoredDocument,
  searchFilter,
  storedFrom,
  withoutKeys,
} from './mongo-layout.ts';
import { updateStored, writeStored } from './mongo-writes.ts';

export interface MongoDocumentsDeps {
  readonly catalog: CollectionCatalog;
  readonly connection: MongoConnection;
  /** Milliseconds since the epoch by the server's clock. */
  serverNow(): Promise<number>;
  /** @throws StoreUnavailableError before the first connection */
  requireSeal(): CursorSeal;
}

/** The port over a MongoDB server of any kind: standalone, replica set, or one that only speaks the protocol. */
export function createMongoDocuments({ catalog, connection, serverNow, requireSeal }: MongoDocumentsDeps): DocumentStore {
  const within = withinCollection(connection);

  async function write(type: 'insert' | 'put', name: string, document: Document): Promise<void> {
    const rules = catalog.collection(name);
    const stored = storedFrom(rules, cleanDocument(rules, document));
    await within(rules, (collection) => writeStored(collection, type, [stored]));
  }

  async function deleteMany(name: string, plan: FindPlan): Promise<number> {
    return within(catalog.collection(name), async (collection) => {
      const ids = await selectPhases(collection, plan, { _id: 1 });
      if (ids.length === 0) return 0;
      const [phase] = plan.phases;
      // What changed in between and no longer matches stays.
      const filter = { $and: [{ _id: { $in: ids.map((found) => found._id) } }, phase === undefined ? {} : phaseFilter(phase)] };
      return (await collection.deleteMany(filter)).deletedCount;
    });
  }

  return {
    batchIsAtomic: false,
    ...createReads(catalog, within, requireSeal),
    insert: (collection, document) => write('insert', collection, document),
    put: (collection, document) => write('put', collection, document),
    async update<T extends Document>(name: string, id: string, change: Change) {
      const rules = catalog.collection(name);
      const [key, clean] = [cleanId(id), cleanChange(rules, change)];
      const stored = await within(rules, (collection) => updateStored(collection, rules, key, clean));
      return stored === null ? null : documentFrom<T>(stored);
    },
    async delete(name, id, expect) {
      const rules = catalog.collection(name);
      const filter = expectFilter(cleanId(id), cleanExpectation(expect));
      return (await within(rules, (collection) => collection.deleteOne(filter))).deletedCount > 0;
    },
    deleteMany: async (name, query) => deleteMany(name, planMatch(catalog.collection(name), query)),
    async batch(operations) {
      const steps = stepsFrom(catalog, operations);
      for (const step of steps) await within(step.rules, step.run);
    },
    now: serverNow,
  };
}

type Within = <T>(rules: CollectionRules, work: (collection: Collection<StoredDocument>) => Promise<T>) => Promise<T>;

function withinCollection(connection: MongoConnection): Within {
  return (rules, work) => connection.run(rules.spec.name, (db) => work(db.collection<StoredDocument>(rules.spec.name)));
}

type Reads = Pick<DocumentStore, 'get' | 'getMany' | 'find' | 'count' | 'search'>;

function createReads(catalog: CollectionCatalog, within: Within, requireSeal: () => CursorSeal): Reads {
  async function getMany<T extends Document>(name: string, ids: readonly string[]): Promise<T[]> {
    const rules = catalog.collection(name);
    if (ids.length === 0) return [];
    const found = await within(rules, (collection) => collection.find({ _id: { $in: [...ids] } }, { projection: withoutKeys }).toArray());
    const byId = new Map(found.map((stored) => [stored._id, stored]));
    return ids.flatMap((id) => {
      const stored = byId.get(id);
      return stored === undefined ? [] : [documentFrom<T>(stored)];
    });
  }

  return {
    get: async <T extends Document>(collection: string, id: string) => (await getMany<T>(collection, [cleanId(id)]))[0] ?? null,
    getMany: async <T extends Document>(collection: string, ids: readonly string[]) => getMany<T>(collection, checkedIds(ids)),
    async find<T extends Document>(name: string, query: FindQuery) {
      const rules = catalog.collection(name);
      const { plan, cursorAfter } = planFind(rules, query, requireSeal());
      const found = await within(rules, (collection) => selectPhases(collection, { ...plan, limit: plan.limit + 1 }, withoutKeys));
      return pageFrom(found.map(documentFrom<T>), plan.limit, cursorAfter);
    },
    async count(name, query) {
      const rules = catalog.collection(name);
      const plan = planMatch(rules, query);
      return (await within(rules, (collection) => selectPhases(collection, plan, { _id: 1 }))).length;
    },
    async search<T extends Document>(name: string, query: SearchQuery) {
      const rules = catalog.collection(name);
      const { plan, cursorAfter } = planSearch(rules, query, requireSeal());
      const { search } = rules.spec;
      if (plan.words.length === 0 || search === undefined) return { items: [], nextCursor: null };
      const options = { projection: withoutKeys, sort: { _id: -1 } as const, limit: plan.limit + 1 };
      const found = await within(rules, (collection) => collection.find(searchFilter(search, plan), options).toArray());
      return pageFrom(found.map(documentFrom<T>), plan.limit, ({ id }) => cursorAfter(id));
    },
  };
}

interface Step {
  readonly rules: CollectionRules;
  run(collection: Collection<StoredDocument>): Promise<unknown>;
}

/** Everything is checked before anything is written. Inserts that follow each other in one collection travel together. */
function stepsFrom(catalog: CollectionCatalog, operations: readonly BatchOperation[]): Step[] {
  const steps: Step[] = [];
  const open: { rules: CollectionRules | null; documents: StoredDocument[] } = { rules: null, documents: [] };
  for (const operation of operations) {
    const rules = catalog.collection(operation.collection);
    if (operation.type !== 'insert') {
      open.rules = null;
      steps.push(stepFrom(rules, operation));
      continue;
    }
    if (open.rules !== rules) {
      const documents: StoredDocument[] = [];
      Object.assign(open, { rules, documents });
      steps.push({ rules, run: (collection) => writeStored(collection, 'insert', documents) });
    }
    open.documents.push(storedFrom(rules, cleanDocument(rules, operation.document)));
  }
  return steps;
}

function stepFrom(rules: CollectionRules, operation: Exclude<BatchOperation, { type: 'insert' }>): Step {
  switch (operation.type) {
    case 'put':
    case 'insertIfAbsent': {
      const stored = storedFrom(rules, cleanDocument(rules, operation.document));
      return { rules, run: (collection) => writeStored(collection, operation.type, [stored]) };
    }
    case 'update': {
      const [id, change] = [cleanId(operation.id), cleanChange(rules, operation.change)];
      return {
        rules,
        async run(collection) {
          if ((await updateStored(collection, rules, id, change)) === null) throw new ExpectationError(operation.collection, id);
        },
      };
    }
    case 'delete': {
      const id = cleanId(operation.id);
      return { rules, run: (collection) => collection.deleteOne({ _id: id }) };
    }
  }
}

async function selectPhases(
  collection: Collection<StoredDocument>,
  plan: FindPlan,
  projection: Record<string, 0 | 1>,
): Promise<StoredDocument[]> {
  const found: StoredDocument[] = [];
  for (const phase of plan.phases) {
    if (found.length >= plan.limit) break;
    const options = { projection, sort: planSort(plan), limit: plan.limit - found.length };
    found.push(...(await collection.find(phaseFilter(phase), options).toArray()));
  }
  return found;
}

function pageFrom<T>(found: T[], limit: number, cursorAfter: (last: T) => string): { items: T[]; nextCursor: string | null } {
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return { items, nextCursor: found.length > limit && last !== undefined ? cursorAfter(last) : null };
}
