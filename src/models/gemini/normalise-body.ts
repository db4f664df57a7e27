import { fault, SseFramer } from '../shared/sse-framer.ts';

/** Events of one network read are handed on together up to this many characters: fewer steps inside the SDK. */
const BATCH_CHARS = 16 * 1024;

/**
 * Rewrites the body of an answer into exactly the framing that the SDK's parser understands. A body that breaks ends with an
 * error event, in order, so that nothing that arrived before it is lost.
 * @param signal ends the body itself: after a garbage collection Node's fetch may no longer hear the signal it was given
 */
export function normaliseBody(body: ReadableStream<Uint8Array>, signal?: AbortSignal | null): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  const hangUp = () => void reader.cancel().catch(() => {});
  if (signal?.aborted === true) hangUp();
  else signal?.addEventListener('abort', hangUp, { once: true });
  const framer = new SseFramer();
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      // Loops until something could be handed on: a pull that enqueues nothing would not be called again.
      for (;;) {
        const read = await reader.read().catch(() => 'broken' as const);
        const ended = read === 'broken' || read.done;
        const events = ended ? ending(read === 'broken', framer.flush()) : framer.push(read.value);
        for (const batch of batches(events)) controller.enqueue(encoder.encode(batch));
        if (ended) signal?.removeEventListener('abort', hangUp);
        if (ended) controller.close();
        if (ended || events.length > 0) return;
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

function ending(broken: boolean, rest: string[]): string[] {
  return broken && !rest.some((event) => event.startsWith('{"error"')) ? [...rest, fault('STREAM_CUT')] : rest;
}

function* batches(events: readonly string[]): Generator<string> {
  let batch: string[] = [];
  let size = 0;
  for (const event of events) {
    batch.push(`data: ${event}\n\n`);
    size += event.length;
    if (size < BATCH_CHARS) continue;
    yield batch.join('');
    batch = [];
    size = 0;
  }
  if (batch.length > 0) yield batch.join('');
}
