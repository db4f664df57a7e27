import { type ReadonlySignal, signal } from '@preact/signals';
import type { JobCreateBody } from '../../../src/protocol/rest.ts';
import type { ServerFrame } from '../../../src/protocol/server-frames.ts';
import type { Message, StoredFile } from '../../../src/protocol/shapes.ts';
import type { Job } from '../../../src/protocol/work-shapes.ts';
import { backoffMs } from './backoff.ts';
import type { Jobs } from './jobs.ts';
import type { Clock } from './ports.ts';
import { type RequestError, toRequestError } from './request-error.ts';
import type { Rest } from './rest.ts';

/** A picture as a card needs it: of a message, of the gallery, or just uploaded. */
export type PictureFile = Pick<StoredFile, 'id' | 'url' | 'mime'> & {
  readonly name?: string | undefined;
  readonly width?: number | undefined;
  readonly height?: number | undefined;
};

export type JobWish = Omit<JobCreateBody, 'clientJobId' | 'conversationId'> & { readonly conversationId?: string | undefined };

/** A job that was asked for and is not in the conversation yet. */
export interface PendingJob {
  /** The `clientJobId`: sending it again makes no second job. */
  readonly id: string;
  readonly wish: JobWish;
  readonly files: readonly PictureFile[];
  /** `late`: could not be sent yet and is tried again by itself. */
  readonly state: 'sending' | 'late' | 'failed';
  readonly error?: RequestError | undefined;
  /** The server has it; its message is on the way. */
  readonly jobId?: string | undefined;
}

export interface PendingJobs {
  readonly items: ReadonlySignal<readonly PendingJob[]>;
  /** Shows it at once and sends it; what fails in a way that may pass is sent again, also after a reconnect. */
  submit(wish: JobWish, files: readonly PictureFile[]): void;
  retry(id: string): void;
  discard(id: string): void;
  /** The connection is back. */
  flush(): void;
  receive(frame: ServerFrame): void;
  clear(): void;
}

export interface PendingJobsDeps {
  readonly rest: Pick<Rest, 'post'>;
  readonly jobs: Pick<Jobs, 'put' | 'onChange'>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly newId: () => string;
  readonly hasMessage: (conversationId: string, messageId: string) => boolean;
  /** The message did not come by itself. */
  readonly reload: (conversationId: string) => void;
}

const passing: ReadonlySet<string> = new Set(['NETWORK', 'CONNECTION_LOST', 'STORE_UNAVAILABLE', 'OVERLOADED', 'DRAINING']);
/** The frame with the message is sent before the answer to the request; one that is missing by now was lost. */
const messageWithinMs = 4000;

export function createPendingJobs(deps: PendingJobsDeps): PendingJobs {
  const items = signal<readonly PendingJob[]>([]);
  const sending = new Set<string>();
  const attempts = new Map<string, number>();
  const timers = new Map<string, () => void>();

  const find = (id: string) => items.peek().find((item) => item.id === id);
  const update = (id: string, change: Partial<PendingJob>) => {
    items.value = items.peek().map((item) => (item.id === id ? { ...item, ...change } : item));
  };

  function discard(id: string): void {
    timers.get(id)?.();
    timers.delete(id);
    attempts.delete(id);
    items.value = items.peek().filter((item) => item.id !== id);
  }

  function wait(id: string, ms: number, run: () => void): void {
    timers.get(id)?.();
    timers.set(id, deps.clock.after(ms, run));
  }

  /** The server has it: it goes when its message is here. */
  function settle(job: Job): void {
    if (find(job.clientJobId) === undefined) return;
    const { conversationId, messageId } = job;
    if (conversationId === undefined || messageId === undefined || deps.hasMessage(conversationId, messageId)) {
      discard(job.clientJobId);
      return;
    }
    update(job.clientJobId, { state: 'sending', error: undefined, jobId: job.id });
    wait(job.clientJobId, messageWithinMs, () => {
      deps.reload(conversationId);
      discard(job.clientJobId);
    });
  }

  async function send(id: string): Promise<void> {
    const item = find(id);
    if (item === undefined || sending.has(id) || item.jobId !== undefined) return;
    sending.add(id);
    try {
      const { job } = await deps.rest.post<{ job: Job }>('/api/jobs', { ...item.wish, clientJobId: id });
      deps.jobs.put(job);
      settle(job);
    } catch (cause) {
      failed(id, toRequestError(cause));
    } finally {
      sending.delete(id);
    }
  }

  function failed(id: string, error: RequestError): void {
    if (!passing.has(error.code)) {
      update(id, { state: 'failed', error });
      return;
    }
    update(id, { state: 'late', error });
    const attempt = (attempts.get(id) ?? 0) + 1;
    attempts.set(id, attempt);
    const wanted = (error.details.retryAfter ?? 0) * 1000;
    wait(id, Math.max(wanted, backoffMs(attempt, deps.random, 1000, 20_000)), () => void send(id));
  }

  deps.jobs.onChange(settle);

  return {
    items,
    discard,
    submit(wish, files) {
      const id = deps.newId();
      items.value = [...items.peek(), { id, wish, files, state: 'sending' }];
      void send(id);
    },
    retry(id) {
      update(id, { state: 'sending', error: undefined });
      void send(id);
    },
    flush() {
      for (const item of items.peek()) if (item.state === 'late') void send(item.id);
    },
    receive(frame) {
      const messages =
        frame.type === 'message.created' || frame.type === 'message.updated'
          ? [frame.message]
          : frame.type === 'conversation.opened'
            ? frame.messages
            : [];
      const here = new Set(messages.flatMap(jobsOf));
      for (const item of items.peek()) if (item.jobId !== undefined && here.has(item.jobId)) discard(item.id);
    },
    clear() {
      for (const item of items.peek()) discard(item.id);
    },
  };
}

function jobsOf(message: Message): string[] {
  return message.parts.flatMap((part) => (part.type === 'job' ? [part.jobId] : []));
}
