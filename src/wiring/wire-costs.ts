import type { Config } from '../config.ts';
import type { RouteGroup } from '../gateway/http/http-app.ts';
import { createUsageRoutes } from '../gateway/http/usage-routes.ts';
import type { Clock } from '../lib/clock.ts';
import type { DocumentStore } from '../lib/document-store.ts';
import type { Logger } from '../lib/logger.ts';
import { Budgets } from '../services/costs/budgets.ts';
import { UsageLedger } from '../services/costs/usage-ledger.ts';
import { createUsageReports, type UsageReports } from '../services/costs/usage-reports.ts';
import type { MessagingService } from '../services/messaging/messaging-service.ts';

export interface Costs {
  readonly ledger: UsageLedger;
  readonly budgets: Budgets;
  readonly reports: UsageReports;
  readonly routes: RouteGroup;
}

export interface CostsOptions {
  readonly documents: DocumentStore;
  readonly messaging: MessagingService;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What answers cost, and how much of it people may cause. */
export function wireCosts({ limits }: Config, { documents, messaging, clock, logger }: CostsOptions): Costs {
  const tell = (userId: string, frame: Parameters<MessagingService['publishEvent']>[0]['frame']) =>
    messaging.publishEvent({ to: { user: userId }, frame });
  const budgets = new Budgets({ documents, clock, limits, logger, tell });
  const reports = createUsageReports({ documents, clock, budgets });
  const routes: RouteGroup = (identities) => createUsageRoutes({ identities, usage: reports });
  return { ledger: new UsageLedger(documents), budgets, reports, routes };
}
