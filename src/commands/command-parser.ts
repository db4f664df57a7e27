import { editDistance } from '../lib/edit-distance.ts';

export interface ParsedCommand {
  /** Lower case, without the slash; empty for a slash that stands alone. */
  readonly name: string;
  readonly args: readonly string[];
}

const MAX_NAME_LENGTH = 64;

/** White space and whatever else nobody sees: a password behind an invisible mark must not be taken for a text. */
const leadingMarks = /^[\s\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]*/u;
const ignorable = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;
const whiteSpace = /\s/u;

/**
 * Marks that keyboards and copying leave around a word in right-to-left text. ZWNJ and ZWJ are not among them: they are
 * part of how Persian is spelled.
 */
const edgeMarks = /[\u200b\u200e\u200f\u061c\u2060\u202a-\u202e\u2066-\u2069\ufeff]/;

const closingQuotes: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ["'", "'"],
  ['“', '”'],
  ['‘', '’'],
  ['«', '»'],
]);

/** Commands after which a password may stand, with their aliases. */
const secretNames = ['login', 'signin', 'signup', 'register', 'password', 'passwd'] as const;

/** The full-width slash counts: with an East Asian input method it is what the key types, and `／login` holds a password too. */
function isSlash(character: string | undefined): boolean {
  return character === '/' || character === '／';
}

function startOf(text: string): number {
  return leadingMarks.exec(text)?.[0].length ?? 0;
}

/** The name as the router knows it: no slash, no invisible marks, compatibility forms folded, lower case, at most 64 characters. */
export function normaliseCommandName(name: string): string {
  const bare = name
    .slice(0, MAX_NAME_LENGTH * 2)
    .normalize('NFKC')
    .replace(ignorable, '')
    .trim();
  return bare.replace(/^\/+/, '').toLowerCase().slice(0, MAX_NAME_LENGTH);
}

/**
 * Reads a text that begins with a slash, after anything invisible. `//x` is not a command, see {@link unescapeText}.
 * A space between slash and name is allowed, since ` / login …` would carry a password into the history otherwise.
 *
 * Arguments are separated by white space. One that begins with `"` `'` `“` `‘` or `«` ends at the matching mark that is
 * followed by white space or the end (so `'It's mine'` is one), or takes the rest of the text where none is. In `"…"`,
 * `\"` and `\\` stand for the mark itself. Time grows linearly with the text.
 * @returns null when the text is not a command
 */
export function parseCommandText(text: string): ParsedCommand | null {
  const slash = startOf(text);
  if (!isSlash(text[slash]) || isSlash(text[slash + 1])) return null;
  let position = skipSeparators(text, slash + 1);
  const nameStart = position;
  while (position < text.length && !whiteSpace.test(text.charAt(position))) position += 1;
  return { name: normaliseCommandName(text.slice(nameStart, position)), args: readArguments(text, position) };
}

/** Takes the escape off: `//x` is sent as `/x`. Other texts come back unchanged. */
export function unescapeText(text: string): string {
  const slash = startOf(text);
  if (!isSlash(text[slash]) || !isSlash(text[slash + 1])) return text;
  return text.slice(0, slash) + text.slice(slash + 1);
}

/**
 * Whether a password may stand behind this name, in any letter case, with marks, or mistyped by up to two letters. Leans to
 * yes: what is secret is neither echoed nor stored.
 */
export function isSecretCommand(name: string): boolean {
  const known = normaliseCommandName(name);
  return secretNames.some((secret) => known.startsWith(secret) || editDistance(known, secret) <= 2);
}

/** A command word with something glued to it, such as `/loginhunter2`: nobody knows what the rest is, so it is not shown. */
export function hidesSecret(name: string): boolean {
  return secretNames.some((secret) => name.startsWith(secret) && name.length > secret.length + 1);
}

function isSeparator(character: string): boolean {
  return whiteSpace.test(character) || edgeMarks.test(character);
}

function skipSeparators(text: string, from: number): number {
  let position = from;
  while (position < text.length && isSeparator(text.charAt(position))) position += 1;
  return position;
}

interface Token {
  readonly value: string;
  readonly end: number;
}

function readArguments(text: string, from: number): string[] {
  const args: string[] = [];
  let position = skipSeparators(text, from);
  while (position < text.length) {
    const closing = closingQuotes.get(text.charAt(position));
    const token = closing === undefined ? readWord(text, position) : readQuoted(text, position + 1, closing);
    args.push(token.value);
    position = skipSeparators(text, token.end);
  }
  return args;
}

function readWord(text: string, from: number): Token {
  let end = from;
  while (end < text.length && !whiteSpace.test(text.charAt(end))) end += 1;
  let last = end;
  while (last > from && edgeMarks.test(text.charAt(last - 1))) last -= 1;
  return { value: text.slice(from, last), end };
}

function readQuoted(text: string, from: number, closing: string): Token {
  const pieces: string[] = [];
  let pieceStart = from;
  for (let position = from; position < text.length; position += 1) {
    const character = text.charAt(position);
    const next = text.charAt(position + 1);
    if (character === '\\' && closing === '"' && (next === '"' || next === '\\')) {
      pieces.push(text.slice(pieceStart, position));
      pieceStart = position + 1;
      position += 1;
    } else if (character === closing && (next === '' || isSeparator(next))) {
      pieces.push(text.slice(pieceStart, position));
      return { value: pieces.join(''), end: position + 1 };
    }
  }
  pieces.push(text.slice(pieceStart));
  return { value: pieces.join(''), end: text.length };
}
