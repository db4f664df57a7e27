import type { CommandInfo } from '../../../src/protocol/shapes.ts';

export interface CommandLine {
  readonly name: string;
  readonly args: string[];
}

/** Commands that carry a password even before the server has said which ones do. */
const secretNames: ReadonlySet<string> = new Set(['login', 'signin', 'signup', 'register', 'password', 'passwd']);

/** Reads `/name one "two words"`. @returns null for text that is no command (`//x` is text, too) */
export function parseCommandLine(text: string): CommandLine | null {
  const line = text.trim();
  if (!line.startsWith('/') || line.startsWith('//')) return null;
  const [name = '', ...args] = splitWords(line.slice(1));
  return name === '' ? null : { name: name.toLowerCase(), args };
}

/** Words apart by spaces; quotes of either kind hold spaces, a backslash inside them the next character. */
function splitWords(line: string): string[] {
  const words: string[] = [];
  const pattern = /"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|(\S+)/g;
  for (const match of line.matchAll(pattern)) {
    const quoted = match[1] ?? match[2];
    words.push(quoted === undefined ? (match[3] ?? '') : quoted.replace(/\\(.)/g, '$1'));
  }
  return words;
}

export function isSecretCommand(name: string, commands: readonly CommandInfo[]): boolean {
  if (secretNames.has(name)) return true;
  return commands.some((command) => command.name === name && command.args.some((arg) => arg.secret === true));
}

/** True as soon as a text may hold a password: it is neither kept as a draft nor shown again. */
export function mayHoldSecret(text: string, commands: readonly CommandInfo[]): boolean {
  const command = parseCommandLine(text);
  return command !== null && isSecretCommand(command.name, commands);
}

/** How a command that was run is shown: what is secret never leaves the form. */
export function displayCommand(name: string, args: readonly string[], commands: readonly CommandInfo[]): string {
  if (isSecretCommand(name, commands)) return `/${name}${args.length > 0 ? ' ••••••' : ''}`;
  return [`/${name}`, ...args.map((arg) => (/\s/.test(arg) ? `"${arg}"` : arg))].join(' ');
}

/** Of no use to a person who is signed in: typed in full they still work. */
const guestNames: ReadonlySet<string> = new Set(['login', 'signup']);

/** Commands that begin with what was typed first, then those that hold it; for a person who is signed in. */
export function matchCommands(text: string, commands: readonly CommandInfo[]): readonly CommandInfo[] {
  const match = /^\/([^\s/]*)$/.exec(text);
  if (match === null) return [];
  const typed = (match[1] ?? '').toLowerCase();
  const useful = commands.filter((command) => !guestNames.has(command.name));
  const begins = useful.filter((command) => command.name.startsWith(typed));
  const holds = useful.filter((command) => !command.name.startsWith(typed) && command.name.includes(typed));
  return [...begins, ...holds];
}
