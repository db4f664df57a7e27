import { describe, expect, it } from 'vitest';
import { createLogger } from '../../../src/infrastructure/logging/pino-logger.ts';

function build(options: { isTTY?: boolean; production?: boolean } = {}) {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line), isTTY: options.isTTY ?? false };
  const logger = createLogger({ level: 'debug', production: options.production ?? true, destination });
  const last = (): Record<string, unknown> => JSON.parse(lines.at(-1) ?? '{}');
  return { logger, lines, last };
}

describe('the log', () => {
  it('writes one JSON line with the named fields and drops every other', () => {
    const { logger, lines, last } = build();
    logger.child({ requestId: 'r1', cookie: 'CANARY' }).info({ userId: 'u1', password: 'CANARY', body: { token: 'CANARY' } }, 'hello');
    expect(last()).toMatchObject({ level: 'info', requestId: 'r1', userId: 'u1', msg: 'hello' });
    expect(lines.join('')).not.toContain('CANARY');
  });

  it('keeps a forged line inside its own', () => {
    const { logger, lines, last } = build();
    logger.warn({ name: 'x\n{"level":"fatal"}\u001b[31m', reason: '%s%n ${jndi:ldap://x}' }, 'a name');
    expect(lines).toHaveLength(1);
    expect(lines[0]?.trimEnd().split('\n')).toHaveLength(1);
    expect(lines[0]).not.toContain('\u001b');
    expect(last()).toMatchObject({ level: 'warn', reason: '%s%n ${jndi:ldap://x}' });
  });

  it('cuts what is long and does not follow objects', () => {
    const { logger, lines } = build();
    logger.info({ name: 'x'.repeat(1_000_000), state: { deep: 'CANARY' }, warnings: Array.from({ length: 100 }, () => 'w') }, 'long');
    expect(lines[0]?.length).toBeLessThan(2000);
    expect(lines[0]).not.toContain('CANARY');
  });

  it('writes errors with their causes, without the secrets and e-mail addresses in them', () => {
    const { logger, last } = build();
    const cause = new Error('connect mongodb://user:CANARY@db.example/x?key=CANARY failed, dup key: { email: "CANARY@example.org" }');
    logger.error({ error: new TypeError('no answer', { cause }) }, 'failed');
    const { error } = last();
    expect(error).toMatchObject({
      name: 'TypeError',
      message: 'no answer',
      stack: expect.stringContaining('TypeError'),
      cause: { name: 'Error' },
    });
    expect(JSON.stringify(error)).not.toContain('CANARY');
  });

  it('writes for a person at a terminal, and shows control characters instead of sending them', () => {
    const { logger, lines } = build({ isTTY: true, production: false });
    logger.info({ name: 'a\u001b[2Jb', port: 8000 }, 'open\u0007 the\npage');
    expect(lines[0]).toContain('info  open\\u0007 the\\u000apage name="a\\u001b[2Jb" port=8000');
    expect(lines[0]?.replaceAll('\u001b[0m', '')).not.toContain('\u001b');
  });

  it('writes JSON at a terminal in production', () => {
    const { logger, last } = build({ isTTY: true });
    logger.info({}, 'plain');
    expect(last()).toMatchObject({ msg: 'plain' });
  });
});
