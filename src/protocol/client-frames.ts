import { z } from 'zod';
import { idSchema, levelSchema, settingsSchema } from './shapes.ts';

/** Frames that a client sends over `/ws`. Unknown fields are ignored, unknown types are answered with `error`. */

const requestId = { id: z.string().max(64).optional() };
const clientMessageId = idSchema;

export const clientFrameSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('hello'),
    ...requestId,
    version: z.literal(1),
    token: z.string().max(4096).optional(),
    locale: z.string().max(35).optional(),
    resume: z
      .array(z.object({ generationId: idSchema, epoch: z.string().max(64), afterSeq: z.number().int().nonnegative() }))
      .max(20)
      .optional(),
  }),
  z.object({
    type: z.literal('message.send'),
    ...requestId,
    clientMessageId,
    conversationId: idSchema.nullable(),
    text: z.string(),
    attachments: z.array(idSchema).max(16).optional(),
    model: z.string().max(128).optional(),
    level: levelSchema.optional(),
    parentId: idSchema.nullable().optional(),
    /** With a `conversationId` of null only: what the new conversation is. */
    profile: z.string().max(128).optional(),
    temporary: z.boolean().optional(),
    folderId: idSchema.optional(),
    /** Chosen option by mode; kept for the conversation. */
    modes: z.record(z.string().max(128), z.string().max(64)).optional(),
  }),
  z.object({
    type: z.literal('command.run'),
    ...requestId,
    clientMessageId,
    name: z.string().min(1).max(64),
    args: z.array(z.string().max(8192)).max(64),
    /** Pictures of the composer, for commands that work on some. */
    attachments: z.array(idSchema).max(16).optional(),
    conversationId: idSchema.nullable().optional(),
  }),
  z.object({ type: z.literal('message.edit'), ...requestId, clientMessageId, messageId: idSchema, text: z.string() }),
  z.object({
    type: z.literal('message.regenerate'),
    ...requestId,
    clientMessageId,
    messageId: idSchema,
    text: z.string().optional(),
    /** Another model for this answer alone, to compare. */
    model: z.string().max(128).optional(),
  }),
  z.object({ type: z.literal('message.continue'), ...requestId, clientMessageId, messageId: idSchema, text: z.string().optional() }),
  z.object({
    type: z.literal('generation.attach'),
    ...requestId,
    generationId: idSchema,
    epoch: z.string().max(64).optional(),
    afterSeq: z.number().int().nonnegative(),
  }),
  z.object({ type: z.literal('generation.stop'), ...requestId, generationId: idSchema }),
  z.object({ type: z.literal('conversation.open'), ...requestId, conversationId: idSchema }),
  z.object({ type: z.literal('settings.update'), ...requestId, conversationId: idSchema.nullable().optional(), settings: settingsSchema }),
  z.object({ type: z.literal('draft.update'), ...requestId, conversationId: idSchema.nullable(), text: z.string() }),
  z.object({
    type: z.literal('action.invoke'),
    ...requestId,
    actionId: z
      .string()
      .min(1)
      .max(128)
      .regex(/^[a-z0-9.-]+$/),
    payload: z.record(z.string(), z.unknown()).optional(),
  }),
  z.object({
    type: z.literal('ask.reply'),
    ...requestId,
    askId: idSchema,
    value: z.unknown(),
    /** The person does not want to answer. */
    cancel: z.boolean().optional(),
  }),
  /** Values of the profile's fields while they are being changed, before they are kept with `settings.update`. */
  z.object({
    type: z.literal('settings.edit'),
    ...requestId,
    conversationId: idSchema,
    values: z.record(z.string().max(64), z.json()),
  }),
  z.object({ type: z.literal('ping'), ...requestId }),
]);

export type ClientFrame = z.infer<typeof clientFrameSchema>;
export type ClientFrameType = ClientFrame['type'];
export type ClientFrameOf<T extends ClientFrameType> = Extract<ClientFrame, { type: T }>;
