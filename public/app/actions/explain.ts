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
  const key = `error.${error.code}`;
  const params = error.params ?? error.details?.params ?? {};
  const text = i18n.has(key) ? i18n.t(key, params) : error.message;
  const { suggestions } = params;
  const near = typeof suggestions === 'string' && suggestions !== '' ? i18n.t('error.suggestions', { suggestions }) : '';
  const wait = error.details?.retryAfter;
  const waiting = wait === undefined ? '' : i18n.t('error.wait', { count: Math.ceil(wait) });
  return [text, near, waiting].filter((words) => words !== '').join(' ');
}
