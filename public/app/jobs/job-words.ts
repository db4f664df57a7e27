import type { Job } from '../../../src/protocol/work-shapes.ts';
import { explain } from '../actions/explain.ts';
import { roughTime } from '../state/amounts.ts';
import type { I18n } from '../state/i18n.ts';
import { inWords } from '../state/plugin-words.ts';

/** 3rd in English; other languages say it with the number alone. */
function ordinal(i18n: I18n, value: number): string {
  if (i18n.locale.value !== 'en') return i18n.number(value);
  const ends: Partial<Record<Intl.LDMLPluralRule, string>> = { one: 'st', two: 'nd', few: 'rd' };
  return `${i18n.number(value)}${ends[new Intl.PluralRules('en', { type: 'ordinal' }).select(value)] ?? 'th'}`;
}

/** Where a waiting job stands and when it is expected to end. @param left seconds, null: nobody knows */
export function waitingWords(i18n: I18n, job: Job, left: number | null): string {
  const { t } = i18n;
  if (job.retryAt !== undefined) {
    return t('job.retryAt', { time: i18n.date(job.retryAt, { timeStyle: 'medium' }), attempt: job.attempts + 1 });
  }
  const place =
    job.position === undefined
      ? t('job.queued')
      : job.position === 1
        ? t('job.next')
        : t('job.place', { place: ordinal(i18n, job.position) });
  return left === null || left <= 0 ? place : t('job.placeAndTime', { place, time: roughTime(i18n, left) });
}

/** What is being done, how far it is and how long it may take. */
export function runningWords(i18n: I18n, job: Job, left: number | null): string {
  const note = job.note === undefined ? i18n.t('job.running') : inWords(i18n, job.note);
  const percent = job.progress === null ? [] : [i18n.number(job.progress / 100, { style: 'percent', maximumFractionDigits: 0 })];
  const time = left === null || left < 1 ? [] : [i18n.t('job.left', { time: roughTime(i18n, left) })];
  return joined(i18n, [note, ...percent, ...time]);
}

/** Why it ended without a result, and what to do. */
export function endingWords(i18n: I18n, job: Pick<Job, 'status' | 'error' | 'attempts'>): string {
  const reason = job.error === undefined ? '' : explain(i18n, job.error);
  const head = i18n.t(`job.ending.${job.status}`, { count: job.attempts });
  return reason === '' ? head : `${head} ${reason}`;
}

/** Facts in one line: a Latin name must not turn the number beside it round. */
export function joined(i18n: Pick<I18n, 'direction'>, facts: readonly string[]): string {
  const start = i18n.direction() === 'rtl' ? '\u200F' : '';
  return start + facts.map((fact) => `\u2068${fact}\u2069`).join(' · ');
}

const factKeys = ['model', 'level', 'provider', 'seconds', 'seed'] as const;

/** Where a picture comes from: plugin, model, level, what it ran on, how long it took, the seed. */
export function provenanceFacts(i18n: I18n, plugin: string, from: Readonly<Record<string, unknown>>): readonly string[] {
  const facts = factKeys.flatMap((key) => {
    const value = from[key];
    if (typeof value !== 'string' && typeof value !== 'number') return [];
    return [factWords(i18n, key, value)];
  });
  return [plugin, ...facts];
}

function factWords(i18n: I18n, key: (typeof factKeys)[number], value: string | number): string {
  if (key === 'seconds') {
    const seconds = Number(value);
    return i18n.number(seconds, { style: 'unit', unit: 'second', unitDisplay: 'short', maximumFractionDigits: seconds < 10 ? 1 : 0 });
  }
  if (key === 'level') return i18n.has(`level.${value}`) ? i18n.t(`level.${value}`) : String(value);
  if (key === 'seed') return i18n.t('job.seed', { seed: String(value) });
  return key === 'provider' ? String(value).toUpperCase() : String(value);
}

export function sizeWords(i18n: I18n, { width, height }: { width?: number | undefined; height?: number | undefined }): string {
  return width === undefined || height === undefined
    ? ''
    : `${i18n.number(width, { useGrouping: false })} × ${i18n.number(height, { useGrouping: false })}`;
}
