import type { Field } from '../../../src/protocol/surface-shapes.ts';

export type FieldValue = NonNullable<Field['initial']>;
/** Null: the person took the value away. */
export type FieldValues = Readonly<Record<string, FieldValue | null>>;

/** Why a value does not fit, as the key of the words for it. */
export interface FieldProblem {
  readonly key: string;
  readonly params: Readonly<Record<string, string | number>>;
}

/** What a form begins with. */
export function startOf(fields: readonly Field[], given: FieldValues = {}): FieldValues {
  const initial = fields.flatMap(({ id, initial: value }) => (value === undefined || value === null ? [] : [[id, value] as const]));
  const known = new Set(fields.map(({ id }) => id));
  return { ...Object.fromEntries(initial), ...Object.fromEntries(Object.entries(given).filter(([id]) => known.has(id))) };
}

/** What does not fit, by the id of its field. The server checks the same again. */
export function problemsOf(fields: readonly Field[], values: FieldValues): ReadonlyMap<string, FieldProblem> {
  const found = new Map<string, FieldProblem>();
  for (const field of fields) {
    const problem = field.disabled === true ? null : problemOf(field, values[field.id] ?? null);
    if (problem !== null) found.set(field.id, problem);
  }
  return found;
}

const isEmpty = (value: FieldValue | null): boolean =>
  value === null || value === '' || (Array.isArray(value) && value.every((one) => one === ''));

function problemOf(field: Field, value: FieldValue | null): FieldProblem | null {
  if (isEmpty(value)) return field.required === true ? { key: 'field.required', params: {} } : null;
  switch (field.kind) {
    case 'number':
    case 'slider':
      return numberProblem(field, value);
    case 'text':
    case 'textarea': {
      const { maxLength } = field;
      const long = maxLength !== undefined && typeof value === 'string' && value.length > maxLength;
      return long ? { key: 'field.tooLong', params: { most: maxLength } } : null;
    }
    case 'date':
      return typeof value === 'string' ? dayProblem(field, value) : null;
    case 'date-range':
      return Array.isArray(value) ? rangeProblem(field, value) : null;
    default:
      return null;
  }
}

function numberProblem({ min, max }: Field, value: FieldValue | null): FieldProblem | null {
  if (typeof value !== 'number') return { key: 'field.number', params: {} };
  if (typeof min === 'number' && value < min) return { key: 'field.atLeast', params: { least: min } };
  return typeof max === 'number' && value > max ? { key: 'field.atMost', params: { most: max } } : null;
}

function dayProblem({ min, max }: Field, day: string): FieldProblem | null {
  if (typeof min === 'string' && day < min) return { key: 'field.notBefore', params: { day: min } };
  return typeof max === 'string' && day > max ? { key: 'field.notAfter', params: { day: max } } : null;
}

function rangeProblem(field: Field, [from, to]: readonly unknown[]): FieldProblem | null {
  if (typeof from !== 'string' || typeof to !== 'string' || from === '' || to === '') return { key: 'field.bothDays', params: {} };
  if (from > to) return { key: 'field.order', params: {} };
  return dayProblem(field, from) ?? dayProblem(field, to);
}

/** What is sent: without what was left empty, and without what only the plugin sets. */
export function sentOf(fields: readonly Field[], values: FieldValues): FieldValues {
  return Object.fromEntries(
    fields.flatMap(({ id, disabled }) => {
      const value = values[id] ?? null;
      return disabled === true || isEmpty(value) ? [] : [[id, value] as const];
    }),
  );
}

/** Like `sentOf`, for values that are kept: what was emptied is taken away. */
export function changesOf(fields: readonly Field[], values: FieldValues): FieldValues {
  const sent = sentOf(fields, values);
  return Object.fromEntries(fields.flatMap(({ id, disabled }) => (disabled === true ? [] : [[id, sent[id] ?? null] as const])));
}

/** Titles of the tabs, in the order in which fields name them; a field without one stands on the first. */
export function tabsOf(fields: readonly Field[]): readonly { readonly title: string | null; readonly fields: readonly Field[] }[] {
  const tabs = new Map<string | null, Field[]>();
  if (fields.some(({ tab }) => tab === undefined)) tabs.set(null, []);
  for (const field of fields) {
    const list = tabs.get(field.tab ?? null);
    if (list === undefined) tabs.set(field.tab ?? null, [field]);
    else list.push(field);
  }
  return [...tabs].map(([title, own]) => ({ title, fields: own }));
}
