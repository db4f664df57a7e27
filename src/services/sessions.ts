import { randomBytes } from 'node:crypto';
import { AppError } from '../lib/app-error.ts';
import { type Clock, isoTime } from '../lib/clock.ts';
import type { DocumentStore } from '../lib/document-store.ts';
import type { Logger } from '../lib/logger.ts';
import { LruMap } from '../lib/lru-map.ts';
import type { User } from '../protocol/index.ts';
import { type SessionRow, type UserRow, userFrom } from './account-collections.ts';
import type { ClientInfo, SessionTokens } from './account-ports.ts';
import type { RevocationReason, SessionEvents } from './session-events.ts';

const dayMs = 24 * 60 * 60_000;
/** A session that another process ended is noticed after this long at the latest (PROMISES G18). */
const cacheMs = 30_000;
const mostCached = 10_000;
const seenEveryMs = 60 * 60_000;
/** Expired rows are kept this long, then swept. */
const sweepAfterMs = dayMs;
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

interface Live {
  readonly session: SessionRow;
  readonly user: UserRow;
  readonly readAt: number;
}

export interface SessionsDeps {
  readonly documents: DocumentStore;
  readonly tokens: SessionTokens;
  readonly clock: Clock;
  readonly events: SessionEvents;
  readonly logger: Logger;
  readonly sessionDays: number;
}

export type Sessions = ReturnType<typeof createSessions>;

/** Session rows, their cache and their end. A session is good while its row is, whatever its token says. */
export function createSessions(deps: SessionsDeps) {
  const { documents, tokens, clock, events, logger } = deps;
  const lifeMs = deps.sessionDays * dayMs;
  const cache = new LruMap<string, Live>(mostCached);
  const loading = new Map<string, Promise<Live | null>>();
  /** Ended here: checked before any read that may still be under way. */
  const ended = new LruMap<string, true>(mostCached);

  async function open(user: UserRow, client: ClientInfo): Promise<SessionGrant> {
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
    await documents.insert('sessions', session);
    return grantFrom(user, session);
  }

  async function grantFrom(user: UserRow, session: SessionRow): Promise<SessionGrant> {
    const token = await tokens.sign({ userId: user.id, sid: session.id, expiresAtMs: session.expiresAt });
    return { user: userFrom(user), sid: session.id, token, expiresAt: isoTime(session.expiresAt) };
  }

  async function load(sid: string): Promise<Live | null> {
    const session = await documents.get<SessionRow>('sessions', sid);
    const user = session === null ? null : await documents.get<UserRow>('users', session.userId);
    if (session === null || user === null) return null;
    const live: Live = { session, user, readAt: clock.now() };
    if (!isGood(live)) return null;
    cache.set(sid, live);
    if (clock.now() - session.lastSeenAt > seenEveryMs) noteSeen(sid);
    return live;
  }

  function noteSeen(sid: string): void {
    documents
      .update('sessions', sid, { set: { lastSeenAt: clock.now() } })
      .catch((error: unknown) => logger.debug({ error }, 'the time of last use was not stored'));
  }

  function isGood({ session, user }: Live): boolean {
    if (ended.get(session.id) === true || session.revokedAt !== null || clock.now() >= session.expiresAt || user.disabled) return false;
    return session.version === user.sessionVersion || user.keptSid === session.id;
  }

  async function liveSession(sid: string): Promise<Live | null> {
    if (ended.get(sid) === true) return null;
    const cached = cache.get(sid);
    if (cached !== undefined && clock.now() - cached.readAt < cacheMs) return isGood(cached) ? cached : null;
    let reading = loading.get(sid);
    if (reading === undefined) {
      reading = load(sid).finally(() => loading.delete(sid));
      loading.set(sid, reading);
    }
    const live = await reading;
    if (live === null) cache.delete(sid);
    // Revoked while it was read: the row in hand is older than that.
    return live !== null && isGood(live) ? live : null;
  }

  /** The session as it is now, for every frame of a socket. @returns null when it has ended */
  async function check(sid: string): Promise<Identity | null> {
    const live = await liveSession(sid);
    return live === null ? null : { user: userFrom(live.user), sid, expiresAt: isoTime(live.session.expiresAt) };
  }

  async function authenticate(token: string, options: { readonly renew?: boolean } = {}): Promise<AuthenticatedSession | null> {
    const claims = await tokens.verify(token);
    if (claims === null) return null;
    const live = await liveSession(claims.sid);
    if (live === null || live.user.id !== claims.userId) return null;
    const identity = { user: userFrom(live.user), sid: claims.sid, expiresAt: isoTime(live.session.expiresAt) };
    if (options.renew !== true || claims.expiresAtMs - clock.now() > lifeMs / 2) return identity;
    const renewed = await renew(live);
    return renewed === null ? identity : { ...identity, expiresAt: renewed.expiresAt, renewed };
  }

  /** Follows the token's age, not the row's: an answer that was lost is simply made again. */
  async function renew(live: Live): Promise<SessionGrant | null> {
    let { session } = live;
    if (session.expiresAt - clock.now() <= lifeMs / 2) {
      const change = { expect: { revokedAt: null }, set: { expiresAt: clock.now() + lifeMs, lastSeenAt: clock.now() } };
      const updated = await documents.update<SessionRow>('sessions', session.id, change);
      if (updated === null) return null;
      session = updated;
      cache.set(session.id, { ...live, session, readAt: live.readAt });
    }
    return grantFrom(live.user, session);
  }

  function forget(userId: string, sids: readonly string[], reason: RevocationReason): void {
    for (const sid of sids) {
      ended.set(sid, true);
      cache.delete(sid);
    }
    events.emitSessionsRevoked(userId, sids, reason);
  }

  async function revoke(sid: string): Promise<void> {
    const row = await documents.update<SessionRow>('sessions', sid, { expect: { revokedAt: null }, set: { revokedAt: clock.now() } });
    const userId = row?.userId ?? cache.get(sid)?.user.id;
    if (userId !== undefined) forget(userId, [sid], 'signed-out');
  }

  /**
   * Ends all sessions of a user but one, by the user row's `sessionVersion` that the caller has already counted up; the
   * rows are marked too. Never throws: the sessions have ended with that count.
   */
  async function endAll(userId: string, keptSid: string | null, reason: RevocationReason): Promise<void> {
    const known = [...cache.entries()].filter(([, live]) => live.user.id === userId).map(([sid]) => sid);
    forget(
      userId,
      known.filter((sid) => sid !== keptSid),
      reason,
    );
    if (keptSid !== null) cache.delete(keptSid);
    try {
      await markAll(userId, keptSid, reason);
    } catch (error) {
      logger.warn({ error, userId }, 'ended sessions could not be marked; they stay refused');
    }
  }

  async function markAll(userId: string, keptSid: string | null, reason: RevocationReason): Promise<void> {
    let cursor: string | undefined;
    do {
      const query = { index: 'sessionsUser', where: { userId }, limit: 200, ...(cursor === undefined ? {} : { cursor }) };
      const page = await documents.find<SessionRow>('sessions', query);
      const rows = page.items.filter((row) => row.id !== keptSid && row.revokedAt === null);
      for (const row of rows) await documents.update('sessions', row.id, { expect: { revokedAt: null }, set: { revokedAt: clock.now() } });
      forget(
        userId,
        rows.map((row) => row.id).filter((sid) => ended.get(sid) !== true),
        reason,
      );
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
  }

  return {
    open,
    check,
    authenticate,
    revoke,
    endAll,

    /** @throws AppError UNAUTHENTICATED when the session has ended */
    async grantFor(sid: string): Promise<SessionGrant> {
      const live = await liveSession(sid);
      if (live === null) throw new AppError('UNAUTHENTICATED');
      return grantFrom(live.user, live.session);
    },

    /** Deletes rows that expired more than a day ago, at most 500 at a time. @returns how many */
    sweep(): Promise<number> {
      const range = { before: clock.now() - sweepAfterMs };
      return documents.deleteMany('sessions', { index: 'sessionsExpiry', where: {}, range, limit: 500 });
    },
  };
}
