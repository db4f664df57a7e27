import { type Field, fieldSchema } from '../../protocol/index.ts';

const withOptions: readonly Field['kind'][] = ['select', 'multi-select', 'radio'];
const day = /^\d{4}-\d{2}-\d{2}$/;

/**
 * Why these fields make no form; null when they do. Whatever could only show as a broken widget is named here.
 * @param where they stand, for the sentence
 */
export function fieldsRefusal(fields: readonly Field[], where: string): string | null {
  const ids = fields.map(({ id }) => id);
  for (const [index, field] of fields.entries()) {
    const refusal = ids.indexOf(field.id) === index ? fieldRefusal(field) : 'is declared twice';
    if (refusal !== null) return `${where}: the field ${field.id} ${refusal}`;
  }
  return null;
}

function fieldRefusal(field: Field): string | null {
  const issue = fieldSchema.safeParse(field, { jitless: true }).error?.issues[0];
  if (issue !== undefined) return `has a wrong ${issue.path.map(String).join('.')}: ${issue.message}`;
  return optionsRefusal(field) ?? rangeRefusal(field) ?? initialRefusal(field);
}

function optionsRefusal({ kind, options = [] }: Field): string | null {
  const values = options.map(({ value }) => value);
  if (withOptions.includes(kind) && values.length === 0) return `of the kind ${kind} needs options`;
  if (!withOptions.includes(kind) && values.length > 0) return `of the kind ${kind} takes no options`;
  return new Set(values).size === values.length ? null : 'has two options of the same value';
}

function rangeRefusal({ kind, min, max }: Field): string | null {
  if (kind === 'slider' && (min === undefined || max === undefined)) return 'of the kind slider needs min and max';
  const ends = [min, max].filter((end) => end !== undefined);
  const judge = ends.length === 0 ? undefined : endsOf[kind];
  if (ends.length > 0 && judge === undefined) return `of the kind ${kind} takes no min and max`;
  if (judge !== undefined && !ends.every(judge.is)) return `needs ${judge.needs} as min and max`;
  return min !== undefined && max !== undefined && min > max ? 'has a min above its max' : null;
}

/** Null says "nothing yet" for every kind. */
function initialRefusal(field: Field): string | null {
  const { kind, initial, required } = field;
  if (initial === undefined || initial === null)
    return field.disabled === true && required === true ? 'is required and cannot be filled in' : null;
  return judges[kind](field, initial) ? null : `has an initial value that is none of the kind ${kind}`;
}

const isDay = (value: unknown) => typeof value === 'string' && day.test(value);
const isFlag = (value: unknown) => typeof value === 'boolean';
const isListOf = (value: unknown, is: (one: unknown) => boolean) => Array.isArray(value) && value.every(is);
const isOption = (field: Field, value: unknown) => field.options?.some((option) => option.value === value) === true;
const isText = ({ maxLength = Number.POSITIVE_INFINITY }: Field, value: unknown) => typeof value === 'string' && value.length <= maxLength;
const isNumber = ({ min, max }: Field, value: unknown) =>
  typeof value === 'number' && !(typeof min === 'number' && value < min) && !(typeof max === 'number' && value > max);

const numbers = { is: (end: unknown): boolean => typeof end === 'number', needs: 'numbers' };
const days = { is: isDay, needs: 'days, such as 2026-12-31,' };
const endsOf: { readonly [Kind in Field['kind']]?: typeof numbers } = { slider: numbers, number: numbers, date: days, 'date-range': days };

const judges: Readonly<Record<Field['kind'], (field: Field, value: unknown) => boolean>> = {
  switch: (_field, value) => isFlag(value),
  checkbox: (_field, value) => isFlag(value),
  slider: isNumber,
  number: isNumber,
  text: isText,
  textarea: isText,
  select: isOption,
  radio: isOption,
  'multi-select': (field, value) => isListOf(value, (one) => isOption(field, one)),
  tags: (_field, value) => isListOf(value, (one) => typeof one === 'string'),
  date: (_field, value) => isDay(value),
  'date-range': (_field, value) => isListOf(value, isDay) && Array.isArray(value) && value.length === 2,
};
