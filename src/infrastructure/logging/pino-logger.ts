import { type DestinationStream, type Logger as PinoLogger, pino } from 'pino';
import type { LogFields, Logger } from '../../lib/logger.ts';
import { createLineFormat } from './line-format.ts';
import { safeFields } from './safe-fields.ts';

export interface LoggerOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** JSON lines in production and wherever no person reads along. */
  readonly production: boolean;
  /** Default: the standard output. */
  readonly destination?: DestinationStream & { readonly isTTY?: boolean };
}

/** Structured logs: one JSON object a line, or one readable line at a terminal. Only fields of a list get in. */
export function createLogger({ level, production, destination = process.stdout }: LoggerOptions): Logger {
  const stream = destination.isTTY === true && !production ? createLineFormat(destination) : destination;
  const root = pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (label) => ({ level: label }) } },
    stream,
  );
  return wrap(root);
}

function wrap(inner: PinoLogger): Logger {
  // Pino reads %s and %o in a message only when more arguments follow; none ever do.
  return {
    // Off nearly always, and asked for with every frame and socket.
    debug: inner.isLevelEnabled('debug') ? (fields, message) => inner.debug(safeFields(fields), message) : () => {},
    info: (fields, message) => inner.info(safeFields(fields), message),
    warn: (fields, message) => inner.warn(safeFields(fields), message),
    error: (fields, message) => inner.error(safeFields(fields), message),
    child: (fields: LogFields) => wrap(inner.child(safeFields(fields))),
  };
}
