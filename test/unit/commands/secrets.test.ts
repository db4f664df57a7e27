import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createBuiltInCommands } from '../../../src/commands/built-in/built-in-commands.ts';
import { isSecretCommand, parseCommandText } from '../../../src/commands/command-parser.ts';
import { createCommandRouter } from '../../../src/commands/command-router.ts';
import { AppError } from '../../../src/lib/app-error.ts';
import { anonymous, contextFor, createFakePorts, recordingLogger } from './command-fakes.ts';

const canary = 'CANARY-hunter2-کبوتر';

const texts = [
  `/login sara@example.org ${canary}`,
  ` /login sara@example.org ${canary}`,
  `\t/LOGIN sara@example.org ${canary}`,
  `\u00a0/login sara@example.org ${canary}`,
  `\u200b/login sara@example.org ${canary}`,
  `\ufeff/login sara@example.org ${canary}`,
  `\u200f/login sara@example.org ${canary}`,
  `/ login sara@example.org ${canary}`,
  `／login sara@example.org ${canary}`,
  `/lo\u200bgin sara@example.org ${canary}`,
  `/login sara@example.org ${canary} /login sara@example.org ${canary}`,
  `/login ${canary} ${canary}`,
  `/login ${canary}`,
  `/login "sara@example.org ${canary}`,
  `/signup Sara sara@example.org ${canary}`,
  `/signup Sara Ahmadi sara@example.org ${canary}`,
  `/signup ${canary} ${canary} ${canary}`,
  `/password ${canary} ${canary}`,
  `/password ${canary}`,
  `/logn sara@example.org ${canary}`,
  `/lgoin sara@example.org ${canary}`,
  `/sigup Sara sara@example.org ${canary}`,
  `/singup Sara sara@example.org ${canary}`,
  `/passwrod ${canary} ${canary}`,
  `/login${canary}`,
  `/login:${canary}`,
  `/password=${canary}`,
  `/${canary}`,
  `/help ${canary}`,
  `/login a@b.c ${canary.repeat(60)}`,
];

type Failure = 'none' | 'known' | 'unknown';

/** Everything that may leave: the outcome or the error with its cause, and all log records. */
async function leavingOf(text: string, signedIn: boolean, failure: Failure): Promise<string> {
  const ports = createFakePorts();
  const fail = <T>(value: T): Promise<T> => {
    if (failure === 'known') return Promise.reject(new AppError('BAD_CREDENTIALS'));
    if (failure === 'unknown') return Promise.reject(new Error(`cannot hash ${canary}`, { cause: canary }));
    return Promise.resolve(value);
  };
  const { accounts } = ports;
  const guarded = {
    ...accounts,
    login: async (...args: Parameters<typeof accounts.login>) => fail(await accounts.login(...args)),
    signup: async (...args: Parameters<typeof accounts.signup>) => fail(await accounts.signup(...args)),
    changePassword: async (...args: Parameters<typeof accounts.changePassword>) => fail(await accounts.changePassword(...args)),
  };
  const logger = recordingLogger();
  const router = createCommandRouter({ commands: createBuiltInCommands({ ...ports, accounts: guarded }), logger });
  const command = parseCommandText(text);
  if (command === null) throw new Error('taken for a text');
  const context = contextFor(signedIn ? {} : anonymous);
  const result: unknown = await router.run(command.name, command.args, context).catch((error: unknown) => error);
  return inspect([result, logger.records], { depth: 20, showHidden: true, maxStringLength: null });
}

describe('a password in a command', () => {
  const cases = texts.flatMap((text) => [true, false].map((signedIn) => ({ text: text.slice(0, 100), whole: text, signedIn })));

  it.each(cases)('does not come back: $text (signed in: $signedIn)', async ({ whole, signedIn }) => {
    for (const failure of ['none', 'known', 'unknown'] as const) {
      const leaving = await leavingOf(whole, signedIn, failure);
      expect(leaving.toLowerCase()).not.toContain('canary');
      expect(leaving).not.toContain('hunter2');
      expect(leaving).not.toContain('کبوتر');
    }
  });

  it('would be seen by this test if an ordinary command repeated it', async () => {
    expect(await leavingOf(`/search ${canary}`, true, 'none')).toContain(canary);
  });

  it.each(texts.filter((text) => /l\u200b?o?g|sig|sin|pass/i.test(text) && !text.startsWith('/help')))(
    'is known to be secret before anything is echoed: %j',
    (text) => {
      expect(isSecretCommand(parseCommandText(text)?.name ?? '')).toBe(true);
    },
  );
});
