import { errorTable, isErrorCode } from '../../../src/protocol/errors.ts';
import { roughTime } from '../state/amounts.ts';
import type { I18n } from '../state/i18n.ts';
import type { ErrorParams } from '../state/request-error.ts';

interface Explainable {
  readonly code: string;
  readonly message: string;
  readonly params?: ErrorParams | undefined;
  readonly details?: { readonly params?: ErrorParams | undefined; readonly retryAfter?: number | undefined };
}

/** What went wrong and what to do, in the person's language; the server's English for a code that this page does not know. */
export function explain(i18n: I18n, error: Explainable): string {
  const params = error.params ?? error.details?.params ?? {};
  const wait = error.details?.retryAfter;
  const waiting = wait === undefined ? '' : i18n.t('error.wait', { count: Math.ceil(wait) });
  const words = sentence(i18n, error, params);
  // The server's own sentence names them already.
  const near = words === error.message ? '' : nearest(i18n, error.code, params);
  const room = error.code === 'JOB_TOO_LARGE' ? roomWords(i18n, params) : '';
  return [words, room, near, waiting].filter((part) => part !== '').join(' ');
}

/** What refused work would have taken, and the largest picture with which it would not. */
function roomWords(i18n: I18n, { seconds, memoryMb, maxWidth, maxHeight }: ErrorParams): string {
  const whole = (value: number) => i18n.number(value, { useGrouping: false });
  const needs =
    typeof seconds === 'number' && typeof memoryMb === 'number'
      ? i18n.t('error.needs', { time: roughTime(i18n, seconds), memory: i18n.bytes(memoryMb * 1024 * 1024) })
      : '';
  const fits =
    typeof maxWidth === 'number' && typeof maxHeight === 'number'
      ? i18n.t('error.fits', { size: `${whole(maxWidth)}\u00A0×\u00A0${whole(maxHeight)}` })
      : '';
  return [needs, fits].filter((part) => part !== '').join(' ');
}

function nearest(i18n: I18n, code: string, { suggestions }: ErrorParams): string {
  if (typeof suggestions !== 'string' || suggestions === '') return '';
  const shown = code === 'UNKNOWN_COMMAND' ? suggestions.replaceAll(/[^, ]+/g, '/$&') : suggestions;
  return i18n.t('error.suggestions', { suggestions: shown });
}

/** The most exact words there are: of the cause, of the server where it reads English, of the code. */
function sentence(i18n: I18n, { code, message }: Explainable, params: ErrorParams): string {
  // What a plugin says comes with its own translations.
  const own = params[i18n.locale.value];
  if (typeof own === 'string') return own;
  const exact = causesOf(params)
    .map((cause) => `error.${code}.${cause}`)
    .find((key) => i18n.has(key));
  if (exact !== undefined) return i18n.t(exact, params);
  const key = `error.${code}`;
  const general = i18n.has(key) ? i18n.t(key, params) : message;
  const specific = isErrorCode(code) && message !== '' && message !== code && message !== errorTable[code].message;
  if (specific && i18n.locale.value === 'en') return message;
  const { usage } = params;
  return typeof usage === 'string' ? `${general} ${i18n.t('error.usage', { usage })}` : general;
}

/** What the server names as the cause: the class of a model's fault, a reason, or the field that is wrong. */
function causesOf(params: ErrorParams): readonly string[] {
  const { scope, seconds } = params;
  const day = scope === 'model' && Number(seconds) > 600 ? 'http_429_day' : undefined;
  return [day, params['class'], params['reason'], params['field']].flatMap((value) => (typeof value === 'string' ? [familyOf(value)] : []));
}

const families: readonly (readonly [RegExp, string])[] = [
  [/^http_(?:5\d\d|408)$/, 'http_503'],
  [/^network/, 'network'],
  [/^bad_(?:chunk|body)$/, 'bad_chunk'],
];

/** Causes that mean the same to a person have the same words. */
function familyOf(cause: string): string {
  return families.find(([pattern]) => pattern.test(cause))?.[1] ?? cause;
}
