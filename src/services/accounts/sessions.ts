import { randomBytes } from 'node:crypto';
import { AppError } from '../../lib/app-error.ts';
import { type Clock, isoTime } from '../../lib/clock.ts';
import type { DocumentStore } from '../../lib/document-store.ts';
import type { User } from '../../protocol/index.ts';
import { type SessionRow, type UserRow, userFrom } from './account-collections.ts';
import type { ClientInfo, SessionTokens } from './account-ports.ts';
import type { LiveSession, LiveSessions } from './live-sessions.ts';

const dayMs = 24 * 60 * 60_000;
const labelLength = 120;

export interface Identity {
  readonly user: User;
  readonly sid: string;
  /** ISO time when the session ends unless it is used. */
  readonly expiresAt: string;
}

/** A session together with a fresh token for it. */
export interface SessionGrant extends Identity {
  readonly token: string;
}

export interface AuthenticatedSession extends Identity {
  /** Set when the token was past half of its life and the caller asked for renewal: the new one belongs into the cookie. */
  readonly renewed?: { readonly token: string; readonly expiresAt: string };
}

export interface SessionsDeps {
  readonly documents: DocumentStore;
  readonly tokens: SessionTokens;
  readonly clock: Clock;
  readonly live: LiveSessions;
  readonly sessionDays: number;
}

/** Opens, recognises and renews sessions. A session is good while its row is, whatever its token says. */
export function createSessions({ documents, tokens, clock, live, sessionDays }: SessionsDeps) {
  const lifeMs = sessionDays * dayMs;

  async function grantFrom(user: UserRow, session: SessionRow): Promise<SessionGrant> {
    const token = await tokens.sign({ userId: user.id, sid: session.id, expiresAtMs: session.expiresAt });
    return { ...identityFrom({ user, session }), token };
  }

  /** Follows the token's age, not the row's: an answer that was lost is simply made again. */
  async function renew(found: LiveSession): Promise<SessionGrant | null> {
    if (found.session.expiresAt - clock.now() > lifeMs / 2) return grantFrom(found.user, found.session);
    const change = { expect: { revokedAt: null }, set: { expiresAt: clock.now() + lifeMs, lastSeenAt: clock.now() } };
    const session = await documents.update<SessionRow>('sessions', found.session.id, change);
    if (session === null) return null;
    live.replace(found, session);
    return grantFrom(found.user, session);
  }

  return {
    async open(user: UserRow, client: ClientInfo): Promise<SessionGrant> {
      const now = clock.now();
      const session: SessionRow = {
        id: randomBytes(16).toString('base64url'),
        userId: user.id,
        version: user.sessionVersion,
        createdAt: now,
        expiresAt: now + lifeMs,
        lastSeenAt: now,
        revokedAt: null,
        client: (client.label ?? '').slice(0, labelLength),
      };
      await documents.batch([
        { type: 'insert', collection: 'sessions', document: session },
        { type: 'update', collection: 'users', id: user.id, change: { set: { lastSeenAt: now } } },
      ]);
      return grantFrom(user, session);
    },

    /** The session as it is now, for every frame of a socket. @returns null when it has ended */
    async check(sid: string): Promise<Identity | null> {
      const found = await live.get(sid);
      return found === null ? null : identityFrom(found);
    },

    async authenticate(token: string, options: { readonly renew?: boolean } = {}): Promise<AuthenticatedSession | null> {
      const claims = await tokens.verify(token);
      const found = claims === null ? null : await live.get(claims.sid);
      if (claims === null || found === null || found.user.id !== claims.userId) return null;
      const identity = identityFrom(found);
      if (options.renew !== true || claims.expiresAtMs - clock.now() > lifeMs / 2) return identity;
      const grant = await renew(found);
      if (grant === null) return identity;
      return { ...identity, expiresAt: grant.expiresAt, renewed: { token: grant.token, expiresAt: grant.expiresAt } };
    },

    /** @throws AppError UNAUTHENTICATED when the session has ended */
    async grantFor(sid: string): Promise<SessionGrant> {
      const found = await live.get(sid);
      if (found === null) throw new AppError('UNAUTHENTICATED');
      return grantFrom(found.user, found.session);
    },
  };
}

function identityFrom({ user, session }: { readonly user: UserRow; readonly session: SessionRow }): Identity {
  return { user: userFrom(user), sid: session.id, expiresAt: isoTime(session.expiresAt) };
}
