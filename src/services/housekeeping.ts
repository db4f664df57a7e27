import type { Clock } from '../lib/clock.ts';
import type { DocumentStore } from '../lib/document-store.ts';
import type { Logger } from '../lib/logger.ts';
import { generationEventsCollection } from './generations/generation-record.ts';

export interface HousekeepingOptions {
  readonly documents: DocumentStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly sweepSessions: () => Promise<number>;
  readonly sweepUploads: () => Promise<unknown>;
  /** Ended jobs that are old. */
  readonly sweepJobs: () => Promise<unknown>;
  /** What the cache of results has kept for long enough. */
  readonly sweepCache: () => Promise<unknown>;
  /** Shared copies that were begun and never ended, or are half removed. */
  readonly sweepShares: () => Promise<unknown>;
  /** Deleted and temporary conversations that had their time. */
  readonly sweepConversations: () => Promise<unknown>;
}

/** A server that is put to sleep when nobody uses it never lives for an hour; the first minute is for people. */
const FIRST_AFTER_MS = 60_000;
const EVENTS_EVERY_MS = 5 * 60_000;
const REST_EVERY_MS = 60 * 60_000;
const BATCH = 500;

/** Removes what has had its time: stored events of ended answers, ended sessions, unused files, long deleted conversations. */
export class Housekeeping {
  readonly #options: HousekeepingOptions;
  readonly #cancels: (() => void)[] = [];

  constructor(options: HousekeepingOptions) {
    this.#options = options;
  }

  start(): void {
    const { clock } = this.#options;
    const events = () => this.#run('events', () => this.sweepEvents());
    const rest = () => {
      this.#run('sessions', this.#options.sweepSessions);
      this.#run('jobs', this.#options.sweepJobs);
      this.#run('uploads', this.#options.sweepUploads);
      this.#run('shares', this.#options.sweepShares);
      this.#run('cache', this.#options.sweepCache);
      this.#run('conversations', this.#options.sweepConversations);
    };
    this.#cancels.push(
      clock.after(FIRST_AFTER_MS, events),
      clock.after(FIRST_AFTER_MS, rest),
      clock.every(EVENTS_EVERY_MS, events),
      clock.every(REST_EVERY_MS, rest),
    );
  }

  stop(): void {
    for (const cancel of this.#cancels.splice(0)) cancel();
  }

  async sweepEvents(): Promise<number> {
    const { documents, clock } = this.#options;
    let swept = 0;
    for (;;) {
      const query = { index: 'byExpiry', where: {}, range: { before: clock.now() }, limit: BATCH };
      const deleted = await documents.deleteMany(generationEventsCollection.name, query);
      swept += deleted;
      if (deleted < BATCH) return swept;
    }
  }

  #run(what: string, work: () => Promise<unknown>): void {
    work().catch((error: unknown) => this.#options.logger.warn({ error, what }, 'housekeeping failed; it is tried again later'));
  }
}
