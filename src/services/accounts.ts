import { AppError } from '../lib/app-error.ts';
import { type Clock, isoTime } from '../lib/clock.ts';
import type { BatchOperation, DocumentStore } from '../lib/document-store.ts';
import type { Logger } from '../lib/logger.ts';
import { newId } from '../lib/new-id.ts';
import { UniqueViolationError } from '../lib/store-errors.ts';
import type { LoginBody, SignupBody, User } from '../protocol/index.ts';
import { emailKeyFrom, type FirstAdminRow, type UserRow, userFrom } from './account-collections.ts';
import type { ClientInfo, PasswordHasher, SessionTokens } from './account-ports.ts';
import { createLoginCodes } from './login-codes.ts';
import { createLoginThrottle, type LoginThrottleLimits } from './login-throttle.ts';
import { assertPasswordAllowed } from './password-policy.ts';
import type { SessionEvents } from './session-events.ts';
import { createSessions, type SessionGrant } from './sessions.ts';

export { accountCollections } from './account-collections.ts';

export type SignupMode = 'open' | 'closed' | 'first-user';

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

/** A claim to be the first user whose user never came (a crash between two writes on MongoDB) may be taken over after this. */
const staleClaimMs = 60_000;

/** Sign-up, sign-in and the sessions of people. */
export function createAccounts(deps: AccountsDeps) {
  const { documents, hasher, tokens, clock, events, logger } = deps;
  const sessions = createSessions({ documents, tokens, clock, events, logger, sessionDays: deps.limits.sessionDays });
  const throttle = createLoginThrottle(clock, deps.limits);
  const codes = createLoginCodes(clock);
  const firstAdmin = createFirstAdmin(documents, clock);

  async function findByEmail(emailKey: string): Promise<UserRow | null> {
    const page = await documents.find<UserRow>('users', { index: 'usersEmail', where: { emailKey }, limit: 1 });
    return page.items[0] ?? null;
  }

  async function assertSignupOpen(): Promise<void> {
    if (deps.signup === 'closed') throw new AppError('SIGNUP_CLOSED');
    if (deps.signup === 'first-user' && (await firstAdmin.isTaken())) throw new AppError('SIGNUP_CLOSED');
  }

  async function insertUser(row: UserRow): Promise<UserRow> {
    try {
      const admin = await firstAdmin.insertWithClaim(row);
      if (admin !== null) return admin;
      if (deps.signup === 'first-user') throw new AppError('SIGNUP_CLOSED');
      await documents.insert('users', row);
      return row;
    } catch (error) {
      if (error instanceof UniqueViolationError && error.index === 'usersEmail') throw new AppError('EMAIL_TAKEN', { cause: error });
      throw error;
    }
  }

  async function signup(body: SignupBody, client: ClientInfo): Promise<SessionGrant> {
    await assertSignupOpen();
    assertPasswordAllowed(body.password, body);
    throttle.countSignup(client.addressKey);
    const emailKey = emailKeyFrom(body.email);
    if ((await findByEmail(emailKey)) !== null) throw new AppError('EMAIL_TAKEN');
    const user = await insertUser({
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
    logger.info({ userId: user.id, role: user.role }, 'account made');
    return sessions.open(user, client);
  }

  /** Checks a password under the throttle; unknown, disabled and wrong cost the same work and give the same answer. */
  async function checkPassword(find: () => Promise<UserRow | null>, accountKey: string, password: string, client: ClientInfo) {
    const attempt = throttle.reserve(accountKey, client.addressKey);
    try {
      const user = await find();
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
  }

  async function login(body: LoginBody, client: ClientInfo): Promise<SessionGrant> {
    const emailKey = emailKeyFrom(body.email);
    const user = await checkPassword(() => findByEmail(emailKey), emailKey, body.password, client);
    return sessions.open(user, client);
  }

  async function getRow(userId: string): Promise<UserRow> {
    const row = await documents.get<UserRow>('users', userId);
    if (row === null) throw new AppError('NOT_FOUND');
    return row;
  }

  /** Every other session ends with the same write that changes the password. */
  async function changePassword(userId: string, sid: string, current: string, next: string): Promise<void> {
    const row = await getRow(userId);
    await checkPassword(() => Promise.resolve(row), row.emailKey, current, { addressKey: null });
    assertPasswordAllowed(next, row);
    const passwordHash = await hasher.hash(next);
    const updated = await documents.update<UserRow>('users', userId, {
      expect: { passwordHash: row.passwordHash, sessionVersion: row.sessionVersion },
      set: { passwordHash, keptSid: sid },
      increment: { sessionVersion: 1 },
    });
    if (updated === null) throw new AppError('BAD_CREDENTIALS');
    await sessions.endAll(updated.id, sid, 'signed-out');
  }

  async function revokeAllSessions(userId: string): Promise<void> {
    const row = await documents.update<UserRow>('users', userId, { set: { keptSid: null }, increment: { sessionVersion: 1 } });
    if (row !== null) await sessions.endAll(row.id, null, 'signed-out');
  }

  /** Disabling ends every session; sockets close with 4403. */
  async function setDisabled(userId: string, disabled: boolean): Promise<User> {
    const set = { disabled, keptSid: null };
    const row = await documents.update<UserRow>('users', userId, { set, increment: { sessionVersion: 1 } });
    if (row === null) throw new AppError('NOT_FOUND');
    await sessions.endAll(row.id, null, disabled ? 'disabled' : 'signed-out');
    return userFrom(row);
  }

  return {
    signup,
    login,
    changePassword,
    revokeAllSessions,
    setDisabled,
    /** Ends one session at once, everywhere in this process. */
    logout: (sid: string) => sessions.revoke(sid),
    authenticate: sessions.authenticate,
    checkSession: sessions.check,
    sweepSessions: sessions.sweep,
    /** A one-time code for 60 seconds, by which a socket's sign-in becomes a cookie. */
    grantCode: (userId: string, sid: string) => codes.grant(userId, sid),

    /** @throws AppError UNAUTHENTICATED when the code is unknown, spent or too old, or its session has ended */
    async exchange(code: string): Promise<SessionGrant> {
      const found = codes.spend(code);
      if (found === null) throw new AppError('UNAUTHENTICATED');
      return sessions.grantFor(found.sid);
    },

    /** @throws AppError NOT_FOUND */
    getUser: async (userId: string): Promise<User> => userFrom(await getRow(userId)),
  };
}

/** Decides once, by the id of one document, who is the admin: parallel first sign-ups give one. */
function createFirstAdmin(documents: DocumentStore, clock: Clock) {
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
