import type { ModelFailure } from '../../core/base/model-events.ts';
import { asObject, asString } from '../shared/json-fields.ts';

const retryAfterMost = 86_400;

/** A refusal in the words of the house. `retryAfter`: the header, in seconds. */
export function failureOfStatus(status: number, retryAfter: string | null, message: string): ModelFailure {
  const kind = `http_${status}`;
  if (status === 401 || status === 403) {
    return {
      code: 'MODEL_BAD_KEY',
      message: 'The model service refused the key of this server. Its operator has to check it.',
      class: 'bad_key',
      retryable: false,
    };
  }
  if (status === 404) {
    return {
      code: 'MODEL_UNAVAILABLE',
      message: 'The model service does not have this model. Please choose another one.',
      class: kind,
      retryable: false,
    };
  }
  if (status === 429) {
    const seconds = Number(retryAfter);
    const wait = retryAfter !== null && Number.isFinite(seconds) && seconds >= 0 ? { retryAfter: Math.min(seconds, retryAfterMost) } : {};
    return {
      code: 'RATE_LIMITED',
      message: 'The model service has too many requests. Try again later.',
      class: kind,
      retryable: true,
      ...wait,
    };
  }
  if (status >= 500 || status === 408) return unavailable('The model service has a problem. Try again.', kind);
  return { code: 'BAD_REQUEST', message: refusalOf(message), class: kind, retryable: false };
}

/** Local services say in their error what does not fit; only the two that a person can mend are told apart. */
function refusalOf(message: string): string {
  if (/context|too long|maximum.*tokens|exceed/i.test(message))
    return 'The conversation is too long for this model. Start a new one or choose another model.';
  if (/image|vision|multimodal/i.test(message)) return 'This model cannot see pictures. Choose another one.';
  return 'The model service did not accept the request.';
}

/** The `error` object of an event, or one that the framer made (`code` 0). */
export function failureOfEvent(error: unknown): ModelFailure {
  const fields = asObject(error);
  const status = asString(fields?.['status']);
  if (status === 'STREAM_CUT') return truncated();
  if (status === 'BAD_EVENT' || status === 'BAD_BODY' || status === 'EVENT_TOO_LARGE') {
    return unavailable('The model service sent something that is no answer.', status.toLowerCase());
  }
  const code = fields?.['code'];
  if (typeof code === 'number' && code >= 400) return failureOfStatus(code, null, asString(fields?.['message']) ?? asString(error) ?? '');
  return unavailable('The model service has a problem. Try again.', 'stream_error');
}

export function failureOfError(error: unknown): ModelFailure {
  const code = asString(asObject(error)?.['code']);
  const kind = code !== undefined && /^[A-Z0-9_]{2,60}$/.test(code) ? `network_${code.toLowerCase()}` : 'network';
  return unavailable('The model service cannot be reached. Try again; the operator can check OPENAI_BASE_URL.', kind);
}

export function truncated(): ModelFailure {
  return unavailable('The answer was cut off.', 'truncated');
}

function unavailable(message: string, kind: string): ModelFailure {
  return { code: 'MODEL_UNAVAILABLE', message, class: kind, retryable: true };
}
