import { BadQueryError, ExpectationError, StoreLockedError, StoreUnavailableError, UniqueViolationError } from '../../lib/store-errors.ts';
import type { SqliteFault } from './sqlite-protocol.ts';

/** What the main thread makes an error of again. */
export function faultFrom(error: unknown): SqliteFault {
  const fault = callerFault(error);
  if (fault !== null) return fault;
  if (error instanceof StoreLockedError) return { name: 'locked', message: error.message };
  return { name: 'unavailable', message: error instanceof StoreUnavailableError ? error.message : diskSentence(error) };
}

/** The fault of whoever asked, null for a fault of the store. */
export function callerFault(error: unknown): SqliteFault | null {
  if (error instanceof UniqueViolationError) return { name: 'unique', collection: error.collection, index: error.index };
  if (error instanceof ExpectationError) return { name: 'expectation', ...splitExpectation(error) };
  if (error instanceof BadQueryError) return { name: 'query', message: error.message };
  return null;
}

function splitExpectation(error: ExpectationError): { collection: string; id: string } {
  const [, collection = '', id = ''] = /^([^/]*)\/(.*): the document has changed$/s.exec(error.message) ?? [];
  return { collection, id };
}

export function sqliteCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** No path and no value may stand in it: operators and people see it. */
export function diskSentence(error: unknown): string {
  const code = sqliteCode(error);
  const known = diskSentences.find(([prefix]) => code.startsWith(prefix));
  if (known !== undefined) return known[1];
  return `the embedded store failed (${code === '' ? 'unknown reason' : code})`;
}

const diskSentences: ReadonlyArray<readonly [prefix: string, sentence: string]> = [
  ['SQLITE_FULL', 'the disk that holds DATA_DIR is full'],
  ['SQLITE_READONLY', 'DATA_DIR is read-only'],
  ['SQLITE_CANTOPEN', 'the file of the embedded store in DATA_DIR cannot be opened'],
  ['SQLITE_NOTADB', 'the file of the embedded store in DATA_DIR is not a database: move it away or restore it from a backup'],
  ['SQLITE_CORRUPT', 'the file of the embedded store in DATA_DIR is damaged: restore it from a backup'],
  ['SQLITE_IOERR', 'the disk that holds DATA_DIR does not work'],
  ['ENOSPC', 'the disk that holds DATA_DIR is full'],
  ['EROFS', 'DATA_DIR is read-only'],
  ['EACCES', 'this process may not write to DATA_DIR'],
  ['EPERM', 'this process may not write to DATA_DIR'],
];
