import type { JsonValue } from '../../lib/document-store.ts';

/** What no document holds as the name of a member, however it is written. */
const forbidden: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

type StoredValue = string | number | boolean | null | StoredValue[] | { [key: string]: StoredValue };

/** The same value without members whose names a document may not hold, such as `a.b`: what plugins say becomes part of messages. */
export function storableJson(value: JsonValue): StoredValue {
  if (Array.isArray(value)) return value.map((item: JsonValue) => storableJson(item));
  if (typeof value !== 'object' || value === null) return scalarOf(value);
  const kept: Record<string, StoredValue> = {};
  for (const [key, member] of Object.entries(value)) {
    if (/^[\w-]{1,64}$/.test(key) && !forbidden.has(key) && member !== undefined) kept[key] = storableJson(member);
  }
  return kept;
}

function scalarOf(value: JsonValue): StoredValue {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  return typeof value === 'string' || typeof value === 'boolean' ? value : null;
}
