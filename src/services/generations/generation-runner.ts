import type { ModelRequest, SurfaceModelEvent } from '../../core/index.ts';
import { AppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import type { DocumentStore } from '../../lib/document-store.ts';
import type { Logger } from '../../lib/logger.ts';
import type { Settings } from '../../protocol/index.ts';
import { audienceOf, type ConversationRecord, isOpen, toConversation } from '../conversations/conversation-record.ts';
import type { Budgets } from '../costs/budgets.ts';
import type { UsageLedger } from '../costs/usage-ledger.ts';
import type { MessagingService } from '../messaging/messaging-service.ts';
import type { Uploads } from '../ports/uploads.ts';
import { type AnswerOutcome, AnswerRun } from './answer-run.ts';
import type { AnswerSurface } from './answer-surface.ts';
import type { ChatTimings } from './chat-timings.ts';
import { GenerationFinisher } from './generation-finisher.ts';
import type { GenerationObserver, GenerationWatch } from './generation-observer.ts';
import { GenerationWriter } from './generation-writer.ts';
import type { LiveGeneration, LiveGenerations } from './live-generation.ts';
import type { ModelRequests } from './model-requests.ts';
import type { Quotas } from './quotas.ts';
import { createWriteRounds, type WriteRounds } from './write-rounds.ts';

export interface GenerationRunnerOptions {
  readonly documents: DocumentStore;
  readonly messaging: MessagingService;
  readonly requests: ModelRequests;
  readonly uploads: Uploads;
  readonly quotas: Quotas;
  readonly ledger: UsageLedger;
  readonly budgets: Budgets;
  readonly live: LiveGenerations;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly timings: ChatTimings;
  readonly observer: GenerationObserver;
  /** What plugins have to do with answers. */
  readonly surface?: AnswerSurface | undefined;
}

/** Takes one accepted generation from the model's first event to its stored end. */
export class GenerationRunner {
  readonly #options: GenerationRunnerOptions;
  readonly #finisher: GenerationFinisher;
  readonly #rounds: WriteRounds;

  constructor(options: GenerationRunnerOptions) {
    this.#options = options;
    this.#rounds = createWriteRounds(options.clock);
    this.#finisher = new GenerationFinisher(options);
  }

  /** Resolves when the end is stored and told; never rejects. */
  async run(live: LiveGeneration, settings: Settings): Promise<void> {
    try {
      await this.#run(live, settings);
    } catch (error) {
      this.#options.logger.error({ generationId: live.record.id, error }, 'a generation ended with an unexpected error');
    }
  }

  async #run(live: LiveGeneration, settings: Settings): Promise<void> {
    const { messaging, documents, clock, logger, live: lives, quotas, timings, observer, surface } = this.#options;
    const { record, log } = live;
    const watch = observer.started(record.model);
    const onLost = (reason: 'store' | 'claimed') => live.controller.abort(reason);
    const rounds = this.#rounds;
    const writer = new GenerationWriter({ documents, log, clock, rounds, logger, onLost, maxUnsavedMs: timings.maxUnsavedMs });
    const outcome = await this.#answer(live, settings, watch);
    const unsaved = await writer.close();
    if (outcome.quota !== undefined) quotas.learn(live.model.info.id, outcome.quota);
    const { message, usage, conversation } = await this.#finisher.finish(live, outcome, unsaved);
    lives.end(record.id, clock.now());
    const { status } = message;
    const fault = outcome.error?.params?.['class'];
    messaging.publishMetric('jarvis_generations_total', 1, { status, model: record.model });
    if (status !== 'streaming') {
      watch.ended({ status, usage, faultClass: typeof fault === 'string' ? fault : undefined });
      surface?.ended(live, status);
    }
    logger.info({ generationId: record.id, model: record.model, status, class: fault }, 'generation ended');
    const ended: ConversationRecord = conversation ?? { ...live.conversation, runningId: null };
    if (isOpen(ended)) {
      messaging.publishEvent({
        to: audienceOf(ended),
        frame: { type: 'conversation.updated', conversation: toConversation(ended) },
      });
    }
  }

  /** Asks plugins and the model, in this order. Never rejects. */
  async #answer(live: LiveGeneration, settings: Settings, watch: GenerationWatch): Promise<AnswerOutcome> {
    const { messaging, uploads, logger, requests, surface } = this.#options;
    const { record, log } = live;
    try {
      messaging.users.sendThinkingProcess(log.ids, 'waiting');
      const context = (await surface?.before(live)) ?? '';
      const request = await requests.build(live, settings, context);
      live.promptCharacters = promptCharacters(request);
      const { signal } = live.controller;
      const show = surface === undefined ? undefined : (event: SurfaceModelEvent) => surface.take(live, event);
      const told = { users: messaging.users, uploads, logger, signal, watch, show };
      const run = { log, ownerId: record.ownerId, model: live.model, request, continued: live.continued, ...told };
      return await new AnswerRun(run).run();
    } catch (error) {
      logger.error({ generationId: record.id, error }, 'an answer could not be started');
      return { status: log.parts().length > 0 ? 'interrupted' : 'failed', error: AppError.from(error).toShape(), raw: [] };
    }
  }
}

function promptCharacters({ turns, systemInstruction = '' }: ModelRequest): number {
  return turns.reduce((total, turn) => total + turn.text.length, systemInstruction.length);
}
