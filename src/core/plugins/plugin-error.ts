import { AppError, type ErrorParams } from '../../lib/app-error.ts';
import { type ErrorCode, isErrorCode } from '../../protocol/errors.ts';

/** What a plugin may say of its work. A code about sessions, rights, the store or the server itself would send people the wrong way. */
const spoken: ReadonlySet<ErrorCode> = new Set([
  ...(['BAD_REQUEST', 'NOT_FOUND', 'TOO_LARGE', 'JOB_TOO_LARGE', 'UNSUPPORTED_MEDIA', 'IMAGE_UNREADABLE', 'RATE_LIMITED'] as const),
  ...(['OVERLOADED', 'MODEL_MISSING', 'MODEL_REFUSED', 'MODEL_UNAVAILABLE', 'MODEL_TIMEOUT'] as const),
]);
/** Characters of a message, and of a parameter: both are stored and shown. */
const LONGEST = 4000;
const MOST_PARAMS = 16;

/**
 * What a plugin threw, as the server tells it: an AppError about its work stays what it is, whichever copy of the core made it,
 * cut to size; anything else is the plugin's own fault. The cause is for the operator's log.
 */
export function asPluginError(plugin: string, error: unknown): AppError {
  if (!(error instanceof Error) || error.name !== 'AppError' || !('code' in error) || !isErrorCode(error.code))
    return pluginFailed(plugin, error);
  if (!spoken.has(error.code)) return pluginFailed(plugin, error.cause ?? error);
  const params = 'params' in error ? safeParams(error.params) : {};
  return new AppError(error.code, { message: String(error.message).slice(0, LONGEST), params, cause: error.cause });
}

/** PLUGIN_FAILED with the plugin's name. @param cause an error, or one sentence */
export function pluginFailed(plugin: string, cause: unknown): AppError {
  return new AppError('PLUGIN_FAILED', { params: { plugin }, cause: typeof cause === 'string' ? new Error(cause) : cause });
}

/** Plain values of a bounded size: they travel to the server and into the database. */
function safeParams(params: unknown): ErrorParams {
  if (typeof params !== 'object' || params === null) return {};
  const plain = Object.entries(params).flatMap(([name, value]: [string, unknown]): [string, string | number | boolean][] => {
    if (name.length > 64) return [];
    if (typeof value === 'string') return [[name, value.slice(0, LONGEST)]];
    return typeof value === 'number' || typeof value === 'boolean' ? [[name, value]] : [];
  });
  return Object.fromEntries(plain.slice(0, MOST_PARAMS));
}
