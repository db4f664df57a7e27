import type { CommandInfo } from '../../../src/protocol/shapes.ts';

export interface CommandLine {
  readonly name: string;
  readonly args: string[];
}

/** Commands that carry a password even before the server has said which ones do. */
const secretNames: ReadonlySet<string> = new Set(['login', 'signin', 'signup', 'register', 'password', 'passwd']);

/** White space and whatever else nobody sees, as the server looks past it (`commands/command-parser`). */
const leadingMarks = /^[\s\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]*/u;
const ignorable = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;

/** What follows the slash of a command; null for a text. `//x` is a text, the full-width slash counts. */
function afterSlash(text: string): string | null {
  const line = text.replace(leadingMarks, '');
  return /^[/／](?![/／])/u.test(line) ? line.slice(1) : null;
}

/** Whether the server takes a text for a command. It may hold a password: such a text is never kept anywhere. */
export function isCommandText(text: string): boolean {
  return afterSlash(text) !== null;
}

/** Reads `/name one "two words"`. @returns null for text that is no command (`//x` is text, too) */
export function parseCommandLine(text: string): CommandLine | null {
  const line = afterSlash(text);
  if (line === null) return null;
  const [word = '', ...args] = splitWords(line);
  const name = word.normalize('NFKC').replace(ignorable, '').toLowerCase();
  return name === '' ? null : { name, args };
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
