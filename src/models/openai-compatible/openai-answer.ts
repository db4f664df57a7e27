import type { ModelEvent, ModelFailure } from '../../core/base/model-events.ts';
import type { ModelRequest } from '../../core/base/model-interface.ts';
import type { CallWatch } from '../shared/call-watch.ts';
import { asObject, asString, type Json } from '../shared/json-fields.ts';
import { SseFramer } from '../shared/sse-framer.ts';
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
  readonly fetch: typeof globalThis.fetch;
  readonly watch: CallWatch;
  readonly maxRetries: number;
  /** 0 to 1, for the jitter. */
  readonly random: () => number;
}

type End = { readonly kind: 'done' } | { readonly kind: 'failed'; readonly failure: ModelFailure } | { readonly kind: 'over' };

/** Streams one answer: requests, repeats before the first piece, and its end. Ends early when the watch did. */
export async function* streamOpenAiAnswer(request: ModelRequest, images: boolean, deps: OpenAiAnswerDeps): AsyncGenerator<ModelEvent> {
  const { watch, maxRetries, random } = deps;
  const body = await bodyOf(request, images, watch);
  if (body === undefined) return yield* timeUp(watch);
  if ('class' in body) return yield { type: 'failure', failure: body };
  for (let retries = 0; ; retries += 1) {
    const reader = new OpenAiAnswerReader();
    const end: End = yield* attempt(body.json, reader, deps);
    if (end.kind === 'done') return;
    if (end.kind === 'over') {
      yield* reader.rest();
      return yield* timeUp(watch);
    }
    const { failure } = end;
    if (reader.started || retries >= maxRetries || !worthRepeating(failure)) {
      yield* reader.rest();
      return yield { type: 'failure', failure };
    }
    const wait =
      failure.retryAfter === undefined ? BACKOFF_MS * 2 ** retries * (0.5 + random()) : failure.retryAfter * 1000 + 400 * random();
    yield { type: 'retrying', attempt: retries + 1, delayMs: Math.round(wait), reason: failure.class };
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

function* timeUp({ failure }: CallWatch): Generator<ModelEvent> {
  if (failure !== undefined) yield { type: 'failure', failure };
}

/** One request. Whatever ends it, its connection is closed when this returns. */
async function* attempt(body: Json, reader: OpenAiAnswerReader, deps: OpenAiAnswerDeps): AsyncGenerator<ModelEvent, End> {
  const { watch, url } = deps;
  const signal = watch.begin();
  if (watch.ended) return { kind: 'over' };
  watch.expect('first');
  try {
    const headers = { ...deps.headers, 'content-type': 'application/json', accept: 'text/event-stream' };
    // A redirect would carry the key to wherever it points.
    const sent = deps.fetch(url, { method: 'POST', headers, body: JSON.stringify(body), redirect: 'error', signal });
    const response = await watch.untilEnded(sent);
    if (response === undefined) return { kind: 'over' };
    if (!response.ok || response.body === null) {
      const said = await watch.untilEnded(errorText(response));
      const failure = failureOfStatus(response.status, response.headers.get('retry-after'), said ?? '');
      return watch.ended ? { kind: 'over' } : { kind: 'failed', failure };
    }
    return yield* readAll(response.body.getReader(), reader, watch, signal);
  } catch (error) {
    return watch.ended ? { kind: 'over' } : { kind: 'failed', failure: reader.started ? truncated() : failureOfError(error) };
  } finally {
    watch.cut();
  }
}

async function* readAll(
  body: ReadableStreamDefaultReader<Uint8Array>,
  reader: OpenAiAnswerReader,
  watch: CallWatch,
  signal: AbortSignal,
): AsyncGenerator<ModelEvent, End> {
  // After a garbage collection Node's fetch may no longer hear the signal that it was given.
  const hangUp = (): void => void body.cancel().catch(() => {});
  signal.addEventListener('abort', hangUp, { once: true });
  let chars = 0;
  try {
    for await (const text of eventsIn(body, watch, () => reader.started)) {
      const chunk: unknown = JSON.parse(text);
      const error = asObject(chunk)?.['error'];
      if (error !== undefined && error !== null) return { kind: 'failed', failure: failureOfEvent(error) };
      const events = reader.read(chunk);
      // The reader's own time does not count as the model's silence.
      if (reader.started) watch.rest();
      yield* events;
      chars += text.length;
      if (chars > MAX_TEXT_CHARS) return yield* ending(reader, true);
    }
    return watch.ended ? { kind: 'over' } : yield* ending(reader, false);
  } finally {
    signal.removeEventListener('abort', hangUp);
    hangUp();
  }
}

/** Ends with the body, or when the watch did. */
async function* eventsIn(
  body: ReadableStreamDefaultReader<Uint8Array>,
  watch: CallWatch,
  begun: () => boolean,
): AsyncGenerator<string, void> {
  const framer = new SseFramer();
  for (;;) {
    if (begun()) watch.expect('next');
    const read = await watch.untilEnded(body.read());
    if (read === undefined || watch.ended) return;
    yield* read.done ? framer.flush() : framer.push(read.value);
    if (read.done) return;
  }
}

function* ending(reader: OpenAiAnswerReader, tooLarge: boolean): Generator<ModelEvent, End> {
  if (tooLarge) {
    yield* reader.rest();
    yield { type: 'finish', reason: 'size_limit', outcome: 'limited' };
    return { kind: 'done' };
  }
  const events = reader.end();
  if (events === null) return { kind: 'failed', failure: truncated() };
  yield* events;
  return { kind: 'done' };
}

/** What a refusal says, bounded. Never rejects. */
async function errorText(response: Response): Promise<string> {
  try {
    const body = response.body?.getReader();
    const { value } = (await body?.read()) ?? { value: undefined };
    await body?.cancel();
    const text = new TextDecoder().decode(value?.subarray(0, MAX_ERROR_BYTES));
    const error = asObject(JSON.parse(text))?.['error'];
    return asString(error) ?? asString(asObject(error)?.['message']) ?? '';
  } catch {
    return '';
  }
}
