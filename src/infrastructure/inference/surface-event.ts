import { z } from 'zod';
import { AppError } from '../../lib/app-error.ts';
import {
  askSpecSchema,
  customNodeSchema,
  elementDisplaySchema,
  fieldSchema,
  plotSchema,
  tableSchema,
  tasksPartSchema,
} from '../../protocol/index.ts';

/** Bytes of one element. */
export const mostElementBytes = 32 * 1_048_576;
/** Of a text, and of what a step shows: characters. */
const MOST_TEXT = 65_536;
/** Of an action's payload and of a question's state, as JSON. */
const MOST_PAYLOAD = 8192;
/** Of one event without its bytes, as JSON: it travels to each open tab in one frame, of which a socket holds 1 MiB. */
const MOST_EVENT = 256 * 1024;
/** MongoDB takes 100 levels, of the whole document; a node of a tree takes two. */
const MOST_LEVELS = 40;
const YEAR_SECONDS = 366 * 86_400;

const id = z.string().min(1).max(64);
const name = z.string().min(1).max(200);
const icon = z.string().min(1).max(40);
const text = z.string().max(MOST_TEXT);
const small = z.json().refine((value) => JSON.stringify(value).length <= MOST_PAYLOAD, `is larger than ${MOST_PAYLOAD / 1024} KiB`);

const bytes = z.object({
  mime: z
    .string()
    .max(127)
    .regex(/^[a-z]+\/[a-z0-9][a-z0-9.+-]*$/i, 'is no media type'),
  data: z
    .custom<Uint8Array>((value) => value instanceof Uint8Array, 'must be a Uint8Array')
    .refine(({ length }) => length > 0 && length <= mostElementBytes, 'is empty or larger than 32 MiB'),
  name: z.string().min(1).max(255).optional(),
});

const common = {
  id,
  name,
  display: elementDisplaySchema.optional(),
  size: z.enum(['small', 'medium', 'large']).optional(),
};
const alt = z.string().max(1000).optional();

const element = z.discriminatedUnion('kind', [
  z.object({ ...common, kind: z.literal('image'), bytes, alt }),
  z.object({ ...common, kind: z.enum(['pdf', 'audio', 'video', 'file']), bytes }),
  z.object({ ...common, kind: z.literal('text'), text, language: z.string().max(40).optional() }),
  z.object({ ...common, kind: z.literal('table'), table: tableSchema }),
  z.object({ ...common, kind: z.literal('plot'), plot: plotSchema, alt }),
  z.object({ ...common, kind: z.literal('custom'), tree: customNodeSchema, bytes: bytes.optional() }),
]);

const actionItem = z.object({
  action: z.string().min(1).max(64),
  label: z.string().min(1).max(120),
  tooltip: z.string().max(300).optional(),
  icon: icon.optional(),
  tone: z.enum(['plain', 'primary', 'danger']).optional(),
  payload: small.optional(),
});

/** What a chat model of a plugin may show besides words. */
export const surfaceModelEvents = [
  z.object({
    type: z.literal('step'),
    id,
    parentId: id.optional(),
    name,
    status: z.enum(['running', 'succeeded', 'failed']),
    input: text.optional(),
    output: text.optional(),
    language: z.string().max(40).optional(),
    icon: icon.optional(),
    open: z.boolean().optional(),
  }),
  z.object({ type: z.literal('element'), element }),
  z.object({ type: z.literal('actions'), id, items: z.array(actionItem).max(20) }),
  z.object({
    type: z.literal('ask'),
    name: z.string().min(1).max(64),
    spec: askSpecSchema,
    state: small.optional(),
    expiresInSeconds: z.number().positive().max(YEAR_SECONDS).optional(),
  }),
  z.object({ type: z.literal('tasks'), id, title: name.optional(), items: tasksPartSchema.shape.items.max(100) }),
  z.object({ type: z.literal('remove'), of: z.enum(['step', 'element', 'actions', 'tasks']), id }),
  z.object({ type: z.literal('toast'), level: z.enum(['info', 'success', 'warning', 'error']), text: z.string().min(1).max(1000) }),
] as const;

const surfaceEventSchema = z.discriminatedUnion('type', [
  ...surfaceModelEvents,
  z.object({ type: z.literal('note') }),
  z.object({ type: z.literal('text'), text }),
  z.object({ type: z.literal('context'), text }),
  z.object({
    type: z.literal('message'),
    author: z.object({ name: z.string().min(1).max(120), avatar: z.string().max(64).optional() }).optional(),
  }),
  z.object({ type: z.literal('fields'), fields: z.array(fieldSchema).max(50), values: z.record(z.string().max(64), small) }),
]);

/** Absent members stay absent: the interfaces of the core do not know `undefined` in their place. */
export type Exact<T> = T extends Uint8Array
  ? T
  : T extends readonly (infer Item)[]
    ? number extends T['length']
      ? Exact<Item>[]
      : T
    : T extends object
      ? { [K in keyof T as undefined extends T[K] ? never : K]: Exact<T[K]> } & {
          [K in keyof T as undefined extends T[K] ? K : never]?: Exact<Exclude<T[K], undefined>>;
        }
      : T;

export type SurfaceEvent = Exact<z.output<typeof surfaceEventSchema>>;
export type SurfaceModelEvent = Extract<
  SurfaceEvent,
  { readonly type: 'step' | 'element' | 'actions' | 'ask' | 'tasks' | 'remove' | 'toast' }
>;

const ofModels: ReadonlySet<unknown> = new Set<SurfaceModelEvent['type']>([
  'step',
  'element',
  'actions',
  'ask',
  'tasks',
  'remove',
  'toast',
]);

/** Whether something calls itself an event that a chat model shows beside its words. */
export function looksShown(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'type' in value && ofModels.has(value.type);
}

/** @throws AppError PLUGIN_FAILED for what is no event, or one that is too large; its cause says to the operator what was wrong */
export function readSurfaceEvent(plugin: string, value: unknown): SurfaceEvent {
  try {
    return sized(surfaceEventSchema.parse(value));
  } catch (error) {
    throw new AppError('PLUGIN_FAILED', { params: { plugin }, cause: new Error(`what it showed ${reasonOf(error)}`) });
  }
}

/** @throws AppError PLUGIN_FAILED */
export function readSurfaceModelEvent(plugin: string, value: unknown): SurfaceModelEvent {
  const event = readSurfaceEvent(plugin, value);
  if (isOfModel(event)) return event;
  throw new AppError('PLUGIN_FAILED', { params: { plugin }, cause: new Error('its chat model showed what only a hook may') });
}

function isOfModel(event: SurfaceEvent): event is SurfaceModelEvent {
  return ofModels.has(event.type);
}

const COST_UNIT = 256 * 1024;

/** How much of the window an event takes: an element of 32 MiB all of it. */
export function surfaceCost(event: SurfaceEvent): number {
  return 1 + Math.floor((bytesOf(event)?.length ?? 0) / COST_UNIT);
}

/** Events of one call, characters of their JSON together, and bytes of its elements. */
const MOST_EVENTS = 10_000;
const MOST_JSON = 4 * 1_048_576;
const MOST_BYTES = 128 * 1_048_576;

/** Counts what one call shows. @returns a function that throws AppError PLUGIN_FAILED for what is too much */
export function surfaceBudget(plugin: string): (event: SurfaceEvent) => void {
  let [events, json, bytes] = [0, 0, 0];
  return (event) => {
    events += 1;
    json += jsonOf(event).length;
    bytes += bytesOf(event)?.length ?? 0;
    if (events <= MOST_EVENTS && json <= MOST_JSON && bytes <= MOST_BYTES) return;
    throw new AppError('PLUGIN_FAILED', { params: { plugin }, cause: new Error('it showed more than one call may') });
  };
}

type Parsed = z.output<typeof surfaceEventSchema>;

/** The event as JSON has it, its bytes put back: no member is undefined, and nothing is left of what the plugin holds. */
function sized(event: Parsed): SurfaceEvent {
  const json = jsonOf(event);
  if (json.length > MOST_EVENT) throw new Error('is larger than 256 KiB');
  if (levelsOf(json) > MOST_LEVELS) throw new Error(`is nested more than ${MOST_LEVELS} levels deep`);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a copy of what has just been parsed
  const copy = JSON.parse(json) as SurfaceEvent;
  const data = bytesOf(event);
  if (data === undefined || copy.type !== 'element' || !('bytes' in copy.element)) return copy;
  return { ...copy, element: { ...copy.element, bytes: { ...copy.element.bytes, data } } };
}

function bytesOf(event: Parsed | SurfaceEvent): Uint8Array | undefined {
  return event.type === 'element' && 'bytes' in event.element ? event.element.bytes?.data : undefined;
}

/** `JSON.stringify` would write each byte as a number. */
function jsonOf(event: Parsed | SurfaceEvent): string {
  if (event.type !== 'element' || !('bytes' in event.element) || event.element.bytes === undefined) return JSON.stringify(event);
  return JSON.stringify({ ...event, element: { ...event.element, bytes: { ...event.element.bytes, data: undefined } } });
}

function levelsOf(json: string): number {
  let depth = 0;
  let deepest = 0;
  let quoted = false;
  for (let at = 0; at < json.length; at += 1) {
    const letter = json[at];
    if (letter === '\\' && quoted) at += 1;
    else if (letter === '"') quoted = !quoted;
    else if (!quoted && (letter === '{' || letter === '[')) {
      depth += 1;
      deepest = Math.max(deepest, depth);
    } else if (!quoted && (letter === '}' || letter === ']')) depth -= 1;
  }
  return deepest;
}

/** Also where even looking at it fails: a tree that contains itself, a getter that throws. */
function reasonOf(error: unknown): string {
  if (!(error instanceof z.ZodError)) return error instanceof Error ? error.message.slice(0, 200) : 'cannot be read';
  const issue = error.issues[0];
  return `has a wrong ${issue?.path.map(String).join('.').slice(0, 100) ?? 'shape'}: ${issue?.message.slice(0, 200) ?? ''}`;
}
