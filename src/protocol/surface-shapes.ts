import { z } from 'zod';

/**
 * What plugins show in a conversation: steps, elements, actions, questions, lists of tasks. All of it is data that is stored in
 * the message, so it survives a reload and looks the same in every tab; no code of a plugin runs in the page.
 */

/** Where an element is shown: in the message, in the pane beside the conversation, or on a page of its own. */
export const elementDisplaySchema = z.enum(['inline', 'side', 'page']);

/** Bytes of an element, served at `url` to the owner of the conversation only. */
export const elementFileSchema = z.object({
  fileId: z.string(),
  url: z.string(),
  mime: z.string(),
  /** In bytes. */
  size: z.number().int(),
  width: z.number().int().optional(),
  height: z.number().int().optional(),
});

const cell = z.union([z.string().max(4096), z.number(), z.boolean(), z.null()]);
export const tableSchema = z.object({
  columns: z
    .array(
      z.object({
        title: z.string().max(200),
        /** How its cells are written: numbers and dates by the reader's locale. Default: text. */
        type: z.enum(['text', 'number', 'date', 'boolean']).optional(),
      }),
    )
    .min(1)
    .max(64),
  rows: z.array(z.array(cell).max(64)).max(5000),
  /** Rows on a page of the table, 5 to 200. Default: 20. */
  pageSize: z.number().int().min(5).max(200).optional(),
});
export type TableData = z.infer<typeof tableSchema>;

export const plotSchema = z.object({
  kind: z.enum(['line', 'area', 'bar', 'scatter', 'pie']),
  x: z.object({ title: z.string().max(200).optional(), type: z.enum(['number', 'date', 'category']) }),
  y: z.object({ title: z.string().max(200).optional() }).optional(),
  series: z
    .array(
      z.object({ name: z.string().max(200), points: z.array(z.tuple([z.union([z.number(), z.string().max(200)]), z.number()])).max(5000) }),
    )
    .min(1)
    .max(12),
});
export type PlotData = z.infer<typeof plotSchema>;

/** A field of a form, in a question, a custom element or the settings of a chat: the widget kinds, as data. */
export const fieldSchema = z.object({
  id: z
    .string()
    .max(64)
    .regex(/^[A-Za-z][A-Za-z0-9_]*$/)
    // Their values travel by these names, and such names no frame may hold.
    .refine((id) => id !== 'constructor' && id !== 'prototype', 'must not be constructor or prototype'),
  kind: z.enum([
    'switch',
    'checkbox',
    'slider',
    'number',
    'text',
    'textarea',
    'select',
    'multi-select',
    'radio',
    'tags',
    'date',
    'date-range',
  ]),
  label: z.string().max(200),
  description: z.string().max(1000).optional(),
  placeholder: z.string().max(200).optional(),
  required: z.boolean().optional(),
  disabled: z.boolean().optional(),
  initial: z.json().optional(),
  options: z
    .array(z.object({ value: z.string().max(200), label: z.string().max(200) }))
    .max(200)
    .optional(),
  min: z.union([z.number(), z.string().max(40)]).optional(),
  max: z.union([z.number(), z.string().max(40)]).optional(),
  step: z.number().positive().optional(),
  maxLength: z.number().int().positive().optional(),
  /** Title of the tab that it stands on; fields without one stand on the first. */
  tab: z.string().max(80).optional(),
});
export type Field = z.infer<typeof fieldSchema>;

/** A custom element: a tree of known nodes. A button invokes an action of the plugin with its payload and the values of the fields around it. */
// An interface would not count as JSON.
export type CustomNode = {
  readonly node:
    | 'stack'
    | 'row'
    | 'card'
    | 'heading'
    | 'text'
    | 'badge'
    | 'progress'
    | 'image'
    | 'divider'
    | 'list'
    | 'button'
    | 'field'
    | 'link';
  readonly text?: string | undefined;
  readonly tone?: 'plain' | 'info' | 'success' | 'warning' | 'danger' | undefined;
  /** Of `progress`, 0 to 100. */
  readonly value?: number | undefined;
  /** Of `image`: a file of the same element. */
  readonly fileId?: string | undefined;
  readonly alt?: string | undefined;
  /** Of `link`: http or https. */
  readonly url?: string | undefined;
  readonly actionId?: string | undefined;
  readonly payload?: z.core.util.JSONType | undefined;
  readonly field?: Field | undefined;
  readonly children?: readonly CustomNode[] | undefined;
};
export const customNodeSchema: z.ZodType<CustomNode> = z.lazy(() =>
  z.object({
    node: z.enum(['stack', 'row', 'card', 'heading', 'text', 'badge', 'progress', 'image', 'divider', 'list', 'button', 'field', 'link']),
    text: z.string().max(8192).optional(),
    tone: z.enum(['plain', 'info', 'success', 'warning', 'danger']).optional(),
    value: z.number().min(0).max(100).optional(),
    fileId: z.string().max(64).optional(),
    alt: z.string().max(500).optional(),
    url: z.string().max(2000).optional(),
    actionId: z.string().max(128).optional(),
    payload: z.json().optional(),
    field: fieldSchema.optional(),
    children: z.array(customNodeSchema).max(100).optional(),
  }),
);

export const elementKindSchema = z.enum(['image', 'text', 'pdf', 'audio', 'video', 'file', 'table', 'plot', 'custom']);

export const elementPartSchema = z.object({
  type: z.literal('element'),
  elementId: z.string(),
  kind: elementKindSchema,
  /** Its title; where the text of the message says this name, the name is a link to it. */
  name: z.string(),
  display: elementDisplaySchema,
  size: z.enum(['small', 'medium', 'large']).optional(),
  file: elementFileSchema.optional(),
  /** Of `text`: Markdown, or code where `language` is given. */
  text: z.string().optional(),
  language: z.string().optional(),
  table: tableSchema.optional(),
  plot: plotSchema.optional(),
  tree: customNodeSchema.optional(),
  /** Of `image` and `plot`: what it shows, for those who do not see it. */
  alt: z.string().optional(),
});
export type ElementPart = z.infer<typeof elementPartSchema>;

export const actionItemSchema = z.object({
  /** `<plugin>.<action>`, for `action.invoke`. */
  actionId: z.string(),
  label: z.string(),
  tooltip: z.string().optional(),
  icon: z.string().optional(),
  tone: z.enum(['plain', 'primary', 'danger']).optional(),
  /** Handed to the action as `data`. */
  payload: z.json().optional(),
});
export const actionsPartSchema = z.object({ type: z.literal('actions'), actionsId: z.string(), items: z.array(actionItemSchema) });
export type ActionsPart = z.infer<typeof actionsPartSchema>;

/** What a question wants: a text, files, one of some choices, or a filled form. */
export const askSpecSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('text'), prompt: z.string(), placeholder: z.string().optional(), maxLength: z.number().int().optional() }),
  z.object({
    kind: z.literal('file'),
    prompt: z.string(),
    /** Media types and file name endings, as an `input` takes them. */
    accept: z.array(z.string()).max(20).optional(),
    maxFiles: z.number().int().min(1).max(16).optional(),
    maxBytes: z.number().int().positive().optional(),
  }),
  z.object({
    kind: z.literal('choice'),
    prompt: z.string(),
    options: z
      .array(z.object({ value: z.string(), label: z.string(), description: z.string().optional(), icon: z.string().optional() }))
      .min(1)
      .max(50),
  }),
  z.object({
    kind: z.literal('form'),
    prompt: z.string(),
    fields: z.array(fieldSchema).min(1).max(50),
    submitLabel: z.string().optional(),
  }),
]);
export type AskSpec = z.infer<typeof askSpecSchema>;

export const askPartSchema = z.object({
  type: z.literal('ask'),
  askId: z.string(),
  spec: askSpecSchema,
  /** `open` takes one answer, from whichever tab is first; the others are final. */
  status: z.enum(['open', 'answered', 'cancelled', 'expired']),
  /** What was answered, as it may be shown: a text, chosen labels, file ids, values of the form. */
  answer: z.json().optional(),
  expiresAt: z.string().optional(),
});
export type AskPart = z.infer<typeof askPartSchema>;

export const tasksPartSchema = z.object({
  type: z.literal('tasks'),
  tasksId: z.string(),
  title: z.string().optional(),
  items: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      status: z.enum(['ready', 'running', 'failed', 'done']),
      /** The message that tells more about it. */
      messageId: z.string().optional(),
    }),
  ),
});
export type TasksPart = z.infer<typeof tasksPartSchema>;

/** Takes an earlier part out of the message that is being written. Never stored. */
export const removedPartSchema = z.object({
  type: z.literal('removed'),
  of: z.enum(['step', 'element', 'actions', 'tasks']),
  id: z.string(),
});

/** A text in the languages of our users; English is the fallback. */
const words = z.object({ en: z.string(), fa: z.string().optional(), ar: z.string().optional() });

export const starterInfoSchema = z.object({ title: words, text: words, category: words.optional(), icon: z.string().optional() });

/** A choice beside the composer that goes along with each message, such as how deep to research. */
export const modeInfoSchema = z.object({
  id: z.string(),
  title: words,
  options: z
    .array(
      z.object({
        id: z.string(),
        title: words,
        description: words.optional(),
        icon: z.string().optional(),
        default: z.boolean().optional(),
      }),
    )
    .min(1)
    .max(20),
});
export type ModeInfo = z.infer<typeof modeInfoSchema>;

/** A way to chat that a plugin offers: its own model or instruction, greeting, starters, settings and modes. */
export const profileInfoSchema = z.object({
  /** `<plugin>.<profile>` */
  id: z.string(),
  title: words,
  /** Markdown. */
  description: words.optional(),
  icon: z.string().optional(),
  /** The name under which it answers, and the picture beside it (`GET /api/avatars/:name`). */
  author: z.object({ name: words, avatar: z.string().optional() }).optional(),
  /** Markdown, shown on the empty page. */
  greeting: words.optional(),
  starters: z.array(starterInfoSchema),
  /** The widgets of `Settings.values`. */
  fields: z.array(fieldSchema),
  modes: z.array(modeInfoSchema),
  /** The one that a new conversation begins with. */
  default: z.boolean().optional(),
  /** The plugin speaks first: choosing it begins the conversation at once. */
  speaksFirst: z.boolean().optional(),
});
export type ProfileInfo = z.infer<typeof profileInfoSchema>;

/** What the operator and the plugins put around the conversation. */
export const surfaceInfoSchema = z.object({
  profiles: z.array(profileInfoSchema),
  /** Modes of every conversation, besides those of its profile. */
  modes: z.array(modeInfoSchema),
  links: z.array(z.object({ title: words, url: z.string(), icon: z.string().optional() })),
  /** There is a page that tells people about this server, at `GET /api/readme`. */
  readme: z.boolean(),
  /** There is a theme of this server, at `/site/theme.css`. */
  theme: z.boolean(),
});
export type SurfaceInfo = z.infer<typeof surfaceInfoSchema>;
