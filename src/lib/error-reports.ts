import type { LogFields } from './logger.ts';

/** Where unexpected errors are told to somebody outside of the log. */
export interface ErrorReports {
  /** Never throws, never waits. Fields go through the log's list of names. @param message a constant sentence */
  report(fields: LogFields, message: string): void;
  /** Resolves when what was reported is sent, or after `timeoutMs`. */
  flush(timeoutMs: number): Promise<void>;
}
