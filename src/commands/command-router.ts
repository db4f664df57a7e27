import { AppError } from '../lib/app-error.ts';
import type { Logger } from '../lib/logger.ts';
import type { CommandInfo, User } from '../protocol/index.ts';
import type { Command, CommandContext, CommandOutcome } from './command.ts';
import { isSecretCommand, normaliseCommandName } from './command-parser.ts';
import { unknownCommand } from './unknown-command.ts';

export interface CommandRouter {
  /**
   * Runs a command. Neither names that do not exist nor arguments are logged.
   * @throws AppError UNKNOWN_COMMAND (`params.suggestions`), UNAUTHENTICATED, BAD_REQUEST (`params.usage`), or the command's own
   */
  run(name: string, args: readonly string[], context: CommandContext): Promise<CommandOutcome>;
  /** What this person may run, in order of registration; only what needs no account for `null`. @param locale of the summaries, where they have one */
  list(user: User | null, locale?: string): CommandInfo[];
  /** Adds a plugin's command. @throws AppError PLUGIN_FAILED when the name is taken, reserved or not in kebab case */
  register(command: Command, owner: string): void;
  /** Why no plugin's command can have this name, as the end of a sentence about it; null when one can. */
  refusal(name: string): string | null;
  /** Whether a name or alias exists, in any letter case. */
  has(name: string): boolean;
}

export interface CommandRouterDeps {
  readonly commands: readonly Command[];
  readonly logger: Logger;
}

interface Entry {
  readonly command: Command;
  /** The plugin; absent for built-in commands. */
  readonly owner?: string;
}

const namePattern = /^[a-z][a-z0-9]{0,30}(?:-[a-z0-9]{1,30}){0,4}$/;
const MAX_NAME_LENGTH = 32;

export function createCommandRouter(deps: CommandRouterDeps): CommandRouter {
  /** By name and alias. A Map, so that `constructor` is a name like any other that does not exist. */
  const entries = new Map<string, Entry>();
  for (const command of deps.commands) add({ command });

  function add(entry: Entry): void {
    const names = [entry.command.info.name, ...(entry.command.aliases ?? [])];
    const bad = names.find((name) => !isAllowedName(name));
    if (bad !== undefined) throw refused(entry.owner, 'its name is reserved or not in kebab case (at most 32 of a-z, 0-9 and -)');
    const taken = names.find((name, index) => entries.has(name) || names.indexOf(name) !== index);
    if (taken !== undefined) throw refused(entry.owner, `/${taken} exists already`);
    for (const name of names) entries.set(name, entry);
  }

  function list(user: User | null, locale = 'en'): CommandInfo[] {
    const commands = new Set([...entries.values()].map(({ command }) => command));
    const open = [...commands].filter(({ info, offered }) => (user !== null || info.anonymous) && offered?.() !== false);
    return open.map((command) => infoIn(command, locale));
  }

  function find(name: string, context: CommandContext): Entry {
    const entry = entries.get(name);
    if (entry !== undefined) return entry;
    deps.logger.info({ command: 'unknown', outcome: 'UNKNOWN_COMMAND' }, 'command');
    throw unknownCommand(name, list(context.user));
  }

  async function run(name: string, args: readonly string[], context: CommandContext): Promise<CommandOutcome> {
    const entry = find(normaliseCommandName(name), context);
    const { info } = entry.command;
    try {
      if (context.user === null && !info.anonymous) throw new AppError('UNAUTHENTICATED');
      if (entry.command.ownArguments !== true) checkArguments(entry.command, args);
      const outcome = await entry.command.run(args, context, list(context.user, context.locale));
      deps.logger.info({ command: info.name, outcome: outcome.type }, 'command');
      return outcome;
    } catch (error) {
      const known = publicError(error, entry);
      deps.logger.info({ command: info.name, outcome: context.signal.aborted ? 'aborted' : known.code }, 'command');
      throw known;
    }
  }

  return {
    run,
    list,
    register: (command, owner) => add({ command, owner }),
    refusal(name) {
      if (!isAllowedName(name)) return 'is reserved or not in kebab case (at most 32 of a-z, 0-9 and -)';
      if (entries.has(name)) return 'exists already';
      return isSecretCommand(name) ? 'looks like a command after which a password stands' : null;
    },
    has: (name) => entries.has(normaliseCommandName(name)),
  };
}

/** The same object for the same command and language: who writes it as JSON does that once. */
const translated = new WeakMap<Command, Map<string, CommandInfo>>();

function infoIn(command: Command, locale: string): CommandInfo {
  const { info, summary } = command;
  const own = locale === 'fa' || locale === 'ar' ? summary?.[locale] : undefined;
  if (own === undefined) return info;
  const infos = translated.get(command) ?? new Map<string, CommandInfo>();
  translated.set(command, infos);
  const made = infos.get(locale) ?? { ...info, summary: own };
  infos.set(locale, made);
  return made;
}

function isAllowedName(name: string): boolean {
  return name.length <= MAX_NAME_LENGTH && namePattern.test(name) && name !== 'prototype' && !(name in Object.prototype);
}

function refused(owner: string | undefined, reason: string): AppError {
  const who = owner === undefined ? 'A built-in command' : `The plugin ${owner}`;
  return new AppError('PLUGIN_FAILED', {
    message: `${who} cannot add its command: ${reason}.`,
    ...(owner === undefined ? {} : { params: { plugin: owner } }),
  });
}

/**
 * What may leave the router. The cause of a failure inside a command with a secret is dropped, since a driver or a library may
 * quote its input.
 */
function publicError(error: unknown, { command, owner }: Entry): AppError {
  if (error instanceof AppError) return error;
  const known = AppError.from(error);
  const cause = command.info.args.some((arg) => arg.secret === true) ? {} : { cause: error };
  if (owner !== undefined && known.code === 'INTERNAL') return new AppError('PLUGIN_FAILED', { ...cause, params: { plugin: owner } });
  return new AppError(known.code, cause);
}

/** The values given are not repeated: one of them may be a password in the wrong place. */
function checkArguments({ info, rest }: Command, args: readonly string[]): void {
  const required = info.args.filter((arg) => arg.required).length;
  if (args.length < required) throw badUsage(info, `An argument is missing: ${info.args[args.length]?.name ?? ''}.`);
  if (args.length > info.args.length && rest !== true) {
    const hint =
      info.args.length === 0
        ? `/${info.name} takes no arguments.`
        : 'There are too many arguments. Put quotes around one that holds spaces.';
    throw badUsage(info, hint);
  }
  for (const [index, arg] of info.args.entries()) {
    const value = args[index];
    if (value !== undefined && arg.choices !== undefined && !arg.choices.includes(value.toLowerCase())) {
      throw badUsage(info, `${arg.name} must be one of ${arg.choices.join(', ')}.`, arg.name);
    }
  }
}

function badUsage(info: CommandInfo, reason: string, field?: string): AppError {
  return new AppError('BAD_REQUEST', {
    message: `${reason} Usage: ${info.usage}`,
    params: { command: info.name, usage: info.usage, ...(field === undefined ? {} : { field }) },
  });
}
