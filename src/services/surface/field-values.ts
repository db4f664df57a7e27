import { AppError } from '../../lib/app-error.ts';
import type { Field, Settings } from '../../protocol/index.ts';

export type FieldValues = Readonly<NonNullable<Settings['values']>>;
type JsonValue = FieldValues[string];

const MAX_TEXT = 8192;
const MAX_TAGS = 50;
const MAX_TAG = 100;
/** Of all values of a form together, in characters of JSON. */
const MAX_VALUES = 32 * 1024;

type Check = (field: Field, value: JsonValue) => boolean;

const isString = (value: JsonValue): value is string => typeof value === 'string';
const isStrings = (value: JsonValue): value is string[] => Array.isArray(value) && value.every(isString);
const isBoolean: Check = (_field, value) => typeof value === 'boolean';
const isText: Check = ({ maxLength = MAX_TEXT }, value) => isString(value) && value.length <= Math.min(maxLength, MAX_TEXT);
const isChoice: Check = (field, value) => isString(value) && hasOption(field, value);

/** Whether a value is one that the field can hold. */
const checks: Readonly<Record<Field['kind'], Check>> = {
  switch: isBoolean,
  checkbox: isBoolean,
  slider: isNumber,
  number: isNumber,
  text: isText,
  textarea: isText,
  select: isChoice,
  radio: isChoice,
  'multi-select': (field, value) =>
    isStrings(value) && new Set(value).size === value.length && value.every((option) => hasOption(field, option)),
  tags: (_field, value) => isStrings(value) && value.length <= MAX_TAGS && value.every((tag) => tag !== '' && tag.length <= MAX_TAG),
  date: (field, value) => isString(value) && isDate(field, value),
  'date-range': (field, value) => {
    if (!isStrings(value)) return false;
    const [from, to] = value;
    return value.length === 2 && from !== undefined && to !== undefined && isDate(field, from) && isDate(field, to) && from <= to;
  },
};

function isNumber({ min, max }: Field, value: JsonValue): boolean {
  if (typeof value !== 'number' || !Number.isFinite(value)) return false;
  return (typeof min !== 'number' || value >= min) && (typeof max !== 'number' || value <= max);
}

function hasOption({ options = [] }: Field, value: string): boolean {
  return options.some((option) => option.value === value);
}

/** A day of the calendar as YYYY-MM-DD, within the bounds of the field. */
function isDate({ min, max }: Field, value: string): boolean {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(value) ? Date.parse(`${value}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(at) || new Date(at).toISOString().slice(0, 10) !== value) return false;
  return (typeof min !== 'string' || value >= min) && (typeof max !== 'string' || value <= max);
}

function isEmpty(value: JsonValue | undefined): boolean {
  return value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);
}

function refusal(field: string): AppError {
  return new AppError('BAD_REQUEST', {
    message: `The value of ${field.slice(0, 64)} does not fit.`,
    params: { field: field.slice(0, 64) },
  });
}

/** The field where its options depend on what was chosen elsewhere: any text will do. */
export function openField(field: Field): Field {
  const { options: _options, ...rest } = field;
  if (field.kind === 'select' || field.kind === 'radio') return { ...rest, kind: 'text' };
  return field.kind === 'multi-select' ? { ...rest, kind: 'tags' } : field;
}

/** What the fields hold before anybody changes one. */
export function defaultsOf(fields: readonly Field[]): FieldValues {
  return Object.fromEntries(
    fields.flatMap((field) => (field.initial !== undefined && fits(field, field.initial) ? [[field.id, field.initial]] : [])),
  );
}

/** Defaults, and over them those stored values that still fit: a newer version of a plugin may have other fields. */
export function heldValues(fields: readonly Field[], stored: Readonly<Record<string, unknown>>): FieldValues {
  const held: Record<string, JsonValue> = { ...defaultsOf(fields) };
  for (const field of fields) {
    const value = Object.hasOwn(stored, field.id) ? stored[field.id] : undefined;
    if (field.disabled !== true && isJson(value) && fits(field, value)) held[field.id] = value;
  }
  return held;
}

/**
 * Changed values, each one of a declared field and of its kind; null takes a value away. Values of disabled fields stay as they are.
 * @throws AppError BAD_REQUEST that names the field
 */
export function checkedChanges(fields: readonly Field[], given: Readonly<Record<string, unknown>>): FieldValues {
  if ((JSON.stringify(given)?.length ?? 0) > MAX_VALUES) throw new AppError('TOO_LARGE', { params: { limit: MAX_VALUES } });
  const checked: Record<string, JsonValue> = {};
  for (const [id, value] of Object.entries(given)) {
    const field = fields.find((known) => known.id === id);
    if (field === undefined || !isJson(value) || !(value === null || fits(field, value))) throw refusal(id);
    if (field.disabled !== true) checked[id] = value;
  }
  return checked;
}

/** A filled form. @throws AppError BAD_REQUEST that names the field, also for a required one without a value */
export function checkedForm(fields: readonly Field[], given: unknown): FieldValues {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) throw refusal('value');
  const held = { ...defaultsOf(fields), ...checkedChanges(fields, { ...given }) };
  const missing = fields.find(
    ({ id, required, disabled }) => required === true && disabled !== true && !(Object.hasOwn(held, id) && !isEmpty(held[id])),
  );
  if (missing !== undefined) throw refusal(missing.id);
  return held;
}

function fits(field: Field, value: JsonValue): boolean {
  return checks[field.kind](field, value);
}

function isJson(value: unknown): value is JsonValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  return Array.isArray(value) && value.every(isJson);
}
