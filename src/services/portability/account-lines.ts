import { z } from 'zod';
import {
  conversationPatchBodySchema,
  errorShapeSchema,
  folderBodySchema,
  idSchema,
  messageStatusSchema,
  partSchema,
  promptBodySchema,
  settingsSchema,
  usageSchema,
} from '../../protocol/index.ts';
import { ulidPattern } from './derived-id.ts';

/**
 * The lines of an exported account, version 2; docs/backup.md describes them. Unknown members are dropped, so that nothing of a
 * file but what stands here ever reaches the store: no owner, no role, no state.
 */

/** Bytes of a file in one line before base64: 256 KiB of text. */
export const chunkBytes = 192 * 1024;
const chunkCharacters = 256 * 1024;

const id = z.string().regex(ulidPattern);
const time = z.iso.datetime({ offset: true });
const count = z.number().int().nonnegative();

const headerLine = z.object({
  type: z.literal('jarvis-argus.account'),
  version: z.number().int(),
  exportedAt: time,
  server: z.string().max(64),
  user: z.object({ name: z.string(), email: z.string() }),
});
const settingsLine = z.object({ type: z.literal('settings'), settings: settingsSchema });
const folderLine = z.object({
  type: z.literal('folder'),
  id,
  name: folderBodySchema.shape.name,
  position: count,
  createdAt: time,
});
const promptLine = z.object({ type: z.literal('prompt'), id, ...promptBodySchema.shape, createdAt: time, updatedAt: time });
const fileLine = z.object({
  type: z.literal('file'),
  id: idSchema,
  name: z.string().max(512).optional(),
  mime: z.string().max(128),
  /** In bytes: what the lines `file.data` hold together. */
  size: z.number().int().positive(),
  width: z.number().int().optional(),
  height: z.number().int().optional(),
  /** Not a picture: stored as it is. */
  plain: z.literal(true).optional(),
  createdAt: time,
});
const dataLine = z.object({
  type: z.literal('file.data'),
  id: idSchema,
  /** In bytes, of the first one here. */
  offset: count,
  data: z.string().min(1).max(chunkCharacters),
});
const conversationLine = z.object({
  type: z.literal('conversation'),
  id,
  title: z.string().max(200),
  titledBy: z.enum(['automatic', 'person']),
  settings: settingsSchema,
  pinned: z.literal(true).optional(),
  archived: z.literal(true).optional(),
  folderId: id.optional(),
  profile: z.string().max(128).optional(),
  modes: conversationPatchBodySchema.shape.modes,
  createdAt: time,
  updatedAt: time,
});
const messageLine = z.object({
  type: z.literal('message'),
  id,
  conversationId: id,
  parentId: id.nullable(),
  role: z.enum(['user', 'assistant']),
  status: messageStatusSchema,
  parts: z.array(partSchema).max(2000),
  model: z.string().max(128).optional(),
  usage: usageSchema.optional(),
  finishReason: z.string().max(64).optional(),
  error: errorShapeSchema.optional(),
  feedback: z.object({ value: z.union([z.literal(1), z.literal(-1)]), comment: z.string().max(2000).optional() }).optional(),
  author: z.object({ name: z.string().max(80), avatar: z.string().max(64).optional() }).optional(),
  favourite: z.literal(true).optional(),
  createdAt: time,
  /** The leaf that the conversation shows. */
  head: z.literal(true).optional(),
});
const draftLine = z.object({ type: z.literal('draft'), conversationId: id.nullable(), text: z.string() });
const endLine = z.object({
  type: z.literal('end'),
  /** How many lines there are of each type. */
  counts: z.record(z.string().max(32), count),
  sha256: z.string().max(64),
});

export const accountLineSchema = z.discriminatedUnion('type', [
  headerLine,
  settingsLine,
  folderLine,
  promptLine,
  fileLine,
  dataLine,
  conversationLine,
  messageLine,
  draftLine,
  endLine,
]);
export type AccountLine = z.infer<typeof accountLineSchema>;
export type LineOf<T extends AccountLine['type']> = Extract<AccountLine, { type: T }>;

/** Of the format: a file with a higher one was made by a newer program. Version 1 has no folders, prompts and what came with them. */
export const accountVersion = 2;
