import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Attack } from './support/attack.ts';
import { secrets, startVictim, type Victim } from './support/victim.ts';
import { operators, ownership, pollution } from './tables/bodies.ts';
import { canary, commands, texts } from './tables/commands.ts';
import { paths, queries, requests } from './tables/requests.ts';
import { frames, handshakes } from './tables/sockets.ts';
import { uploads } from './tables/uploads.ts';

/** PROMISES section 7. A new bad input is one line of a table. */
const groups: Readonly<Record<string, readonly Attack[]>> = {
  'M-WS frames': frames,
  'M-WS handshakes': handshakes,
  'M-SC commands': commands,
  'M-LG, M-PI texts': texts,
  'M-NO operators': operators,
  'M-PP pollution': pollution,
  'M-ID ownership': ownership,
  'M-UP uploads': uploads,
  'M-PT paths': paths,
  'M-HT requests': requests,
  'M-RD queries': queries,
};

let victim: Victim;
beforeAll(async () => {
  victim = await startVictim();
});
afterAll(() => victim.dispose());

describe.each(Object.entries(groups))('%s', (_group, attacks) => {
  it.each(attacks)('$name', async ({ run, expected }) => {
    const { outcome, text } = await run(victim);
    expect(expected, text.slice(0, 300)).toContain(outcome);
    expect(text).not.toMatch(/\n\s+at |node_modules|\/src\/|\.ts:\d/);
    expect(await victim.isWell()).toBe(true);
  });
});

describe('after all of it', () => {
  it('no secret and no password is stored, logged or sent to a model', async () => {
    const sent = JSON.stringify(victim.gemini.requests.map(({ body }) => body));
    const counted = await victim.stopAndCount();
    const [log, stored] = [victim.lines.join('\n'), await victim.stored()];
    for (const [place, all] of Object.entries({ sent, log, stored })) {
      for (const secret of [canary, secrets.key, secrets.jwt, victim.attacker.token, victim.attacker.password, 'CANARYquery']) {
        expect(all.includes(secret), `${secret.slice(0, 8)} in what was ${place}`).toBe(false);
      }
    }
    expect(
      log.split('\n').filter((line) => line.includes('"level":"fatal"')),
      'nobody wrote a line of the log',
    ).toEqual([]);
    expect(
      log.split('\n').filter((line) => line.includes('INTERNAL')),
      'nothing was unexpected',
    ).toEqual([]);
    // The first messages of the two, and the texts that are no attack on this server.
    expect(counted).toMatchObject({ users: 2, files: 0 });
  });
});
