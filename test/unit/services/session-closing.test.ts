import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readConfig } from '../../../src/config.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { silentLogger } from '../../../src/lib/logger.ts';
import { UserService, type UserSession } from '../../../src/services/messaging/user-service.ts';
import { type People, wirePeople } from '../../../src/wiring/wire-people.ts';
import { collections } from '../../../src/wiring/wire-storage.ts';
import { createMemoryDocuments } from '../../support/memory-documents.ts';

let dataDir: string;
let users: UserService;
let people: People;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'jarvis-people-'));
  users = new UserService({ maxSessionsPerUser: 8 });
  const config = { ...readConfig({ DATA_DIR: dataDir }), bcryptCost: 4 };
  const documents = createMemoryDocuments(collections);
  people = await wirePeople(config, { documents, users, clock: systemClock, logger: silentLogger });
});
afterEach(async () => {
  await people.hasher.close();
  await rm(dataDir, { recursive: true, force: true });
});

describe('the sockets of a person', () => {
  it('are closed with 4403 when the account is disabled, all of them, and nobody else’s', async () => {
    const closed: [string, number][] = [];
    const signUp = async (name: string) => {
      const granted = await people.accounts.signup(
        { name, email: `${name}@example.org`, password: 'correct horse battery' },
        { addressKey: null },
      );
      const session = (id: string): UserSession => ({
        id,
        user: granted.user,
        sid: granted.sid,
        send() {},
        follow() {},
        close: (code) => void closed.push([id, code]),
      });
      for (const tab of [1, 2]) users.registerUserSession(session(`${name}-${tab}`));
      return granted;
    };
    // Bob is first, and so the administrator, who cannot be disabled while there is no other.
    const bob = await signUp('bob');
    const ada = await signUp('ada');
    await people.accounts.changeRights(ada.user.id, { disabled: true });
    expect(closed).toEqual([
      ['ada-1', 4403],
      ['ada-2', 4403],
    ]);
    expect(await people.accounts.checkSession(ada.sid)).toBeNull();
    expect(await people.accounts.authenticate(ada.token)).toBeNull();
    expect(await people.accounts.checkSession(bob.sid)).not.toBeNull();
    expect(users.getSessionInfo(ada.user.id).sessions).toBe(0);
    expect(users.getSessionInfo(bob.user.id).sessions).toBe(2);
  });
});
