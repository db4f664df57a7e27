import { z } from 'zod';
import { errorShapeSchema, fileSchema, levelSchema } from './shapes.ts';

/** What the server and the browser exchange about image work: jobs, their pictures, plugins and weights. */

/** A text in the languages of our users; English is the fallback. */
export const wordsSchema = z.object({ en: z.string(), fa: z.string().optional(), ar: z.string().optional() });

export const jobStatusSchema = z.enum(['queued', 'running', 'succeeded', 'failed', 'cancelled', 'dead']);
export type JobStatus = z.infer<typeof jobStatusSchema>;

/** Image work. `succeeded`, `failed`, `cancelled` and `dead` are final; a higher `version` wins. */
export const jobSchema = z.object({
  id: z.string(),
  clientJobId: z.string(),
  kind: z.string(),
  plugin: z.string(),
  status: jobStatusSchema,
  version: z.number().int(),
  /** null: unknown. Only ever grows within an attempt. */
  progress: z.number().min(0).max(100).nullable(),
  /** What is being done. */
  note: wordsSchema.optional(),
  /** Place in the queue, 1 is next. Only while queued. */
  position: z.number().int().optional(),
  /** When it is expected to end, in seconds from the moment of this state, waiting included. Absent where nobody knows. */
  etaSeconds: z.number().optional(),
  level: levelSchema.exclude(['auto']),
  /** As they were parsed, defaults included. */
  params: z.record(z.string(), z.json()),
  input: z.array(z.string()),
  results: z.array(z.string()),
  /** The pictures of `input` and `results`, as far as they still exist. */
  files: z.array(fileSchema),
  /** What the work says in words, such as a text that was read; Markdown. */
  text: z.string().optional(),
  data: z.json().optional(),
  conversationId: z.string().optional(),
  messageId: z.string().optional(),
  /** Starts so far. */
  attempts: z.number().int(),
  /** A failed attempt is tried again then. */
  retryAt: z.string().optional(),
  /** A number that changes with each preview at `GET /api/jobs/:id/preview`; absent: there is none. */
  preview: z.number().int().optional(),
  /** The same work was done before: nothing ran. */
  cached: z.literal(true).optional(),
  /** What it ran on, and how long it worked (waiting not counted). */
  provider: z.string().optional(),
  seconds: z.number().optional(),
  error: errorShapeSchema.optional(),
  createdAt: z.string(),
  startedAt: z.string().optional(),
  endedAt: z.string().optional(),
});
export type Job = z.infer<typeof jobSchema>;

/** A picture that work made, with where it comes from. */
export const galleryItemSchema = z.object({
  /** Of the job. */
  id: z.string(),
  file: fileSchema,
  kind: z.string(),
  plugin: z.string(),
  /** `model`, `version`, `params`, `seed`, `provider`, `seconds`, `level` and what else the work noted. */
  provenance: z.record(z.string(), z.json()),
  /** What it was made from, as far as it still exists. */
  sources: z.array(fileSchema),
  conversationId: z.string().optional(),
  messageId: z.string().optional(),
  createdAt: z.string(),
});
export type GalleryItem = z.infer<typeof galleryItemSchema>;

/** JSON Schema (2020-12) of an object of primitive members, as a form is made from it. */
export const formSchema = z.record(z.string(), z.json());

/** Weights of a plugin and whether they are here. */
export const weightsInfoSchema = z.object({
  name: z.string(),
  plugin: z.string(),
  title: wordsSchema,
  version: z.string(),
  /** `bundled`: came with the program; `missing` can be installed; `operator`: has to be brought, see `instructions`. */
  state: z.enum(['bundled', 'installed', 'missing', 'installing', 'failed', 'operator']),
  /** Of the installed files, in bytes; 0: unknown. */
  size: z.number(),
  downloadSize: z.number(),
  memoryMb: z.number(),
  licence: z.object({ code: z.string(), weights: z.string(), holder: z.string() }),
  instructions: wordsSchema.optional(),
  /** Of an installation under way, 0..100; null: unknown. */
  progress: z.number().nullable().optional(),
  reason: z.string().optional(),
});
export type WeightsInfo = z.infer<typeof weightsInfoSchema>;

export const processorInfoSchema = z.object({
  kind: z.string(),
  title: wordsSchema,
  description: wordsSchema,
  icon: z.string().optional(),
  input: z.object({ minPictures: z.number().int(), maxPictures: z.number().int() }),
  params: formSchema,
});
export type ProcessorInfo = z.infer<typeof processorInfoSchema>;

/** What a plugin of this server is and can do. */
export const pluginInfoSchema = z.object({
  name: z.string(),
  version: z.string(),
  title: wordsSchema,
  description: wordsSchema,
  /** `disabled`: by an administrator; `failed`: `reason` says why. Neither can be used. */
  state: z.enum(['ready', 'disabled', 'failed']),
  reason: z.string().optional(),
  processors: z.array(processorInfoSchema),
  commands: z.array(z.string()),
  actions: z.array(
    z.object({
      /** `<plugin>.<action>`, for `action.invoke`. */
      id: z.string(),
      on: z.enum(['picture', 'message', 'part']),
      title: wordsSchema,
      icon: z.string().optional(),
      /** The button makes a job of this kind with these parameters. */
      kind: z.string().optional(),
      params: z.record(z.string(), z.json()).optional(),
    }),
  ),
  starters: z.array(z.object({ title: wordsSchema, text: wordsSchema })),
  models: z.array(weightsInfoSchema),
  /** What its last session ran on, and why on nothing faster; absent before the first. */
  provider: z.object({ name: z.string(), reason: z.string() }).optional(),
  /** For administrators: the processes that run it now. An idle one ends at `endsAt` if nothing comes. */
  hosts: z.array(z.object({ state: z.enum(['starting', 'idle', 'busy']), endsAt: z.string().optional() })).optional(),
  /** The person's own settings: form and values; absent when there are none. */
  settings: z.object({ form: formSchema, values: z.record(z.string(), z.json()) }).optional(),
  /** For administrators: the plugin's configuration. */
  config: z.object({ form: formSchema, values: z.record(z.string(), z.json()) }).optional(),
});
export type PluginInfo = z.infer<typeof pluginInfoSchema>;
