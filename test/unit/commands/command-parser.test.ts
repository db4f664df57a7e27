import { describe, expect, it } from 'vitest';
import { isSecretCommand, normaliseCommandName, parseCommandText, unescapeText } from '../../../src/commands/command-parser.ts';
import { cpuMs } from '../../support/cpu-ms.ts';

const cases: readonly [title: string, text: string, name: string, args: readonly string[]][] = [
  ['a bare name', '/help', 'help', []],
  ['any letter case', '/LOGIN a@b.c pw', 'login', ['a@b.c', 'pw']],
  ['leading spaces and tabs', ' \t/login a b', 'login', ['a', 'b']],
  ['a leading no-break space', '\u00a0/login a b', 'login', ['a', 'b']],
  ['a leading zero-width space', '\u200b/login a b', 'login', ['a', 'b']],
  ['a leading byte order mark', '\ufeff/login a b', 'login', ['a', 'b']],
  ['leading right-to-left marks', '\u200f\u202b\u2067/login a b', 'login', ['a', 'b']],
  ['a leading invisible letter', '\u3164\u00ad\u0000/login a b', 'login', ['a', 'b']],
  ['a mark between slash and name', '/\u200flogin a b', 'login', ['a', 'b']],
  ['a mark inside the name', '/lo\u200bgin a b', 'login', ['a', 'b']],
  ['a space between slash and name', '/ login a b', 'login', ['a', 'b']],
  ['a full-width slash and name', '／ｌｏｇｉｎ a b', 'login', ['a', 'b']],
  ['a slash that stands alone', '/', '', []],
  ['double quotes', '/signup "Sara Ahmadi" s@x.org pw', 'signup', ['Sara Ahmadi', 's@x.org', 'pw']],
  ['single quotes', "/rename 'Two words'", 'rename', ['Two words']],
  ['curly quotes', '/rename “Two words” ‘and two’', 'rename', ['Two words', 'and two']],
  ['guillemets with Persian text', '/signup «سارا احمدی» s@x.org رمز', 'signup', ['سارا احمدی', 's@x.org', 'رمز']],
  ['a mark before a quote', '/rename \u200f«دو واژه»\u200f', 'rename', ['دو واژه']],
  ['ZWNJ kept inside and at the end of a word', '/rename می\u200cروم خانه\u200c', 'rename', ['می\u200cروم', 'خانه\u200c']],
  ['marks around a word taken off', '/login \u200ea@b.c\u200f \u2068pw\u2069', 'login', ['a@b.c', 'pw']],
  ['escapes in double quotes', '/rename "say \\"hi\\" \\\\ \\n"', 'rename', ['say "hi" \\ \\n']],
  ['an apostrophe inside a word', "/rename It's mine", 'rename', ["It's", 'mine']],
  ['an apostrophe inside single quotes', "/rename 'It's mine' x", 'rename', ["It's mine", 'x']],
  ['a quote that never ends', '/rename "the rest of it', 'rename', ['the rest of it']],
  ['an empty quoted argument', '/rename ""', 'rename', ['']],
  ['a quote inside a word', '/login a@b.c pa"ss', 'login', ['a@b.c', 'pa"ss']],
  ['line breaks as white space', '/settings system\nbe brief', 'settings', ['system', 'be', 'brief']],
  ['line breaks kept in quotes', '/settings system "be\nbrief"', 'settings', ['system', 'be\nbrief']],
  ['no-break spaces between arguments', '/login\u00a0a\u00a0b', 'login', ['a', 'b']],
  ['a prototype name', '/__proto__ x', '__proto__', ['x']],
];

describe('parseCommandText', () => {
  it.each(cases)('reads %s', (_title, text, name, args) => {
    expect(parseCommandText(text)).toEqual({ name, args });
  });

  it.each(['', 'hello', 'hello /login a b', '//login', ' //x', '/／x', '／／x', '\\login', 'سلام /help'])('takes %j for a text', (text) => {
    expect(parseCommandText(text)).toBeNull();
  });

  it.each([
    ['spaces', ' '.repeat(48 * 1024)],
    ['marks', '\u200f'.repeat(48 * 1024)],
    ['a long name', `/${'x'.repeat(48 * 1024)}`],
    ['backslashes', `/a "${'\\'.repeat(48 * 1024)}`],
    ['opening quotes', `/a ${'"x '.repeat(16 * 1024)}`],
    ['single quotes in words', `/a ${"'x'y".repeat(12 * 1024)}`],
    ['guillemets', `/a ${'«'.repeat(48 * 1024)}`],
    ['short words', `/a ${'b '.repeat(24 * 1024)}`],
    ['words that end in many marks', `/a ${`b${'\u200f'.repeat(100)} `.repeat(480)}`],
  ])('reads 48 KiB of %s in less than 50 ms', (_title, text) => {
    // The best of several runs: a quadratic reader is slow every time.
    const times = Array.from({ length: 6 }, () =>
      cpuMs(() => {
        parseCommandText(text);
        unescapeText(text);
      }),
    );
    expect(Math.min(...times)).toBeLessThan(50);
  });

  it('never makes a name longer than 64 characters', () => {
    expect(parseCommandText(`/${'ﷺ'.repeat(1000)}`)?.name.length).toBe(64);
  });
});

describe('unescapeText', () => {
  it.each([
    ['//x', '/x'],
    ['//login a b', '/login a b'],
    ['///x', '//x'],
    ['  //x', '  /x'],
    ['／／x', '／x'],
    ['/x', '/x'],
    ['a //x', 'a //x'],
    ['', ''],
  ])('turns %j into %j', (text, plain) => {
    expect(unescapeText(text)).toBe(plain);
  });
});

describe('command names', () => {
  it.each([
    'login',
    'LOGIN',
    '/Login',
    '\u200flogin',
    'ｌｏｇｉｎ',
    'logn',
    'lgoin',
    'sigup',
    'singup',
    'passwrod',
    'loginhunter2',
    'signup',
  ])('knows that a password may stand behind %j', (name) => {
    expect(isSecretCommand(name)).toBe(true);
  });

  it.each(['help', 'new', 'convs', 'search', 'export', 'settings', ''])('knows that no password stands behind %j', (name) => {
    expect(isSecretCommand(name)).toBe(false);
  });

  it('folds case, slash and marks', () => {
    expect(normaliseCommandName(' /HE\u200fLP ')).toBe('help');
  });
});
