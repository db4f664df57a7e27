import type { Clock } from '../../lib/clock.ts';
import type { DocumentStore } from '../../lib/document-store.ts';
import type { Logger } from '../../lib/logger.ts';
import { LruMap } from '../../lib/lru-map.ts';
import type { SessionRow, UserRow } from './account-collections.ts';
import { isLiveSession } from './session-life.ts';

/** A session that another process ended is refused after this long at the latest; its sockets are looked through every 15 s (PROMISES G18). */
const cacheMs = 10_000;
const mostCached = 10_000;
const seenEveryMs = 10 * 60_000;

export interface LiveSession {
  readonly session: SessionRow;
  readonly user: UserRow;
  readonly readAt: number;
}

export interface LiveSessionsDeps {
  readonly documents: DocumentStore;
  readonly clock: Clock;
  readonly logger: Logger;
}

export type LiveSessions = ReturnType<typeof createLiveSessions>;

/** Sessions that are good now, with their users: read once, kept for 10 s, forgotten at once when they end here. */
export function createLiveSessions({ documents, clock, logger }: LiveSessionsDeps) {
  const cache = new LruMap<string, LiveSession>(mostCached);
  const loading = new Map<string, Promise<LiveSession | null>>();
  /** Ended here: asked also after a read, whose rows may be older than the end. */
  const ended = new LruMap<string, true>(mostCached);

  function isGood({ session, user }: LiveSession): boolean {
    return ended.get(session.id) !== true && isLiveSession(session, user, clock.now());
  }

  async function load(sid: string): Promise<LiveSession | null> {
    const session = await documents.get<SessionRow>('sessions', sid);
    const user = session === null ? null : await documents.get<UserRow>('users', session.userId);
    const live = session === null || user === null ? null : { session, user, readAt: clock.now() };
    if (live === null || !isGood(live)) {
      cache.delete(sid);
      return null;
    }
    cache.set(sid, live);
    if (clock.now() - live.session.lastSeenAt > seenEveryMs) noteSeen(live);
    return live;
  }

  function noteSeen({ session, user }: LiveSession): void {
    const set = { lastSeenAt: clock.now() };
    Promise.all([documents.update('sessions', session.id, { set }), documents.update('users', user.id, { set })]).catch((error: unknown) =>
      logger.debug({ error }, 'the time of last use was not stored'),
    );
  }

  return {
    async get(sid: string): Promise<LiveSession | null> {
      if (ended.get(sid) === true) return null;
      const cached = cache.get(sid);
      if (cached !== undefined && clock.now() - cached.readAt < cacheMs) return isGood(cached) ? cached : null;
      let reading = loading.get(sid);
      if (reading === undefined) {
        reading = load(sid).finally(() => loading.delete(sid));
        loading.set(sid, reading);
      }
      const live = await reading;
      return live !== null && isGood(live) ? live : null;
    },

    /** The row was renewed: what was known of the user stays as old as it is. */
    replace(live: LiveSession, session: SessionRow): void {
      cache.set(session.id, { ...live, session });
    },

    /** The next use reads again. */
    refresh: (sid: string) => cache.delete(sid),

    /** From now on refused, whatever a read under way brings. @returns those that had not ended yet */
    end(sids: readonly string[]): string[] {
      const fresh = sids.filter((sid) => ended.get(sid) !== true);
      for (const sid of fresh) {
        ended.set(sid, true);
        cache.delete(sid);
      }
      return fresh;
    },

    userIdOf: (sid: string) => cache.get(sid)?.user.id,
    knownOf: (userId: string) => [...cache.entries()].filter(([, live]) => live.user.id === userId).map(([sid]) => sid),
  };
}
