import { expect, it } from 'vitest';
import { clientFrameSchema, closeCodes, errorTable, serverFrameSchema } from '../../src/protocol/index.ts';

/*
 * The wire contract, written out. Programs and open browser tabs of the version before rely on it: a line may be added
 * here, never changed or removed.
 */

it('knows these frames from clients', () => {
  expect(clientFrameSchema.options.map((option) => option.shape.type.value).sort()).toEqual([
    'action.invoke',
    'ask.reply',
    'command.run',
    'conversation.open',
    'draft.update',
    'generation.attach',
    'generation.stop',
    'hello',
    'message.continue',
    'message.edit',
    'message.regenerate',
    'message.send',
    'ping',
    'settings.edit',
    'settings.update',
  ]);
});

it('knows these frames from the server', () => {
  expect(serverFrameSchema.options.map((option) => option.shape.type.value).sort()).toEqual([
    'ask',
    'ask.ended',
    'auth.granted',
    'conversation.created',
    'conversation.deleted',
    'conversation.opened',
    'conversation.updated',
    'draft.updated',
    'draining',
    'error',
    'generation.delta',
    'generation.finished',
    'generation.part',
    'generation.snapshot',
    'generation.started',
    'generation.status',
    'job.updated',
    'library.updated',
    'message.accepted',
    'message.created',
    'message.updated',
    'notice',
    'plugins.updated',
    'pong',
    'settings.fields',
    'settings.updated',
    'surface.updated',
    'toast',
    'weights.updated',
    'welcome',
  ]);
});

it('gives each error code this HTTP status', () => {
  expect(Object.fromEntries(Object.entries(errorTable).map(([code, { status }]) => [code, status]))).toEqual({
    BAD_FRAME: 400,
    BAD_REQUEST: 400,
    UNKNOWN_COMMAND: 400,
    PASSWORD_WEAK: 400,
    PASSWORD_TOO_LONG: 400,
    UNAUTHENTICATED: 401,
    BAD_CREDENTIALS: 401,
    FORBIDDEN: 403,
    ORIGIN_REFUSED: 403,
    HOST_REFUSED: 421,
    SIGNUP_CLOSED: 403,
    NOT_FOUND: 404,
    EMAIL_TAKEN: 409,
    ID_REUSED: 409,
    LAST_ADMIN: 409,
    GENERATION_RUNNING: 409,
    TOO_LARGE: 413,
    UNSUPPORTED_MEDIA: 415,
    IMAGE_UNREADABLE: 415,
    RATE_LIMITED: 429,
    BUDGET_REACHED: 429,
    QUEUE_FULL: 429,
    MODEL_REFUSED: 502,
    MODEL_BAD_KEY: 502,
    MODEL_UNAVAILABLE: 502,
    MODEL_TIMEOUT: 504,
    STORE_UNAVAILABLE: 503,
    OVERLOADED: 503,
    DRAINING: 503,
    JOB_TOO_LARGE: 413,
    JOB_ENDED: 409,
    MODEL_MISSING: 409,
    MODEL_IN_USE: 409,
    WORKER_CRASHED: 500,
    WORK_TIMED_OUT: 504,
    PLUGIN_DISABLED: 409,
    PLUGIN_FAILED: 500,
    INTERNAL: 500,
  });
});

it('closes sockets with these codes', () => {
  expect(closeCodes).toEqual({
    goingAway: 4001,
    tooSlow: 4008,
    noPong: 4009,
    replaced: 4100,
    logLost: 4101,
    signedOut: 4401,
    disabled: 4403,
    tooMany: 4429,
  });
});
