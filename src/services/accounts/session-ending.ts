import type { Clock } from '../../lib/clock.ts';
import type { DocumentStore } from '../../lib/document-store.ts';
import type { Logger } from '../../lib/logger.ts';
import type { SessionRow } from './account-collections.ts';
import type { LiveSessions } from './live-sessions.ts';
import type { RevocationReason, SessionEvents } from './session-events.ts';

/** Expired rows are kept this long, then swept. */
const sweepAfterMs = 24 * 60 * 60_000;

export interface SessionEndingDeps {
  readonly documents: DocumentStore;
  readonly clock: Clock;
  readonly events: SessionEvents;
  readonly logger: Logger;
  readonly live: LiveSessions;
}

/** How sessions end: at once in this process, with an event for its sockets, and in their rows for all others. */
export function createSessionEnding({ documents, clock, events, logger, live }: SessionEndingDeps) {
  function forget(userId: string, sids: readonly string[], reason: RevocationReason): void {
    events.emitSessionsRevoked(userId, live.end(sids), reason);
  }

  function mark(sid: string): Promise<SessionRow | null> {
    return documents.update<SessionRow>('sessions', sid, { expect: { revokedAt: null }, set: { revokedAt: clock.now() } });
  }

  async function markAll(userId: string, keptSid: string | null, reason: RevocationReason): Promise<void> {
    let cursor: string | undefined;
    do {
      const query = { index: 'sessionsUser', where: { userId }, limit: 200, ...(cursor === undefined ? {} : { cursor }) };
      const page = await documents.find<SessionRow>('sessions', query);
      const sids = page.items.filter((row) => row.id !== keptSid && row.revokedAt === null).map((row) => row.id);
      for (const sid of sids) await mark(sid);
      forget(userId, sids, reason);
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
  }

  return {
    async revoke(sid: string): Promise<void> {
      const row = await mark(sid);
      const userId = row?.userId ?? live.userIdOf(sid);
      if (userId !== undefined) forget(userId, [sid], 'signed-out');
    },

    /**
     * Ends all sessions of a user but one, after the caller has counted up the user row's `sessionVersion`: by that they
     * have ended already, so a failure to mark their rows is only logged.
     */
    async endAll(userId: string, keptSid: string | null, reason: RevocationReason): Promise<void> {
      const known = live.knownOf(userId).filter((sid) => sid !== keptSid);
      forget(userId, known, reason);
      if (keptSid !== null) live.refresh(keptSid);
      try {
        await markAll(userId, keptSid, reason);
      } catch (error) {
        logger.warn({ error, userId }, 'ended sessions could not be marked; they stay refused');
      }
    },

    /** Deletes rows that expired more than a day ago, at most 500 at a time. @returns how many */
    sweep(): Promise<number> {
      const range = { before: clock.now() - sweepAfterMs };
      return documents.deleteMany('sessions', { index: 'sessionsExpiry', where: {}, range, limit: 500 });
    },
  };
}
