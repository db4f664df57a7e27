import { batch, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { ServerFrame } from '../../../src/protocol/server-frames.ts';
import type { Job } from '../../../src/protocol/work-shapes.ts';
import { type RequestError, toRequestError } from './request-error.ts';
import type { Rest } from './rest.ts';

/** What is known of a job; `gone`: it is kept no longer, or never was this person's. */
export type JobView =
  | { readonly state: 'loading' }
  | { readonly state: 'ready'; readonly job: Job }
  | { readonly state: 'gone' }
  | { readonly state: 'error'; readonly error: RequestError };

export interface Jobs {
  /** A signal for each job, so that a step of progress paints one card. Asks nothing: see `want`. */
  view(id: string): ReadonlySignal<JobView>;
  /** Ids of the jobs that are not final, as far as they are known. */
  readonly open: ReadonlySignal<ReadonlySet<string>>;
  /** Something shows this job: it is asked for when nothing is known of it. */
  want(id: string): void;
  /** Something shows what only the answer about this one job holds: frames and lists come without `data`. */
  wantWhole(id: string): void;
  /** Takes what the server said; a higher version wins. */
  put(job: Job): void;
  /** Shows it as cancelled at once and takes that back when the server refuses. @throws RequestError */
  cancel(id: string): Promise<void>;
  receive(frame: ServerFrame): void;
  /** The open jobs of a new connection: what was open before and is not among them is asked for. */
  welcome(jobs: readonly Job[]): void;
  /** Calls back when a job that was open ends. @returns how to end it */
  onEnd(listener: (job: Job) => void): () => void;
  onChange(listener: (job: Job) => void): () => void;
  clear(): void;
}

export const isFinal = ({ status }: Pick<Job, 'status'>): boolean => status !== 'queued' && status !== 'running';

/** Jobs that nobody shows any more are forgotten beyond this many. */
const keptJobs = 400;

export function createJobs(deps: { rest: Pick<Rest, 'get' | 'remove'> }): Jobs {
  return new JobStore(deps.rest);
}

class JobStore implements Jobs {
  readonly open = signal<ReadonlySet<string>>(new Set());
  readonly #rest: Pick<Rest, 'get' | 'remove'>;
  readonly #views = new Map<string, Signal<JobView>>();
  readonly #asking = new Set<string>();
  /** The version that was asked for by id and came with everything. */
  readonly #whole = new Map<string, number>();
  readonly #endListeners = new Set<(job: Job) => void>();
  readonly #changeListeners = new Set<(job: Job) => void>();
  /** Grows when another person signs in: answers to the one before are dropped. */
  #turn = 0;

  constructor(rest: Pick<Rest, 'get' | 'remove'>) {
    this.#rest = rest;
  }

  view(id: string): Signal<JobView> {
    const known = this.#views.get(id);
    if (known !== undefined) return known;
    const fresh = signal<JobView>({ state: 'loading' });
    this.#views.set(id, fresh);
    return fresh;
  }

  want(id: string): void {
    const { state } = this.view(id).peek();
    if (state === 'loading' || state === 'error') void this.#ask(id);
  }

  wantWhole(id: string): void {
    const view = this.view(id).peek();
    if (view.state === 'ready' && this.#whole.get(id) !== view.job.version) void this.#ask(id);
  }

  put(job: Job): void {
    const view = this.view(job.id);
    const before = view.peek();
    const known = before.state === 'ready' ? before.job : null;
    if (known !== null && known.version >= job.version) return;
    batch(() => {
      view.value = { state: 'ready', job };
      this.#note(job);
    });
    for (const listener of this.#changeListeners) listener(job);
    const wasOpen = known !== null && !isFinal(known);
    if (wasOpen && isFinal(job)) for (const listener of this.#endListeners) listener(job);
    this.#forget();
  }

  async cancel(id: string): Promise<void> {
    const view = this.view(id);
    const before = view.peek();
    if (before.state !== 'ready' || isFinal(before.job)) return;
    const { position: _, etaSeconds: __, ...rest } = before.job;
    const guess: JobView = { state: 'ready', job: { ...rest, status: 'cancelled' } };
    view.value = guess;
    this.#note(guess.job);
    try {
      const { job } = await this.#rest.remove<{ job: Job }>(`/api/jobs/${id}`);
      this.put(job);
    } catch (cause) {
      // What the server said meanwhile is newer than both.
      if (view.peek() === guess) {
        view.value = before;
        this.#note(before.job);
      }
      const error = toRequestError(cause);
      if (error.code !== 'JOB_ENDED') throw error;
      await this.#ask(id);
    }
  }

  receive(frame: ServerFrame): void {
    if (frame.type === 'job.updated') this.put(frame.job);
  }

  welcome(jobs: readonly Job[]): void {
    const here = new Set(jobs.map(({ id }) => id));
    batch(() => {
      for (const job of jobs) this.put(job);
    });
    for (const id of this.open.peek()) if (!here.has(id)) void this.#ask(id);
    for (const [id, view] of this.#views) if (view.peek().state === 'error') void this.#ask(id);
  }

  onEnd(listener: (job: Job) => void): () => void {
    this.#endListeners.add(listener);
    return () => this.#endListeners.delete(listener);
  }

  onChange(listener: (job: Job) => void): () => void {
    this.#changeListeners.add(listener);
    return () => this.#changeListeners.delete(listener);
  }

  clear(): void {
    this.#turn += 1;
    this.#views.clear();
    this.#whole.clear();
    this.#asking.clear();
    this.open.value = new Set();
  }

  #note(job: Job): void {
    const has = this.open.peek().has(job.id);
    if (has === !isFinal(job)) return;
    const next = new Set(this.open.peek());
    if (isFinal(job)) next.delete(job.id);
    else next.add(job.id);
    this.open.value = next;
  }

  async #ask(id: string): Promise<void> {
    if (this.#asking.has(id)) return;
    const turn = this.#turn;
    this.#asking.add(id);
    try {
      const { job } = await this.#rest.get<{ job: Job }>(`/api/jobs/${id}`);
      if (turn === this.#turn) this.#answered(job);
    } catch (cause) {
      if (turn === this.#turn) this.#failed(id, toRequestError(cause));
    } finally {
      if (turn === this.#turn) this.#asking.delete(id);
    }
  }

  #answered(job: Job): void {
    this.put(job);
    const view = this.view(job.id);
    const now = view.peek();
    if (now.state !== 'ready' || now.job.version !== job.version) return;
    this.#whole.set(job.id, job.version);
    // A frame told the same version before, with less in it.
    if (now.job !== job) view.value = { state: 'ready', job };
  }

  #failed(id: string, error: RequestError): void {
    const view = this.view(id);
    if (error.code === 'NOT_FOUND') {
      view.value = { state: 'gone' };
      const next = new Set(this.open.peek());
      if (next.delete(id)) this.open.value = next;
    } else if (view.peek().state !== 'ready') view.value = { state: 'error', error };
  }

  /** The oldest ones that have ended; a card that still shows one asks again when it is painted next. */
  #forget(): void {
    if (this.#views.size <= keptJobs) return;
    for (const [id, view] of this.#views) {
      if (this.#views.size <= keptJobs / 2) return;
      const now = view.peek();
      if (now.state !== 'ready' || isFinal(now.job)) {
        this.#views.delete(id);
        this.#whole.delete(id);
      }
    }
  }
}
