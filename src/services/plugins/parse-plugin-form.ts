import { type FormValues, fittingValues, parseForm } from '../../core/index.ts';
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

/** Stored values as the plugin gets them: those that a newer version of it does not take any more give way to its defaults. */
export function valuesFor(schema: Parameters<typeof parseForm>[0], stored: Readonly<FormValues>): FormValues {
  try {
    return parseForm(schema, fittingValues(schema, stored), 'The setting');
  } catch {
    return parseForm(schema, {}, 'The setting');
  }
}
