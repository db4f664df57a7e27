import type { CollectionRules } from './collection-catalog.ts';
import type { JsonObject } from './document-rules.ts';
import type { SearchEntry } from './sqlite-protocol.ts';

/** What the word table keeps of a document, in a searched collection. */
export function searchEntry(rules: CollectionRules, document: Readonly<JsonObject>): SearchEntry | null {
  if (rules.spec.search === undefined) return null;
  const owner = document[rules.spec.search.owner];
  const words = document[rules.spec.search.words];
  return {
    owner: typeof owner === 'string' ? owner : null,
    words: Array.isArray(words) ? words.filter((word: unknown) => typeof word === 'string') : [],
  };
}
