import { AppError } from '../../lib/app-error.ts';
import { type Clock, isoTime } from '../../lib/clock.ts';
import type { DocumentStore } from '../../lib/document-store.ts';
import type { SessionInfo } from '../../protocol/index.ts';
import type { SessionRow, UserRow } from './account-collections.ts';
import type { createSessionEnding } from './session-ending.ts';
import { isLiveSession } from './session-life.ts';

/** Rows that are looked through for one list: ended sessions lie among the live ones until they are swept. */
const mostRead = 1000;
const pageSize = 200;

export interface SessionListDeps {
  readonly documents: DocumentStore;
  readonly clock: Clock;
  readonly ending: ReturnType<typeof createSessionEnding>;
}

/** Where a person is signed in, and how they end it from elsewhere. */
export function createSessionList({ documents, clock, ending }: SessionListDeps) {
  async function liveOf(user: UserRow): Promise<SessionRow[]> {
    if (user.disabled) return [];
    const now = clock.now();
    const live: SessionRow[] = [];
    let read = 0;
    let cursor: string | undefined;
    do {
      const where = { userId: user.id };
      const next = cursor === undefined ? {} : { cursor };
      const page = await documents.find<SessionRow>('sessions', { index: 'sessionsUser', where, order: 'desc', limit: pageSize, ...next });
      live.push(...page.items.filter((row) => isLiveSession(row, user, now)));
      read += page.items.length;
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined && read < mostRead);
    return live;
  }

  async function endAllBut(userId: string, keptSid: string | null): Promise<void> {
    const row = await documents.update<UserRow>('users', userId, { set: { keptSid }, increment: { sessionVersion: 1 } });
    if (row === null) throw new AppError('NOT_FOUND');
    await ending.endAll(userId, keptSid, 'signed-out');
  }

  return {
    /** Newest sign-in first. @param currentSid the session that asks, or null when somebody else does @throws AppError NOT_FOUND */
    async listSessions(userId: string, currentSid: string | null): Promise<SessionInfo[]> {
      const user = await documents.get<UserRow>('users', userId);
      if (user === null) throw new AppError('NOT_FOUND');
      return (await liveOf(user)).map((row) => ({
        id: row.id,
        label: row.client,
        current: row.id === currentSid,
        createdAt: isoTime(row.createdAt),
        lastSeenAt: isoTime(row.lastSeenAt),
        expiresAt: isoTime(row.expiresAt),
      }));
    },

    /** How many sessions of this account are good now. */
    countSessions: async (user: UserRow): Promise<number> => (await liveOf(user)).length,

    /** One that has ended already is as good as ended now. @throws AppError NOT_FOUND for an unknown one and for somebody else's alike */
    async endSession(userId: string, sid: string): Promise<void> {
      const row = await documents.get<SessionRow>('sessions', sid);
      if (row === null || row.userId !== userId) throw new AppError('NOT_FOUND');
      await ending.revoke(sid);
    },

    /** Ends all sessions of a person but the one that asks. @throws AppError NOT_FOUND */
    endOtherSessions: (userId: string, sid: string) => endAllBut(userId, sid),

    /** @throws AppError NOT_FOUND */
    revokeAllSessions: (userId: string) => endAllBut(userId, null),
  };
}
