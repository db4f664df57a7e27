import type { DocumentStore } from '../../lib/document-store.ts';
import { StoreLockedError, StoreUnavailableError } from '../../lib/store-errors.ts';

/** `refused`: the store answered, with a no. */
type Outcome = 'ok' | 'unavailable' | 'refused';

export interface TimedDocumentsDeps {
  readonly documents: DocumentStore;
  /** Called after each call of the store, with the name of the method. */
  readonly observe: (operation: keyof DocumentStore, outcome: Outcome, ms: number) => void;
  /** Milliseconds of a steady clock that counts finer than one. */
  readonly now: () => number;
}

export interface TimedDocuments {
  readonly documents: DocumentStore;
  /** Calls without an answer yet. */
  waiting(): number;
}

/** The same store, with each call timed. */
export function createTimedDocuments({ documents, observe, now }: TimedDocumentsDeps): TimedDocuments {
  let waiting = 0;

  async function timed<T>(operation: keyof DocumentStore, call: () => Promise<T>): Promise<T> {
    const startedAt = now();
    let outcome: Outcome = 'ok';
    waiting += 1;
    try {
      return await call();
    } catch (error) {
      outcome = error instanceof StoreUnavailableError || error instanceof StoreLockedError ? 'unavailable' : 'refused';
      throw error;
    } finally {
      waiting -= 1;
      observe(operation, outcome, now() - startedAt);
    }
  }

  return {
    waiting: () => waiting,
    documents: {
      batchIsAtomic: documents.batchIsAtomic,
      insert: (collection, document) => timed('insert', () => documents.insert(collection, document)),
      put: (collection, document) => timed('put', () => documents.put(collection, document)),
      get: (collection, id) => timed('get', () => documents.get(collection, id)),
      getMany: (collection, ids) => timed('getMany', () => documents.getMany(collection, ids)),
      find: (collection, query) => timed('find', () => documents.find(collection, query)),
      count: (collection, query) => timed('count', () => documents.count(collection, query)),
      search: (collection, query) => timed('search', () => documents.search(collection, query)),
      update: (collection, id, change) => timed('update', () => documents.update(collection, id, change)),
      delete: (collection, id, expect) => timed('delete', () => documents.delete(collection, id, expect)),
      deleteMany: (collection, query) => timed('deleteMany', () => documents.deleteMany(collection, query)),
      batch: (operations) => timed('batch', () => documents.batch(operations)),
      now: () => timed('now', () => documents.now()),
    },
  };
}
