import { BadQueryError, StoreUnavailableError, UniqueViolationError } from '../../lib/store-errors.ts';

/**
 * Sentences for the operator, by what the driver says. The driver's own message never passes: it can hold the address
 * with the password, or a document.
 */
export function mongoReason(error: unknown): string {
  const marks = marksOf(error, 0);
  const known = reasons.find(([names]) => names.some((name) => marks.includes(name)));
  return known?.[1] ?? 'MongoDB: the database failed';
}

/** The database answered that these credentials may not do this: time alone repairs nothing, so the state must say it. */
export function isRefusal(error: unknown): boolean {
  const marks = marksOf(error, 0);
  return refusalMarks.some((mark) => marks.includes(mark));
}

/** What the port may throw. @param collection where the operation ran */
export function mongoFault(error: unknown, collection: string): Error {
  if (portErrors.has(error instanceof Error ? error.name : '') && error instanceof Error) return error;
  if (isDuplicateKey(error)) return new UniqueViolationError(collection, violatedIndex(error), { cause: error });
  const marks = marksOf(error, 0);
  if (marks.includes('14') || marks.includes('TypeMismatch')) return new BadQueryError('a field to increment holds no number');
  if (marks.includes('10334') || marks.includes('BSONError') || marks.includes('BSONObjectTooLarge')) {
    return new BadQueryError('the document is too large');
  }
  return new StoreUnavailableError(mongoReason(error), { cause: error });
}

export function isDuplicateKey(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && error.code === 11000;
}

/** Name of the violated index as declared, `id` for the key. */
export function violatedIndex(error: Error): string {
  // Servers agree on this part of the message; values come after it.
  const [, physical = ''] = /index: (\S+)/.exec(error.message) ?? [];
  return /(?:^|\$)unique_([A-Za-z0-9]+)_[0-9a-f]+$/.exec(physical)?.[1] ?? 'id';
}

const portErrors: ReadonlySet<string> = new Set([
  'UniqueViolationError',
  'ExpectationError',
  'StoreUnavailableError',
  'BadCursorError',
  'BadQueryError',
]);

const refusalMarks = ['13', '18', '8000', 'Unauthorized', 'AuthenticationFailed', 'AtlasError'];

const reasons: ReadonlyArray<readonly [marks: readonly string[], sentence: string]> = [
  [['18', '8000', 'AuthenticationFailed', 'AtlasError'], 'MONGO_URI: the database refused the user name or password'],
  [['13', 'Unauthorized'], 'MONGO_URI: this user may not read and write the database'],
  [['NewerSchemaError'], 'MONGO_URI: the data was written by a newer version: start that version'],
  [
    ['MongoParseError', 'MongoAPIError', 'MongoInvalidArgumentError', 'MongoMissingDependencyError', 'URIError'],
    'MONGO_URI cannot be read: check its spelling',
  ],
  [['ENOTFOUND', 'EAI_AGAIN', 'ENODATA', 'ESERVFAIL'], 'MONGO_URI: the host name cannot be resolved'],
  [['ECONNREFUSED'], 'MONGO_URI: the host refuses the connection'],
  [['ENETUNREACH', 'EHOSTUNREACH'], 'MONGO_URI: there is no route to the host'],
  [
    ['CERT_HAS_EXPIRED', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN', 'ERR_TLS_CERT_ALTNAME_INVALID'],
    'MONGO_URI: the certificate of the host is not trusted',
  ],
  [['14031', 'OutOfDiskSpace'], 'MongoDB: its disk is full'],
  [['10107', '13435', '13436', '11600', '91', '189', 'NotWritablePrimary'], 'MongoDB: there is no server that accepts writes now'],
  [['ECONNRESET', 'EPIPE'], 'MongoDB: the connection broke'],
  [['11000'], 'MongoDB: the data breaks a unique index that this version declares'],
  [
    ['ETIMEDOUT', '50', 'MongoServerSelectionError', 'MongoOperationTimeoutError', 'MongoNetworkTimeoutError', 'MongoNetworkError'],
    'MONGO_URI: the database does not answer',
  ],
];

/** Names and codes along the chain of causes. */
function marksOf(error: unknown, depth: number): string[] {
  if (!(error instanceof Error) || depth > 8) return [];
  const marks = [error.name];
  if ('code' in error && (typeof error.code === 'string' || typeof error.code === 'number')) marks.push(String(error.code));
  if ('codeName' in error && typeof error.codeName === 'string') marks.push(error.codeName);
  if ('reason' in error) marks.push(...serverErrors(error.reason).flatMap((inner) => marksOf(inner, depth + 1)));
  marks.push(...marksOf(error.cause, depth + 1));
  // Node tries every address of a name and reports the tries together.
  if (error instanceof AggregateError) marks.push(...error.errors.flatMap((inner) => marksOf(inner, depth + 1)));
  return marks;
}

/** The driver keeps what it knows of each server in a map of descriptions. */
export function serverErrors(topology: unknown): unknown[] {
  if (typeof topology !== 'object' || topology === null || !('servers' in topology) || !(topology.servers instanceof Map)) return [];
  return [...topology.servers.values()].map((server: unknown) =>
    typeof server === 'object' && server !== null && 'error' in server ? server.error : null,
  );
}
