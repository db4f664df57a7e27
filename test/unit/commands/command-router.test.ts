import { describe, expect, it } from 'vitest';
import { createBuiltInCommands } from '../../../src/commands/built-in/built-in-commands.ts';
import type { Command } from '../../../src/commands/command.ts';
import { createCommandRouter } from '../../../src/commands/command-router.ts';
import { commandInfoSchema } from '../../../src/protocol/index.ts';
import { anonymous, contextFor, createFakePorts, recordingLogger, sara } from './command-fakes.ts';

function setUp() {
  const logger = recordingLogger();
  const router = createCommandRouter({ commands: createBuiltInCommands(createFakePorts()), logger });
  return { router, logger };
}

function plugin(name: string, changes: Partial<Command> = {}): Command {
  return {
    info: { name, summary: 'Turns a picture grey.', usage: `/${name}`, example: `/${name}`, args: [], anonymous: false },
    run: () => Promise.resolve({ type: 'notice', code: 'SETTINGS_SAVED' }),
    ...changes,
  };
}

describe('the command router', () => {
  it('knows every command of the design, and no other', () => {
    const { router } = setUp();
    const names = router.list(sara).map((info) => info.name);
    expect(names.toSorted()).toEqual(
      'usage doctor jobs plugins help signup login logout password new convs select model level settings stop retry continue rename delete search export me'
        .split(' ')
        .toSorted(),
    );
    for (const info of router.list(sara)) {
      expect(commandInfoSchema.parse(info)).toEqual(info);
      expect(info.usage.startsWith(`/${info.name}`)).toBe(true);
      expect(info.example.startsWith(`/${info.name}`)).toBe(true);
    }
  });

  it('lets somebody who is not signed in see and run help, signup and login only', async () => {
    const { router } = setUp();
    expect(router.list(null).map((info) => info.name)).toEqual(['help', 'signup', 'login']);
    const others = router.list(sara).filter((info) => !info.anonymous);
    for (const info of others) {
      await expect(router.run(info.name, ['a', 'b'], contextFor(anonymous))).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    }
    await expect(router.run('help', [], contextFor(anonymous))).resolves.toMatchObject({ code: 'HELP' });
  });

  it('runs a command by any letter case, with a slash, and by its alias', async () => {
    const { router } = setUp();
    for (const name of ['me', 'ME', '/Me', '\u200fme'])
      await expect(router.run(name, [], contextFor())).resolves.toMatchObject({ code: 'ME' });
    await expect(router.run('signin', ['a@b.c', 'pw'], contextFor(anonymous))).resolves.toMatchObject({ type: 'auth' });
    expect(router.has('SIGNIN')).toBe(true);
    expect(router.has('toString')).toBe(false);
  });

  it.each([
    ['hlep', 'There is no /hlep. Did you mean /help?', 'help'],
    ['logn', 'There is no /logn. Did you mean /login?', 'login'],
    ['sigup', 'There is no /sigup. Did you mean /signup?', 'signup'],
    ['nwe', 'There is no /nwe. Did you mean /new?', 'new'],
    ['conv', 'There is no /conv. Did you mean /convs?', 'convs'],
    ['zzzzzz', 'There is no /zzzzzz. /help lists them all; begin with // to send a text that starts with a slash.', ''],
  ])('answers /%s with the nearest names', async (typed, message, suggestions) => {
    const { router } = setUp();
    const failure = router.run(typed, [], contextFor());
    await expect(failure).rejects.toMatchObject({ code: 'UNKNOWN_COMMAND', message, params: { name: typed, suggestions } });
  });

  it.each(['etc/passwd', 'hunter2', 'loginhunter', 'passwordgeheim', 'a'.repeat(21), 'سلام', ''])(
    'does not repeat the odd name %j',
    async (name) => {
      const { router, logger } = setUp();
      const error: unknown = await router.run(name, [], contextFor()).catch((failure: unknown) => failure);
      expect(error).toMatchObject({ code: 'UNKNOWN_COMMAND' });
      expect(error).not.toHaveProperty('params.name');
      expect(error).toHaveProperty('message', expect.stringMatching(/^There is no such command\./));
      if (name !== '') expect(JSON.stringify(logger.records)).not.toContain(name);
    },
  );

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'prototype'])('takes %s for an unknown command', async (name) => {
    await expect(setUp().router.run(name, [], contextFor())).rejects.toMatchObject({ code: 'UNKNOWN_COMMAND' });
  });

  it('suggests to somebody who is not signed in only what they may run', async () => {
    const { router } = setUp();
    await expect(router.run('logot', [], contextFor(anonymous))).rejects.toMatchObject({ params: { suggestions: 'login' } });
    await expect(router.run('logot', [], contextFor())).rejects.toMatchObject({ params: { suggestions: 'logout, login' } });
  });

  it.each([
    ['login', ['a@b.c'], 'An argument is missing: password.'],
    ['select', [], 'An argument is missing: id or number.'],
    ['me', ['x'], '/me takes no arguments.'],
    ['signup', ['Sara', 'Ahmadi', 'a@b.c', 'pw'], 'There are too many arguments. Put quotes around one that holds spaces.'],
    ['level', ['deeper'], 'level must be one of auto, quick, normal, deep.'],
  ])('shows how /%s %j is used', async (name, args, reason) => {
    const { router } = setUp();
    const usage = router.list(sara).find((info) => info.name === name)?.usage;
    const failure = router.run(name, args, contextFor());
    await expect(failure).rejects.toMatchObject({
      code: 'BAD_REQUEST',
      message: `${reason} Usage: ${usage}`,
      params: { command: name, usage },
    });
  });

  it('logs the name and the outcome of a command, nothing else', async () => {
    const { router, logger } = setUp();
    await router.run('search', ['private words'], contextFor());
    await router.run('level', ['wrong'], contextFor()).catch(() => undefined);
    expect(logger.records).toEqual([
      { fields: { command: 'search', outcome: 'notice' }, message: 'command' },
      { fields: { command: 'level', outcome: 'BAD_REQUEST' }, message: 'command' },
    ]);
  });
});

describe('commands of plugins', () => {
  it('are listed, run and suggested like the others', async () => {
    const { router } = setUp();
    router.register(plugin('grayscale', { aliases: ['gray'] }), 'grey-pictures');
    expect(router.list(sara).at(-1)?.name).toBe('grayscale');
    await expect(router.run('gray', [], contextFor())).resolves.toMatchObject({ code: 'SETTINGS_SAVED' });
    await expect(router.run('help', ['grayscale'], contextFor())).resolves.toMatchObject({ code: 'HELP_COMMAND' });
    await expect(router.run('grayscael', [], contextFor())).rejects.toMatchObject({ params: { suggestions: 'grayscale' } });
  });

  it.each(['help', 'signin', '__proto__', 'constructor', 'prototype', 'Upper', 'two words', 'a_b', '-a', 'a-', '', '1st', 'a'.repeat(33)])(
    'cannot be called %j',
    (name) => {
      const { router } = setUp();
      const before = router.list(sara).length;
      expect(() => router.register(plugin(name), 'bad-plugin')).toThrow(/The plugin bad-plugin cannot add its command/);
      expect(() => router.register(plugin('fine', { aliases: [name] }), 'bad-plugin')).toThrow(/bad-plugin/);
      expect(router.list(sara)).toHaveLength(before);
      expect(router.has('fine')).toBe(false);
    },
  );

  it('carry the name of the plugin on a failure, and not its words', async () => {
    const { router } = setUp();
    const failing = plugin('boom', { run: () => Promise.reject(new Error('/srv/secret/path')) });
    router.register(failing, 'bad-plugin');
    const failure = router.run('boom', [], contextFor());
    await expect(failure).rejects.toMatchObject({ code: 'PLUGIN_FAILED', params: { plugin: 'bad-plugin' } });
    await expect(failure).rejects.toHaveProperty('message', expect.not.stringContaining('/srv'));
  });
});
