import { effect, type ReadonlySignal } from '@preact/signals';
import type { Message } from '../../../src/protocol/shapes.ts';
import type { Job } from '../../../src/protocol/work-shapes.ts';
import type { RunningGeneration } from '../state/generation.ts';
import type { Clock } from '../state/ports.ts';

/** Shorter work is waited for. */
export const longWorkMs = 20_000;

export type DoneWork = { readonly kind: 'answer'; readonly message: Message } | { readonly kind: 'job'; readonly job: Job };

export interface LongWorkDeps {
  readonly clock: Clock;
  readonly running: ReadonlySignal<ReadonlyMap<string, RunningGeneration>>;
  readonly messageOf: (conversationId: string, messageId: string) => Message | undefined;
  readonly onJobEnd: (listener: (job: Job) => void) => () => void;
  readonly isHidden: () => boolean;
  readonly tell: (work: DoneWork) => void;
}

/** Tells of answers and jobs that took long and ended while nobody looked. @returns how to end it */
export function watchLongWork(deps: LongWorkDeps): () => void {
  const begun = new Map<string, { readonly at: number; readonly one: RunningGeneration }>();
  const now = () => deps.clock.now();

  function ended({ conversationId, messageId }: RunningGeneration): void {
    const message = deps.messageOf(conversationId, messageId);
    // Whoever stopped it knows; one that the page lost sight of is not over.
    if (message === undefined || message.status === 'streaming' || message.status === 'stopped') return;
    if (deps.isHidden()) deps.tell({ kind: 'answer', message });
  }

  const stopWatching = effect(() => {
    const running = deps.running.value;
    const alive = new Set([...running.values()].map(({ generationId }) => generationId));
    for (const one of running.values()) if (!begun.has(one.generationId)) begun.set(one.generationId, { at: now(), one });
    for (const [id, { at, one }] of begun) {
      if (alive.has(id)) continue;
      begun.delete(id);
      // Its message gets its end in the same step, perhaps a line later.
      if (now() - at >= longWorkMs) deps.clock.after(0, () => ended(one));
    }
  });
  const stopListening = deps.onJobEnd((job) => {
    const long = now() - Date.parse(job.createdAt) >= longWorkMs;
    if (long && job.status !== 'cancelled' && deps.isHidden()) deps.tell({ kind: 'job', job });
  });
  return () => {
    stopWatching();
    stopListening();
  };
}
