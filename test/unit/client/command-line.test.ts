import { describe, expect, it } from 'vitest';
import { displayCommand, isCommandText, isSecretCommand, matchCommands, parseCommandLine } from '../../../public/app/state/command-line.ts';
import { parseCommandText } from '../../../src/commands/command-parser.ts';
import type { CommandInfo } from '../../../src/protocol/shapes.ts';

const command = (name: string, secret = false): CommandInfo => ({
  name,
  summary: '',
  usage: `/${name}`,
  example: `/${name}`,
  args: [{ name: 'value', required: true, secret }],
  anonymous: false,
});

describe('the command line', () => {
  it('reads quoted words', () => {
    expect(parseCommandLine('/signup "Sara \\"S\\" Ahmadi" sara@example.org \'pass word\'')).toEqual({
      name: 'signup',
      args: ['Sara "S" Ahmadi', 'sara@example.org', 'pass word'],
    });
  });

  it('takes text and escaped slashes for no command', () => {
    expect(parseCommandLine('hello /help')).toBeNull();
    expect(parseCommandLine('//etc/hosts')).toBeNull();
    expect(parseCommandLine('/')).toBeNull();
  });

  it('never shows the words of a command that may hold a password', () => {
    expect(displayCommand('login', ['a@b', 'hunter2'], [])).not.toContain('hunter2');
    expect(displayCommand('unlock', ['hunter2'], [command('unlock', true)])).not.toContain('hunter2');
    expect(displayCommand('rename', ['my title'], [])).toBe('/rename "my title"');
  });

  it('knows the commands with a password before the server has named them', () => {
    expect(['login', 'signup', 'password'].every((name) => isSecretCommand(name, []))).toBe(true);
    expect(isSecretCommand('help', [])).toBe(false);
  });

  it('lists commands that begin with what was typed before those that hold it', () => {
    const names = matchCommands('/se', [command('reset'), command('search'), command('settings')]).map((one) => one.name);
    expect(names).toEqual(['search', 'settings', 'reset']);
    expect(matchCommands('/se x', [command('search')])).toEqual([]);
  });

  it('does not list what is for guests only', () => {
    const names = matchCommands('/', [command('signup', true), command('login', true), command('logout')]).map((one) => one.name);
    expect(names).toEqual(['logout']);
  });

  const texts = [
    '/login a b',
    ' /login a',
    '\u00a0/x',
    '\ufeff/x',
    '\u200b/x',
    '\u200f/login a',
    '／login a',
    '/',
    '/ x',
    '//x',
    '／/x',
    'a /x',
    '',
  ];
  it.each(texts)('takes for a command what the server takes for one: %j', (text) => {
    expect(isCommandText(text)).toBe(parseCommandText(text) !== null);
    const name = parseCommandText(text)?.name ?? '';
    if (name !== '' && !/^[/／]\s/.test(text.trim())) expect(parseCommandLine(text)?.name).toBe(name);
  });
});
