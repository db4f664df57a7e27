import type { I18n } from './i18n.ts';

/** Sums below a dollar keep two digits more, and below a cent their first two that count: an answer costs parts of a cent. */
export function money(i18n: I18n, microUsd: number): string {
  const dollars = microUsd / 1e6;
  if (dollars !== 0 && Math.abs(dollars) < 0.01) {
    return i18n.number(dollars, { style: 'currency', currency: 'USD', currencyDisplay: 'narrowSymbol', maximumSignificantDigits: 2 });
  }
  const maximumFractionDigits = dollars !== 0 && Math.abs(dollars) < 1 ? 4 : 2;
  return i18n.number(dollars, {
    style: 'currency',
    currency: 'USD',
    currencyDisplay: 'narrowSymbol',
    minimumFractionDigits: 2,
    maximumFractionDigits,
  });
}

export const cents = (i18n: I18n, amount: number): string => money(i18n, amount * 1e4);

/** 12,345 as it is, 1.2M from a million on. */
export function tokens(i18n: I18n, count: number): string {
  return count < 1e6 ? i18n.number(count) : i18n.number(count, { notation: 'compact', maximumFractionDigits: 1 });
}

export function milliseconds(i18n: I18n, ms: number): string {
  if (ms >= 1000) return i18n.number(ms / 1000, { style: 'unit', unit: 'second', unitDisplay: 'short', maximumFractionDigits: 1 });
  const maximumFractionDigits = ms < 10 ? 1 : 0;
  return i18n.number(ms, { style: 'unit', unit: 'millisecond', unitDisplay: 'short', maximumFractionDigits });
}

/** A stretch of time, as exactly as an estimate deserves. */
export function roughTime(i18n: I18n, seconds: number): string {
  const unit = (value: number, name: 'second' | 'minute' | 'hour') =>
    i18n.number(value, { style: 'unit', unit: name, unitDisplay: i18n.locale.value === 'en' ? 'short' : 'long', maximumFractionDigits: 1 });
  if (seconds < 10) return unit(Math.max(1, Math.round(seconds)), 'second');
  if (seconds < 55) return unit(Math.ceil(seconds / 5) * 5, 'second');
  if (seconds < 3300) return unit(Math.max(1, Math.round(seconds / 60)), 'minute');
  return unit(Math.round(seconds / 1800) / 2, 'hour');
}

const units = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const;

/** The two largest units of a stretch of time: 3 days 4 hours. */
export function duration(i18n: I18n, seconds: number): string {
  let rest = Math.max(0, Math.floor(seconds));
  const parts: string[] = [];
  for (const [unit, size] of units) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0 && parts.length < 2) parts.push(i18n.number(count, { style: 'unit', unit, unitDisplay: 'long' }));
  }
  if (parts.length === 0) parts.push(i18n.number(rest, { style: 'unit', unit: 'second', unitDisplay: 'long' }));
  return parts.join(' ');
}

/** A day and a time of day, short. */
export function moment(i18n: I18n, iso: string): string {
  return i18n.date(iso, { dateStyle: 'medium', timeStyle: 'short' });
}

const foreignDigits = /[\u0660-\u0669\u06F0-\u06F9]/g;

/** Dollars as somebody typed them, in any digits, with a point or a comma: whole cents, or null when it is no sum. */
export function parseCents(text: string): number | null {
  const latin = text
    .trim()
    .replaceAll(foreignDigits, (digit) => String(digit.charCodeAt(0) & 0xf))
    .replaceAll('\u066B', '.')
    .replace(',', '.')
    .replace(/^\$\s*/, '');
  if (!/^\d{1,7}(?:\.\d{0,2})?$/.test(latin)) return null;
  return Math.round(Number(latin) * 100);
}
