import type { CommandInfo } from '../../../src/protocol/shapes.ts';
import type { I18n } from '../state/i18n.ts';

/** A built-in command is described in the person's language, one of a plugin in the plugin's words. */
export function commandSummary(i18n: I18n, command: Pick<CommandInfo, 'name' | 'summary'>): string {
  const key = `command.${command.name}`;
  return i18n.has(key) ? i18n.t(key) : command.summary;
}
