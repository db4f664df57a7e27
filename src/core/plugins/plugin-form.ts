import { z } from 'zod';
import { AppError } from '../../lib/app-error.ts';
import type { JsonValue } from '../../lib/document-store.ts';

export type FormValues = Record<string, z.core.util.JSONType>;
/** JSON Schema of an object. */
export type Form = Record<string, z.core.util.JSONType>;

const namePattern = /^[A-Za-z][A-Za-z0-9_]{0,63}$/;
/** A schema never changes, and a page asks for all forms of all plugins. */
const forms = new WeakMap<z.ZodObject, Form>();
const jsonSchema = z.record(z.string(), z.json());

/**
 * The form of a schema: JSON Schema 2020-12 of what is put in, so that a member with a default may be left out and one that
 * is transformed shows what a person types. `.meta({ title, description, fa, ar })` comes along.
 * @throws when a member cannot be shown in a form
 */
export function formOf(schema: z.ZodObject): Form {
  const known = forms.get(schema);
  if (known !== undefined) return known;
  const form = jsonSchema.parse(z.toJSONSchema(schema, { io: 'input' }));
  forms.set(schema, form);
  return form;
}

/** The values that hold where nobody set any. */
function defaultsOf(schema: z.ZodObject): FormValues {
  return jsonOf(schema.parse({}));
}

/** Why no form can be made of a schema, in one sentence that says what to do; null where one can. @param where e.g. `config` */
export function formRefusal(schema: z.ZodObject, where: string): string | null {
  const names = Object.keys(schema.shape);
  const bad = names.find((name) => !namePattern.test(name) || name in Object.prototype);
  if (bad !== undefined)
    return `${where}: the member “${bad.slice(0, 64)}” needs another name (a letter, then letters, digits and _; at most 64)`;
  const bare = names.filter((name) => !memberTakes(schema, name));
  if (bare.length > 0) return `${where}: every member needs .default(…) or .optional(), and ${bare.join(', ')} has none`;
  try {
    const form = formOf(schema);
    const complex = Object.entries(propertiesOf(form)).find(([, property]) => !isPrimitive(property));
    if (complex !== undefined) return `${where}: ${complex[0]} is no text, number, yes/no or choice, so it cannot stand in a form`;
    // Values are stored and parsed again, in the plugin's process too: what a member makes of a value it has to take as well.
    z.toJSONSchema(schema, { io: 'output' });
    schema.parse(defaultsOf(schema));
    return null;
  } catch (error) {
    return `${where}: no form can be made of this schema (${firstLine(error)}); use texts, numbers, booleans and enums, and transform them in setup or run`;
  }
}

/**
 * Parses values that somebody gave.
 * @param what stands at the beginning of the sentence, e.g. `The parameter`
 * @throws AppError BAD_REQUEST that names the member and what it may be, never the value
 */
export function parseForm(schema: z.ZodObject, values: Readonly<Record<string, JsonValue | undefined>>, what: string): FormValues {
  const names = Object.keys(schema.shape);
  const unknown = Object.keys(values).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    const shown = namePattern.test(unknown) ? ` ${unknown}` : '';
    const known = names.length === 0 ? 'There are none.' : `Known are: ${names.join(', ')}.`;
    const params = {
      field: shown.trim(),
      ...(shown === '' || names.length === 0 ? {} : { reason: 'unknown_member', names: names.join(', ') }),
    };
    throw new AppError('BAD_REQUEST', { message: `${what}${shown} is not known. ${known}`, params });
  }
  const parsed = schema.safeParse(values);
  if (parsed.success) return jsonOf(parsed.data);
  const field = String(parsed.error.issues[0]?.path[0] ?? '');
  const message = `${what} ${field} is not valid${mayBe(schema, field)}.`;
  const range = rangeOf(propertiesOf(formOf(schema))[field] ?? {});
  throw new AppError('BAD_REQUEST', { message, params: { field, ...(range === '' ? {} : { reason: 'member', range }) } });
}

/** What of stored values a schema still takes: a newer version of the plugin may know other members, or want other values. */
export function fittingValues(schema: z.ZodObject, stored: Readonly<FormValues>): FormValues {
  const fits = ([name, value]: [string, unknown]) => {
    const member = Object.hasOwn(schema.shape, name) ? schema.shape[name] : undefined;
    return member !== undefined && takes(member, value);
  };
  return Object.fromEntries(Object.entries(stored).filter(fits));
}

/** A word as somebody typed it becomes what the member takes: a number, yes or no, or a text. What does not fit stays a text. */
export function valueFromWord(schema: z.ZodObject, name: string, word: string): string | number | boolean {
  const member = schema.shape[name];
  if (member === undefined) return word;
  const typed = word.trim();
  const number = typed === '' ? Number.NaN : Number(typed);
  const yes = ['true', 'yes', 'on'].includes(typed.toLowerCase());
  const no = ['false', 'no', 'off'].includes(typed.toLowerCase());
  const candidates = [...(Number.isFinite(number) ? [number] : []), ...(yes || no ? [yes] : [])];
  return candidates.find((value) => takes(member, value)) ?? word;
}

/** What a member may be, in signs that every language reads: `2, 3, 4` or `0–1`; empty where that takes words. */
function rangeOf(property: Property): string {
  const choices = choicesOf(property);
  if (choices.length > 0) return choices.map(String).join(', ');
  const { minimum, maximum } = property;
  const isBound = (value: unknown) => typeof value === 'number' && Math.abs(value) < Number.MAX_SAFE_INTEGER;
  return isBound(minimum) && isBound(maximum) ? `${String(minimum)}–${String(maximum)}` : '';
}

/** What a member may be, for a sentence: `: one of 2, 3, 4`. */
function mayBe(schema: z.ZodObject, field: string): string {
  const property = propertiesOf(formOf(schema))[field];
  if (property === undefined) return '';
  const choices = choicesOf(property);
  if (choices.length > 0) return `: it may be ${choices.map(String).join(', ')}`;
  const { type, minimum, maximum, maxLength } = property;
  const kind = type === 'integer' ? 'a whole number' : type === 'boolean' ? 'true or false' : type === 'number' ? 'a number' : 'a text';
  // A schema without bounds of its own shows those of safe integers, which help nobody.
  const bound = (value: unknown) => (typeof value === 'number' && Math.abs(value) < Number.MAX_SAFE_INTEGER ? value : undefined);
  const [least, most, length] = [bound(minimum), bound(maximum), bound(maxLength)];
  const range = `${least === undefined ? '' : ` from ${least}`}${most === undefined ? '' : ` up to ${most}`}`;
  return `: it may be ${kind}${range}${length === undefined ? '' : ` of at most ${length} characters`}`;
}

type Property = Readonly<Record<string, unknown>>;

/** The members of a form. */
function propertiesOf(form: Form): Readonly<Record<string, Property>> {
  const { properties } = z.object({ properties: z.record(z.string(), z.record(z.string(), z.unknown())).default({}) }).parse(form);
  return properties;
}

/** The values that a member can have, where they are counted out. */
function choicesOf(property: Property): readonly unknown[] {
  if (Array.isArray(property['enum'])) return property['enum'];
  if ('const' in property) return [property['const']];
  const { anyOf } = property;
  if (!Array.isArray(anyOf)) return [];
  const each: (readonly unknown[])[] = anyOf.map((one: unknown) => choicesOf(z.record(z.string(), z.unknown()).catch({}).parse(one)));
  return each.every((one) => one.length > 0) ? each.flat() : [];
}

function isPrimitive(property: Property): boolean {
  const { type } = property;
  return choicesOf(property).length > 0 || type === 'string' || type === 'number' || type === 'integer' || type === 'boolean';
}

function memberTakes(schema: z.ZodObject, name: string): boolean {
  const member = schema.shape[name];
  return member !== undefined && takes(member, undefined);
}

/** A refinement that throws takes nothing. */
function takes(member: z.core.$ZodType, value: unknown): boolean {
  try {
    return z.safeParse(member, value).success;
  } catch {
    return false;
  }
}

/** As JSON has it: what a parse gives may hold `undefined`. */
function jsonOf(values: unknown): FormValues {
  return jsonSchema.parse(JSON.parse(JSON.stringify(values)));
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : 'unknown').split('\n', 1)[0]?.slice(0, 120) ?? '';
}
