import { z } from 'zod';
import { AppError } from '../../lib/app-error.ts';
import { usageSchema } from '../../protocol/index.ts';
import { type Exact, looksShown, readSurfaceModelEvent, type SurfaceModelEvent, surfaceCost } from './surface-event.ts';

const text = z.string().max(1_048_576);
const shortText = z.string().max(2000);

const MOST_RAW = 1_048_576;

/** What only the plugin understands, as JSON has it: a function in it could not leave the process. */
const rawPart = z.unknown().transform((part, context): unknown => {
  const json: string | undefined = JSON.stringify(part);
  if (json !== undefined && json.length <= MOST_RAW) return JSON.parse(json);
  context.addIssue('is not JSON, or too large');
  return z.NEVER;
});

const failureSchema = z.object({
  code: z.enum(['MODEL_REFUSED', 'MODEL_BAD_KEY', 'MODEL_UNAVAILABLE', 'MODEL_TIMEOUT', 'RATE_LIMITED', 'BAD_REQUEST', 'INTERNAL']),
  message: shortText,
  class: shortText,
  retryable: z.boolean(),
  retryAfter: z.number().optional(),
  quota: z.object({ window: z.enum(['minute', 'day']), limit: z.number().optional() }).optional(),
});

/** `ModelEvent` of the core, as a plugin in another process gives it. */
const chatEventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text }),
  z.object({ type: z.literal('thought'), text }),
  z.object({
    type: z.literal('media'),
    mime: shortText,
    data: z.instanceof(Uint8Array).refine(({ length }) => length <= 16 * 1_048_576),
    thought: z.boolean().optional(),
  }),
  z.object({ type: z.literal('source'), url: shortText, title: shortText.optional() }),
  z.object({ type: z.literal('code'), language: shortText, code: text }),
  z.object({ type: z.literal('code-result'), outcome: shortText, output: text }),
  z.object({ type: z.literal('raw'), part: rawPart }),
  z.object({ type: z.literal('version'), modelVersion: shortText }),
  z.object({ type: z.literal('retrying'), attempt: z.number(), delayMs: z.number(), reason: shortText }),
  z.object({ type: z.literal('usage'), usage: usageSchema }),
  z.object({
    type: z.literal('finish'),
    reason: shortText,
    outcome: z.enum(['complete', 'limited', 'refused']),
    detail: shortText.optional(),
  }),
  z.object({ type: z.literal('failure'), failure: failureSchema }),
]);

export type ChatEvent = Exact<z.output<typeof chatEventSchema>> | SurfaceModelEvent;

const COST_UNIT = 256 * 1024;

/** How much of the window an event takes: a picture of 16 MiB all of it, so that a reader who is slow holds two of them and not 64. */
export function chatCost(event: ChatEvent): number {
  if (isShown(event)) return surfaceCost(event);
  const size = event.type === 'media' ? event.data.length : 'text' in event ? event.text.length : 0;
  return 1 + Math.floor(size / COST_UNIT);
}

/** @throws AppError PLUGIN_FAILED for what is no event, or one that is too large */
export function readChatEvent(plugin: string, value: unknown): ChatEvent {
  if (looksShown(value)) return readSurfaceModelEvent(plugin, value);
  const parsed = parse(value);
  if (parsed?.success !== true) {
    const cause = new Error('its chat model gave something that is no event, or too large a one');
    throw new AppError('PLUGIN_FAILED', { params: { plugin }, cause });
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- absent members stay absent: nothing in the schema makes an undefined one
  return parsed.data as ChatEvent;
}

/** What a chat model shows beside its words. */
export function isShown(event: ChatEvent): event is SurfaceModelEvent {
  return looksShown(event);
}

/** Undefined where even looking at it fails: a part that refers to itself, a getter that throws. */
function parse(value: unknown) {
  try {
    return chatEventSchema.safeParse(value);
  } catch {
    return undefined;
  }
}
