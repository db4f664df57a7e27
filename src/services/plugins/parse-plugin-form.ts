import { type FormValues, parseForm } from '../../core/index.ts';
import { AppError } from '../../lib/app-error.ts';

/**
 * Parses values that somebody gave for a form of a plugin.
 * @throws AppError BAD_REQUEST that names the member; PLUGIN_FAILED where a refinement of the plugin threw
 */
export function parsePluginForm(plugin: string, ...form: Parameters<typeof parseForm>): FormValues {
  try {
    return parseForm(...form);
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError('PLUGIN_FAILED', { params: { plugin }, cause: error });
  }
}
