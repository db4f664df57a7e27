import type { Config } from '../config.ts';
import { createReportingLogger } from '../infrastructure/reporting/reporting-logger.ts';
import { createSentryReporter } from '../infrastructure/reporting/sentry-reporter.ts';
import { systemClock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';

export interface WiredReports {
  /** The log to use: its `error` lines are reported. */
  readonly logger: Logger;
  /** Waits a short time for reports that are on their way. */
  flush(): Promise<void>;
}

const FLUSH_MS = 2000;

/** Reports errors where `SENTRY_DSN` says; without it the log is all there is. */
export function wireErrorReports(config: Config, logger: Logger, version: string): WiredReports {
  if (config.sentryDsn === undefined) return { logger, flush: () => Promise.resolve() };
  const environment = config.production ? 'production' : 'development';
  const reports = createSentryReporter({ dsn: config.sentryDsn, version, environment, clock: systemClock, logger });
  return { logger: createReportingLogger(logger, reports), flush: () => reports.flush(FLUSH_MS) };
}
