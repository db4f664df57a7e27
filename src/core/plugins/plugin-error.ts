import { AppError, type ErrorParams } from '../../lib/app-error.ts';
import { isErrorCode } from '../../protocol/errors.ts';

/**
 * What a plugin threw, as the server tells it: an AppError stays what it is, whichever copy of the core made it; anything else
 * is the plugin's own fault. The cause is for the operator's log.
 */
export function asPluginError(plugin: string, error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (error instanceof Error && error.name === 'AppError' && 'code' in error && isErrorCode(error.code)) {
    return new AppError(error.code, { message: error.message, params: 'params' in error ? safeParams(error.params) : {}, cause: error });
  }
  return pluginFailed(plugin, error);
}

/** PLUGIN_FAILED with the plugin's name. @param cause an error, or one sentence */
export function pluginFailed(plugin: string, cause: unknown): AppError {
  return new AppError('PLUGIN_FAILED', { params: { plugin }, cause: typeof cause === 'string' ? new Error(cause) : cause });
}

function safeParams(params: unknown): ErrorParams {
  if (typeof params !== 'object' || params === null) return {};
  return Object.fromEntries(
    Object.entries(params).filter((entry): entry is [string, string | number | boolean] =>
      ['string', 'number', 'boolean'].includes(typeof entry[1]),
    ),
  );
}
