import { AppError } from '../../lib/app-error.ts';
import type { DocumentStore } from '../../lib/document-store.ts';
import type { User } from '../../protocol/index.ts';
import type { UserRow } from './account-collections.ts';
import { createLastAdmin } from './last-admin.ts';
import type { createSessionEnding } from './session-ending.ts';
import type { RevocationReason } from './session-events.ts';

export interface RightsChange {
  readonly disabled?: boolean | undefined;
  readonly role?: User['role'] | undefined;
}

const maxTries = 5;

/** What an account may do. Every change of it ends all sessions of the account with the same write. */
export function createAccountRights(documents: DocumentStore, ending: ReturnType<typeof createSessionEnding>) {
  const lastAdmin = createLastAdmin(documents);

  function write(row: UserRow, set: { disabled: boolean; role: User['role'] }): Promise<UserRow | null> {
    const change = { set: { ...set, keptSid: null }, increment: { sessionVersion: 1 } };
    const rules = row.role === 'admin' && !row.disabled;
    if (rules && (set.disabled || set.role !== 'admin')) return lastAdmin.takeRights(row, change);
    return documents.update<UserRow>('users', row.id, { ...change, expect: { role: row.role, disabled: row.disabled } });
  }

  return {
    /**
     * Nothing is written and no session ends when the account is so already.
     * @throws AppError NOT_FOUND; LAST_ADMIN when nobody would be left to administer; OVERLOADED while somebody else changes it
     */
    async change(userId: string, { disabled, role }: RightsChange): Promise<UserRow> {
      for (let tries = 0; tries < maxTries; tries += 1) {
        const row = await documents.get<UserRow>('users', userId);
        if (row === null) throw new AppError('NOT_FOUND');
        const wanted = { disabled: disabled ?? row.disabled, role: role ?? row.role };
        if (wanted.disabled === row.disabled && wanted.role === row.role) return row;
        const changed = await write(row, wanted);
        if (changed === null) continue;
        await ending.endAll(userId, null, reasonOf(changed));
        return changed;
      }
      throw new AppError('OVERLOADED', { retryAfter: 2 });
    },
  };
}

function reasonOf(row: UserRow): RevocationReason {
  return row.disabled ? 'disabled' : 'rights-changed';
}
