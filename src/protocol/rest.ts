import { z } from 'zod';
import { idSchema, levelSchema, settingsSchema } from './shapes.ts';

/** Bodies and queries of `/api/*`. Every value is a primitive after parsing: no object can reach a query. */

const email = z
  .string()
  .trim()
  .toLowerCase()
  .min(3)
  .max(254)
  .regex(/^[^\s@]+@[^\s@]+$/, 'not an e-mail address');
const password = z.string().min(1).max(1024);

export const signupBodySchema = z.object({ name: z.string().trim().min(1).max(80), email, password });
export type SignupBody = z.infer<typeof signupBodySchema>;

export const loginBodySchema = z.object({ email, password });
export type LoginBody = z.infer<typeof loginBodySchema>;

export const passwordBodySchema = z.object({ current: password, next: password });
export const exchangeBodySchema = z.object({ code: z.string().min(1).max(128) });

export const conversationCreateBodySchema = z.object({
  title: z.string().trim().min(1).max(200).optional(),
  model: z.string().max(128).optional(),
  level: levelSchema.optional(),
  profile: z.string().max(128).optional(),
  temporary: z.boolean().optional(),
  folderId: idSchema.optional(),
});
export const conversationPatchBodySchema = z.object({
  title: z.string().trim().min(1).max(200).optional(),
  /** The leaf to show: a message of this conversation. */
  headId: idSchema.optional(),
  model: z.string().max(128).nullable().optional(),
  level: levelSchema.nullable().optional(),
  pinned: z.boolean().optional(),
  archived: z.boolean().optional(),
  /** Null takes it out of its folder. */
  folderId: idSchema.nullable().optional(),
  modes: z.record(z.string().max(128), z.string().max(64)).optional(),
});
export const conversationListQuerySchema = z.object({
  cursor: z.string().max(256).optional(),
  q: z.string().max(256).optional(),
  /** Which of them: those of the side bar (default), the pinned ones alone, the archive, or one folder. */
  view: z.enum(['live', 'pinned', 'archived']).optional(),
  folder: idSchema.optional(),
  limit: z.coerce.number().int().min(1).max(100).optional(),
});
export const messageListQuerySchema = z.object({
  before: z.string().max(256).optional(),
  limit: z.coerce.number().int().min(1).max(200).optional(),
});
export const feedbackBodySchema = z.object({
  value: z.union([z.literal(1), z.literal(-1)]),
  comment: z.string().trim().max(2000).optional(),
});
export const settingsBodySchema = z.object({ conversationId: idSchema.nullable().optional(), settings: settingsSchema });

/** Changes of one account by the administrator. A budget of `null` goes back to the server's, 0 means none. */
export const accountPatchBodySchema = z.object({
  disabled: z.boolean().optional(),
  role: z.enum(['admin', 'user']).optional(),
  budget: z
    .object({
      centsPerDay: z.number().int().nonnegative().max(1e9).nullable().optional(),
      centsPerMonth: z.number().int().nonnegative().max(1e9).nullable().optional(),
    })
    .optional(),
});
export type AccountPatchBody = z.infer<typeof accountPatchBodySchema>;
export const accountListQuerySchema = z.object({
  cursor: z.string().max(256).optional(),
  /** The beginning of an e-mail address. */
  q: z.string().trim().toLowerCase().max(254).optional(),
  limit: z.coerce.number().int().min(1).max(100).optional(),
});

/** `c` of the last line that arrived: the export goes on behind it. */
export const accountExportQuerySchema = z.object({ after: z.string().max(1024).optional() });

/** `kind` is one of the processors in `GET /api/plugins`; `params` are checked by its own schema. */
export const jobCreateBodySchema = z.object({
  clientJobId: idSchema,
  kind: z.string().min(1).max(64),
  input: z.array(idSchema).max(16).default([]),
  params: z.record(z.string().max(64), z.json()).default({}),
  level: levelSchema.default('auto'),
  conversationId: idSchema.optional(),
});
export type JobCreateBody = z.infer<typeof jobCreateBodySchema>;
export const jobListQuerySchema = z.object({
  cursor: z.string().max(256).optional(),
  /** Only those that are not final. */
  open: z.enum(['true', 'false']).optional(),
  limit: z.coerce.number().int().min(1).max(100).optional(),
});
export const galleryQuerySchema = z.object({
  cursor: z.string().max(256).optional(),
  limit: z.coerce.number().int().min(1).max(100).optional(),
});
/** Values of a generated form; the plugin's own schema checks them. */
export const pluginSettingsBodySchema = z.object({ values: z.record(z.string().max(64), z.json()) });
export const pluginPatchBodySchema = z.object({
  enabled: z.boolean().optional(),
  config: z.record(z.string().max(64), z.json()).optional(),
});
export type PluginPatchBody = z.infer<typeof pluginPatchBodySchema>;

/** A new conversation with a copy of the branch that ends with this message. */
export const forkBodySchema = z.object({ messageId: idSchema });
export const folderBodySchema = z.object({ name: z.string().trim().min(1).max(80) });
export const folderPatchBodySchema = z.object({
  name: z.string().trim().min(1).max(80).optional(),
  /** Its place among the folders, counted from 0. */
  position: z.number().int().min(0).max(1000).optional(),
});
/** `{name}` in the text is a variable that is asked for when the prompt is used. */
export const promptBodySchema = z.object({ title: z.string().trim().min(1).max(120), text: z.string().trim().min(1).max(16_384) });
export const promptPatchBodySchema = promptBodySchema.partial();
/** Freezes the branch that ends with this message (default: the one that is shown). */
export const shareBodySchema = z.object({
  messageId: idSchema.optional(),
  title: z.string().trim().min(1).max(200).optional(),
  /** The copy says who shared it. Default: it does not. */
  named: z.boolean().optional(),
  /** Thoughts and steps come along. Default: they do not. */
  details: z.boolean().optional(),
});
export type ShareBody = z.infer<typeof shareBodySchema>;
/** A cursor of a shared copy is the number of its next page. */
export const sharedQuerySchema = z.object({
  cursor: z
    .string()
    .regex(/^\d{1,5}$/)
    .optional(),
});
export const pageQuerySchema = z.object({
  cursor: z.string().max(256).optional(),
  limit: z.coerce.number().int().min(1).max(100).optional(),
});
export const exportQuerySchema = z.object({ format: z.enum(['md', 'json', 'html']) });
export const readmeQuerySchema = z.object({ locale: z.string().max(35).optional() });

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}
