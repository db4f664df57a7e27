import { milliseconds, money, tokens } from '../state/amounts.ts';
import type { I18n } from '../state/i18n.ts';

export interface Measure {
  /** The key in `overview.numbers` and `overview.series.values`; its words are `measure.<key>`. */
  readonly key: string;
  readonly show: (i18n: I18n, value: number) => string;
  /** From here on it deserves a look: drawn in the colour of a warning. */
  readonly warnAt?: number;
}

const whole = (i18n: I18n, value: number) => i18n.number(value, { maximumFractionDigits: 1 });
const percent = (i18n: I18n, value: number) => i18n.number(value / 100, { style: 'percent', maximumFractionDigits: 0 });
const bytes = (i18n: I18n, value: number) => i18n.bytes(value);

/** What the overview shows as tiles, in this order. */
export const measures: readonly Measure[] = [
  { key: 'sockets', show: whole },
  { key: 'people', show: whole },
  { key: 'generationsRunning', show: whole },
  { key: 'answersPerMinute', show: whole },
  { key: 'failuresPerMinute', show: whole, warnAt: 1 },
  { key: 'tokensPerSecond', show: (i18n, value) => (value < 100 ? whole(i18n, value) : tokens(i18n, Math.round(value))) },
  { key: 'firstTokenMs', show: milliseconds, warnAt: 10_000 },
  { key: 'costTodayMicroUsd', show: money },
  { key: 'storeMs', show: milliseconds, warnAt: 250 },
  { key: 'loopLagMs', show: milliseconds, warnAt: 100 },
  { key: 'cpuPercent', show: percent, warnAt: 90 },
  { key: 'rssBytes', show: bytes },
  { key: 'requestsPerMinute', show: whole },
  { key: 'storeQueue', show: whole, warnAt: 50 },
  { key: 'hashQueue', show: whole, warnAt: 10 },
];

/** Further numbers, in the table only. */
export const furtherMeasures: readonly Measure[] = [{ key: 'heapBytes', show: bytes }];
