import { AppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import type { DocumentStore } from '../../lib/document-store.ts';
import type { Logger } from '../../lib/logger.ts';
import type { LoginBody, SignupBody, User } from '../../protocol/index.ts';
import { emailKeyFrom, findUserByEmail, type SessionRow, type UserRow, userFrom } from './account-collections.ts';
import type { ClientInfo, PasswordHasher, SessionTokens } from './account-ports.ts';
import { createAccountRights, type RightsChange } from './account-rights.ts';
import { createFirstAdmin } from './first-admin.ts';
import { createLiveSessions } from './live-sessions.ts';
import { createLoginCodes } from './login-codes.ts';
import { createLoginThrottle, type LoginThrottleLimits } from './login-throttle.ts';
import { createPasswordChange } from './password-change.ts';
import { createPasswordCheck } from './password-check.ts';
import { createSessionEnding } from './session-ending.ts';
import type { SessionEvents } from './session-events.ts';
import { createSessionList } from './session-list.ts';
import { createSessions, type SessionGrant } from './sessions.ts';
import { createSignUp, type SignupMode } from './sign-up.ts';

export { accountCollections } from './account-collections.ts';
export type { SignupMode } from './sign-up.ts';

export interface AccountsDeps {
  readonly documents: DocumentStore;
  readonly hasher: PasswordHasher;
  readonly tokens: SessionTokens;
  readonly clock: Clock;
  readonly signup: SignupMode;
  readonly limits: LoginThrottleLimits & { readonly sessionDays: number };
  readonly events: SessionEvents;
  readonly logger: Logger;
}

export type Accounts = ReturnType<typeof createAccounts>;

/** Sign-up, sign-in and the sessions of people. */
export function createAccounts(deps: AccountsDeps) {
  const { documents, hasher, clock, logger } = deps;
  const live = createLiveSessions(deps);
  const sessions = createSessions({ ...deps, live, sessionDays: deps.limits.sessionDays });
  const ending = createSessionEnding({ ...deps, live });
  const throttle = createLoginThrottle(clock, deps.limits);
  const firstAdmin = createFirstAdmin(documents, clock);
  const signUp = createSignUp({ documents, hasher, clock, throttle, mode: deps.signup, firstAdmin });
  const checkPassword = createPasswordCheck(hasher, throttle);
  const passwords = createPasswordChange({ documents, hasher, checkPassword, ending, logger });
  const codes = createLoginCodes(clock);
  const rights = createAccountRights(documents, ending);

  return {
    /** @throws AppError SIGNUP_CLOSED, PASSWORD_WEAK, PASSWORD_TOO_LONG, RATE_LIMITED, EMAIL_TAKEN, OVERLOADED */
    async signup(body: SignupBody, client: ClientInfo): Promise<SessionGrant> {
      const user = await signUp(body, client.addressKey);
      logger.info({ userId: user.id, role: user.role }, 'account made');
      return sessions.open(user, client);
    },

    /** @throws AppError BAD_CREDENTIALS, RATE_LIMITED, OVERLOADED */
    async login(body: LoginBody, client: ClientInfo): Promise<SessionGrant> {
      const accountKey = emailKeyFrom(body.email);
      const find = () => findUserByEmail(documents, accountKey);
      const user = await checkPassword({ find, accountKey, addressKey: client.addressKey, password: body.password });
      await passwords.renew(user, body.password);
      return sessions.open(user, client);
    },

    /** Every other session ends with the same write that changes the password. @throws AppError as `login` and `signup` */
    changePassword: passwords.change,

    /** Whether there is an account at all: the first one becomes the administrator's. */
    hasAny: () => firstAdmin.isTaken(),

    /** Disabling ends every session, sockets close with 4403; so does a change of role, with 4100. @throws AppError NOT_FOUND, LAST_ADMIN, OVERLOADED */
    changeRights: (userId: string, change: RightsChange): Promise<UserRow> => rights.change(userId, change),

    /** Whether this session belongs to a disabled account: tells why it has ended. */
    async isDisabled(sid: string): Promise<boolean> {
      const session = await documents.get<SessionRow>('sessions', sid);
      const user = session === null ? null : await documents.get<UserRow>('users', session.userId);
      return user?.disabled === true;
    },

    /** Where a person is signed in, and how they end it. */
    ...createSessionList({ documents, clock, ending }),

    /** A one-time code for 60 seconds, by which a socket's sign-in becomes a cookie. */
    grantCode: (userId: string, sid: string) => codes.grant(userId, sid),

    /** @throws AppError UNAUTHENTICATED when the code is unknown, spent or too old, or its session has ended */
    async exchange(code: string): Promise<SessionGrant> {
      const found = codes.spend(code);
      if (found === null) throw new AppError('UNAUTHENTICATED');
      return sessions.grantFor(found.sid);
    },

    /** @throws AppError NOT_FOUND */
    getUser: async (userId: string): Promise<User> => userFrom(await getRow(documents, userId)),

    /** Ends one session at once, everywhere in this process. */
    logout: ending.revoke,
    authenticate: sessions.authenticate,
    checkSession: sessions.check,
    sweepSessions: ending.sweep,
  };
}

async function getRow(documents: DocumentStore, userId: string): Promise<UserRow> {
  const row = await documents.get<UserRow>('users', userId);
  if (row === null) throw new AppError('NOT_FOUND');
  return row;
}
