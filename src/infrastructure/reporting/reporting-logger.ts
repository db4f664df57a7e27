import type { ErrorReports } from '../../lib/error-reports.ts';
import type { LogFields, Logger } from '../../lib/logger.ts';

/** The same log, whose `error` lines are reported too, with the fields of their child loggers. */
export function createReportingLogger(inner: Logger, reports: ErrorReports, known: LogFields = {}): Logger {
  return {
    debug: (fields, message) => inner.debug(fields, message),
    info: (fields, message) => inner.info(fields, message),
    warn: (fields, message) => inner.warn(fields, message),
    error(fields, message) {
      inner.error(fields, message);
      reports.report({ ...known, ...fields }, message);
    },
    child: (fields) => createReportingLogger(inner.child(fields), reports, { ...known, ...fields }),
  };
}
