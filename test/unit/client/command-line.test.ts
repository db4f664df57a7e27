import { describe, expect, it } from 'vitest';
import { displayCommand, isSecretCommand, matchCommands, mayHoldSecret, parseCommandLine } from '../../../public/app/state/command-line.ts';
import { createDrafts } from '../../../public/app/state/drafts.ts';
import type { CommandInfo } from '../../../src/protocol/shapes.ts';
import { createMemoryStore } from '../../support/client/memory-store.ts';

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

  it('keeps drafts, but none that may hold a password', () => {
    const store = createMemoryStore();
    const drafts = createDrafts({ store, secret: (text) => mayHoldSecret(text, []) });
    drafts.write('u1', null, '/logi');
    drafts.write('u1', null, '/LOGIN a@b hunter2');
    expect([...store.held.values()].join()).not.toContain('hunter2');
    expect(drafts.read('u1', null)).toBe('');
    drafts.write('u1', 'c1', 'half a thought');
    expect(drafts.read('u1', 'c1')).toBe('half a thought');
    expect(drafts.read('u2', 'c1')).toBe('');
  });
});
