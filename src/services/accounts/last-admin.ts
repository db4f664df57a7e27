import { AppError } from '../../lib/app-error.ts';
import type { Change, DocumentStore } from '../../lib/document-store.ts';
import type { UserRow } from './account-collections.ts';

/** A mark of a process that died in between is taken away after this; no store call of ours takes that long. */
const staleMarkMs = 60_000;

/**
 * Takes the administrator's rights from an account only while another enabled administrator remains, also when two
 * processes take from each other at the same time and the store has no transactions: the account is marked as leaving, then the
 * others are counted without the marked ones, then the change is made. Of two that cross, each sees the other's mark; at worst both are refused.
 */
export function createLastAdmin(documents: DocumentStore) {
  /** @returns the row with our mark, or null when it has changed meanwhile */
  async function mark(row: UserRow, now: number): Promise<UserRow | null> {
    const since = row.leavingSince ?? null;
    if (since !== null && now - since < staleMarkMs) throw busy();
    return documents.update<UserRow>('users', row.id, {
      expect: { role: row.role, disabled: row.disabled, leavingSince: since },
      set: { leavingSince: now },
    });
  }

  function unmark(id: string, since: number): Promise<UserRow | null> {
    return documents.update<UserRow>('users', id, { expect: { leavingSince: since }, unset: ['leavingSince'] });
  }

  async function remains(other: UserRow, now: number): Promise<boolean> {
    const since = other.leavingSince ?? null;
    if (since === null) return true;
    if (now - since < staleMarkMs) return false;
    // Whoever set it finds it gone and changes nothing.
    return (await unmark(other.id, since)) !== null;
  }

  async function anotherRemains(userId: string, now: number): Promise<boolean> {
    let cursor: string | undefined;
    do {
      const next = cursor === undefined ? {} : { cursor };
      const where = { role: 'admin', disabled: false };
      const page = await documents.find<UserRow>('users', { index: 'usersRole', where, limit: 100, ...next });
      for (const other of page.items) if (other.id !== userId && (await remains(other, now))) return true;
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    return false;
  }

  return {
    /**
     * @param row an enabled administrator
     * @param change what takes the rights away
     * @returns the row after it, or null when it has changed meanwhile: read again
     * @throws AppError LAST_ADMIN; OVERLOADED while another process changes the same account
     */
    async takeRights(row: UserRow, change: Pick<Change, 'set' | 'increment'>): Promise<UserRow | null> {
      const now = await documents.now();
      if ((await mark(row, now)) === null) return null;
      if (!(await anotherRemains(row.id, now))) {
        await unmark(row.id, now);
        throw new AppError('LAST_ADMIN');
      }
      return documents.update<UserRow>('users', row.id, {
        ...change,
        expect: { role: 'admin', disabled: false, leavingSince: now },
        unset: ['leavingSince'],
      });
    },
  };
}

function busy(): AppError {
  return new AppError('OVERLOADED', { retryAfter: 2, message: 'This account is being changed by somebody else. Try again.' });
}
