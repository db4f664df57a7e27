import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { createPasswordHasher } from '../../../src/infrastructure/passwords/password-hasher.ts';
import { createSessionTokens } from '../../../src/infrastructure/tokens/session-tokens.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import type { DocumentStore } from '../../../src/lib/document-store.ts';
import { type Logger, silentLogger } from '../../../src/lib/logger.ts';
import type { UserRow } from '../../../src/services/accounts/account-collections.ts';
import { accountCollections, createAccounts } from '../../../src/services/accounts/accounts.ts';
import { createSessionEvents } from '../../../src/services/accounts/session-events.ts';
import { createAdministration } from '../../../src/services/administration/administration.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createMemoryDocuments } from '../../support/memory-documents.ts';

const hasher = createPasswordHasher({ cost: 4, maxThreads: 2, maxWaitMs: 60_000, clock: systemClock, logger: silentLogger });
afterAll(() => hasher.close());

const client = { addressKey: null, label: 'test' };
const password = 'correct horse 9';
const used = { requests: 3, inputTokens: 5, outputTokens: 7, costMicroUsd: 11 };

/** One process: two of them may stand on the same documents. */
function build(given?: DocumentStore) {
  const clock = createFakeClock();
  const documents = given ?? createMemoryDocuments(accountCollections, clock.now);
  const lines: object[] = [];
  const logger: Logger = { ...silentLogger, info: (fields: object) => void lines.push(fields) };
  const accounts = createAccounts({
    documents,
    hasher,
    tokens: createSessionTokens({ secret: 'a-secret-of-at-least-32-bytes-length', clock }),
    clock,
    signup: 'open',
    limits: { sessionDays: 7, loginsPerMinutePerIp: 0, signupsPerHourPerIp: 0, loginsPerMinute: 0 },
    events: createSessionEvents(silentLogger),
    logger: silentLogger,
  });
  const administration = createAdministration({
    documents,
    accounts,
    usageOf: (ids) => Promise.resolve(new Map(ids.map((id) => [id, used]))),
    logger,
  });
  const signup = async (name: string) => {
    clock.advance(1);
    const grant = await accounts.signup({ name, email: `${name}@example.org`, password }, client);
    return { id: grant.user.id, sid: grant.sid, token: grant.token };
  };
  const admins = async () => {
    const page = await documents.find<UserRow>('users', { index: 'usersRole', where: { role: 'admin', disabled: false }, limit: 100 });
    return page.items.map((row) => row.id).sort();
  };
  return { clock, documents, accounts, administration, signup, admins, lines };
}

let world = build();
beforeEach(() => {
  world = build();
});

const codes = (results: PromiseSettledResult<unknown>[]): unknown[] =>
  results.map((result) => (result.status === 'fulfilled' ? 'done' : (result.reason as { code?: unknown }).code));

describe('the last administrator', () => {
  it('is neither demoted nor disabled, and nothing of the account changes', async () => {
    const { administration, signup, documents } = world;
    const ann = await signup('ann');
    const before = await documents.get('users', ann.id);
    await expect(administration.change(ann.id, ann.id, { role: 'user' })).rejects.toMatchObject({ code: 'LAST_ADMIN' });
    await expect(administration.change(ann.id, ann.id, { disabled: true })).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(world.accounts.changeRights(ann.id, { disabled: true })).rejects.toMatchObject({ code: 'LAST_ADMIN' });
    expect(await documents.get('users', ann.id)).toEqual(before);
    expect(await world.accounts.checkSession(ann.sid)).not.toBeNull();
  });

  it('is the one who is left, when a disabled administrator does not count', async () => {
    const { administration, signup } = world;
    const [ann, bob] = [await signup('ann'), await signup('bob')];
    await administration.change(ann.id, bob.id, { role: 'admin', disabled: true });
    await expect(administration.change(ann.id, ann.id, { role: 'user' })).rejects.toMatchObject({ code: 'LAST_ADMIN' });
    await administration.change(ann.id, bob.id, { disabled: false });
    await administration.change(ann.id, ann.id, { role: 'user' });
    expect(await world.admins()).toEqual([bob.id]);
  });

  it('is one of two who demote each other at the same moment in one process: one succeeds', async () => {
    const { administration, signup } = world;
    const [ann, bob] = [await signup('ann'), await signup('bob')];
    await administration.change(ann.id, bob.id, { role: 'admin' });
    const results = await Promise.allSettled([
      administration.change(ann.id, bob.id, { role: 'user' }),
      administration.change(bob.id, ann.id, { role: 'user' }),
    ]);
    expect(codes(results)).toEqual(['done', 'FORBIDDEN']);
    expect(await world.admins()).toEqual([ann.id]);
  });

  it('is still there after two processes took the rights of both at once, at every distance between them', async () => {
    const { signup, documents, admins } = world;
    const second = build(documents);
    const [ann, bob] = [await signup('ann'), await signup('bob')];
    for (let ahead = 0; ahead < 12; ahead += 1) {
      for (const { id } of [ann, bob]) await documents.update('users', id, { set: { role: 'admin', disabled: false } });
      // The first is so many steps ahead of the second.
      const first = world.administration.change(ann.id, bob.id, { role: 'user' });
      for (let step = 0; step < ahead; step += 1) await Promise.resolve();
      const results = await Promise.allSettled([first, second.administration.change(bob.id, ann.id, { disabled: true })]);
      expect((await admins()).length, `${ahead} steps: ${String(codes(results))}`).toBeGreaterThan(0);
      expect(codes(results).filter((code) => code === 'done').length).toBeLessThan(2);
    }
  });

  it('can go once another is there, although a process died while it took the rights of that one', async () => {
    const { administration, signup, documents } = world;
    const [ann, bob] = [await signup('ann'), await signup('bob')];
    await administration.change(ann.id, bob.id, { role: 'admin' });
    await documents.update('users', bob.id, { set: { leavingSince: await documents.now() } });
    await expect(administration.change(ann.id, ann.id, { role: 'user' })).rejects.toMatchObject({ code: 'LAST_ADMIN' });
    world.clock.advance(60_000);
    await administration.change(ann.id, ann.id, { role: 'user' });
    expect(await world.admins()).toEqual([bob.id]);
    expect(await documents.get('users', bob.id)).not.toHaveProperty('leavingSince');
  });
});

describe('an administrator', () => {
  it('finds people by the beginning of their address, and sees the newest first otherwise, page by page', async () => {
    const { administration, signup } = world;
    const ann = await signup('ann');
    for (const name of ['bea', 'anton', 'zoe']) await signup(name);
    const page = await administration.list(ann.id, { limit: 3 });
    expect(page.items.map(({ name }) => name)).toEqual(['zoe', 'anton', 'bea']);
    const rest = await administration.list(ann.id, { limit: 3, cursor: page.nextCursor ?? '' });
    expect(rest.items.map(({ name }) => name)).toEqual(['ann']);
    expect((await administration.list(ann.id, { q: 'AN' })).items.map(({ name }) => name)).toEqual(['ann', 'anton']);
    expect((await administration.list(ann.id, { q: 'nn' })).items).toEqual([]);
    expect((await administration.list(ann.id, { q: '$gt' })).items).toEqual([]);
  });

  it('sees sessions, the last use and what was used, and sets a budget field by field', async () => {
    const { administration, accounts, signup, clock } = world;
    const [ann, bob] = [await signup('ann'), await signup('bob')];
    clock.advance(1000);
    await accounts.login({ email: 'bob@example.org', password }, client);
    const seen = new Date(clock.now()).toISOString();
    const info = await administration.change(ann.id, bob.id, { budget: { centsPerDay: 50 } });
    expect(info).toMatchObject({ sessions: 2, lastSeenAt: seen, thisMonth: used, budget: { centsPerDay: 50, centsPerMonth: null } });
    expect((await administration.change(ann.id, bob.id, { budget: { centsPerMonth: 0 } })).budget).toEqual({
      centsPerDay: 50,
      centsPerMonth: 0,
    });
    expect((await administration.change(ann.id, bob.id, { budget: { centsPerDay: null } })).budget).toEqual({
      centsPerDay: null,
      centsPerMonth: 0,
    });
    expect(await accounts.checkSession(bob.sid), 'a budget ends no session').not.toBeNull();
  });

  it('ends all sessions of an account by a new role, by disabling it and by signing it out, and leaves a line with ids only', async () => {
    const { administration, accounts, signup, lines } = world;
    const [ann, bob] = [await signup('ann'), await signup('bob')];
    const again = async () => (await accounts.login({ email: 'bob@example.org', password }, client)).sid;
    let { sid } = bob;
    for (const act of [
      () => administration.change(ann.id, bob.id, { role: 'admin' }),
      () => administration.signOut(ann.id, bob.id),
      () => administration.change(ann.id, bob.id, { disabled: true }),
    ]) {
      await act();
      expect(await accounts.checkSession(sid)).toBeNull();
      if (act.toString().includes('disabled')) break;
      sid = await again();
    }
    await expect(again()).rejects.toMatchObject({ code: 'BAD_CREDENTIALS' });
    expect((await administration.sessionsOf(ann.id, bob.id, null)).length).toBe(0);
    expect(lines).toEqual(
      ['role is admin', 'signed out everywhere', 'account disabled'].map((what) => ({ adminId: ann.id, userId: bob.id, what })),
    );
  });

  it('is asked for anew with each act: who was one a moment ago may do nothing', async () => {
    const { administration, signup, documents } = world;
    const [ann, bob] = [await signup('ann'), await signup('bob')];
    await documents.update('users', ann.id, { set: { role: 'user' } });
    for (const act of [
      () => administration.list(ann.id, {}),
      () => administration.change(ann.id, bob.id, { role: 'admin' }),
      () => administration.sessionsOf(ann.id, bob.id, null),
      () => administration.signOut(ann.id, bob.id),
    ]) {
      await expect(act()).rejects.toMatchObject({ code: 'FORBIDDEN' });
    }
  });
});

describe('one’s own sessions', () => {
  it('are listed newest first without those that have ended, and end one by one or all but this', async () => {
    const { accounts, signup, clock } = world;
    const ann = await signup('ann');
    const bob = await signup('bob');
    const sids = [ann.sid];
    for (let at = 0; at < 3; at += 1) {
      clock.advance(1000);
      sids.unshift((await accounts.login({ email: 'ann@example.org', password }, client)).sid);
    }
    const listed = await accounts.listSessions(ann.id, ann.sid);
    expect(listed.map(({ id, current }) => [id, current])).toEqual(sids.map((sid) => [sid, sid === ann.sid]));
    await accounts.endSession(ann.id, sids[0] ?? '');
    await accounts.endSession(ann.id, sids[0] ?? '');
    for (const foreign of [bob.sid, 'unknown'])
      await expect(accounts.endSession(ann.id, foreign)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect((await accounts.listSessions(ann.id, ann.sid)).map(({ id }) => id)).toEqual(sids.slice(1));
    await accounts.endOtherSessions(ann.id, ann.sid);
    expect((await accounts.listSessions(ann.id, ann.sid)).map(({ id }) => id)).toEqual([ann.sid]);
    expect(await accounts.checkSession(sids[1] ?? '')).toBeNull();
    expect(await accounts.checkSession(bob.sid)).not.toBeNull();
  });
});

describe('a changed BCRYPT_COST', () => {
  it('gives a password its new hash at the next sign-in, and no session ends by it', async () => {
    const { accounts, signup, documents, clock } = world;
    const ann = await signup('ann');
    const dearer = createPasswordHasher({ cost: 5, maxThreads: 1, maxWaitMs: 60_000, clock: systemClock, logger: silentLogger });
    const later = createAccounts({
      documents,
      hasher: dearer,
      tokens: createSessionTokens({ secret: 'a-secret-of-at-least-32-bytes-length', clock }),
      clock,
      signup: 'open',
      limits: { sessionDays: 7, loginsPerMinutePerIp: 0, signupsPerHourPerIp: 0, loginsPerMinute: 0 },
      events: createSessionEvents(silentLogger),
      logger: silentLogger,
    });
    const hashOf = async () => (await documents.get<UserRow>('users', ann.id))?.passwordHash.slice(0, 7);
    await expect(later.login({ email: 'ann@example.org', password: 'not the one' }, client)).rejects.toMatchObject({
      code: 'BAD_CREDENTIALS',
    });
    expect(await hashOf()).toBe('$2b$04$');
    await later.login({ email: 'ann@example.org', password }, client);
    expect(await hashOf()).toBe('$2b$05$');
    await later.login({ email: 'ann@example.org', password }, client);
    expect(await accounts.checkSession(ann.sid)).not.toBeNull();
    await dearer.close();
  });
});
