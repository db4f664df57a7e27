import { AppError } from '../../lib/app-error.ts';
import type { UserRow } from './account-collections.ts';
import type { PasswordHasher } from './account-ports.ts';
import type { LoginThrottle } from './login-throttle.ts';

export interface PasswordTry {
  /** Null when there is no such account. */
  readonly find: () => Promise<UserRow | null>;
  /** Under which failures are counted, whether the account exists or not. */
  readonly accountKey: string;
  readonly addressKey: string | null;
  readonly password: string;
}

export type PasswordCheck = ReturnType<typeof createPasswordCheck>;

/** Checks a password under the throttle; unknown, disabled and wrong cost the same work and give the same answer. */
export function createPasswordCheck(hasher: PasswordHasher, throttle: LoginThrottle) {
  /** @throws AppError BAD_CREDENTIALS, RATE_LIMITED, OVERLOADED, PASSWORD_TOO_LONG */
  return async ({ find, accountKey, addressKey, password }: PasswordTry): Promise<UserRow> => {
    const attempt = throttle.reserve(accountKey, addressKey);
    try {
      let user: UserRow | null;
      const leave = hasher.reserve();
      try {
        user = await find();
      } finally {
        leave();
      }
      const matches = await hasher.verify(password, user?.passwordHash ?? hasher.dummyHash);
      if (user === null || !matches || user.disabled) {
        attempt.fail();
        throw new AppError('BAD_CREDENTIALS');
      }
      attempt.succeed();
      return user;
    } finally {
      // Overload, an unreachable store or a refused password was no guess.
      attempt.release();
    }
  };
}
