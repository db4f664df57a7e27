/**
 * The one table of error codes. A code is permanent: it may be added, never renamed or given another meaning.
 * `status` is the HTTP status, `retryable` tells a program whether the same request may succeed later,
 * `message` is the English fallback that says what to do; the client shows its own language by code.
 */
export const errorTable = {
  BAD_FRAME: { status: 400, retryable: false, message: 'The frame is not valid JSON or lacks a known shape. See docs/protocol.md.' },
  BAD_REQUEST: { status: 400, retryable: false, message: 'The request is not valid. Check the named fields.' },
  UNKNOWN_COMMAND: { status: 400, retryable: false, message: 'There is no such command. /help lists them all.' },
  PASSWORD_WEAK: { status: 400, retryable: false, message: 'Choose a longer or less common password (at least 8 characters).' },
  PASSWORD_TOO_LONG: { status: 400, retryable: false, message: 'A password may be at most 72 bytes long. Choose a shorter one.' },
  UNAUTHENTICATED: { status: 401, retryable: false, message: 'Sign in first.' },
  BAD_CREDENTIALS: { status: 401, retryable: false, message: 'The e-mail address or the password is wrong.' },
  FORBIDDEN: { status: 403, retryable: false, message: 'You may not do this.' },
  ORIGIN_REFUSED: {
    status: 403,
    retryable: false,
    message: 'This web page may not talk to this server. The operator can add it to ALLOWED_ORIGINS.',
  },
  HOST_REFUSED: {
    status: 421,
    retryable: false,
    message: 'This server is not reached under this name. The operator can add it to ALLOWED_HOSTS.',
  },
  SIGNUP_CLOSED: { status: 403, retryable: false, message: 'Sign-up is closed on this server. Ask the operator for an account.' },
  NOT_FOUND: { status: 404, retryable: false, message: 'It does not exist, or it is not yours.' },
  EMAIL_TAKEN: { status: 409, retryable: false, message: 'There is an account with this e-mail address already. Sign in instead.' },
  ID_REUSED: { status: 409, retryable: false, message: 'This id was used for another message. Send with a new id.' },
  LAST_ADMIN: { status: 409, retryable: false, message: 'Somebody must be the administrator. Make another account one first.' },
  GENERATION_RUNNING: { status: 409, retryable: true, message: 'An answer is still being written. Wait for it or stop it first.' },
  TOO_LARGE: { status: 413, retryable: false, message: 'This is too large. See the limits in the settings.' },
  UNSUPPORTED_MEDIA: { status: 415, retryable: false, message: 'This kind of file is not accepted. Use a PNG, JPEG, WebP or GIF picture.' },
  IMAGE_UNREADABLE: { status: 415, retryable: false, message: 'The picture cannot be read. It may be damaged.' },
  RATE_LIMITED: { status: 429, retryable: true, message: 'Too many requests. Wait a moment and try again.' },
  BUDGET_REACHED: {
    status: 429,
    retryable: false,
    message: 'The budget for answers is used up. It starts anew with the next day or month; the operator can raise it.',
  },
  QUEUE_FULL: { status: 429, retryable: true, message: 'The queue is full. Try again later.' },
  MODEL_REFUSED: { status: 502, retryable: false, message: 'The model refused to answer this. Rephrase it or choose another model.' },
  MODEL_BAD_KEY: {
    status: 502,
    retryable: false,
    message: 'The model service does not accept the key of this server. The operator must check it.',
  },
  MODEL_UNAVAILABLE: { status: 502, retryable: true, message: 'The model service has a problem. Try again.' },
  MODEL_TIMEOUT: { status: 504, retryable: true, message: 'The model did not answer in time. Try again.' },
  STORE_UNAVAILABLE: { status: 503, retryable: true, message: 'The database cannot be reached. Nothing was changed; it is tried again.' },
  OVERLOADED: { status: 503, retryable: true, message: 'The server is busy. Try again in a moment.' },
  DRAINING: { status: 503, retryable: true, message: 'The server is restarting. Try again in a moment.' },
  JOB_TOO_LARGE: {
    status: 413,
    retryable: false,
    message: 'This work would take more memory or time than this server allows. Use a smaller picture or a lower level.',
  },
  JOB_ENDED: { status: 409, retryable: false, message: 'This job has ended already.' },
  MODEL_MISSING: {
    status: 409,
    retryable: false,
    message: 'The weights for this are not installed. An administrator can install them on the page Plugins.',
  },
  MODEL_IN_USE: { status: 409, retryable: true, message: 'Work is under way that needs these weights. Wait for it or cancel it first.' },
  WORKER_CRASHED: {
    status: 500,
    retryable: false,
    message: 'The process that worked on this ended twice in the middle of it. It is not tried again.',
  },
  WORK_TIMED_OUT: {
    status: 504,
    retryable: false,
    message: 'The work took too long and was ended. Use a smaller picture or a lower level.',
  },
  PLUGIN_DISABLED: {
    status: 409,
    retryable: false,
    message: 'This plugin is switched off. An administrator can see why on the page Plugins.',
  },
  PLUGIN_FAILED: { status: 500, retryable: false, message: 'A plugin failed. The operator can find the reason in /plugins.' },
  INTERNAL: {
    status: 500,
    retryable: true,
    message: 'Something went wrong on the server. Try again; the operator finds the request id in the log.',
  },
} as const satisfies Record<string, { status: number; retryable: boolean; message: string }>;

export type ErrorCode = keyof typeof errorTable;

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Object.keys forgets the names of a constant table
export const errorCodes = Object.keys(errorTable) as readonly ErrorCode[];

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(errorTable, value);
}

/** Why a socket was closed. 4000-4099: reconnect and resume. 4100-4199: reconnect afresh. 4400-4499: do not reconnect. */
export const closeCodes = {
  goingAway: 4001,
  tooSlow: 4008,
  noPong: 4009,
  replaced: 4100,
  logLost: 4101,
  signedOut: 4401,
  disabled: 4403,
  tooMany: 4429,
} as const;
