import { createHmac, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createSessionTokens } from '../../../src/infrastructure/tokens/session-tokens.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const secret = randomBytes(32).toString('hex');
const clock = createFakeClock();
const tokens = createSessionTokens({ secret, clock });
const claims = { userId: 'u1', sid: 's1', expiresAtMs: clock.now() + 3_600_000 };

const decode = (part: string | undefined): Record<string, unknown> => JSON.parse(Buffer.from(part ?? '', 'base64url').toString());
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** The genuine token with changes, signed again with `key`. */
async function forge(header: object, payload: object, key: string = secret): Promise<string> {
  const [first, second] = (await tokens.sign(claims)).split('.');
  const body = `${encode({ ...decode(first), ...header })}.${encode({ ...decode(second), ...payload })}`;
  return `${body}.${createHmac('sha256', key).update(body).digest('base64url')}`;
}

describe('a session token', () => {
  it('comes back as what it was signed for', async () => {
    expect(await tokens.verify(await tokens.sign(claims))).toEqual(claims);
    expect(await tokens.verify(await forge({}, {}))).toEqual(claims);
  });

  const now = clock.now() / 1000;
  it.each<[string, object, object, string?]>([
    ['no algorithm', { alg: 'none' }, {}],
    ['another algorithm', { alg: 'HS512' }, {}],
    ['a public-key algorithm', { alg: 'RS256' }, {}],
    ['a kid that is a path', { kid: '../../dev/null' }, {}],
    ['a kid that is SQL', { kid: "' OR 1" }, {}],
    ['a kid that is an operator', { kid: { $ne: 1 } }, {}],
    ['a kid of the prototype', { kid: '__proto__' }, {}],
    ['no kid', { kid: undefined }, {}],
    ['another type', { typ: 'at+jwt' }, {}],
    ['an unknown critical extension', { crit: ['exp'] }, {}],
    ['no end', {}, { exp: undefined }],
    ['an end in the past', {}, { exp: now - 31 }],
    ['an end that is text', {}, { exp: '9999999999' }],
    ['a start in the future', {}, { nbf: now + 3600 }],
    ['a birth in the future', {}, { iat: now + 3600 }],
    ['no birth', {}, { iat: undefined }],
    ['no subject', {}, { sub: undefined }],
    ['a subject that is an operator', {}, { sub: { $gt: '' } }],
    ['no session', {}, { sid: undefined }],
    ['another issuer', {}, { iss: 'other' }],
    ['another audience', {}, { aud: 'other' }],
    ['the empty secret', {}, {}, ''],
    ['a guessed secret', {}, {}, 'changeme'],
  ])('is worth nothing with %s', async (_what, header, payload, key) => {
    expect(await tokens.verify(await forge(header, payload, key))).toBeNull();
  });

  it.each(['', 'x', 'a.b.c', '....', `${'a'.repeat(1_000_000)}.b.c`, 'eyJhbGciOiJub25lIn0.e30.', '\0.\0.\0'])(
    'is not: %#',
    async (text) => {
      expect(await tokens.verify(text)).toBeNull();
    },
  );

  it('of the key before a rotation is still good, and of an older one is not', async () => {
    const old = await tokens.sign(claims);
    const rotated = createSessionTokens({ secret: 'n'.repeat(40), previousSecret: secret, clock });
    expect(await rotated.verify(old)).toEqual(claims);
    expect(decode((await rotated.sign(claims)).split('.')[0])['kid']).not.toBe(decode(old.split('.')[0])['kid']);
    const again = createSessionTokens({ secret: 'm'.repeat(40), previousSecret: 'n'.repeat(40), clock });
    expect(await again.verify(old)).toBeNull();
  });

  it('ends although it was seen good before', async () => {
    const mine = createFakeClock();
    const short = createSessionTokens({ secret, clock: mine });
    const token = await short.sign({ ...claims, expiresAtMs: mine.now() + 10_000 });
    expect(await short.verify(token)).not.toBeNull();
    mine.advance(39_000);
    expect(await short.verify(token)).not.toBeNull();
    mine.advance(1_001);
    expect(await short.verify(token)).toBeNull();
  });
});
