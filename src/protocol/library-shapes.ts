import { z } from 'zod';
import { conversationSchema, messageSchema } from './shapes.ts';

/** What a person keeps and finds again: folders, prompts, favourites, the trash, shared copies. */

export const folderSchema = z.object({
  id: z.string(),
  name: z.string(),
  position: z.number().int(),
  createdAt: z.string(),
});
export type Folder = z.infer<typeof folderSchema>;

export const promptSchema = z.object({ id: z.string(), title: z.string(), text: z.string(), createdAt: z.string(), updatedAt: z.string() });
export type Prompt = z.infer<typeof promptSchema>;

/** A message that the person keeps at hand. */
export const favouriteSchema = z.object({ messageId: z.string(), conversationId: z.string(), text: z.string(), createdAt: z.string() });
export type Favourite = z.infer<typeof favouriteSchema>;

/** A conversation in the trash, and when it will be gone for good. */
export const trashedSchema = conversationSchema.extend({ deletedAt: z.string(), goneAt: z.string() });
export type Trashed = z.infer<typeof trashedSchema>;

/** A conversation that a search found. */
export const foundConversationSchema = conversationSchema.extend({
  /** Words around what was found in a message. */
  snippet: z.string().optional(),
  /** Stretches `[from, to)` of `snippet`, in UTF-16 units, that were asked for. */
  highlights: z.array(z.tuple([z.number().int(), z.number().int()])).optional(),
  /** The same for the title. */
  titleHighlights: z.array(z.tuple([z.number().int(), z.number().int()])).optional(),
  /** The message that was found. */
  messageId: z.string().optional(),
});
export type FoundConversation = z.infer<typeof foundConversationSchema>;

/** A frozen copy of a branch that anybody with the link can read until it is revoked. */
export const shareSchema = z.object({
  /** At least 128 bits that nobody can guess. */
  id: z.string(),
  title: z.string(),
  conversationId: z.string(),
  /** Path of the page, `/s/<id>`. */
  path: z.string(),
  messages: z.number().int(),
  createdAt: z.string(),
});
export type Share = z.infer<typeof shareSchema>;

/** What somebody with the link gets: no id of a person, conversation or file that works anywhere else. */
export const sharedViewSchema = z.object({
  id: z.string(),
  title: z.string(),
  /** Name of the person who shared it, when it was shared; empty where it is not told. */
  by: z.string(),
  createdAt: z.string(),
  /** Of one branch, oldest first. */
  messages: z.array(messageSchema),
  nextCursor: z.string().nullable(),
});
export type SharedView = z.infer<typeof sharedViewSchema>;
