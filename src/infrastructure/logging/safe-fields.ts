/**
 * The names that may stand in a log. Whatever is not here is dropped: a body, a frame, a token or a prompt that somebody
 * hands over by mistake does not get in.
 */
const allowed = new Set([
  'adminId',
  'attempt',
  'attempts',
  'afterMs',
  'blobs',
  'bytes',
  'class',
  'closeCode',
  'code',
  'collection',
  'command',
  'component',
  'connectionId',
  'conversationId',
  'count',
  'delayMs',
  'error',
  'event',
  'fileId',
  'files',
  'finishReason',
  'generationId',
  'host',
  'id',
  'jobId',
  'kind',
  'level',
  'limit',
  'messageId',
  'method',
  'mime',
  'model',
  'ms',
  'name',
  'outcome',
  'pid',
  'plugin',
  'port',
  'provider',
  'queue',
  'ready',
  'reason',
  'removed',
  'restartMs',
  'requestId',
  'retryAfter',
  'role',
  'route',
  'seq',
  'signal',
  'size',
  'socketId',
  'state',
  'status',
  'store',
  'temporary',
  'timeoutMs',
  'type',
  'url',
  'userId',
  'variable',
  'variant',
  'version',
  'warnings',
  'what',
]);

const maxText = 500;
const maxStack = 4000;
const maxItems = 20;
const maxCauses = 4;

/** What of the fields may be written, cut to size. */
export function safeFields(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const safe: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (!allowed.has(name)) continue;
    // Pino has a `level` of its own.
    safe[name === 'level' ? 'processingLevel' : name] = name === 'error' ? safeError(value, maxCauses) : safeValue(value);
  }
  return safe;
}

function safeValue(value: unknown): unknown {
  if (typeof value === 'string') return cut(value, maxText);
  if (typeof value === 'number' || typeof value === 'boolean' || value === null || value === undefined) return value;
  if (value instanceof Error) return safeError(value, maxCauses);
  if (Array.isArray(value))
    return value.slice(0, maxItems).map((item: unknown) => (typeof item === 'object' ? '[object]' : safeValue(item)));
  return `[${typeof value}]`;
}

function safeError(error: unknown, causes: number): unknown {
  if (!(error instanceof Error)) return { message: cut(typeof error === 'string' ? error : `[${typeof error}]`, maxText) };
  const code = 'code' in error && (typeof error.code === 'string' || typeof error.code === 'number') ? error.code : undefined;
  return {
    name: cut(error.name, 100),
    message: cut(withoutSecrets(error.message), maxText),
    ...(code === undefined ? {} : { code }),
    ...(error.stack === undefined ? {} : { stack: cut(withoutSecrets(error.stack), maxStack) }),
    ...(error.cause === undefined || causes === 0 ? {} : { cause: safeError(error.cause, causes - 1) }),
  };
}

/** Drivers put whole addresses and rows into their errors: the user part and the query of an address may hold secrets, a row holds an e-mail address. */
function withoutSecrets(text: string): string {
  return text
    .slice(0, maxStack * 2)
    .replace(/:\/\/[^\s/@]{1,512}@/g, '://***@')
    .replace(/[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]{1,190}/g, '***@***')
    .replace(/([?&](?:key|token|api_key|code)=)[^\s&"']{1,512}/gi, '$1***');
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length)} [${text.length - length} more]`;
}
