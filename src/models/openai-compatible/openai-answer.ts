import type { ModelEvent, ModelFailure } from '../../core/base/model-events.ts';
import type { ModelRequest } from '../../core/base/model-interface.ts';
import type { AnswerQueue } from '../shared/answer-queue.ts';
import type { CallWatch } from '../shared/call-watch.ts';
import { asObject, asString, type Json } from '../shared/json-fields.ts';
import { type PostAnswer, postStream, readText } from '../shared/post-stream.ts';
import { readEvents } from '../shared/read-events.ts';
import { OpenAiAnswerReader } from './openai-answer-reader.ts';
import { failureOfError, failureOfEvent, failureOfStatus, truncated } from './openai-failures.ts';
import { buildOpenAiRequest } from './openai-request.ts';

/** An answer beyond this is ended. */
const MAX_TEXT_CHARS = 8 * 1024 * 1024;
const MAX_ERROR_BYTES = 64 * 1024;
/** A wait that the service asks for is honoured up to this; a longer one is told to the person. */
const MAX_WAIT_SECONDS = 20;
const BACKOFF_MS = 600;

export interface OpenAiAnswerDeps {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly watch: CallWatch;
  /** Where the events go. */
  readonly out: AnswerQueue;
  readonly maxRetries: number;
  /** 0 to 1, for the jitter. */
  readonly random: () => number;
}

type End =
  | { readonly kind: 'done'; readonly events: readonly ModelEvent[] }
  | { readonly kind: 'failed'; readonly failure: ModelFailure }
  | { readonly kind: 'over' };

/**
 * Streams one answer into the queue: requests, and repeats before the first piece. Ends early when the watch did.
 * @returns the events that end the answer, none where its reader is gone; the queue is left open
 */
export async function streamOpenAiAnswer(request: ModelRequest, images: boolean, deps: OpenAiAnswerDeps): Promise<readonly ModelEvent[]> {
  const { watch, out, maxRetries, random } = deps;
  const body = await bodyOf(request, images, watch);
  if (body === undefined) return timeUp(watch);
  if ('class' in body) return [{ type: 'failure', failure: body }];
  for (let retries = 0; ; retries += 1) {
    const reader = new OpenAiAnswerReader();
    const end = await attempt(body.json, reader, deps);
    if (end.kind === 'done') return end.events;
    if (end.kind === 'over') return [...reader.rest(), ...timeUp(watch)];
    const { failure } = end;
    if (reader.started || retries >= maxRetries || !worthRepeating(failure)) return [...reader.rest(), { type: 'failure', failure }];
    const wait =
      failure.retryAfter === undefined ? BACKOFF_MS * 2 ** retries * (0.5 + random()) : failure.retryAfter * 1000 + 400 * random();
    out.push({ type: 'retrying', attempt: retries + 1, delayMs: Math.round(wait), reason: failure.class });
    await watch.sleep(wait);
  }
}

function worthRepeating({ retryable, retryAfter = 0 }: ModelFailure): boolean {
  return retryable && retryAfter <= MAX_WAIT_SECONDS;
}

/** A picture that never loads must not hold the answer beyond its time: then it is undefined. */
async function bodyOf(request: ModelRequest, images: boolean, watch: CallWatch): Promise<{ json: Json } | ModelFailure | undefined> {
  try {
    const json = await Promise.race([buildOpenAiRequest(request, images), watch.over]);
    return json === undefined ? undefined : { json };
  } catch {
    const message = 'A picture of this conversation could not be read.';
    return { code: 'BAD_REQUEST', message, class: 'image_unreadable', retryable: false };
  }
}

function timeUp({ failure }: CallWatch): ModelEvent[] {
  return failure === undefined ? [] : [{ type: 'failure', failure }];
}

/** One request. Whatever ends it, its connection is closed when this returns. */
async function attempt(body: Json, reader: OpenAiAnswerReader, deps: OpenAiAnswerDeps): Promise<End> {
  const { watch, out, url } = deps;
  const signal = watch.begin();
  if (watch.ended) return { kind: 'over' };
  watch.expect('first');
  try {
    const headers = { ...deps.headers, 'content-type': 'application/json', accept: 'text/event-stream' };
    const answer = await watch.untilEnded(postStream(url, { headers, body: JSON.stringify(body), signal }));
    if (answer === undefined) return { kind: 'over' };
    if (answer.status < 200 || answer.status > 299) {
      const failure = await watch.untilEnded(refusal(answer));
      return failure === undefined || watch.ended ? { kind: 'over' } : { kind: 'failed', failure };
    }
    const end = await watch.untilEnded(readAll(answer, reader, deps));
    return end === undefined || watch.ended ? { kind: 'over' } : end;
  } catch (error) {
    return watch.ended ? { kind: 'over' } : { kind: 'failed', failure: reader.started ? truncated() : failureOfError(error) };
  } finally {
    out.pause();
    watch.cut();
  }
}

async function readAll({ body }: PostAnswer, reader: OpenAiAnswerReader, { watch, out }: OpenAiAnswerDeps): Promise<End> {
  let failure: ModelFailure | undefined;
  let chars = 0;
  const take = (chunk: Json): boolean => {
    const error = chunk['error'];
    if (error !== undefined && error !== null) failure = failureOfEvent(error);
    if (failure !== undefined || watch.ended) return false;
    for (const event of reader.read(chunk)) {
      out.push(event);
      if (event.type === 'text' || event.type === 'thought') chars += event.text.length;
    }
    if (reader.started) out.heard();
    return chars <= MAX_TEXT_CHARS;
  };
  await readEvents(body, { take, room: () => (out.full ? out.ready() : undefined) });
  return failure === undefined ? ending(reader, chars > MAX_TEXT_CHARS) : { kind: 'failed', failure };
}

function ending(reader: OpenAiAnswerReader, tooLarge: boolean): End {
  if (tooLarge) return { kind: 'done', events: [...reader.rest(), { type: 'finish', reason: 'size_limit', outcome: 'limited' }] };
  const events = reader.end();
  return events === null ? { kind: 'failed', failure: truncated() } : { kind: 'done', events };
}

async function refusal({ status, headers, body }: PostAnswer): Promise<ModelFailure> {
  return failureOfStatus(status, headers['retry-after'] ?? null, messageOf(await readText(body, MAX_ERROR_BYTES)));
}

function messageOf(text: string): string {
  try {
    const error = asObject(JSON.parse(text))?.['error'];
    return asString(error) ?? asString(asObject(error)?.['message']) ?? '';
  } catch {
    return '';
  }
}
