import { AppError } from '../lib/app-error.ts';
import type { CommandInfo } from '../protocol/index.ts';
import { hidesSecret } from './command-parser.ts';
import { suggestNames } from './suggest-names.ts';

/** Only such names are repeated to the person: anything else may be part of a password. */
const showablePattern = /^[a-z-]{1,20}$/;

/** The answer to a name that does not exist, with the nearest ones that this person may run. @param name normalised */
export function unknownCommand(name: string, available: readonly CommandInfo[]): AppError {
  const suggestions = suggestNames(
    name,
    available.map((info) => info.name),
  );
  const showable = showablePattern.test(name) && !hidesSecret(name);
  const what = showable ? `There is no /${name}.` : 'There is no such command.';
  const hint =
    suggestions.length === 0
      ? '/help lists them all; begin with // to send a text that starts with a slash.'
      : `Did you mean ${suggestions.map((suggestion) => `/${suggestion}`).join(' or ')}?`;
  return new AppError('UNKNOWN_COMMAND', {
    message: `${what} ${hint}`,
    params: { ...(showable ? { name } : {}), suggestions: suggestions.join(', ') },
  });
}
