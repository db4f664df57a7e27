import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientFrameSchema } from '../../src/protocol/index.ts';
import { call, frame } from './support/attack.ts';
import { startVictim, type Victim } from './support/victim.ts';

/** More with FUZZ_RUNS=5000; fast-check prints the seed of a failure. */
const numRuns = Number(process.env['FUZZ_RUNS'] ?? 200);

let victim: Victim;
beforeAll(async () => {
  victim = await startVictim();
});
afterAll(() => victim.dispose());

const types = clientFrameSchema.options.map((option) => String(option.shape.type.value));
const fields = [...new Set(clientFrameSchema.options.flatMap((option) => Object.keys(option.shape)))].filter((name) => name !== 'type');
/** Values that have broken somebody: operators, paths, numbers at the edge, names of every object. */
const nasty = fc.constantFrom<unknown>(
  ...[
    '',
    ' ',
    '\u0000',
    '$ne',
    '__proto__',
    'constructor',
    '../..',
    '%00',
    '\ud800',
    '\u202e',
    'a'.repeat(10_000),
    '/login a b',
    '//x',
    '/',
  ],
  ...[0, -1, -0, 1.5, 2 ** 53, 1e308, true, null, [], {}, { $gt: '' }, [[[]]], { toString: 1 }],
);
const value = fc.oneof(nasty, fc.jsonValue({ maxDepth: 3 }), fc.string({ unit: 'binary', maxLength: 200 }));
const frames = fc.record({
  type: fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...types) }, { weight: 1, arbitrary: fc.string() }),
  members: fc.dictionary(fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...fields) }, { weight: 1, arbitrary: fc.string() }), value, {
    maxKeys: 8,
  }),
});

const routes = [
  ['POST', '/api/auth/login'],
  ['POST', '/api/auth/signup'],
  ['POST', '/api/auth/exchange'],
  ['POST', '/api/conversations'],
  ['PATCH', '/api/settings'],
  ['PATCH', '/api/conversations/{conversation}'],
  ['POST', '/api/messages/{message}/feedback'],
  ['POST', '/api/auth/password'],
] as const;
const names = [
  'email',
  'password',
  'name',
  'title',
  'headId',
  'settings',
  'conversationId',
  'model',
  'level',
  'value',
  'comment',
  'code',
  'current',
  'next',
];

describe('whatever arrives', () => {
  it('as a frame is answered once, by something other than INTERNAL, and nobody else notices', async () => {
    const whatever = fc.asyncProperty(frames, async ({ type, members }) => {
      // The id is ours, so that the answer can be told from others.
      const { outcome } = await frame(victim, { ...members, type, id: 'abuse' });
      expect(outcome).not.toMatch(/INTERNAL|STORE_UNAVAILABLE|cut/);
    });
    await fc.assert(whatever, { numRuns });
    expect(await victim.isWell()).toBe(true);
  });

  it('as a body is refused or taken, never unexpected', async () => {
    const body = fc.oneof(fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 6 }), fc.jsonValue({ maxDepth: 4 }));
    const whatever = fc.asyncProperty(fc.constantFrom(...routes), body, async ([method, path], content) => {
      const at = path.replace('{conversation}', victim.attacker.conversationId).replace('{message}', victim.attacker.messageId);
      const anonymous = at.startsWith('/api/auth') ? { headers: { authorization: 'none' } } : {};
      const { outcome } = await call(victim, at, { method, body: JSON.stringify(content), ...anonymous });
      expect(outcome).not.toMatch(/^5/);
    });
    await fc.assert(whatever, { numRuns });
    expect(await victim.isWell()).toBe(true);
  });

  it('as bytes on a socket ends that socket at most', async () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 300 });
    const whatever = fc.asyncProperty(bytes, async (content) => {
      const { outcome } = await frame(victim, Buffer.from(content).toString('latin1'));
      expect(outcome).toMatch(/^error BAD_FRAME|^close 100/);
    });
    await fc.assert(whatever, { numRuns: Math.ceil(numRuns / 3) });
    expect(await victim.isWell()).toBe(true);
  });
});
