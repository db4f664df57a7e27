import { AppError } from '../../lib/app-error.ts';
import { isoTime } from '../../lib/clock.ts';
import type { DocumentStore, FindQuery } from '../../lib/document-store.ts';
import { KeyedQueue } from '../../lib/keyed-queue.ts';
import type { Logger } from '../../lib/logger.ts';
import type { AccountInfo, AccountPatchBody, Page, SessionInfo, UsageTotal } from '../../protocol/index.ts';
import { emailKeyFrom, type UserRow, userFrom } from '../accounts/account-collections.ts';
import type { Accounts } from '../accounts/accounts.ts';
import { totalOf } from '../costs/usage-record.ts';

export interface AdministrationDeps {
  readonly documents: DocumentStore;
  readonly accounts: Pick<Accounts, 'changeRights' | 'listSessions' | 'countSessions' | 'revokeAllSessions'>;
  /** What a person has used in the month (UTC) that runs. */
  readonly usageOf: (userIds: readonly string[]) => Promise<ReadonlyMap<string, UsageTotal>>;
  readonly logger: Logger;
}

export interface PeopleQuery {
  /** The beginning of an e-mail address; without it the list is newest first. */
  readonly q?: string | undefined;
  readonly cursor?: string | undefined;
  readonly limit?: number | undefined;
}

const pageSize = 50;
/** Sorts after every character that an address may hold. */
const lastCharacter = '\u{10ffff}';

/**
 * What an administrator sees of other people, and may do to them. Each act asks the store whether the actor is an
 * administrator now, and leaves one line in the log: who, whom, what.
 */
export function createAdministration({ documents, accounts, usageOf, logger }: AdministrationDeps) {
  /** Acts of this process come one after the other, so that of two administrators who demote each other one succeeds. */
  const queue = new KeyedQueue();

  async function assertAdmin(actorId: string): Promise<void> {
    const actor = await documents.get<UserRow>('users', actorId);
    if (actor === null || actor.role !== 'admin' || actor.disabled) throw new AppError('FORBIDDEN');
  }

  async function infosOf(rows: readonly UserRow[]): Promise<AccountInfo[]> {
    const used = await usageOf(rows.map(({ id }) => id));
    return Promise.all(rows.map(async (row) => infoOf(row, await accounts.countSessions(row), used.get(row.id) ?? totalOf(undefined))));
  }

  function infoOf(row: UserRow, sessions: number, thisMonth: UsageTotal): AccountInfo {
    return {
      ...userFrom(row),
      disabled: row.disabled,
      createdAt: row.createdAt,
      lastSeenAt: row.lastSeenAt === undefined ? null : isoTime(row.lastSeenAt),
      sessions,
      thisMonth,
      budget: { centsPerDay: row.budget?.centsPerDay ?? null, centsPerMonth: row.budget?.centsPerMonth ?? null },
    };
  }

  async function setBudget(userId: string, patch: NonNullable<AccountPatchBody['budget']>): Promise<void> {
    const row = await getRow(documents, userId);
    const { centsPerDay = row.budget?.centsPerDay ?? null, centsPerMonth = row.budget?.centsPerMonth ?? null } = patch;
    await documents.update('users', userId, { set: { budget: { centsPerDay, centsPerMonth } } });
  }

  async function apply(actorId: string, userId: string, { disabled, role, budget }: AccountPatchBody): Promise<AccountInfo> {
    await assertAdmin(actorId);
    const before = await getRow(documents, userId);
    if (disabled === true && userId === actorId) {
      throw new AppError('FORBIDDEN', { message: 'You cannot disable your own account. Another administrator can.' });
    }
    if (disabled !== undefined || role !== undefined) {
      const after = await accounts.changeRights(userId, { disabled, role });
      if (after.disabled !== before.disabled) note(actorId, userId, after.disabled ? 'account disabled' : 'account enabled');
      if (after.role !== before.role) note(actorId, userId, `role is ${after.role}`);
    }
    if (budget !== undefined) {
      await setBudget(userId, budget);
      note(actorId, userId, 'budget changed');
    }
    const [account] = await infosOf([await getRow(documents, userId)]);
    if (account === undefined) throw new AppError('NOT_FOUND');
    return account;
  }

  function note(adminId: string, userId: string, what: string): void {
    logger.info({ adminId, userId, what }, 'administration');
  }

  return {
    async list(actorId: string, query: PeopleQuery): Promise<Page<AccountInfo>> {
      await assertAdmin(actorId);
      const page = await documents.find<UserRow>('users', findQuery(query));
      return { items: await infosOf(page.items), nextCursor: page.nextCursor };
    },

    /** @throws AppError FORBIDDEN, NOT_FOUND, LAST_ADMIN, OVERLOADED */
    change: (actorId: string, userId: string, patch: AccountPatchBody): Promise<AccountInfo> =>
      queue.run('acts', () => apply(actorId, userId, patch)),

    /** @throws AppError FORBIDDEN, NOT_FOUND */
    async sessionsOf(actorId: string, userId: string, currentSid: string | null): Promise<SessionInfo[]> {
      await assertAdmin(actorId);
      return accounts.listSessions(userId, currentSid);
    },

    /** Signs a person out everywhere. @throws AppError FORBIDDEN, NOT_FOUND */
    async signOut(actorId: string, userId: string): Promise<void> {
      await assertAdmin(actorId);
      await accounts.revokeAllSessions(userId);
      note(actorId, userId, 'signed out everywhere');
    },
  };
}

function findQuery({ q, cursor, limit = pageSize }: PeopleQuery): FindQuery {
  const next = cursor === undefined ? {} : { cursor };
  const prefix = emailKeyFrom(q ?? '');
  if (prefix === '') return { index: 'usersCreated', where: {}, order: 'desc', limit, ...next };
  return { index: 'usersEmail', where: {}, range: { from: prefix, before: `${prefix}${lastCharacter}` }, order: 'asc', limit, ...next };
}

async function getRow(documents: DocumentStore, userId: string): Promise<UserRow> {
  const row = await documents.get<UserRow>('users', userId);
  if (row === null) throw new AppError('NOT_FOUND');
  return row;
}
