import { createHash } from 'node:crypto';
import type { CollectionRules } from './collection-catalog.ts';

export function tableName(collection: string): string {
  return `c_${collection}`;
}

export function wordTableName(rules: CollectionRules): string {
  return `w_${rules.spec.name}_${shortHash(JSON.stringify(rules.spec.search ?? null))}`;
}

export function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
