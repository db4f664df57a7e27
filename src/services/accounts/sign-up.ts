import { AppError } from '../../lib/app-error.ts';
import { type Clock, isoTime } from '../../lib/clock.ts';
import type { DocumentStore } from '../../lib/document-store.ts';
import { newId } from '../../lib/new-id.ts';
import { UniqueViolationError } from '../../lib/store-errors.ts';
import type { SignupBody } from '../../protocol/index.ts';
import { emailKeyFrom, findUserByEmail, type UserRow } from './account-collections.ts';
import type { PasswordHasher } from './account-ports.ts';
import type { FirstAdmin } from './first-admin.ts';
import type { LoginThrottle } from './login-throttle.ts';
import { assertPasswordAllowed } from './password-policy.ts';

/** `closed` refuses everybody, also on an empty store. */
export type SignupMode = 'open' | 'closed' | 'first-user';

export interface SignUpDeps {
  readonly documents: DocumentStore;
  readonly hasher: PasswordHasher;
  readonly clock: Clock;
  readonly throttle: LoginThrottle;
  readonly mode: SignupMode;
  readonly firstAdmin: FirstAdmin;
}

/** Makes accounts; the first one is the admin's. */
export function createSignUp({ documents, hasher, clock, throttle, mode, firstAdmin }: SignUpDeps) {
  async function assertOpen(): Promise<void> {
    if (mode === 'closed') throw new AppError('SIGNUP_CLOSED');
    if (mode === 'first-user' && (await firstAdmin.isTaken())) throw new AppError('SIGNUP_CLOSED');
  }

  async function insert(row: UserRow): Promise<UserRow> {
    try {
      const admin = await firstAdmin.insertWithClaim(row);
      if (admin !== null) return admin;
      if (mode === 'first-user') throw new AppError('SIGNUP_CLOSED');
      await documents.insert('users', row);
      return row;
    } catch (error) {
      if (error instanceof UniqueViolationError && error.index === 'usersEmail') throw new AppError('EMAIL_TAKEN', { cause: error });
      throw error;
    }
  }

  /** @throws AppError SIGNUP_CLOSED, PASSWORD_WEAK, PASSWORD_TOO_LONG, RATE_LIMITED, EMAIL_TAKEN, OVERLOADED */
  return async (body: SignupBody, addressKey: string | null): Promise<UserRow> => {
    await assertOpen();
    assertPasswordAllowed(body.password, body);
    throttle.countSignup(addressKey);
    const emailKey = emailKeyFrom(body.email);
    const leave = hasher.reserve();
    try {
      if ((await findUserByEmail(documents, emailKey)) !== null) throw new AppError('EMAIL_TAKEN');
    } finally {
      leave();
    }
    return insert({
      id: newId(),
      name: body.name,
      email: body.email,
      emailKey,
      role: 'user',
      disabled: false,
      passwordHash: await hasher.hash(body.password),
      sessionVersion: 1,
      keptSid: null,
      createdAt: isoTime(clock.now()),
    });
  };
}
