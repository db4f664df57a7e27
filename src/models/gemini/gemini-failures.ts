import type { ModelFailure } from '../../core/base/model-events.ts';
import { msUntilPacificMidnight } from '../../lib/pacific-day.ts';
import { asArray, asObject, asString } from '../shared/json-fields.ts';

/** What went wrong, read from the SDK's error or from an error event of the stream. */
export interface GeminiFault {
  /** HTTP status; 0: no answer at all, or a stream that broke. */
  readonly status: number;
  readonly message: string;
  readonly details: readonly unknown[];
  /** The class for the log where there is no HTTP status. */
  readonly kind: string;
}

/** The SDK's classes differ between its builds, so an error is read by its fields. */
export function faultOfError(error: unknown): GeminiFault {
  const fields = asObject(error);
  const message = error instanceof Error ? error.message : '';
  const status = typeof fields?.['status'] === 'number' ? fields['status'] : 0;
  const code = /\(([A-Z][A-Z0-9_]+)\)/.exec(message)?.[1];
  const kind = code === undefined ? kindOfMessage(message) : `network_${code.toLowerCase()}`;
  return { status, message, details: asArray(fields?.['errorDetails']), kind };
}

function kindOfMessage(message: string): string {
  if (message.includes('Error fetching from')) return 'network';
  if (message.includes('reading from the stream') || message.includes('parse stream')) return 'truncated';
  return 'bad_chunk';
}

const streamFaults: ReadonlyMap<string, string> = new Map([
  ['STREAM_CUT', 'truncated'],
  ['BAD_EVENT', 'bad_chunk'],
  ['BAD_BODY', 'bad_body'],
  ['EVENT_TOO_LARGE', 'event_too_large'],
]);

/** @param error the `error` object of an event: the service's own, or one that the body normaliser made (code 0) */
export function faultOfEvent(error: unknown): GeminiFault {
  const fields = asObject(error);
  const status = typeof fields?.['code'] === 'number' ? fields['code'] : 0;
  const name = asString(fields?.['status']) ?? '';
  const kind = streamFaults.get(name) ?? 'stream_error';
  return { status, message: asString(fields?.['message']) ?? '', details: asArray(fields?.['details']), kind };
}

/** A fault in the words of the house. `waitMs`: what the service asks to wait before a retry. */
export interface JudgedFault {
  readonly failure: ModelFailure;
  readonly waitMs?: number;
  readonly badSignature?: boolean;
}

/** @param now milliseconds since the epoch, for quotas that end with the Pacific day */
export function judgeFault(fault: GeminiFault, now: number): JudgedFault {
  if (fault.status === 429) return judgeQuota(fault, now);
  if (fault.status === 0) return { failure: brokenStream(fault.kind) };
  const kind = `http_${fault.status}`;
  if (isBadKey(fault)) {
    return {
      failure: refusal('MODEL_BAD_KEY', 'The model service refused the key of this server. Its operator has to check it.', 'bad_key'),
    };
  }
  if (fault.status === 404) {
    return { failure: refusal('MODEL_UNAVAILABLE', 'This model does not exist or was shut down. Please choose another one.', kind) };
  }
  if (fault.status >= 500 || fault.status === 408) {
    const failure = {
      code: 'MODEL_UNAVAILABLE',
      message: 'The model service is overloaded or has a fault.',
      class: kind,
      retryable: true,
    } as const;
    return { failure };
  }
  if (/location is not supported|free tier is not available/i.test(fault.message)) {
    return { failure: refusal('MODEL_UNAVAILABLE', 'The model service is not offered where this server stands.', 'region') };
  }
  const failure = refusal('BAD_REQUEST', 'The model service did not accept this message.', kind);
  return { failure, badSignature: /thought[_ ]?signature/i.test(fault.message) };
}

function isBadKey(fault: GeminiFault): boolean {
  if (fault.status === 401 || fault.status === 403) return true;
  const named = fault.details.some((detail) => asObject(detail)?.['reason'] === 'API_KEY_INVALID');
  return fault.status === 400 && (named || /API key (?:not valid|expired)/i.test(fault.message));
}

function refusal(code: ModelFailure['code'], message: string, kind: string): ModelFailure {
  return { code, message, class: kind, retryable: false };
}

const brokenMessages: ReadonlyMap<string, string> = new Map([
  ['truncated', 'The answer was cut off.'],
  ['bad_chunk', 'The model service sent something that could not be read.'],
  ['bad_body', 'The model service sent something that could not be read.'],
  ['event_too_large', 'The model service sent more at once than this server accepts.'],
]);

function brokenStream(kind: string): ModelFailure {
  const message = brokenMessages.get(kind) ?? 'The model service could not be reached.';
  return { code: 'MODEL_UNAVAILABLE', message, class: kind, retryable: true };
}

interface Violation {
  readonly window: 'minute' | 'day';
  /** Requests (or tokens, where `tokens`) in the window. */
  readonly limit?: number;
  readonly tokens: boolean;
}

/** A wait that the service names is wrong for daily limits and for limits of zero: those end with the Pacific day. */
function judgeQuota(fault: GeminiFault, now: number): JudgedFault {
  const violations = fault.details.flatMap((detail) => asArray(asObject(detail)?.['violations']).map(violation));
  const zero = violations.some((found) => found.limit === 0) || /\blimit: 0\b/.test(fault.message);
  const daily = violations.find((found) => found.window === 'day');
  if (zero) return { failure: dayFailure('This model is not included in the plan of this server.', 0, now) };
  if (daily !== undefined) {
    return { failure: dayFailure('The daily limit of this model is used up.', daily.tokens ? undefined : daily.limit, now) };
  }
  const waitMs = askedWait(fault);
  // The limiter counts requests, so a limit of tokens teaches it nothing.
  const named = violations.find((found) => !found.tokens);
  const failure: ModelFailure = {
    ...limitReached('The model service gets too many requests from this server at the moment.'),
    ...(waitMs === undefined ? {} : { retryAfter: Math.ceil(waitMs / 1000) }),
    ...(named?.limit === undefined ? {} : { quota: { window: named.window, limit: named.limit } }),
  };
  return { failure, ...(waitMs === undefined ? {} : { waitMs }) };
}

function dayFailure(message: string, limit: number | undefined, now: number): ModelFailure {
  const quota = { window: 'day', ...(limit === undefined ? {} : { limit }) } as const;
  return {
    ...limitReached(message),
    class: 'http_429_day',
    retryable: false,
    retryAfter: Math.ceil(msUntilPacificMidnight(now) / 1000),
    quota,
  };
}

function limitReached(message: string): ModelFailure {
  return { code: 'RATE_LIMITED', message, class: 'http_429', retryable: true };
}

function violation(value: unknown): Violation {
  const fields = asObject(value);
  const id = asString(fields?.['quotaId']) ?? '';
  const limit = Number(asString(fields?.['quotaValue']) ?? Number.NaN);
  const window = /per_?day/i.test(id) ? 'day' : 'minute';
  return { window, tokens: /tokens/i.test(id), ...(Number.isFinite(limit) ? { limit } : {}) };
}

/** @returns milliseconds; undefined where the service names no wait */
function askedWait(fault: GeminiFault): number | undefined {
  const named = fault.details.map((detail) => asString(asObject(detail)?.['retryDelay'])).find((delay) => delay !== undefined);
  const text = named ?? /retry in ([\d.]+)s/i.exec(fault.message)?.[1];
  const seconds = Number.parseFloat(text ?? '');
  return Number.isFinite(seconds) && seconds >= 0 ? Math.round(seconds * 1000) : undefined;
}
