import type { ProcessingPipeline, ProcessingPlan } from '../../core/index.ts';
import { AppError } from '../../lib/app-error.ts';
import type { DocumentStore } from '../../lib/document-store.ts';
import { StoreUnavailableError } from '../../lib/store-errors.ts';
import type { Settings } from '../../protocol/index.ts';
import type { ChatSettings } from '../conversations/chat-settings.ts';
import { fileIdsOf, textOf } from '../conversations/message-record.ts';
import type { Budgets } from '../costs/budgets.ts';
import type { Uploads } from '../ports/uploads.ts';
import type { GenerationPlan } from './generation-plans.ts';
import { generationsCollection } from './generation-record.ts';
import type { Quotas } from './quotas.ts';

export interface AdmissionOptions {
  readonly documents: DocumentStore;
  readonly pipeline: ProcessingPipeline;
  readonly settings: ChatSettings;
  readonly quotas: Quotas;
  readonly budgets: Pick<Budgets, 'check'>;
  readonly uploads: Uploads;
  /** Answers of one person that may be written at the same time; 0: no limit. */
  readonly generationsPerUser: number;
}

export interface Admitted {
  readonly processing: ProcessingPlan;
  readonly settings: Settings;
}

/** Everything that can refuse a request, before anything is written; and the model that will answer it. */
export class Admission {
  readonly #options: AdmissionOptions;
  /** The last request of each person that is under way. */
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  /**
   * Admits one request of a person at a time, until `accept` has stored it: what is counted here must not change in between.
   * @throws AppError RATE_LIMITED with the time to wait, GENERATION_RUNNING, BUDGET_REACHED, BAD_REQUEST for a model that does not exist, and
   * what `accept` throws
   */
  async admit<T>(plan: GenerationPlan, accept: (admitted: Admitted) => Promise<T>): Promise<T> {
    const userId = plan.user.id;
    const before = this.#turns.get(userId) ?? Promise.resolve();
    const work = before.then(async (trouble) => {
      // Each wait for a store that does not answer would add up: who waited in line is answered with the first (G9).
      if (trouble instanceof StoreUnavailableError) throw trouble;
      return accept(await this.#check(plan));
    });
    const turn = work.then(
      () => null,
      (error: unknown) => error,
    );
    this.#turns.set(userId, turn);
    try {
      return await work;
    } finally {
      if (this.#turns.get(userId) === turn) this.#turns.delete(userId);
    }
  }

  async #check(plan: GenerationPlan): Promise<Admitted> {
    const { quotas, uploads } = this.#options;
    quotas.checkMessageRate(plan.user.id);
    const settings = await this.#options.settings.forConversation(plan.user.id, plan.conversation);
    await this.#checkConversation(plan);
    await this.#checkRunning(plan.user.id);
    await this.#options.budgets.check(plan.user.id);
    const processing = await this.#chooseModel(plan, settings);
    await quotas.reserve(plan.user.id, processing.info.id);
    const files = plan.isNewQuestion && plan.question !== null ? fileIdsOf(plan.question.parts) : [];
    // Before the message is stored: a file that is referred to and never used is harmless, a swept one would be a hole.
    if (files.length > 0) await uploads.refer(plan.user.id, files, plan.conversation.id);
    return { processing, settings };
  }

  /** The store has the last word; asked here too, so that a refused request takes nothing of a quota. */
  async #checkConversation({ conversation, isNewConversation }: GenerationPlan): Promise<void> {
    if (isNewConversation) return;
    const query = { index: 'running', where: { runningKey: conversation.id }, limit: 1 };
    if ((await this.#options.documents.count(generationsCollection.name, query)) > 0) throw new AppError('GENERATION_RUNNING');
  }

  async #checkRunning(userId: string): Promise<void> {
    const limit = this.#options.generationsPerUser;
    if (limit <= 0) return;
    const where = { ownerId: userId, status: 'running' };
    const running = await this.#options.documents.count(generationsCollection.name, { index: 'byOwner', where, limit });
    if (running >= limit) throw new AppError('RATE_LIMITED', { retryAfter: 5, params: { scope: 'generations', limit, seconds: 5 } });
  }

  async #chooseModel(plan: GenerationPlan, settings: Settings): Promise<ProcessingPlan> {
    const { pipeline } = this.#options;
    const parts = plan.question?.parts ?? [];
    const request = {
      text: textOf(parts),
      pictures: fileIdsOf(parts).length,
      level: plan.level ?? settings.level ?? 'auto',
      thinking: settings.thinking ?? null,
    };
    const chosen = await pipeline.processRequest({ ...request, model: plan.model ?? settings.model ?? undefined });
    if (chosen !== null) return chosen;
    if (plan.model !== undefined) {
      throw new AppError('BAD_REQUEST', { message: 'This server has no such model. /model lists them.', params: { field: 'model' } });
    }
    // A model that was chosen long ago may be gone: the default answers, and the answer names it.
    const usable = await pipeline.processRequest({ ...request, model: undefined });
    if (usable === null) throw new AppError('MODEL_UNAVAILABLE');
    return usable;
  }
}
