import type { Change, Document, JsonValue, Scalar } from '../../lib/document-store.ts';
import { BadQueryError } from '../../lib/store-errors.ts';
import type { CollectionRules } from './collection-catalog.ts';

/** A checked copy of a document: own plain keys only, no `undefined`, well-formed strings. */
export type JsonObject = Record<string, JsonValue>;

export interface CleanChange {
  readonly expect: ReadonlyArray<readonly [field: string, value: Scalar]>;
  readonly set: JsonObject;
  readonly unset: readonly string[];
  readonly increment: Readonly<Record<string, number>>;
}

/** MongoDB refuses documents over 16 MiB; a UTF-16 unit takes at most 3 bytes there. */
const maxDocumentCharacters = 4 * 1024 * 1024;
const maxDepth = 64;
const maxIdLength = 256;
const maxIds = 1000;
const fieldName = /^[A-Za-z][A-Za-z0-9]*$/;
const forbiddenKeys: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);
const loneSurrogate = /\p{Surrogate}/gu;

export function isFieldName(name: string): boolean {
  return fieldName.test(name) && !forbiddenKeys.has(name);
}

/** @throws BadQueryError unless `id` is a string of 1 to 256 well-formed characters without NUL */
export function cleanId(id: unknown): string {
  if (typeof id !== 'string') throw new BadQueryError('an id must be a string');
  if (id.length === 0 || id.length > maxIdLength) throw new BadQueryError(`an id must have 1 to ${maxIdLength} characters`);
  if (id.includes('\0') || id.search(loneSurrogate) !== -1) throw new BadQueryError('an id must be well-formed text');
  return id;
}

/** @throws BadQueryError for more than 1000 ids */
export function checkedIds(ids: readonly string[]): string[] {
  if (ids.length > maxIds) throw new BadQueryError(`at most ${maxIds} ids`);
  return ids.map(cleanId);
}

/** No store can keep half of a surrogate pair in UTF-8: it becomes U+FFFD in every store alike. */
export function cleanText(text: string): string {
  return text.replace(loneSurrogate, '\uFFFD');
}

/** @throws BadQueryError for objects (operators!), arrays, NaN and everything else that is no scalar */
export function cleanScalar(value: unknown, what: string): Scalar {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'string') return cleanText(value);
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new BadQueryError(`${what} must be a string, a finite number, a boolean or null`);
}

export function cleanDocument(rules: CollectionRules, document: Document): JsonObject & Document {
  const id = cleanId(document.id);
  const clean = createCleaner().object(document, 0);
  for (const field of Object.keys(clean)) checkMember(rules, field, clean[field]);
  return { ...clean, id };
}

export function cleanExpectation(expect: Change['expect']): CleanChange['expect'] {
  return Object.entries(expect ?? {}).map(([field, value]) => [checkField(field), cleanScalar(value, field)] as const);
}

export function cleanChange(rules: CollectionRules, change: Change): CleanChange {
  const cleaner = createCleaner();
  const set = cleaner.object(change.set ?? {}, 0);
  const unset = (change.unset ?? []).map(checkField);
  const increment = change.increment ?? {};
  for (const [field, value] of Object.entries(set)) checkMember(rules, field, value);
  for (const [field, by] of Object.entries(increment)) {
    checkField(field);
    if (typeof by !== 'number' || !Number.isFinite(by)) throw new BadQueryError(`increment of ${field} must be a finite number`);
  }
  const touched = [...Object.keys(set), ...unset, ...Object.keys(increment)];
  if (touched.includes('id')) throw new BadQueryError('the id of a document does not change');
  if (new Set(touched).size !== touched.length) throw new BadQueryError('a change may name a field only once');
  return { expect: cleanExpectation(change.expect), set, unset, increment: { ...increment } };
}

/**
 * The document after a change, or null when the expectation is not met.
 * @throws BadQueryError when a field to increment holds something that is no number
 */
export function applyChange(document: Readonly<JsonObject>, change: CleanChange): JsonObject | null {
  if (!meets(document, change.expect)) return null;
  const next: JsonObject = { ...document, ...change.set };
  for (const field of change.unset) delete next[field];
  for (const [field, by] of Object.entries(change.increment)) next[field] = incremented(next[field], by, field);
  return next;
}

export function meets(document: Readonly<JsonObject>, expect: CleanChange['expect']): boolean {
  return expect.every(([field, value]) => (document[field] ?? null) === value);
}

function incremented(value: JsonValue | undefined, by: number, field: string): number {
  if (value !== undefined && typeof value !== 'number') throw new BadQueryError(`${field} holds no number to increment`);
  const sum = (value ?? 0) + by;
  if (!Number.isFinite(sum)) throw new BadQueryError(`${field} would overflow`);
  return sum;
}

function checkField(field: string): string {
  if (!isFieldName(field)) throw new BadQueryError('a field name must be letters and digits');
  return field;
}

function checkMember(rules: CollectionRules, field: string, value: JsonValue | undefined): void {
  checkField(field);
  if (rules.indexedFields.has(field)) {
    const scalar = cleanScalar(value ?? null, `the indexed field ${field}`);
    // SQLite ends a text at NUL when it compares.
    if (typeof scalar === 'string' && scalar.includes('\0')) throw new BadQueryError(`the indexed field ${field} must not hold NUL`);
  }
  if (field === rules.spec.search?.words) checkWords(value);
}

function checkWords(value: JsonValue | undefined): void {
  const words: readonly unknown[] | null = Array.isArray(value) ? value : null;
  if (words === null || !words.every((word) => typeof word === 'string' && word !== '' && !word.includes('\0'))) {
    throw new BadQueryError('the words of a document must be an array of non-empty strings');
  }
}

/** Copies and checks in one walk; `size` bounds the whole walk, so that a deep or huge value is refused early. */
function createCleaner() {
  let size = 0;

  function grow(by: number): void {
    size += by;
    if (size > maxDocumentCharacters) throw new BadQueryError(`a document holds at most ${maxDocumentCharacters} characters`);
  }

  function value(input: unknown, depth: number): JsonValue {
    if (typeof input === 'string') {
      grow(input.length);
      return cleanText(input);
    }
    if (typeof input !== 'object' || input === null) {
      grow(8);
      return cleanScalar(input, 'a member');
    }
    if (depth >= maxDepth) throw new BadQueryError(`a document nests at most ${maxDepth} levels`);
    return Array.isArray(input) ? input.map((item: unknown) => value(item, depth + 1)) : object(input, depth + 1);
  }

  function object(input: object, depth: number): JsonObject {
    const prototype: unknown = Object.getPrototypeOf(input);
    if (prototype !== Object.prototype && prototype !== null) throw new BadQueryError('a document holds plain JSON values only');
    const copy: JsonObject = {};
    for (const [key, member] of Object.entries(input)) {
      if (member === undefined) continue;
      checkKey(key);
      grow(key.length + 8);
      copy[key] = value(member, depth);
    }
    return copy;
  }

  return { object };
}

function checkKey(key: string): void {
  if (key.startsWith('$') || key.includes('.') || key.includes('\0') || forbiddenKeys.has(key) || key.search(loneSurrogate) !== -1) {
    throw new BadQueryError('a document has a key that the store refuses');
  }
}
