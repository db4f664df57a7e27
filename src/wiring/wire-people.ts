import { join } from 'node:path';
import type { Config } from '../config.ts';
import { createPasswordHasher, type PasswordHasher } from '../infrastructure/passwords/password-hasher.ts';
import { readOrCreateSecret } from '../infrastructure/secret-file.ts';
import { createSessionTokens } from '../infrastructure/tokens/session-tokens.ts';
import type { Clock } from '../lib/clock.ts';
import type { DocumentStore } from '../lib/document-store.ts';
import type { Logger } from '../lib/logger.ts';
import { closeCodes } from '../protocol/index.ts';
import { type Accounts, createAccounts } from '../services/accounts/accounts.ts';
import { createSessionEvents } from '../services/accounts/session-events.ts';
import type { UserService } from '../services/messaging/user-service.ts';

export interface PeopleOptions {
  readonly documents: DocumentStore;
  readonly users: UserService;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface People {
  readonly accounts: Accounts;
  readonly hasher: PasswordHasher;
}

/** At most this many seconds of hashing wait; beyond it people are told to come back (PROMISES R8). */
const MAX_HASH_WAIT_MS = 2000;

/** Accounts with their hashing and tokens; a session that ends closes its sockets at once. */
export async function wirePeople(config: Config, { documents, users, clock, logger }: PeopleOptions): Promise<People> {
  const secret = config.jwtSecret ?? (await readOrCreateSecret(join(config.dataDir, 'jwt-secret')));
  const tokens = createSessionTokens({ secret, previousSecret: config.jwtSecretPrevious, clock });
  const hasher = createPasswordHasher({ cost: config.bcryptCost, maxThreads: 2, maxWaitMs: MAX_HASH_WAIT_MS, clock, logger });
  const events = createSessionEvents(logger);
  events.onSessionsRevoked((userId, sids, reason) => {
    if (reason === 'disabled') users.closeSessions(userId, closeCodes.disabled, 'account disabled');
    else if (reason === 'rights-changed') users.closeSessions(userId, closeCodes.replaced, 'rights changed', new Set(sids));
    else users.closeSessions(userId, closeCodes.signedOut, 'signed out', new Set(sids));
  });
  const limits = { ...config.limits, sessionDays: config.sessionDays };
  const accounts = createAccounts({ documents, hasher, tokens, clock, signup: config.signup, limits, events, logger });
  return { accounts, hasher };
}
