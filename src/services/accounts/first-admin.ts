import type { Clock } from '../../lib/clock.ts';
import type { BatchOperation, DocumentStore } from '../../lib/document-store.ts';
import { UniqueViolationError } from '../../lib/store-errors.ts';
import type { FirstAdminRow, UserRow } from './account-collections.ts';

/** A claim to be the first user whose user never came (a crash between two writes on MongoDB) is given to somebody else after this. */
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
    if ((await documents.get<UserRow>('users', claim.userId)) !== null) return { claim, stale: false };
    return (await giveToOldest(claim)) ? readClaim() : { claim, stale: true };
  }

  /** Whoever came first after the one that never came: most likely the same person, who tried again at once. */
  async function giveToOldest(claim: FirstAdminRow): Promise<boolean> {
    const page = await documents.find<UserRow>('users', { index: 'usersCreated', where: {}, order: 'asc', limit: 1 });
    const [oldest] = page.items;
    if (oldest === undefined) return false;
    // First the role, which may be given twice; only then the claim, by which it is never looked at again.
    await documents.update<UserRow>('users', oldest.id, { set: { role: 'admin' } });
    const set = { userId: oldest.id, claimedAt: clock.now() };
    await documents.update<FirstAdminRow>('claims', id, { expect: { userId: claim.userId }, set });
    return true;
  }

  /** On MongoDB the second write of the batch may have come so late that the claim was given to somebody else. */
  async function keptOrDemoted(admin: UserRow): Promise<UserRow> {
    const claim = await documents.get<FirstAdminRow>('claims', id);
    if (claim?.userId === admin.id) return admin;
    return (await documents.update<UserRow>('users', admin.id, { set: { role: 'user' } })) ?? admin;
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
      return await keptOrDemoted(admin);
    } catch (error) {
      if (error instanceof UniqueViolationError && error.collection === 'users') await documents.delete('claims', id, { userId: row.id });
      if (error instanceof UniqueViolationError && error.collection === 'claims') return null;
      if (error instanceof Error && error.name === 'ExpectationError') return null;
      throw error;
    }
  }

  return {
    /** Heals on the way: asked for each visitor who is not signed in. */
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
