import type { ProcessingPlan } from '../../core/index.ts';
import { AppError } from '../../lib/app-error.ts';
import { newId } from '../../lib/new-id.ts';
import { StoreUnavailableError } from '../../lib/store-errors.ts';
import type { Settings, User } from '../../protocol/index.ts';
import { conversationsCollection, toConversation } from '../conversations/conversation-record.ts';
import { toMessage } from '../conversations/message-record.ts';
import { Acceptance, dedupeKeyOf, type StoredAcceptance } from './acceptance.ts';
import { type Accepted, type Asker, announceAccepted } from './accepted.ts';
import { acceptedOperations } from './accepted-operations.ts';
import type { Admission } from './admission.ts';
import type { EndReason } from './answer-run.ts';
import { AskedOnce } from './asked-once.ts';
import { GenerationLog } from './generation-log.ts';
import {
  type GenerationPlan,
  type GenerationPlans,
  hashOfRequest,
  hashOfSend,
  type MessageRequest,
  type SendRequest,
} from './generation-plans.ts';
import { type GenerationRecord, generationsCollection } from './generation-record.ts';
import { GenerationRunner, type GenerationRunnerOptions } from './generation-runner.ts';
import type { LiveGeneration } from './live-generation.ts';
import type { LogPace } from './log-pace.ts';

export interface ConversationRequest {
  readonly user: User;
  readonly clientMessageId: string;
  readonly conversationId: string;
}

type Request = Pick<SendRequest, 'user' | 'clientMessageId'>;

export interface GenerationsOptions extends GenerationRunnerOptions {
  readonly plans: GenerationPlans;
  readonly admission: Admission;
  /** Names this process in leases. */
  readonly processId: string;
  /** Of all answers that this process writes. */
  readonly pace: LogPace;
  /** The log of an answer that another process of the same database writes; null when nobody does. */
  readonly remoteLog: (userId: string, generationId: string) => Promise<GenerationLog | null>;
}

/** A request that was allowed: what it writes and what will answer it. */
interface Begun {
  readonly generation: GenerationRecord;
  readonly processing: ProcessingPlan;
  readonly settings: Settings;
}

/** Accepts what people ask, runs the model and sees every generation to its one end. A generation belongs to the server, not to a socket. */
export class Generations {
  readonly #options: GenerationsOptions;
  readonly #acceptance: Acceptance;
  readonly #runner: GenerationRunner;
  readonly #once = new AskedOnce<{ readonly plan: GenerationPlan; readonly begun: Begun }>();
  #draining = false;

  constructor(options: GenerationsOptions) {
    this.#options = options;
    this.#acceptance = new Acceptance(options.documents);
    this.#runner = new GenerationRunner(options);
  }

  send(request: SendRequest, asker: Asker = {}): Promise<Accepted> {
    return this.#ask(request, hashOfSend(request), asker, () => this.#options.plans.send(request));
  }

  edit(request: MessageRequest, asker: Asker = {}): Promise<Accepted> {
    return this.#ask(request, hashOfRequest('edit', request), asker, () => this.#options.plans.edit(request));
  }

  regenerate(request: MessageRequest, asker: Asker = {}): Promise<Accepted> {
    return this.#ask(request, hashOfRequest('regenerate', request), asker, () => this.#options.plans.regenerate(request));
  }

  continueAnswer(request: MessageRequest, asker: Asker = {}): Promise<Accepted> {
    return this.#ask(request, hashOfRequest('continue', request), asker, () => this.#options.plans.continueAnswer(request));
  }

  /** The newest answer of a conversation again: what `/retry` means. */
  regenerateIn(request: ConversationRequest, asker: Asker = {}): Promise<Accepted> {
    const { conversationId } = request;
    const hash = hashOfRequest('retry', { messageId: conversationId });
    return this.#ask(request, hash, asker, async () =>
      this.#options.plans.regenerate({ ...request, messageId: await this.#headOf(request) }),
    );
  }

  /** Goes on with the newest answer of a conversation: what `/continue` means. */
  continueIn(request: ConversationRequest, asker: Asker = {}): Promise<Accepted> {
    const { conversationId } = request;
    const hash = hashOfRequest('continue', { messageId: conversationId });
    return this.#ask(request, hash, asker, async () =>
      this.#options.plans.continueAnswer({ ...request, messageId: await this.#headOf(request) }),
    );
  }

  /** Ends a running answer and keeps its text. Idempotent: stopping an ended one changes nothing. @throws AppError NOT_FOUND */
  async stop(userId: string, generationId: string): Promise<void> {
    const live = this.#options.live.get(generationId);
    if (live !== undefined && live.record.ownerId === userId) {
      live.controller.abort('stop');
      await live.done;
      return;
    }
    const record = await this.#options.documents.get<GenerationRecord>(generationsCollection.name, generationId);
    if (record === null || record.ownerId !== userId) throw new AppError('NOT_FOUND');
    if (record.status !== 'running') return;
    const change = { expect: { status: 'running' }, set: { stopRequested: true } };
    await this.#options.documents.update(generationsCollection.name, generationId, change);
  }

  /** Stops what runs in a conversation. @returns whether anything did */
  async stopIn(userId: string, conversationId: string): Promise<boolean> {
    const live = this.#options.live.inConversation(conversationId);
    const record = live === undefined ? await this.#acceptance.runningIn(conversationId) : live.record;
    if (record === null || record.ownerId !== userId) return false;
    await this.stop(userId, record.id);
    return true;
  }

  /** Accept nothing more; running answers go on. */
  beginDrain(): void {
    this.#draining = true;
  }

  /** Ends what still runs as interrupted, and waits until that is stored. */
  async endAll(reason: EndReason): Promise<void> {
    const all = this.#options.live.all();
    for (const live of all) live.controller.abort(reason);
    await Promise.allSettled(all.map((live) => live.done));
  }

  /** Resolves when nothing runs any more. */
  async idle(): Promise<void> {
    while (this.#options.live.all().length > 0) await Promise.allSettled(this.#options.live.all().map((live) => live.done));
  }

  async #headOf(request: ConversationRequest): Promise<string> {
    const { headId } = await this.#options.plans.conversation(request.user.id, request.conversationId);
    if (headId === null)
      throw new AppError('BAD_REQUEST', { message: 'There is no answer in this conversation yet.', params: { reason: 'no_answer' } });
    return headId;
  }

  async #ask(request: Request, bodyHash: string, asker: Asker, makePlan: () => Promise<GenerationPlan>): Promise<Accepted> {
    if (this.#draining) throw new AppError('DRAINING', { retryAfter: 5 });
    const dedupeKey = dedupeKeyOf(request.user.id, request.clientMessageId);
    return this.#once.run(dedupeKey, async () => {
      const earlier = await this.#acceptance.find(dedupeKey);
      if (earlier !== null) return this.#again(request, bodyHash, asker, earlier);
      let refusal: unknown = new AppError('NOT_FOUND');
      try {
        const plan = await makePlan();
        const started = await this.#options.admission.admit(plan, async (admitted) => {
          const generation = await this.#generationOf(plan, admitted.processing, { dedupeKey, bodyHash });
          const begun = { generation, ...admitted };
          return (await this.#write(plan, begun)) ? this.#start(plan, begun, asker) : null;
        });
        if (started !== null) return started;
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        refusal = error;
      }
      // What stands in the way may be the same request, which another process accepted in this moment.
      const winner = await this.#acceptance.find(dedupeKey);
      if (winner === null) throw refusal;
      return this.#again(request, bodyHash, asker, winner);
    });
  }

  /** @returns false when the same client id was accepted before */
  async #write(plan: GenerationPlan, begun: Begun): Promise<boolean> {
    const { generation } = begun;
    try {
      if ((await this.#acceptance.write({ generation, operations: acceptedOperations(plan, generation) })) === null) return false;
      if (plan.conversation.state === 'archived') await this.#bringBack(plan.conversation.id);
      return true;
    } catch (error) {
      if (error instanceof StoreUnavailableError) this.#once.remember(generation.dedupeKey, { plan, begun });
      throw error;
    }
  }

  /** Who writes in an archived conversation wants it at hand. It was accepted already: a failure changes nothing about that. */
  async #bringBack(id: string): Promise<void> {
    const change = { expect: { state: 'archived' }, set: { state: 'live' } };
    await this.#options.documents.update(conversationsCollection.name, id, change).catch(() => null);
  }

  /** The same client id again. What this process wrote without hearing so, and never began, begins now. */
  async #again(request: Request, bodyHash: string, asker: Asker, earlier: StoredAcceptance): Promise<Accepted> {
    const { generation } = earlier;
    if (bodyHash !== generation.bodyHash) throw new AppError('ID_REUSED');
    const unheard = this.#once.recall(generation.dedupeKey);
    const mine = unheard?.begun.generation.id === generation.id;
    const owned = mine && (await this.#acceptance.renew(generation, this.#options.timings.leaseMs));
    this.#once.forget(generation.dedupeKey);
    if (owned) return this.#start(unheard.plan, unheard.begun, asker);
    return this.#duplicate(request, asker, earlier);
  }

  /** The same answer with `duplicate`, followed on if it is still being written, by whichever process. */
  async #duplicate(request: Request, asker: Asker, earlier: StoredAcceptance): Promise<Accepted> {
    const { live, messaging, remoteLog } = this.#options;
    const { id, status } = earlier.generation;
    const away = status === 'running' && live.logFor(request.user.id, id) === null;
    const log = away ? await remoteLog(request.user.id, id) : live.logFor(request.user.id, id);
    const running = log !== null && log.finished === null;
    const answer = running ? { ...earlier.answer, parts: log.parts() } : earlier.answer;
    const seq = log?.seq ?? 0;
    const accepted: Accepted = {
      clientMessageId: request.clientMessageId,
      duplicate: true,
      conversation: toConversation(earlier.conversation),
      message: toMessage(earlier.message),
      answer: toMessage(answer),
      generationId: earlier.generation.id,
    };
    asker.onAccepted?.(accepted);
    if (asker.session !== undefined) {
      messaging.users.openConversation(asker.session, earlier.conversation.id);
      if (running) {
        // `accepted` has no seq: this says which events its text includes, so that the reader goes on without a gap.
        asker.session.send(log.snapshot());
        asker.session.follow(log, seq);
      }
    }
    return accepted;
  }

  async #generationOf(
    plan: GenerationPlan,
    processing: ProcessingPlan,
    identity: { readonly dedupeKey: string; readonly bodyHash: string },
  ): Promise<GenerationRecord> {
    const { clock, documents, processId, timings } = this.#options;
    return {
      id: newId(),
      ownerId: plan.user.id,
      conversationId: plan.conversation.id,
      userMessageId: plan.question?.id ?? null,
      messageId: plan.answer.id,
      ...identity,
      runningKey: plan.conversation.id,
      status: 'running',
      model: processing.info.id,
      level: processing.level,
      epoch: newId(),
      leaseOwner: processId,
      // By the database's clock: another process compares it with that one (PROMISES G15).
      leaseUntil: (await documents.now()) + timings.leaseMs,
      startedAt: clock.now(),
    };
  }

  #start(plan: GenerationPlan, begun: Begun, asker: Asker): Accepted {
    const { generation, processing } = begun;
    const { messaging, live: lives } = this.#options;
    const answer = { ...plan.answer, status: 'streaming' as const, generationId: generation.id, model: processing.info.id };
    const state = plan.conversation.state === 'archived' ? ('live' as const) : plan.conversation.state;
    const conversation = { ...plan.conversation, state, headId: answer.id, runningId: generation.id, updatedAt: generation.startedAt };
    const question = plan.question;
    const ids = { generationId: generation.id, conversationId: conversation.id, messageId: answer.id, epoch: generation.epoch };
    const log = new GenerationLog(ids, toMessage(answer), { pace: this.#options.pace });
    const live: LiveGeneration = {
      record: generation,
      conversation,
      question,
      answer: plan.answer,
      log,
      model: processing,
      thinking: processing.thinking,
      continued: plan.continued,
      controller: new AbortController(),
      done: Promise.resolve(),
    };
    lives.add(live);
    const accepted: Accepted = {
      clientMessageId: plan.clientMessageId,
      duplicate: false,
      conversation: toConversation(conversation),
      message: toMessage(question ?? answer),
      answer: toMessage(answer),
      generationId: generation.id,
    };
    announceAccepted(messaging, plan, accepted, asker);
    messaging.users.streamResponse(log, processing.info.id);
    if (plan.isNewConversation) this.#options.surface?.began(live.conversation);
    live.done = this.#runner.run(live, begun.settings);
    return accepted;
  }
}
