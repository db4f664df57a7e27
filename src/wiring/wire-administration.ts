import { createAdminRoutes } from '../gateway/http/admin-routes.ts';
import type { RouteGroup } from '../gateway/http/http-app.ts';
import { createSessionRoutes } from '../gateway/http/session-routes.ts';
import type { DocumentStore } from '../lib/document-store.ts';
import type { Logger } from '../lib/logger.ts';
import type { UsageTotal } from '../protocol/index.ts';
import type { Accounts } from '../services/accounts/accounts.ts';
import { createAdministration } from '../services/administration/administration.ts';

export interface AdministrationOptions {
  readonly documents: DocumentStore;
  readonly accounts: Accounts;
  /** What people have used this month, by their ids. */
  readonly usageOf: (userIds: readonly string[]) => Promise<ReadonlyMap<string, UsageTotal>>;
  readonly logger: Logger;
}

/** The routes for one's own sessions, and those of the administrator for everybody's accounts. */
export function wireAdministration(options: AdministrationOptions): RouteGroup[] {
  const { accounts } = options;
  const administration = createAdministration(options);
  return [
    (identities) => createSessionRoutes({ sessions: accounts, identities }),
    (identities) => createAdminRoutes({ administration, identities }),
  ];
}
