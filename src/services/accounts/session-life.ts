import type { SessionRow, UserRow } from './account-collections.ts';

/** Whether a session is good by what its rows say: not ended, not expired, opened under the version that holds, of a person who may come in. */
export function isLiveSession(session: SessionRow, user: UserRow, now: number): boolean {
  if (session.revokedAt !== null || now >= session.expiresAt || user.disabled) return false;
  return session.version === user.sessionVersion || user.keptSid === session.id;
}
