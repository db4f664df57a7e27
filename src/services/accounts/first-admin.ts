import type { Clock } from '../../lib/clock.ts';
import type { BatchOperation, DocumentStore } from '../../lib/document-store.ts';
import { UniqueViolationError } from '../../lib/store-errors.ts';
import type { FirstAdminRow, UserRow } from './account-collections.ts';

/** A claim to be the first user whose user never came (a crash between two writes on MongoDB) may be taken over after this. */
const staleClaimMs = 60_000;

export type FirstAdmin = ReturnType<typeof createFirstAdmin>;

/** Decides once, by the id of one document, who is the admin: parallel first sign-ups give one. */
export function createFirstAdmin(documents: DocumentStore, clock: Clock) {
  const id = 'first-admin';
  /** Sign-ups of this process claim one after the other, so that two with one address cannot cross. */
  let last: Promise<unknown> = Promise.resolve();

  async function readClaim(): Promise<{ claim: FirstAdminRow | null; stale: boolean }> {
    const claim = await documents.get<FirstAdminRow>('claims', id);
    if (claim === null || clock.now() - claim.claimedAt < staleClaimMs) return { claim, stale: false };
    return { claim, stale: (await documents.get<UserRow>('users', claim.userId)) === null };
  }

  async function insert(row: UserRow): Promise<UserRow | null> {
    const { claim, stale } = await readClaim();
    if (claim !== null && !stale) return null;
    const admin: UserRow = { ...row, role: 'admin' };
    const mine: FirstAdminRow = { id, userId: row.id, claimedAt: clock.now() };
    const take: BatchOperation =
      claim === null
        ? { type: 'insert', collection: 'claims', document: mine }
        : {
            type: 'update',
            collection: 'claims',
            id,
            change: { expect: { userId: claim.userId }, set: { userId: mine.userId, claimedAt: mine.claimedAt } },
          };
    try {
      await documents.batch([take, { type: 'insert', collection: 'users', document: admin }]);
      return admin;
    } catch (error) {
      if (error instanceof UniqueViolationError && error.collection === 'users') await documents.delete('claims', id, { userId: row.id });
      if (error instanceof UniqueViolationError && error.collection === 'claims') return null;
      if (error instanceof Error && error.name === 'ExpectationError') return null;
      throw error;
    }
  }

  return {
    isTaken: async () => {
      const { claim, stale } = await readClaim();
      return claim !== null && !stale;
    },
    /** @returns the admin's row, or null when there is an admin already and nothing was written */
    insertWithClaim(row: UserRow): Promise<UserRow | null> {
      const mine = last.then(
        () => insert(row),
        () => insert(row),
      );
      last = mine;
      mine.catch(() => {});
      return mine;
    },
  };
}
