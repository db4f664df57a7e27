import { AppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import type { DocumentStore } from '../../lib/document-store.ts';
import { msUntilPacificMidnight, pacificDay } from '../../lib/pacific-day.ts';
import { SlidingWindow } from '../../lib/sliding-window.ts';
import { emptyUsage, type UsageRecord, usageCollection, usageId } from '../costs/usage-record.ts';

export interface QuotaLimits {
  readonly messagesPerMinute: number;
  readonly modelRpm: number;
  readonly modelRpd: number;
  readonly userRpm: number;
  readonly userRpd: number;
}

const MINUTE_MS = 60_000;

/**
 * Message rate per person, and requests per minute and day for each model and person: 0 means off. A limit that the model
 * service names in a refusal is kept to until the time it gives.
 */
export class Quotas {
  readonly #documents: DocumentStore;
  readonly #clock: Clock;
  readonly #limits: QuotaLimits;
  readonly #minute = new SlidingWindow(MINUTE_MS);
  readonly #blockedUntil = new Map<string, number>();

  constructor(options: { readonly documents: DocumentStore; readonly clock: Clock; readonly limits: QuotaLimits }) {
    this.#documents = options.documents;
    this.#clock = options.clock;
    this.#limits = options.limits;
  }

  /** @throws AppError RATE_LIMITED with the seconds to wait */
  checkMessageRate(userId: string): void {
    this.#takeMinute(`message:${userId}`, this.#limits.messagesPerMinute, 'messages');
  }

  /** Takes one request of every quota that is on. @throws AppError RATE_LIMITED with the seconds to wait */
  async reserve(userId: string, model: string): Promise<void> {
    const now = this.#clock.now();
    const blocked = (this.#blockedUntil.get(model) ?? 0) - now;
    if (blocked > 0) throw limited('model', blocked, 0);
    this.#blockedUntil.delete(model);
    this.#takeMinute(`user:${userId}`, this.#limits.userRpm, 'user');
    this.#takeMinute(`model:${model}`, this.#limits.modelRpm, 'model');
    await this.#takeDay('user', userId, this.#limits.userRpd);
    try {
      await this.#takeDay('model', model, this.#limits.modelRpd);
    } catch (error) {
      await this.#giveBackDay('user', userId, this.#limits.userRpd);
      throw error;
    }
  }

  /** Keeps to a limit that the model service named: the next requests are refused here, with the time to wait. */
  learn(model: string, quota: { readonly window: 'minute' | 'day'; readonly retryAfter?: number }): void {
    const now = this.#clock.now();
    const waitMs = quota.window === 'day' ? msUntilPacificMidnight(now) : (quota.retryAfter ?? 30) * 1000;
    this.#blockedUntil.set(model, now + waitMs);
  }

  /** The models that are not asked now because their service refused them. */
  blocked(): { readonly model: string; readonly untilMs: number }[] {
    const now = this.#clock.now();
    return [...this.#blockedUntil].flatMap(([model, untilMs]) => (untilMs > now ? [{ model, untilMs }] : []));
  }

  /**
   * Takes one request of a day before the model is asked, so that answers written side by side cannot pass the limit. It is not
   * given back when the answer is stopped: the service counts such calls too.
   */
  async #takeDay(scope: 'user' | 'model', key: string, limit: number): Promise<void> {
    if (limit <= 0) return;
    const now = this.#clock.now();
    const empty = emptyUsage(pacificDay(now), scope, key);
    await this.#documents.batch([{ type: 'insertIfAbsent', collection: usageCollection.name, document: empty }]);
    const used = await this.#documents.update<UsageRecord>(usageCollection.name, empty.id, { increment: { reserved: 1 } });
    // A limit that was set in the middle of a day counts what was answered before it.
    if (used === null || Math.max(used.reserved ?? 0, used.requests + 1) <= limit) return;
    await this.#giveBackDay(scope, key, limit);
    throw limited(`${scope}-day`, msUntilPacificMidnight(now), limit);
  }

  async #giveBackDay(scope: 'user' | 'model', key: string, limit: number): Promise<void> {
    if (limit <= 0) return;
    const id = usageId(pacificDay(this.#clock.now()), scope, key);
    await this.#documents.update(usageCollection.name, id, { increment: { reserved: -1 } });
  }

  #takeMinute(key: string, limit: number, scope: string): void {
    const waitMs = this.#minute.take(key, limit, this.#clock.now());
    if (waitMs > 0) throw limited(scope, waitMs, limit);
  }
}

function limited(scope: string, waitMs: number, limit: number): AppError {
  const retryAfter = Math.max(1, Math.ceil(waitMs / 1000));
  return new AppError('RATE_LIMITED', { retryAfter, params: { scope, limit, seconds: retryAfter } });
}
