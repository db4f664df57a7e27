import { AppError } from '../lib/app-error.ts';
import { type Level, levelSchema } from '../protocol/index.ts';

/** What a plugin's command takes in order, as its plugin declares it. */
export interface ArgumentSpec {
  readonly name: string;
  readonly required: boolean;
  readonly choices?: readonly string[];
  readonly param?: string;
  readonly rest?: boolean;
}

export interface ReadArguments {
  readonly level: Level | undefined;
  /** By name of the processor's parameter, as typed. */
  readonly params: ReadonlyMap<string, string>;
  /** The words in order, those beyond the last argument joined into it where it takes the rest. */
  readonly words: readonly string[];
}

/**
 * Reads what was typed behind a plugin's command: words in order, `name=value` for a parameter, `--level quick` anywhere;
 * behind `--` nothing is special.
 * @param params names that may stand before `=`; anything else with a `=` is a word
 * @throws AppError BAD_REQUEST that names the argument, never the value
 */
export function readPluginArguments(
  args: readonly string[],
  specs: readonly ArgumentSpec[],
  { usage, params }: { readonly usage: string; readonly params: readonly string[] },
): ReadArguments {
  const { level, named, words } = sortWords(args, params, usage);
  const ordered = inOrder(words, specs, usage);
  for (const [index, { param }] of specs.entries()) {
    const value = ordered[index];
    if (param !== undefined && value !== undefined && !named.has(param)) named.set(param, value);
  }
  return { level, params: named, words: ordered };
}

/** Flags and named parameters on one side, the words that are left on the other. */
function sortWords(args: readonly string[], params: readonly string[], usage: string) {
  const end = args.indexOf('--');
  const special = end < 0 ? args : args.slice(0, end);
  const named = new Map<string, string>();
  const words: string[] = [];
  let level: Level | undefined;
  for (let place = 0; place < special.length; place += 1) {
    const word = special[place] ?? '';
    const pair = pairIn(word, params);
    if (word === '--level') {
      place += 1;
      level = readLevel(special[place], usage);
    } else if (word.startsWith('--level=')) level = readLevel(word.slice('--level='.length), usage);
    else if (pair === null) words.push(word);
    else named.set(pair.name, pair.value);
  }
  return { level, named, words: end < 0 ? words : [...words, ...args.slice(end + 1)] };
}

function pairIn(word: string, params: readonly string[]): { name: string; value: string } | null {
  const at = word.indexOf('=');
  const name = word.slice(0, Math.max(0, at));
  return params.includes(name) ? { name, value: word.slice(at + 1) } : null;
}

function readLevel(word: string | undefined, usage: string): Level {
  const level = levelSchema.safeParse(word?.toLowerCase());
  if (level.success) return level.data;
  throw badUsage(`--level may be ${levelSchema.options.join(', ')}.`, usage, 'level');
}

function inOrder(words: readonly string[], specs: readonly ArgumentSpec[], usage: string): string[] {
  const last = specs.length - 1;
  const takesRest = specs[last]?.rest === true;
  if (words.length > specs.length && !takesRest) throw badUsage('There are too many arguments.', usage);
  const ordered = takesRest && words.length > last ? [...words.slice(0, last), words.slice(last).join(' ')] : [...words];
  for (const [index, { name, required, choices }] of specs.entries()) {
    const value = ordered[index];
    if (value === undefined && required) throw badUsage(`An argument is missing: ${name}.`, usage, name);
    if (value === undefined || choices === undefined) continue;
    const chosen = choices.find((choice) => choice.toLowerCase() === value.toLowerCase());
    if (chosen === undefined) throw badUsage(`${name} may be ${choices.join(', ')}.`, usage, name);
    ordered[index] = chosen;
  }
  return ordered;
}

function badUsage(reason: string, usage: string, field?: string): AppError {
  return new AppError('BAD_REQUEST', {
    message: `${reason} Usage: ${usage}`,
    params: { usage, ...(field === undefined ? {} : { field }) },
  });
}
