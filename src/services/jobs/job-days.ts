import { AppError } from '../../lib/app-error.ts';
import { type Clock, isoTime } from '../../lib/clock.ts';
import type { DocumentStore } from '../../lib/document-store.ts';
import { type JobDayRecord, jobDaysCollection } from './job-record.ts';

const DAY_MS = 24 * 3600_000;
const KEPT_DAYS = 3;

/** Seconds of work that a person has used today (UTC). */
export class JobDays {
  readonly #documents: DocumentStore;
  readonly #clock: Clock;
  readonly #limit: number;

  /** @param limit seconds a day, 0: none */
  constructor(documents: DocumentStore, clock: Clock, limit: number) {
    this.#documents = documents;
    this.#clock = clock;
    this.#limit = limit;
  }

  /** @param waiting expected seconds of what the person has waiting or running, the new job included. @throws AppError RATE_LIMITED until midnight */
  async check(ownerId: string, waiting: number): Promise<void> {
    if (this.#limit <= 0) return;
    const used = (await this.#documents.get<JobDayRecord>(jobDaysCollection.name, this.#id(ownerId)))?.seconds ?? 0;
    if (used + waiting <= this.#limit) return;
    const left = Math.ceil((DAY_MS - (this.#clock.now() % DAY_MS)) / 1000);
    throw new AppError('RATE_LIMITED', {
      retryAfter: left,
      params: { scope: 'job-seconds', limit: this.#limit, used: Math.round(used), seconds: left },
    });
  }

  async add(ownerId: string, seconds: number): Promise<void> {
    if (this.#limit <= 0 || !(seconds > 0)) return;
    const document: JobDayRecord = { id: this.#id(ownerId), day: this.#day(this.#clock.now()), seconds: 0 };
    await this.#documents.batch([
      { type: 'insertIfAbsent', collection: jobDaysCollection.name, document },
      { type: 'update', collection: jobDaysCollection.name, id: document.id, change: { increment: { seconds } } },
    ]);
  }

  async sweep(): Promise<void> {
    const before = this.#day(this.#clock.now() - KEPT_DAYS * DAY_MS);
    await this.#documents.deleteMany(jobDaysCollection.name, { index: 'byDay', where: {}, range: { before }, limit: 500 });
  }

  #id(ownerId: string): string {
    return `${ownerId}.${this.#day(this.#clock.now())}`;
  }

  #day(at: number): string {
    return isoTime(at).slice(0, 10);
  }
}
