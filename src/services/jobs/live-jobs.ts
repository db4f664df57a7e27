import type { Clock } from '../../lib/clock.ts';
import type { Job, StoredFile } from '../../protocol/index.ts';
import type { MessagingService } from '../messaging/messaging-service.ts';
import { type JobRecord, nextVersion } from './job-record.ts';
import type { JobTimings } from './job-timings.ts';
import { type JobOverlay, toJob, toldJob } from './job-view.ts';

/** Why an attempt is ended from outside; what the row says then was written by whoever ended it. */
export class AttemptEndedError extends Error {
  override readonly name = 'AttemptEndedError';

  constructor(reason: 'cancelled' | 'drained' | 'taken over') {
    super(`the attempt was ended: ${reason}`);
  }
}

/** An attempt that this process makes. */
export interface LiveAttempt {
  readonly token: string;
  readonly controller: AbortController;
  readonly startedAt: number;
  /** Expected, in seconds. */
  readonly seconds: number;
}

interface LiveJob {
  record: JobRecord;
  files: readonly StoredFile[];
  version: number;
  progress: number | null;
  note: Job['note'];
  preview: { readonly number: number; readonly data: Uint8Array } | null;
  attempt: LiveAttempt | null;
  toldAt: number;
  toldPosition: number | undefined;
  toldEta: number | undefined;
  stopTelling: (() => void) | null;
}

export interface LiveJobsOptions {
  readonly clock: Clock;
  readonly messaging: Pick<MessagingService, 'publishEvent'>;
  readonly timings: JobTimings;
  /** Where a queued job stands. */
  readonly placeOf: (jobId: string) => { readonly position: number; readonly etaSeconds: number } | null;
}

/** The jobs that this process knows to be open: what is newer than the store, and the telling of it. */
export class LiveJobs {
  readonly #options: LiveJobsOptions;
  readonly #jobs = new Map<string, LiveJob>();

  constructor(options: LiveJobsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#jobs.size;
  }

  /** Takes a job in, or takes note of its newer row, and tells its owner. An ended one is told and forgotten. */
  update(record: JobRecord, files?: readonly StoredFile[]): Job {
    const live = this.#ensure(record);
    live.record = record;
    live.version = Math.max(live.version, record.version);
    if (files !== undefined) live.files = files;
    if (record.status !== 'running') this.#forgetAttempt(live);
    // Another process works on it: what that one stores is all that is known here.
    else if (live.attempt === null) Object.assign(live, { progress: record.progress, note: record.note });
    if (!record.open) this.forget(record.id);
    return this.#tell(live);
  }

  /** Takes a job in without a word. */
  adopt(record: JobRecord, files: readonly StoredFile[]): void {
    const live = this.#ensure(record);
    live.record = record;
    live.files = files;
  }

  /** The process works on it from now on. */
  begin(record: JobRecord, attempt: LiveAttempt): void {
    Object.assign(this.#ensure(record), { progress: null, note: undefined, preview: null, attempt });
    this.update(record);
  }

  /** Never falls within an attempt. */
  progress(id: string, percent: number | null, note: Job['note']): void {
    const live = this.#jobs.get(id);
    if (live === undefined || live.attempt === null) return;
    if (percent !== null && Number.isFinite(percent)) {
      live.progress = Math.max(live.progress ?? 0, Math.min(100, Math.max(0, percent)));
    }
    live.note = note;
    this.#tellSoon(live);
  }

  preview(id: string, data: Uint8Array): void {
    const live = this.#jobs.get(id);
    if (live === undefined || live.attempt === null) return;
    live.preview = { number: (live.preview?.number ?? 0) + 1, data };
    this.#tellSoon(live);
  }

  previewOf(id: string): Uint8Array | null {
    return this.#jobs.get(id)?.preview?.data ?? null;
  }

  record(id: string): JobRecord | null {
    return this.#jobs.get(id)?.record ?? null;
  }

  attempt(id: string): LiveAttempt | null {
    return this.#jobs.get(id)?.attempt ?? null;
  }

  /** The jobs that this process works on. */
  running(): readonly {
    readonly record: JobRecord;
    readonly attempt: LiveAttempt;
    readonly progress: number | null;
    readonly note: Job['note'];
  }[] {
    return [...this.#jobs.values()].flatMap(({ record, attempt, progress, note }) =>
      attempt === null ? [] : [{ record, attempt, progress, note }],
    );
  }

  /** The attempt is over, whatever became of its row: nobody keeps its lease any more. */
  letGo(id: string, token: string): void {
    const live = this.#jobs.get(id);
    if (live?.attempt?.token === token) live.attempt = null;
  }

  /** Ids of all jobs that are known. */
  ids(): string[] {
    return [...this.#jobs.keys()];
  }

  /** Another process has it now, or it is gone. */
  forget(id: string): void {
    this.#jobs.get(id)?.stopTelling?.();
    this.#jobs.delete(id);
  }

  /** What of the progress is stored. */
  saved(id: string, progress: number | null): void {
    const live = this.#jobs.get(id);
    if (live !== undefined) live.record = { ...live.record, progress };
  }

  /** The row with the version that was told last: what is written next has to be newer. */
  current(record: JobRecord): JobRecord {
    return { ...record, version: Math.max(record.version, this.#jobs.get(record.id)?.version ?? 0) };
  }

  overlay(id: string): JobOverlay | undefined {
    const live = this.#jobs.get(id);
    return live === undefined ? undefined : this.#overlayOf(live);
  }

  /** Until a job of this person (null: of anybody) ends, waiting or running, in seconds; null: nobody knows. */
  secondsToNextEnd(ownerId: string | null): number | null {
    let soonest: number | null = null;
    for (const live of this.#jobs.values()) {
      if (ownerId !== null && live.record.ownerId !== ownerId) continue;
      const { etaSeconds } = this.#overlayOf(live);
      if (etaSeconds !== undefined) soonest = Math.min(soonest ?? etaSeconds, etaSeconds);
    }
    return soonest;
  }

  /** Tells each waiting job whose place has changed, or whose time is no longer what its owner counts down. */
  tellPlaces(wanted: (ownerId: string) => boolean): void {
    for (const live of this.#jobs.values()) {
      if (live.record.status !== 'queued' || !wanted(live.record.ownerId)) continue;
      const place = this.#options.placeOf(live.record.id);
      if (place?.position !== live.toldPosition || this.#isLate(live, place?.etaSeconds)) this.#tell(live);
    }
  }

  /** No timer is left. */
  close(): void {
    for (const id of this.ids()) this.forget(id);
  }

  #ensure(record: JobRecord): LiveJob {
    const known = this.#jobs.get(record.id);
    if (known !== undefined) return known;
    const { version, progress, note } = record;
    const nothing = {
      preview: null,
      attempt: null,
      toldAt: Number.NEGATIVE_INFINITY,
      toldPosition: undefined,
      toldEta: undefined,
      stopTelling: null,
    };
    const live: LiveJob = { record, files: [], version, progress, note, ...nothing };
    this.#jobs.set(record.id, live);
    return live;
  }

  #forgetAttempt(live: LiveJob): void {
    Object.assign(live, { attempt: null, preview: null, progress: live.record.progress, note: undefined });
  }

  #tellSoon(live: LiveJob): void {
    if (live.stopTelling !== null) return;
    const { clock, timings } = this.#options;
    // At most: a clock that was set back would silence the job for hours.
    const wait = Math.min(timings.tellMs, live.toldAt + timings.tellMs - clock.now());
    if (wait <= 0) this.#tell(live);
    else live.stopTelling = clock.after(wait, () => this.#tell(live));
  }

  #tell(live: LiveJob): Job {
    const { clock, messaging } = this.#options;
    live.stopTelling?.();
    live.stopTelling = null;
    live.toldAt = clock.now();
    if (live.record.open) live.version = Math.max(live.record.version, nextVersion(live.record, live.version, clock.now()));
    const overlay = this.#overlayOf(live);
    live.toldPosition = overlay.position;
    live.toldEta = overlay.etaSeconds;
    const job = toldJob(toJob(live.record, live.files, overlay));
    messaging.publishEvent({ to: { user: live.record.ownerId }, frame: { type: 'job.updated', job } });
    return job;
  }

  #isLate({ toldEta, toldAt }: LiveJob, eta: number | undefined): boolean {
    if (toldEta === undefined || eta === undefined) return false;
    const left = Math.max(0, toldEta - (this.#options.clock.now() - toldAt) / 1000);
    return Math.abs(eta - left) > Math.max(LEAST_LATE_SECONDS, eta * LATE_SHARE);
  }

  #overlayOf(live: LiveJob): JobOverlay {
    const { record, version, progress, note, preview, attempt } = live;
    const place = record.status === 'queued' ? this.#options.placeOf(record.id) : null;
    const eta = attempt === null ? place?.etaSeconds : secondsLeft(attempt, progress, this.#options.clock.now());
    return {
      version,
      progress,
      ...(note === undefined ? {} : { note }),
      ...(place === null ? {} : { position: place.position }),
      ...(eta === undefined ? {} : { etaSeconds: eta }),
      ...(preview === null ? {} : { preview: preview.number }),
    };
  }
}

/** What people count down may be wrong by so much. */
const LEAST_LATE_SECONDS = 5;
const LATE_SHARE = 0.2;

/** Below it a rate says little. */
const TELLING_PERCENT = 5;

/** By the rate so far, else by the estimate. */
function secondsLeft({ startedAt, seconds }: LiveAttempt, progress: number | null, now: number): number {
  const worked = (now - startedAt) / 1000;
  if (progress !== null && progress >= TELLING_PERCENT) return (worked * (100 - progress)) / progress;
  return Math.max(0, seconds - worked);
}
