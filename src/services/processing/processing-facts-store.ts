import { type ProcessingFacts, type ProcessingFactsStore, processingFactsSchema } from '../../core/index.ts';
import type { CollectionSpec, DocumentStore } from '../../lib/document-store.ts';

/** What was measured of each kind of work; `byAge` finds the latest. */
export const processingFactsCollection: CollectionSpec = {
  name: 'processingFacts',
  indexes: [{ name: 'byAge', fields: ['at'] }],
};

export function createProcessingFactsStore(documents: DocumentStore): ProcessingFactsStore {
  const { name: collection } = processingFactsCollection;
  return {
    async load(limit) {
      const page = await documents.find(collection, { index: 'byAge', where: {}, order: 'desc', limit });
      // Of another version of this program, or spoilt: it is learned anew.
      return page.items.flatMap((item): ProcessingFacts[] => {
        const read = processingFactsSchema.safeParse(item);
        return read.success ? [read.data] : [];
      });
    },
    save: (facts) => documents.put(collection, facts),
  };
}
