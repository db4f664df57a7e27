import type { AskPart, Field } from '../../../src/protocol/surface-shapes.ts';
import { useApp } from '../app-context.ts';
import type { I18n } from '../state/i18n.ts';
import { FactList } from '../ui/fact-list.tsx';
import { FileTile } from './file-tile.tsx';

type Json = NonNullable<AskPart['answer']>;

/** What was answered to a question, for reading. */
export function GivenAnswer({ part: { spec, answer } }: { readonly part: AskPart }) {
  const { i18n } = useApp();
  if (answer === undefined || answer === null) return null;
  if (spec.kind === 'file') return <GivenFiles answer={answer} />;
  if (spec.kind === 'form' && typeof answer === 'object' && !Array.isArray(answer)) {
    const facts = spec.fields.flatMap((field) => {
      const words = valueWords(i18n, field, answer[field.id] ?? null);
      return words === '' ? [] : [[field.label, words] as const];
    });
    return <FactList class="ask-answer ask-facts" facts={facts} />;
  }
  return (
    <p class="ask-answer" dir="auto">
      {typeof answer === 'string' ? answer : JSON.stringify(answer)}
    </p>
  );
}

function GivenFiles({ answer }: { readonly answer: Json }) {
  const files = Array.isArray(answer) ? answer.flatMap((one) => fileOf(one ?? null) ?? []) : [];
  return (
    <div class="ask-answer ask-given-files">
      {files.map((file) => (
        <FileTile key={file.url} name={file.name} file={file} />
      ))}
    </div>
  );
}

function fileOf(value: Json | null): { name: string; url: string; size: number; mime: string } | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const { url, name, size } = value;
  if (typeof url !== 'string' || !url.startsWith('/') || url.startsWith('//')) return null;
  const called = typeof name === 'string' && name !== '' ? name : url;
  return {
    url,
    name: called,
    size: typeof size === 'number' ? size : 0,
    mime: called.includes('.') ? (called.split('.').at(-1) ?? '') : 'file',
  };
}

/** A value of a field as a person reads it. */
export function valueWords(i18n: I18n, field: Field, value: Json | null): string {
  if (value === null) return '';
  if (typeof value === 'boolean') return i18n.t(value ? 'table.yes' : 'table.no');
  if (typeof value === 'number') return i18n.number(value, { maximumFractionDigits: 10 });
  const labelOf = (one: unknown) => field.options?.find((option) => option.value === one)?.label ?? String(one);
  if (field.kind === 'date' && typeof value === 'string') return dayWords(i18n, value);
  if (field.kind === 'date-range' && Array.isArray(value))
    return value.map((day) => (typeof day === 'string' ? dayWords(i18n, day) : '')).join(' – ');
  if (Array.isArray(value)) return new Intl.ListFormat(i18n.locale.value, { type: 'conjunction' }).format(value.map(labelOf));
  return typeof value === 'string' ? labelOf(value) : JSON.stringify(value);
}

function dayWords(i18n: I18n, day: string): string {
  return Number.isNaN(Date.parse(day)) ? day : i18n.date(day, { dateStyle: 'medium', timeZone: 'UTC' });
}
