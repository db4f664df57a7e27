import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { createPasswordHasher } from '../../../src/infrastructure/passwords/password-hasher.ts';
import { createSessionTokens } from '../../../src/infrastructure/tokens/session-tokens.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import type { DocumentStore } from '../../../src/lib/document-store.ts';
import { silentLogger } from '../../../src/lib/logger.ts';
import { StoreUnavailableError } from '../../../src/lib/store-errors.ts';
import type { SessionRow, UserRow } from '../../../src/services/accounts/account-collections.ts';
import { accountCollections, createAccounts, type SignupMode } from '../../../src/services/accounts/accounts.ts';
import { createSessionEvents } from '../../../src/services/accounts/session-events.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createMemoryDocuments } from '../../support/memory-documents.ts';

const hasher = createPasswordHasher({ cost: 4, maxThreads: 2, maxWaitMs: 60_000, clock: systemClock, logger: silentLogger });
afterAll(() => hasher.close());

const dayMs = 86_400_000;
const client = { addressKey: '203.0.113.7', label: 'test' };
const ann = { name: 'Ann', email: 'ann@example.org', password: 'correct horse 9' };
const bob = { name: 'Bob', email: 'bob@example.org', password: 'battery staple 9' };

function build(options: { signup?: SignupMode; documents?: DocumentStore } = {}) {
  const clock = createFakeClock();
  const documents = options.documents ?? createMemoryDocuments(accountCollections, clock.now);
  const tokens = createSessionTokens({ secret: 'a-secret-of-at-least-32-bytes-length', clock });
  const events = createSessionEvents(silentLogger);
  const limits = { sessionDays: 7, loginsPerMinutePerIp: 0, signupsPerHourPerIp: 0, loginsPerMinute: 0 };
  const accounts = createAccounts({
    documents,
    hasher,
    tokens,
    clock,
    signup: options.signup ?? 'open',
    limits,
    events,
    logger: silentLogger,
  });
  const revoked: { userId: string; sids: readonly string[]; reason: string }[] = [];
  events.onSessionsRevoked((userId, sids, reason) => revoked.push({ userId, sids, reason }));
  return { clock, documents, accounts, revoked };
}

let world = build();
beforeEach(() => {
  world = build();
});

describe('signing up', () => {
  it('makes the first user the admin and later ones users', async () => {
    expect((await world.accounts.signup(ann, client)).user).toMatchObject({ name: 'Ann', email: ann.email, role: 'admin' });
    expect((await world.accounts.signup(bob, client)).user.role).toBe('user');
  });

  it('gives one admin when many sign up first at the same moment', async () => {
    const people = Array.from({ length: 8 }, (_, at) => ({ ...ann, email: `p${at}@example.org` }));
    const grants = await Promise.all(people.map((person) => world.accounts.signup(person, client)));
    expect(grants.filter((grant) => grant.user.role === 'admin')).toHaveLength(1);
  });

  it('makes one account, the admin, of two sign-ups with the same new address at the same moment', async () => {
    const results = await Promise.allSettled([world.accounts.signup(ann, client), world.accounts.signup(ann, client)]);
    const made = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value.user.role] : []));
    expect(made).toEqual(['admin']);
    expect(results.find((result) => result.status === 'rejected')).toMatchObject({ reason: { code: 'EMAIL_TAKEN' } });
  });

  it('lets only one in when the mode is first-user', async () => {
    world = build({ signup: 'first-user' });
    const results = await Promise.allSettled([world.accounts.signup(ann, client), world.accounts.signup(bob, client)]);
    expect(results.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected']);
    await expect(world.accounts.signup({ ...bob, email: 'c@example.org' }, client)).rejects.toMatchObject({ code: 'SIGNUP_CLOSED' });
  });

  it('refuses everybody when it is closed', async () => {
    world = build({ signup: 'closed' });
    await expect(world.accounts.signup(ann, client)).rejects.toMatchObject({ code: 'SIGNUP_CLOSED' });
  });

  it('takes over the claim of a first user who never came, after a minute', async () => {
    await world.documents.insert('claims', { id: 'first-admin', ...{ userId: 'gone', claimedAt: world.clock.now() } });
    world.clock.advance(61_000);
    expect((await world.accounts.signup(bob, client)).user.role).toBe('admin');
  });

  it('makes whoever tried again within that minute the admin, not the next who comes by', async () => {
    await world.documents.insert('claims', { id: 'first-admin', ...{ userId: 'gone', claimedAt: world.clock.now() } });
    const { user, sid } = await world.accounts.signup(ann, client);
    expect(user.role).toBe('user');
    world.clock.advance(61_000);
    expect((await world.accounts.signup(bob, client)).user.role).toBe('user');
    expect((await world.accounts.checkSession(sid))?.user.role).toBe('admin');
    expect(await world.accounts.hasAny()).toBe(true);
  });

  it('heals a claim without a user as soon as a visitor comes, without any sign-up', async () => {
    await world.documents.insert('claims', { id: 'first-admin', ...{ userId: 'gone', claimedAt: world.clock.now() } });
    const { sid } = await world.accounts.signup(ann, client);
    world.clock.advance(61_000);
    expect(await world.accounts.hasAny()).toBe(true);
    expect((await world.accounts.checkSession(sid))?.user.role).toBe('admin');
  });

  it('leaves one admin when the write of the first user came after its claim was given away', async () => {
    const { batch } = world.documents;
    world.documents.batch = async (operations) => {
      const late = operations.some((one) => one.type === 'insert' && one.collection === 'claims');
      await batch(operations);
      if (late) await world.documents.update('claims', 'first-admin', { set: { userId: 'somebody else' } });
    };
    expect((await world.accounts.signup(ann, client)).user.role).toBe('user');
  });

  it('treats addresses that differ in case or compatibility form as one', async () => {
    await world.accounts.signup(ann, client);
    await expect(world.accounts.signup({ ...ann, email: 'ＡNN@example.org' }, client)).rejects.toMatchObject({ code: 'EMAIL_TAKEN' });
  });

  it('stores neither the password nor a token', async () => {
    const { token, user } = await world.accounts.signup(ann, client);
    const row = await world.documents.get<UserRow>('users', user.id);
    const sessions = await world.documents.find<SessionRow>('sessions', { index: 'sessionsUser', where: { userId: user.id }, limit: 10 });
    const stored = JSON.stringify([row, sessions.items]);
    expect(stored).toContain('$2b$04$');
    expect(stored).not.toContain(ann.password);
    expect(stored).not.toContain(token.split('.')[2]);
  });
});

describe('signing in', () => {
  it('answers the same to an unknown address, a wrong password and a disabled account', async () => {
    await world.accounts.signup(ann, client);
    const { user } = await world.accounts.signup(bob, client);
    await world.accounts.changeRights(user.id, { disabled: true });
    const tries = [
      { email: bob.email, password: bob.password },
      { email: ann.email, password: 'not the one' },
      { email: 'nobody@example.org', password: 'not the one' },
    ];
    const errors = await Promise.all(
      tries.map((body) => world.accounts.login(body, client).then(String, (error: unknown) => JSON.stringify(error))),
    );
    expect(new Set(errors).size).toBe(1);
    expect(errors[0]).toContain('BAD_CREDENTIALS');
  });

  it('makes an unknown address wait like a known one after five failures, and doubles the wait', async () => {
    await world.accounts.signup(ann, client);
    for (const email of [ann.email, 'nobody@example.org']) {
      const attempt = (password: string) => world.accounts.login({ email, password }, client);
      for (let at = 0; at < 5; at += 1) await expect(attempt('wrong one')).rejects.toMatchObject({ code: 'BAD_CREDENTIALS' });
      await expect(attempt('wrong one')).rejects.toMatchObject({ code: 'RATE_LIMITED', retryAfter: 1 });
      world.clock.advance(1000);
      await expect(attempt('wrong one')).rejects.toMatchObject({ code: 'BAD_CREDENTIALS' });
      await expect(attempt('wrong one')).rejects.toMatchObject({ code: 'RATE_LIMITED', retryAfter: 2 });
    }
  });

  it('judges no more than five of fifty parallel tries', async () => {
    await world.accounts.signup(ann, client);
    const tries = Array.from({ length: 50 }, () => world.accounts.login({ email: ann.email, password: 'wrong one' }, client));
    const codes = (await Promise.allSettled(tries)).map((result) => (result.status === 'rejected' ? String(result.reason.code) : 'in'));
    expect(codes.filter((code) => code === 'BAD_CREDENTIALS')).toHaveLength(5);
    expect(codes.filter((code) => code === 'RATE_LIMITED')).toHaveLength(45);
  });

  it('counts a try that the store could not judge as none', async () => {
    await world.accounts.signup(ann, client);
    const { find } = world.documents;
    world.documents.find = () => Promise.reject(new StoreUnavailableError('down'));
    for (let at = 0; at < 10; at += 1) await expect(world.accounts.login(ann, client)).rejects.toThrow('down');
    world.documents.find = find;
    await expect(world.accounts.login(ann, client)).resolves.toMatchObject({ user: { name: 'Ann' } });
  });
});

describe('a session', () => {
  it('is good until it is logged out, and then at once for nobody', async () => {
    const { token, sid, user } = await world.accounts.signup(ann, client);
    expect(await world.accounts.authenticate(token)).toMatchObject({ user, sid });
    await world.accounts.logout(sid);
    expect(await world.accounts.authenticate(token)).toBeNull();
    expect(await world.accounts.checkSession(sid)).toBeNull();
    expect(world.revoked).toEqual([{ userId: user.id, sids: [sid], reason: 'signed-out' }]);
  });

  it('ends although its row was being read when it was revoked', async () => {
    const { token, sid } = await world.accounts.signup(ann, client);
    const { get } = world.documents;
    const read = gate();
    world.documents.get = async (collection, id) => {
      const row = await get<never>(collection, id);
      if (collection === 'sessions') await read.opened;
      return row;
    };
    const reading = world.accounts.authenticate(token);
    await world.accounts.logout(sid);
    read.open();
    expect(await reading).toBeNull();
  });

  it('that another process ended is refused after 10 seconds', async () => {
    const { token, sid } = await world.accounts.signup(ann, client);
    await world.accounts.authenticate(token);
    await world.documents.update('sessions', sid, { set: { revokedAt: world.clock.now() } });
    world.clock.advance(10_000);
    expect(await world.accounts.authenticate(token)).toBeNull();
  });

  it('is renewed only after half of its life, and the new token outlives the old one', async () => {
    const { token, sid } = await world.accounts.signup(ann, client);
    world.clock.advance(3 * dayMs);
    expect(await world.accounts.authenticate(token, { renew: true })).not.toHaveProperty('renewed');
    world.clock.advance(dayMs);
    expect(await world.accounts.authenticate(token)).not.toHaveProperty('renewed');
    const first = await world.accounts.authenticate(token, { renew: true });
    // The answer with the first new token may be lost: the old token asks again.
    const second = await world.accounts.authenticate(token, { renew: true });
    expect(first?.renewed).toBeDefined();
    world.clock.advance(5 * dayMs);
    expect(await world.accounts.authenticate(token)).toBeNull();
    expect(await world.accounts.authenticate(second?.renewed?.token ?? '')).toMatchObject({ sid });
  });

  it('ends with its time', async () => {
    const { token } = await world.accounts.signup(ann, client);
    world.clock.advance(7 * dayMs);
    expect(await world.accounts.authenticate(token)).toBeNull();
    world.clock.advance(2 * dayMs);
    expect(await world.accounts.sweepSessions()).toBe(1);
  });

  it('of a disabled user ends at once, with the reason', async () => {
    await world.accounts.signup(ann, client);
    const { token, sid, user } = await world.accounts.signup(bob, client);
    await world.accounts.changeRights(user.id, { disabled: true });
    expect(await world.accounts.authenticate(token)).toBeNull();
    expect(world.revoked).toEqual([{ userId: user.id, sids: [sid], reason: 'disabled' }]);
  });
});

describe('changing the password', () => {
  it('ends every other session and keeps this one', async () => {
    const first = await world.accounts.signup(ann, client);
    const second = await world.accounts.login(ann, client);
    const third = await world.accounts.login(ann, client);
    await world.accounts.authenticate(third.token);
    await world.accounts.changePassword(first.user.id, first.sid, ann.password, 'a new phrase 77');
    expect(await world.accounts.authenticate(first.token)).not.toBeNull();
    expect(await world.accounts.authenticate(second.token)).toBeNull();
    expect(await world.accounts.authenticate(third.token)).toBeNull();
    expect(world.revoked.flatMap((event) => event.sids).sort()).toEqual([second.sid, third.sid].sort());
    await expect(world.accounts.login(ann, client)).rejects.toMatchObject({ code: 'BAD_CREDENTIALS' });
    await expect(world.accounts.login({ ...ann, password: 'a new phrase 77' }, client)).resolves.toBeDefined();
  });

  it('holds although the rows of the other sessions could not be marked', async () => {
    const first = await world.accounts.signup(ann, client);
    const second = await world.accounts.login(ann, client);
    const { find } = world.documents;
    world.documents.find = () => Promise.reject(new StoreUnavailableError('down'));
    await world.accounts.changePassword(first.user.id, first.sid, ann.password, 'a new phrase 77');
    world.documents.find = find;
    expect(await world.accounts.authenticate(second.token)).toBeNull();
    expect(await world.accounts.authenticate(first.token)).not.toBeNull();
  });

  it('is open to the owner while a stranger guesses, and closed to one who guesses with the session', async () => {
    const { user, sid } = await world.accounts.signup(ann, client);
    const change = (current: string) => world.accounts.changePassword(user.id, sid, current, 'a new phrase 77');
    const guess = () => world.accounts.login({ email: ann.email, password: 'wrong one' }, { addressKey: '198.51.100.1' });
    for (let at = 0; at < 5; at += 1) await expect(guess()).rejects.toMatchObject({ code: 'BAD_CREDENTIALS' });
    await expect(guess()).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    for (let at = 0; at < 4; at += 1) await expect(change('wrong one')).rejects.toMatchObject({ code: 'BAD_CREDENTIALS' });
    await change(ann.password);
    for (let at = 0; at < 5; at += 1) await expect(change('wrong one')).rejects.toMatchObject({ code: 'BAD_CREDENTIALS' });
    await expect(change('a new phrase 77')).rejects.toMatchObject({ code: 'RATE_LIMITED' });
  });

  it('refuses a wrong current password and a common new one', async () => {
    const { user, sid } = await world.accounts.signup(ann, client);
    await expect(world.accounts.changePassword(user.id, sid, 'wrong one', 'a new phrase 77')).rejects.toMatchObject({
      code: 'BAD_CREDENTIALS',
    });
    await expect(world.accounts.changePassword(user.id, sid, ann.password, 'Password1')).rejects.toMatchObject({ code: 'PASSWORD_WEAK' });
  });
});

describe('a one-time code', () => {
  it('gives the same session once', async () => {
    const { user, sid } = await world.accounts.signup(ann, client);
    const code = world.accounts.grantCode(user.id, sid);
    expect(await world.accounts.exchange(code)).toMatchObject({ user, sid });
    await expect(world.accounts.exchange(code)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  it('is worth nothing after a minute or after the session ended', async () => {
    const { user, sid } = await world.accounts.signup(ann, client);
    const late = world.accounts.grantCode(user.id, sid);
    world.clock.advance(60_000);
    await expect(world.accounts.exchange(late)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    const orphan = world.accounts.grantCode(user.id, sid);
    await world.accounts.revokeAllSessions(user.id);
    await expect(world.accounts.exchange(orphan)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });
});

function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}
