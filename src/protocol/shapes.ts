import { z } from 'zod';
import { errorCodes } from './errors.ts';
import { actionsPartSchema, askPartSchema, elementPartSchema, removedPartSchema, tasksPartSchema } from './surface-shapes.ts';

/** What the server and the browser exchange. Times are ISO 8601 in UTC, ids are opaque strings. */

/** An opaque id in a request: printable ASCII without operators, so that it can never become a query or a path. */
export const idSchema = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[A-Za-z0-9_-]+$/, 'an id holds letters, digits, - and _ only');

export const levelSchema = z.enum(['auto', 'quick', 'normal', 'deep']);
export type Level = z.infer<typeof levelSchema>;

export const userSchema = z.object({ id: z.string(), name: z.string(), email: z.string(), role: z.enum(['admin', 'user']) });
export type User = z.infer<typeof userSchema>;

export const errorShapeSchema = z.object({
  code: z.enum(errorCodes),
  message: z.string(),
  params: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
  requestId: z.string().optional(),
  retryAfter: z.number().optional(),
});
export type ErrorShape = z.infer<typeof errorShapeSchema>;

const mediaFields = {
  fileId: z.string(),
  url: z.string(),
  mime: z.string(),
  name: z.string().optional(),
  width: z.number().int().optional(),
  height: z.number().int().optional(),
  provenance: z.record(z.string(), z.json()).optional(),
};

export const partSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({ type: z.literal('thought'), text: z.string() }),
  z.object({ type: z.literal('image'), ...mediaFields }),
  z.object({ type: z.literal('file'), ...mediaFields }),
  z.object({ type: z.literal('job'), jobId: z.string() }),
  z.object({ type: z.literal('source'), url: z.string(), title: z.string().optional() }),
  z.object({
    type: z.literal('step'),
    stepId: z.string(),
    parentStepId: z.string().optional(),
    name: z.string(),
    status: z.enum(['running', 'succeeded', 'failed']).optional(),
    language: z.string().optional(),
    input: z.string().optional(),
    output: z.string().optional(),
    icon: z.string().optional(),
    startedAt: z.string().optional(),
    endedAt: z.string().optional(),
    /** Shown unfolded. */
    open: z.boolean().optional(),
  }),
  elementPartSchema,
  actionsPartSchema,
  askPartSchema,
  tasksPartSchema,
  removedPartSchema,
]);
export type Part = z.infer<typeof partSchema>;
export type MediaPart = Extract<Part, { type: 'image' | 'file' }>;

export const messageStatusSchema = z.enum(['complete', 'streaming', 'stopped', 'interrupted', 'failed']);
export type MessageStatus = z.infer<typeof messageStatusSchema>;
export type FinalStatus = Exclude<MessageStatus, 'streaming'>;

/** Tokens as the model counted them. Output that is billed = `outputTokens` + `thoughtTokens`. */
export const usageSchema = z.object({
  inputTokens: z.number().int().nonnegative(),
  outputTokens: z.number().int().nonnegative(),
  thoughtTokens: z.number().int().nonnegative(),
  totalTokens: z.number().int().nonnegative(),
  /** Of `inputTokens`: what the service had in its cache. */
  cachedTokens: z.number().int().nonnegative().optional(),
  /** Of `outputTokens`: what pictures took. */
  imageTokens: z.number().int().nonnegative().optional(),
  /** What the answer cost, in millionths of a US dollar, by the price table of `pricesOf`; absent for a model without prices. */
  costMicroUsd: z.number().int().nonnegative().optional(),
  /** The day (UTC, ISO 8601) of the price table. */
  pricesOf: z.string().optional(),
  /** True when the stream was cut before the model said: counted from the text at about four characters a token. */
  estimated: z.boolean().optional(),
});
export type Usage = z.infer<typeof usageSchema>;

export const messageSchema = z.object({
  id: z.string(),
  conversationId: z.string(),
  parentId: z.string().nullable(),
  role: z.enum(['user', 'assistant']),
  status: messageStatusSchema,
  parts: z.array(partSchema),
  model: z.string().optional(),
  usage: usageSchema.optional(),
  /** Why the model ended, in the model's own word (open set), e.g. STOP, MAX_TOKENS, SAFETY. */
  finishReason: z.string().optional(),
  error: errorShapeSchema.optional(),
  feedback: z.object({ value: z.union([z.literal(1), z.literal(-1)]), comment: z.string().optional() }).optional(),
  /** Who speaks, where it is not the model under its own name. */
  author: z.object({ name: z.string(), avatar: z.string().optional() }).optional(),
  /** The person keeps it at hand as a template. */
  favourite: z.boolean().optional(),
  createdAt: z.string(),
});
export type Message = z.infer<typeof messageSchema>;

export const conversationSchema = z.object({
  id: z.string(),
  title: z.string(),
  headId: z.string().nullable(),
  model: z.string().optional(),
  level: levelSchema.optional(),
  /** An answer is being written in it now. */
  running: z.boolean().optional(),
  pinned: z.boolean().optional(),
  archived: z.boolean().optional(),
  folderId: z.string().optional(),
  /** In no list, found by no search, gone after a day. */
  temporary: z.boolean().optional(),
  /** Of a plugin, chosen when it began. */
  profile: z.string().optional(),
  /** Chosen option by mode. */
  modes: z.record(z.string(), z.string()).optional(),
  /** Where it was forked or copied from. */
  forkedFrom: z
    .object({ conversationId: z.string().optional(), messageId: z.string().optional(), shareId: z.string().optional() })
    .optional(),
  createdAt: z.string(),
  updatedAt: z.string(),
});
export type Conversation = z.infer<typeof conversationSchema>;

export const fileSchema = z.object({
  id: z.string(),
  url: z.string(),
  mime: z.string(),
  size: z.number().int(),
  width: z.number().int().optional(),
  height: z.number().int().optional(),
  name: z.string().optional(),
  /** It lies on a disk that the next start of the server finds empty. */
  temporary: z.literal(true).optional(),
});
export type StoredFile = z.infer<typeof fileSchema>;

/** A model that can be chosen. `warning` names what its user should know (for example that it will be shut down, and when). */
export const modelInfoSchema = z.object({
  id: z.string(),
  label: z.string(),
  provider: z.string(),
  description: z.string().optional(),
  thinking: z.boolean(),
  images: z.boolean(),
  contextTokens: z.number().int().optional(),
  outputTokens: z.number().int().optional(),
  warning: z.string().optional(),
  /** The day (YYYY-MM-DD) on which its service ends it, for a page that says so in its own language; the warning says it in English. */
  endsOn: z.string().optional(),
  /** The id of the model that answers in its place from then on. */
  replacedBy: z.string().optional(),
});
export type ModelInfo = z.infer<typeof modelInfoSchema>;

export const commandInfoSchema = z.object({
  name: z.string(),
  summary: z.string(),
  usage: z.string(),
  example: z.string(),
  args: z.array(
    z.object({ name: z.string(), required: z.boolean(), secret: z.boolean().optional(), choices: z.array(z.string()).optional() }),
  ),
  /** Anybody may run it, signed in or not. */
  anonymous: z.boolean(),
});
export type CommandInfo = z.infer<typeof commandInfoSchema>;

/** Chat settings, kept for the user and, where given, for one conversation. `null` takes a value back to its default. */
export const settingsSchema = z.object({
  model: z.string().max(128).nullable().optional(),
  level: levelSchema.nullable().optional(),
  systemInstruction: z.string().max(8192).nullable().optional(),
  temperature: z.number().min(0).max(2).nullable().optional(),
  thinking: z.boolean().nullable().optional(),
  /** Values of the fields that the conversation's profile declares; checked against them. */
  values: z.record(z.string().max(64), z.json()).nullable().optional(),
});
export type Settings = z.infer<typeof settingsSchema>;

/** What was typed and not sent, for one conversation or (null) for a new one. An empty text means that there is none. */
export const draftSchema = z.object({ conversationId: z.string().nullable(), text: z.string(), updatedAt: z.string() });
export type Draft = z.infer<typeof draftSchema>;

/** One place where a person is signed in. `id` is not a credential. */
export const sessionInfoSchema = z.object({
  id: z.string(),
  /** The browser's own words for itself, cut. */
  label: z.string(),
  current: z.boolean(),
  createdAt: z.string(),
  lastSeenAt: z.string(),
  expiresAt: z.string(),
});
export type SessionInfo = z.infer<typeof sessionInfoSchema>;

/** What was used in a stretch of time. */
export const usageTotalSchema = z.object({
  requests: z.number().int(),
  inputTokens: z.number().int(),
  outputTokens: z.number().int(),
  costMicroUsd: z.number().int(),
});
export type UsageTotal = z.infer<typeof usageTotalSchema>;

/** What a person has used, and may use. Days and months are those of UTC; a limit of 0 is off. */
export const usageReportSchema = z.object({
  day: z.string(),
  month: z.string(),
  today: usageTotalSchema,
  thisMonth: usageTotalSchema,
  limits: z.object({ tokensPerDay: z.number(), centsPerDay: z.number(), centsPerMonth: z.number(), warnPercent: z.number() }),
});
export type UsageReport = z.infer<typeof usageReportSchema>;

/** One account as the administrator sees it. */
export const accountInfoSchema = userSchema.extend({
  disabled: z.boolean(),
  createdAt: z.string(),
  lastSeenAt: z.string().nullable(),
  sessions: z.number().int(),
  thisMonth: usageTotalSchema,
  /** Limits of this person alone; null: those of the server. */
  budget: z.object({ centsPerDay: z.number().nullable(), centsPerMonth: z.number().nullable() }),
});
export type AccountInfo = z.infer<typeof accountInfoSchema>;

/** One thing that `/doctor` looked at. `code` is permanent; the client shows title, text and mend in its own language by it. */
export const findingSchema = z.object({
  code: z.string(),
  state: z.enum(['ok', 'warning', 'problem', 'unknown']),
  params: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  /** English fallbacks. */
  title: z.string(),
  text: z.string(),
  mend: z.string(),
});
export type Finding = z.infer<typeof findingSchema>;

/** Numbers of the running server. `series` are the same numbers of the last hour, oldest first, one point every 10 s. */
export const overviewSchema = z.object({
  at: z.string(),
  version: z.string(),
  uptimeSeconds: z.number(),
  store: z.object({ kind: z.enum(['embedded', 'mongodb']), ready: z.boolean() }),
  ready: z.boolean(),
  reasons: z.array(z.string()),
  numbers: z.record(z.string(), z.number()),
  series: z.object({ at: z.array(z.string()), values: z.record(z.string(), z.array(z.number().nullable())) }),
});
export type Overview = z.infer<typeof overviewSchema>;

export const limitsSchema = z.object({
  frameBytes: z.number(),
  textBytes: z.number(),
  framesPerMinute: z.number(),
  socketsPerUser: z.number(),
  generationsPerUser: z.number(),
  messagesPerMinute: z.number(),
  uploadBytes: z.number(),
  uploadPixels: z.number(),
  attachmentsPerMessage: z.number(),
  uploadSide: z.number(),
  uploadQuotaBytes: z.number(),
  jobs: z.number(),
  jobsPerUser: z.number(),
  jobMs: z.number(),
  historyBytes: z.number(),
  historyMessages: z.number(),
  socketQueueBytes: z.number(),
  socketQueueEvents: z.number(),
  helloMs: z.number(),
  pingMs: z.number(),
  pongMs: z.number(),
  anonymousIdleMs: z.number(),
});
export type Limits = z.infer<typeof limitsSchema>;
