import { createHash } from 'node:crypto';
import { decodeProtectedHeader, errors, jwtVerify, SignJWT } from 'jose';
import type { Clock } from '../../lib/clock.ts';
import { LruMap } from '../../lib/lru-map.ts';

export interface SessionTokenClaims {
  readonly userId: string;
  readonly sid: string;
  /** Milliseconds since the epoch. */
  readonly expiresAtMs: number;
}

export interface SessionTokensOptions {
  /** At least 32 bytes, made at random: the configuration sees to it. */
  readonly secret: string;
  /** Still accepted, never used to sign: the key before a rotation. */
  readonly previousSecret?: string | undefined;
  readonly clock: Clock;
}

const issuer = 'jarvis-argus';
const audience = 'jarvis-argus';
const algorithm = 'HS256';
const type = 'session+jwt';
const leewaySeconds = 30;
const maxTokenLength = 4096;
const mostCached = 10_000;

/** Signed session tokens. The signature only saves the look-up of nonsense: whether a session lives, its row says. */
export function createSessionTokens(options: SessionTokensOptions) {
  const { clock } = options;
  const current = keyFrom(options.secret);
  const keys = new Map([[current.kid, current.key]]);
  if (options.previousSecret !== undefined) {
    const previous = keyFrom(options.previousSecret);
    keys.set(previous.kid, previous.key);
  }
  /** By the hash of the token, so that no token lies about in memory. */
  const verified = new LruMap<string, SessionTokenClaims>(mostCached);

  async function verifySignature(token: string): Promise<SessionTokenClaims | null> {
    const { kid } = decodeProtectedHeader(token);
    const key = typeof kid === 'string' ? keys.get(kid) : undefined;
    if (key === undefined) return null;
    const { payload } = await jwtVerify(token, key, {
      algorithms: [algorithm],
      issuer,
      audience,
      typ: type,
      requiredClaims: ['exp', 'iat', 'sub', 'sid'],
      clockTolerance: leewaySeconds,
      currentDate: new Date(clock.now()),
    });
    const { sub, exp, iat } = payload;
    const sid = payload['sid'];
    if (typeof sub !== 'string' || typeof sid !== 'string' || typeof exp !== 'number' || typeof iat !== 'number') return null;
    if (iat > clock.now() / 1000 + leewaySeconds) return null;
    return { userId: sub, sid, expiresAtMs: exp * 1000 };
  }

  return {
    sign(claims: SessionTokenClaims): Promise<string> {
      return new SignJWT({ sid: claims.sid })
        .setProtectedHeader({ alg: algorithm, typ: type, kid: current.kid })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(claims.userId)
        .setIssuedAt(new Date(clock.now()))
        .setExpirationTime(Math.floor(claims.expiresAtMs / 1000))
        .sign(current.key);
    },

    /** @returns null for whatever is not a valid, unexpired token of this server; never throws for bad input */
    async verify(token: string): Promise<SessionTokenClaims | null> {
      if (token.length === 0 || token.length > maxTokenLength) return null;
      const cacheKey = createHash('sha256').update(token).digest('base64url');
      const known = verified.get(cacheKey);
      if (known !== undefined) {
        if (clock.now() < known.expiresAtMs + leewaySeconds * 1000) return known;
        verified.delete(cacheKey);
        return null;
      }
      try {
        const claims = await verifySignature(token);
        if (claims !== null) verified.set(cacheKey, claims);
        return claims;
      } catch (error) {
        // decodeProtectedHeader says TypeError for what is no token.
        if (error instanceof errors.JOSEError || error instanceof TypeError) return null;
        throw error;
      }
    },
  };
}

function keyFrom(secret: string): { kid: string; key: Uint8Array } {
  const kid = createHash('sha256').update('jarvis-argus key id\0').update(secret).digest('base64url').slice(0, 8);
  return { kid, key: new TextEncoder().encode(secret) };
}
