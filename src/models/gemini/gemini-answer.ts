import type { ModelEvent, ModelFailure } from '../../core/base/model-events.ts';
import type { ModelRequest } from '../../core/base/model-interface.ts';
import type { Clock } from '../../lib/clock.ts';
import type { AnswerQueue } from '../shared/answer-queue.ts';
import type { CallWatch } from '../shared/call-watch.ts';
import type { Json } from '../shared/json-fields.ts';
import { readEvents } from '../shared/read-events.ts';
import { type AnswerReader, createAnswerReader } from './answer-reader.ts';
import { blockMeaning, type FinishMeaning, finishMeaning } from './finish-reasons.ts';
import { faultOfError, faultOfEvent, type GeminiFault, type JudgedFault, judgeFault } from './gemini-failures.ts';
import type { GeminiModelEntry } from './gemini-model-table.ts';
import { buildGeminiRequest, InlineTooLargeError } from './gemini-request.ts';
import type { GeminiSdk } from './gemini-sdk.ts';
import { type WireRequest } from './gemini-wire.ts';

/** An answer beyond these sizes is ended. */
const MAX_TEXT_CHARS = 8 * 1024 * 1024;
const MAX_MEDIA_BYTES = 64 * 1024 * 1024;
/** Requests for one long answer. */
const MAX_HOPS = 8;
/** A wait that the service asks for is honoured up to this; a longer one is told to the person. */
const MAX_WAIT_MS = 20_000;
const BACKOFF_MS = 600;

export interface GeminiAnswerDeps {
  readonly sdk: GeminiSdk;
  readonly clock: Clock;
  readonly watch: CallWatch;
  /** Where the events go. */
  readonly out: AnswerQueue;
  readonly maxRetries: number;
  /** 0 to 1, for the jitter. */
  readonly random: () => number;
}

/** How one request ended. */
type End =
  | { readonly kind: 'over' }
  | { readonly kind: 'ended' }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'fault'; readonly fault: GeminiFault };

interface Progress {
  readonly reader: AnswerReader;
  readonly deps: GeminiAnswerDeps;
  retries: number;
  hops: number;
  stripped: boolean;
}

/**
 * Streams one answer into the queue: requests, retries before the first piece, hops of a long answer. Ends early when the watch did.
 * @returns the events that end the answer, none where its reader is gone; the queue is left open
 */
export async function streamGeminiAnswer(
  request: ModelRequest,
  entry: GeminiModelEntry,
  deps: GeminiAnswerDeps,
): Promise<readonly ModelEvent[]> {
  const progress: Progress = { reader: createAnswerReader(), deps, retries: 0, hops: 0, stripped: false };
  let wire: WireRequest | undefined;
  for (;;) {
    if (wire === undefined) {
      // A picture that never loads must not hold the answer beyond its time.
      const built = (await Promise.race([build(request, entry, progress.stripped), deps.watch.over])) ?? endedEarly(progress);
      if ('events' in built) return built.events;
      wire = built.wire;
    }
    const next = decide(await attempt(entry.id, wire, progress), progress);
    if ('events' in next) return next.events;
    if (next.again === 'continue') wire = { ...wire, continuationToken: next.token };
    else if (next.again === 'strip') wire = undefined;
    else {
      deps.out.push({ type: 'retrying', attempt: progress.retries, delayMs: next.delayMs, reason: next.reason });
      await deps.watch.sleep(next.delayMs);
    }
  }
}

async function build(
  request: ModelRequest,
  entry: GeminiModelEntry,
  stripped: boolean,
): Promise<{ readonly wire: WireRequest } | { readonly events: readonly ModelEvent[] }> {
  try {
    return { wire: await buildGeminiRequest(request, entry, stripped) };
  } catch (error) {
    const tooLarge = error instanceof InlineTooLargeError;
    const message = tooLarge
      ? 'The pictures of this conversation are too large for one request.'
      : 'A picture of this conversation could not be read.';
    const failure = { code: 'BAD_REQUEST', message, class: tooLarge ? 'inline_too_large' : 'image_unreadable', retryable: false } as const;
    return { events: [{ type: 'failure', failure }] };
  }
}

/** One request. Whatever ends it, its upstream connection is closed when this returns. */
async function attempt(model: string, wire: WireRequest, { reader, deps }: Progress): Promise<End> {
  const { sdk, watch, out } = deps;
  const signal = watch.begin();
  if (watch.ended) return { kind: 'ended' };
  watch.expect('first');
  try {
    const body = await watch.untilEnded(sdk.open(model, wire, signal));
    if (body === undefined) return { kind: 'ended' };
    let end: End = { kind: 'over' };
    const take = (event: Json): boolean => {
      if (watch.ended) return false;
      const found = takeEvent(event, reader, deps);
      if (found !== undefined) end = found;
      return found === undefined;
    };
    await watch.untilEnded(readEvents(body, { take, room: () => (out.full ? out.ready() : undefined) }));
    return watch.ended ? { kind: 'ended' } : end;
  } catch (error) {
    return watch.ended ? { kind: 'ended' } : { kind: 'fault', fault: faultOfError(error) };
  } finally {
    out.pause();
    watch.cut();
  }
}

/** @returns how the request ended; undefined while it goes on */
function takeEvent(event: Json, reader: AnswerReader, { out }: GeminiAnswerDeps): End | undefined {
  if (event['error'] !== undefined) return { kind: 'fault', fault: faultOfEvent(event['error']) };
  for (const found of reader.read(event)) out.push(found);
  if (reader.started) out.heard();
  const { size } = reader;
  return size.text > MAX_TEXT_CHARS || size.media > MAX_MEDIA_BYTES ? { kind: 'too-large' } : undefined;
}

type Next =
  | { readonly events: readonly ModelEvent[] }
  | { readonly again: 'continue'; readonly token: string }
  | { readonly again: 'strip' }
  | { readonly again: 'retry'; readonly delayMs: number; readonly reason: string };

function decide(end: End, progress: Progress): Next {
  const { reader, deps } = progress;
  if (end.kind === 'ended') return endedEarly(progress);
  if (end.kind === 'too-large') return { events: finished(reader, 'SIZE_LIMIT', finishMeaning('SIZE_LIMIT', true)) };
  if (end.kind === 'fault') return afterFault(judgeFault(end.fault, deps.clock.now()), progress);
  if (reader.blockReason !== undefined) return { events: finished(reader, reader.blockReason, blockMeaning(reader.blockReason)) };
  const reason = reader.finishReason;
  if (reason === undefined) return afterFault(judgeFault({ status: 0, message: '', details: [], kind: 'truncated' }, 0), progress);
  if (reason === 'CONTINUATION' && reader.continuationToken !== undefined && progress.hops + 1 < MAX_HOPS) {
    const token = reader.continuationToken;
    progress.hops += 1;
    reader.nextHop();
    return { again: 'continue', token };
  }
  return { events: finished(reader, reason, finishMeaning(reason, reader.answered)) };
}

function endedEarly({ reader, deps }: Progress): { readonly events: readonly ModelEvent[] } {
  return { events: deps.watch.failure === undefined ? [] : failed(reader, deps.watch.failure) };
}

function afterFault(judged: JudgedFault, progress: Progress): Next {
  const { reader, deps } = progress;
  const { failure, waitMs, badSignature } = judged;
  if (reader.started) return { events: failed(reader, failure) };
  if (badSignature === true && !progress.stripped) {
    progress.stripped = true;
    reader.nextHop();
    return { again: 'strip' };
  }
  const patience = (waitMs ?? 0) <= MAX_WAIT_MS;
  if (!failure.retryable || !patience || progress.retries >= deps.maxRetries) return { events: failed(reader, failure) };
  progress.retries += 1;
  reader.nextHop();
  // A wait that was asked for is a minimum; our own back-off is spread around its middle.
  const delay = waitMs === undefined ? BACKOFF_MS * 2 ** (progress.retries - 1) * (0.5 + deps.random()) : waitMs + 400 * deps.random();
  return { again: 'retry', delayMs: Math.round(delay), reason: failure.class };
}

function failed(reader: AnswerReader, failure: ModelFailure): ModelEvent[] {
  return [...usageEvents(reader), { type: 'failure', failure }];
}

function finished(reader: AnswerReader, reason: string, meaning: FinishMeaning): ModelEvent[] {
  const raw = reader.rawParts().map((part): ModelEvent => ({ type: 'raw', part }));
  return [...raw, ...usageEvents(reader), { type: 'finish', reason, ...meaning }];
}

function usageEvents(reader: AnswerReader): ModelEvent[] {
  const usage = reader.usage();
  return usage === undefined ? [] : [{ type: 'usage', usage }];
}
