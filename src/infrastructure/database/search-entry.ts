import type { CollectionRules } from './collection-catalog.ts';
import type { JsonObject } from './document-rules.ts';
import { tokensOf } from './sqlite-tokens.ts';

/** What the text index keeps of a document: its tokens in one text, null for none. */
export function searchEntry(rules: CollectionRules, document: Readonly<JsonObject>): string | null {
  if (rules.spec.search === undefined) return null;
  const owner = document[rules.spec.search.owner];
  const words = document[rules.spec.search.words];
  if (typeof owner !== 'string' || !Array.isArray(words) || words.length === 0) return null;
  return tokensOf(
    owner,
    words.filter((word: unknown) => typeof word === 'string'),
  );
}
