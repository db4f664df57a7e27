import { z } from 'zod';
import { errorCodes } from './errors.ts';
import {
  commandInfoSchema,
  conversationSchema,
  draftSchema,
  errorShapeSchema,
  limitsSchema,
  messageSchema,
  messageStatusSchema,
  modelInfoSchema,
  partSchema,
  settingsSchema,
  usageSchema,
  userSchema,
} from './shapes.ts';
import { askSpecSchema, fieldSchema, surfaceInfoSchema } from './surface-shapes.ts';
import { jobSchema, weightsInfoSchema } from './work-shapes.ts';

/** Frames that the server sends over `/ws`. `replyTo` repeats the `id` of the request that is answered. */

const replyTo = { replyTo: z.string().optional() };
const params = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));
const generationIds = { generationId: z.string(), conversationId: z.string(), messageId: z.string(), epoch: z.string() };
const sequence = { seq: z.number().int(), count: z.number().int() };

export const runningSchema = z.object({
  generationId: z.string(),
  conversationId: z.string(),
  messageId: z.string(),
  epoch: z.string(),
  seq: z.number().int(),
});
export type Running = z.infer<typeof runningSchema>;

const welcome = z.object({
  type: z.literal('welcome'),
  ...replyTo,
  version: z.literal(1),
  user: userSchema.nullable(),
  models: z.array(modelInfoSchema),
  commands: z.array(commandInfoSchema),
  settings: settingsSchema,
  limits: limitsSchema,
  jobs: z.array(jobSchema),
  running: z.array(runningSchema),
  /** What this person typed somewhere and did not send, newest first, at most 50. */
  drafts: z.array(draftSchema).optional(),
  /** What plugins and the operator put around the conversation. */
  surface: surfaceInfoSchema.optional(),
  /** Questions that wait for an answer, newest first, at most 50. */
  asks: z.array(z.object({ askId: z.string(), conversationId: z.string(), messageId: z.string(), spec: askSpecSchema })).optional(),
  /** What the sign-in page needs to know before anyone is signed in. */
  server: z.object({
    version: z.string(),
    signup: z.enum(['open', 'closed', 'first-user']),
    demo: z.boolean(),
    /** Nobody has an account yet: the next one becomes the administrator. */
    firstUser: z.boolean().optional(),
  }),
});

const generationFrames = [
  z.object({ type: z.literal('generation.started'), ...replyTo, ...generationIds, model: z.string() }),
  z.object({ type: z.literal('generation.delta'), ...generationIds, ...sequence, kind: z.enum(['text', 'thought']), text: z.string() }),
  z.object({ type: z.literal('generation.part'), ...generationIds, ...sequence, part: partSchema }),
  z.object({
    type: z.literal('generation.status'),
    generationId: z.string(),
    conversationId: z.string(),
    state: z.enum(['waiting', 'thinking', 'retrying']),
    retryAfter: z.number().optional(),
  }),
  z.object({
    type: z.literal('generation.finished'),
    ...generationIds,
    ...sequence,
    status: messageStatusSchema.exclude(['streaming']),
    finishReason: z.string().optional(),
    /** SHA-256, hex, of all text (not thoughts) of the answer in UTF-8: the reader compares it with what it folded. */
    textSha256: z.string(),
    usage: usageSchema.optional(),
    error: errorShapeSchema.optional(),
    message: messageSchema,
  }),
  z.object({ type: z.literal('generation.snapshot'), ...replyTo, ...generationIds, seq: z.number().int(), message: messageSchema }),
] as const;

export const serverFrameSchema = z.discriminatedUnion('type', [
  welcome,
  z.object({
    type: z.literal('message.accepted'),
    ...replyTo,
    clientMessageId: z.string(),
    duplicate: z.boolean(),
    conversation: conversationSchema,
    message: messageSchema,
    answer: messageSchema,
    generationId: z.string(),
  }),
  ...generationFrames,
  z.object({
    type: z.literal('conversation.opened'),
    ...replyTo,
    conversation: conversationSchema,
    messages: z.array(messageSchema),
    nextCursor: z.string().nullable(),
    running: z.array(runningSchema),
    settings: settingsSchema,
  }),
  z.object({ type: z.literal('message.created'), message: messageSchema }),
  z.object({ type: z.literal('message.updated'), message: messageSchema }),
  z.object({ type: z.literal('conversation.created'), conversation: conversationSchema }),
  z.object({ type: z.literal('conversation.updated'), conversation: conversationSchema }),
  z.object({ type: z.literal('conversation.deleted'), conversationId: z.string() }),
  z.object({ type: z.literal('settings.updated'), ...replyTo, conversationId: z.string().nullable(), settings: settingsSchema }),
  z.object({ type: z.literal('draft.updated'), ...replyTo, draft: draftSchema }),
  z.object({ type: z.literal('job.updated'), job: jobSchema }),
  /** What plugins can do, or what is installed, changed: ask `GET /api/plugins` again. */
  z.object({ type: z.literal('plugins.updated') }),
  /** To administrators, while weights are installed or removed. */
  z.object({ type: z.literal('weights.updated'), weights: weightsInfoSchema }),
  z.object({
    type: z.literal('notice'),
    ...replyTo,
    code: z.string(),
    params,
    text: z.string(),
    /** Structured matter of a command's answer, such as the rows of /convs or the file of /export, for a client that can show it. */
    data: z.unknown().optional(),
  }),
  z.object({ type: z.literal('auth.granted'), ...replyTo, user: userSchema, code: z.string() }),
  /** A question of a plugin waits; it stands as a part in its message, where it is answered. To every socket of the person. */
  z.object({
    type: z.literal('ask'),
    askId: z.string(),
    conversationId: z.string().optional(),
    messageId: z.string().optional(),
    spec: z.record(z.string(), z.unknown()),
  }),
  /** A question needs no answer any more: answered, cancelled or expired. Answers `ask.reply` too; of two answers the first one counts. */
  z.object({
    type: z.literal('ask.ended'),
    ...replyTo,
    askId: z.string(),
    conversationId: z.string(),
    status: z.enum(['answered', 'cancelled', 'expired']),
  }),
  /** A short message of a plugin that is not stored. */
  z.object({ type: z.literal('toast'), level: z.enum(['info', 'success', 'warning', 'error']), text: z.string() }),
  /** Answers `settings.edit`: the fields as the plugin wants them with these values. */
  z.object({
    type: z.literal('settings.fields'),
    ...replyTo,
    conversationId: z.string(),
    fields: z.array(fieldSchema),
    values: z.record(z.string(), z.json()),
  }),
  /** Profiles, modes, links or the theme changed: ask `GET /api/surface` again. */
  z.object({ type: z.literal('surface.updated') }),
  /** The person's folders or prompts changed. */
  z.object({ type: z.literal('library.updated'), what: z.enum(['folders', 'prompts', 'favourites', 'shares']) }),
  z.object({
    type: z.literal('error'),
    ...replyTo,
    code: z.enum(errorCodes),
    params,
    message: z.string(),
    requestId: z.string().optional(),
    retryAfter: z.number().optional(),
  }),
  z.object({ type: z.literal('draining'), afterMs: z.number() }),
  z.object({ type: z.literal('pong'), ...replyTo }),
]);

export type ServerFrame = z.infer<typeof serverFrameSchema>;
export type ServerFrameType = ServerFrame['type'];
export type ServerFrameOf<T extends ServerFrameType> = Extract<ServerFrame, { type: T }>;
