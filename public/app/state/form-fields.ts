import type { PluginInfo } from '../../../src/protocol/work-shapes.ts';
import type { Words } from './plugin-words.ts';

type Schema = PluginInfo['processors'][number]['params'];
export type FieldValue = Schema[string];
export type FieldValues = Readonly<Record<string, FieldValue>>;

interface Common {
  readonly name: string;
  readonly title: Words;
  readonly description: Words | null;
}

/** One member of a form that is made from a JSON Schema. */
export type FormField = Common &
  (
    | { readonly kind: 'choice'; readonly options: readonly { readonly value: string | number | boolean; readonly title: Words | null }[] }
    | NumberField
    | { readonly kind: 'toggle' }
    | { readonly kind: 'colour' }
    | { readonly kind: 'text'; readonly long: boolean; readonly maxLength: number | null }
  );

interface NumberField {
  readonly kind: 'number';
  readonly min: number | null;
  readonly max: number | null;
  readonly step: number | null;
  /** It may be left empty. */
  readonly optional: boolean;
}

type Node = Readonly<Record<string, unknown>>;

function node(value: unknown): Node | null {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- an object; its keys are read one by one below
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Node) : null;
}

const numberOf = (value: unknown): number | null => (typeof value === 'number' && Number.isFinite(value) ? value : null);

/** Words of a schema: a plain text is English. */
function wordsOf(value: unknown): Words | null {
  if (typeof value === 'string') return { en: value };
  const record = node(value);
  const { en, fa, ar } = record ?? {};
  if (typeof en !== 'string') return null;
  return { en, ...(typeof fa === 'string' ? { fa } : {}), ...(typeof ar === 'string' ? { ar } : {}) };
}

/** English stands in the schema itself; `fa` and `ar` are titles, or objects with both. */
function wordsIn(schema: Node, what: 'title' | 'description'): Words | null {
  const words = wordsOf(schema[what]);
  if (words === null) return null;
  const other = (language: 'fa' | 'ar') => {
    const own = schema[language];
    const text = typeof own === 'string' && what === 'title' ? own : node(own)?.[what];
    return typeof text === 'string' ? { [language]: text } : {};
  };
  return { ...words, ...other('fa'), ...other('ar') };
}

/** What a text is called that has no title: `imageStrength` and `image-strength` become "Image strength". */
function readable(name: string): string {
  const spaced = name.replaceAll(/[-_]+/g, ' ').replaceAll(/([a-z])([A-Z])/g, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`);
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

/** The members of a schema that a person can fill in, in their order. */
export function fieldsOf(schema: Schema): readonly FormField[] {
  return Object.entries(node(schema['properties']) ?? {}).flatMap(([name, value]) => {
    const member = node(value);
    return member === null ? [] : fieldOf(name, member);
  });
}

function fieldOf(name: string, schema: Node): FormField[] {
  const plain = withoutNull(schema);
  const common = {
    name,
    title: wordsOf(schema['words']) ?? wordsIn(schema, 'title') ?? { en: readable(name) },
    description: wordsOf(schema['hint']) ?? wordsIn(schema, 'description'),
  };
  const options = optionsOf(plain, node(schema['choices']));
  if (options.length > 0) return [{ ...common, kind: 'choice', options }];
  if (plain['type'] === 'boolean') return [{ ...common, kind: 'toggle' }];
  if (plain['type'] === 'number' || plain['type'] === 'integer') return [{ ...common, ...numberField(plain) }];
  if (plain['type'] !== 'string') return [];
  if (plain['format'] === 'color' || isColourPattern(plain['pattern'])) return [{ ...common, kind: 'colour' }];
  const maxLength = numberOf(plain['maxLength']);
  return [{ ...common, kind: 'text', maxLength, long: maxLength !== null && maxLength > 200 }];
}

/** `#rrggbb`, as zod writes such a pattern down. */
const isColourPattern = (pattern: unknown): boolean => typeof pattern === 'string' && /^\^#\[.*\]\{6\}\$$/.test(pattern);

function numberField(schema: Node): NumberField {
  const whole = schema['type'] === 'integer';
  const limit = (value: unknown) => {
    const found = numberOf(value);
    // What zod writes for an integer without limits is no limit that helps anybody.
    return found === null || Math.abs(found) >= Number.MAX_SAFE_INTEGER ? null : found;
  };
  const step = numberOf(schema['multipleOf']) ?? (whole ? 1 : null);
  return { kind: 'number', min: limit(schema['minimum']), max: limit(schema['maximum']), step, optional: schema['default'] === undefined };
}

function withoutNull(schema: Node): Node {
  const some = schema['anyOf'];
  if (!Array.isArray(some)) return schema;
  const kept = some.map(node).filter((one) => one !== null && one['type'] !== 'null');
  return kept.length === 1 ? { ...schema, ...kept[0] } : schema;
}

function optionsOf(schema: Node, titles: Node | null): { value: string | number | boolean; title: Words | null }[] {
  const anyOf = schema['anyOf'];
  const values: unknown[] = Array.isArray(schema['enum'])
    ? schema['enum']
    : Array.isArray(anyOf)
      ? anyOf.map((one) => node(one)?.['const'])
      : [];
  return values.flatMap((value) =>
    typeof value === 'string' || typeof value === 'number' || (typeof value === 'boolean' && values.length > 1)
      ? [{ value, title: wordsOf(titles?.[String(value)]) }]
      : [],
  );
}

/** What the form begins with: what is set, else the schema's own default. */
export function startValues(schema: Schema, given: FieldValues): FieldValues {
  const members = node(schema['properties']) ?? {};
  const defaults = Object.entries(members).flatMap(([name, value]) => {
    const own = node(value);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a default of a JSON Schema is JSON
    return own !== null && own['default'] !== undefined ? [[name, own['default'] as FieldValue] as const] : [];
  });
  return { ...Object.fromEntries(defaults), ...given };
}
