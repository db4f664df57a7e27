import { AppError } from '../../lib/app-error.ts';
import type { DocumentStore } from '../../lib/document-store.ts';
import type { Logger } from '../../lib/logger.ts';
import type { UserRow } from './account-collections.ts';
import type { PasswordHasher } from './account-ports.ts';
import type { PasswordCheck } from './password-check.ts';
import { assertPasswordAllowed } from './password-policy.ts';
import type { createSessionEnding } from './session-ending.ts';

export interface PasswordChangeDeps {
  readonly documents: DocumentStore;
  readonly hasher: PasswordHasher;
  readonly checkPassword: PasswordCheck;
  readonly ending: ReturnType<typeof createSessionEnding>;
  readonly logger: Logger;
}

/** New hashes for old ones: because a person wants another password, or because the server hashes more dearly now. */
export function createPasswordChange({ documents, hasher, checkPassword, ending, logger }: PasswordChangeDeps) {
  return {
    /** Every other session ends with the same write that changes the password. */
    async change(userId: string, sid: string, current: string, next: string): Promise<void> {
      const row = await documents.get<UserRow>('users', userId);
      if (row === null) throw new AppError('NOT_FOUND');
      // Counted for this session alone: a stranger who guesses at the account must not keep its owner from changing the password.
      const accountKey = `${row.emailKey} ${sid}`;
      await checkPassword({ find: () => Promise.resolve(row), accountKey, addressKey: null, password: current });
      assertPasswordAllowed(next, row);
      const updated = await documents.update<UserRow>('users', userId, {
        expect: { passwordHash: row.passwordHash, sessionVersion: row.sessionVersion },
        set: { passwordHash: await hasher.hash(next), keptSid: sid },
        increment: { sessionVersion: 1 },
      });
      if (updated === null) throw new AppError('BAD_CREDENTIALS');
      await ending.endAll(userId, sid, 'signed-out');
    },

    /** After `BCRYPT_COST` was changed a password gets its new hash when it is typed; a failure only leaves it for the next time. */
    async renew(user: UserRow, password: string): Promise<void> {
      if (!hasher.isOutdated(user.passwordHash)) return;
      try {
        const passwordHash = await hasher.hash(password);
        await documents.update('users', user.id, { expect: { passwordHash: user.passwordHash }, set: { passwordHash } });
      } catch (error) {
        logger.debug({ error, userId: user.id }, 'a password was not hashed anew');
      }
    },
  };
}
