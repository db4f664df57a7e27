import { createHash } from 'node:crypto';
import { AppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import type { BatchOperation, DocumentStore, JsonValue } from '../../lib/document-store.ts';
import type { Logger } from '../../lib/logger.ts';
import { indexWords } from '../../lib/normalise-words.ts';
import { ExpectationError } from '../../lib/store-errors.ts';
import type { Usage } from '../../protocol/index.ts';
import { type ConversationRecord, conversationsCollection } from '../conversations/conversation-record.ts';
import { conversationTitle } from '../conversations/conversation-title.ts';
import { type MessageRecord, messagesCollection, textOf, thoughtOf, toMessage } from '../conversations/message-record.ts';
import type { Budgets } from '../costs/budgets.ts';
import { estimatedUsage, priced, sumOfUsage } from '../costs/cost-of.ts';
import { chargeOf, type UsageLedger } from '../costs/usage-ledger.ts';
import type { AnswerOutcome } from './answer-run.ts';
import { type Charge, type GenerationRecord, generationsCollection } from './generation-record.ts';
import type { LiveGeneration, LiveGenerations } from './live-generation.ts';

/** How long the end of an answer waits for the store before people are told that it is not stored. */
const PATIENCE_MS = 5000;
const RETRY_MS = 1000;
/** After that the stored events are what is left of the answer. */
const KEEP_TRYING_MS = 10 * 60_000;

interface StoredEnd {
  readonly live: LiveGeneration;
  readonly ended: MessageRecord;
  readonly outcome: AnswerOutcome;
  readonly charge: Charge;
  /** Stores the last events. */
  readonly unsaved: readonly BatchOperation[];
}

export interface FinishedAnswer {
  readonly message: MessageRecord;
  /** Of this run alone: the message of a continued answer holds the sum. */
  readonly usage: Usage | undefined;
  /** As stored; null when the store did not say. */
  readonly conversation: ConversationRecord | null;
}

/** Writes how a generation ended, then says so: what people are told is what is stored. */
export class GenerationFinisher {
  readonly #documents: DocumentStore;
  readonly #ledger: UsageLedger;
  readonly #budgets: Budgets;
  readonly #live: LiveGenerations;
  readonly #clock: Clock;
  readonly #logger: Logger;

  constructor(options: {
    readonly documents: DocumentStore;
    readonly ledger: UsageLedger;
    readonly budgets: Budgets;
    readonly live: LiveGenerations;
    readonly clock: Clock;
    readonly logger: Logger;
  }) {
    this.#documents = options.documents;
    this.#ledger = options.ledger;
    this.#budgets = options.budgets;
    this.#live = options.live;
    this.#clock = options.clock;
    this.#logger = options.logger;
  }

  /**
   * @param unsaved stores the events that the writer had not stored yet
   * @returns never throws
   */
  async finish(live: LiveGeneration, outcome: AnswerOutcome, unsaved: readonly BatchOperation[]): Promise<FinishedAnswer> {
    const startedAt = this.#clock.now();
    const usage = this.#usageOf(live, outcome, startedAt);
    const charge = chargeOf(usage, startedAt);
    let ended = this.#endedMessage(live, outcome, usage);
    for (;;) {
      try {
        await this.#store({ live, ended, outcome, charge, unsaved });
        break;
      } catch (error) {
        if (error instanceof ExpectationError) {
          // Another process took it over (its lease had ended): what that one stored holds.
          ended = (await this.#stored(live)) ?? ended;
          break;
        }
        this.#logger.error({ generationId: live.record.id, error }, 'the end of an answer could not be stored yet');
        if (this.#clock.now() - startedAt >= PATIENCE_MS) {
          return { message: this.#giveUp({ live, ended, outcome, charge, unsaved }), usage, conversation: null };
        }
        await this.#pause();
      }
    }
    this.#tell(live, ended);
    await this.#budgets.warn(live.record.ownerId).catch((error: unknown) => {
      this.#logger.warn({ generationId: live.record.id, error }, 'a budget could not be looked at');
    });
    const conversation = await this.#documents
      .get<ConversationRecord>(conversationsCollection.name, live.conversation.id)
      .catch(() => null);
    return { message: ended, usage, conversation };
  }

  /** What this answer took, with its cost; undefined where the model refused to begin and counted nothing. */
  #usageOf(live: LiveGeneration, outcome: AnswerOutcome, at: number): Usage | undefined {
    const usage = outcome.usage ?? (outcome.status === 'failed' ? undefined : estimate(live));
    return usage === undefined ? undefined : priced(usage, live.model.provider.prices?.(live.model.info.id), at);
  }

  #endedMessage(live: LiveGeneration, outcome: AnswerOutcome, usage: Usage | undefined): MessageRecord {
    const parts = live.log.parts();
    const text = textOf(parts);
    const { raw: _raw, rawProvider: _provider, rawModel: _model, error: _error, finishReason: _reason, ...kept } = live.answer;
    // The parts of a continued answer are of two requests: its text is replayed instead.
    const own = outcome.raw.length === 0 || live.continued;
    return {
      ...kept,
      status: outcome.status,
      parts,
      model: live.model.info.id,
      ...(usage === undefined ? {} : { usage: live.continued ? sumOfUsage(live.answer.usage, usage) : usage }),
      generationId: live.record.id,
      seq: live.log.seq,
      words: indexWords(text),
      ...(outcome.finishReason === undefined ? {} : { finishReason: outcome.finishReason }),
      ...(outcome.error === undefined ? {} : { error: outcome.error }),
      ...(own ? {} : { raw: JSON.stringify(outcome.raw), rawProvider: live.model.provider.name, rawModel: live.model.info.id }),
    };
  }

  /** @throws ExpectationError when another process took the generation over */
  async #store(end: StoredEnd): Promise<void> {
    const operations = this.#operations(end);
    const { record } = end.live;
    try {
      await this.#documents.batch([...operations, ...this.#ledger.operations(record, end.charge)]);
      this.#ledger.settled(record, end.charge);
    } catch (error) {
      if (!(error instanceof ExpectationError)) throw error;
      const rest = await this.#withoutDone(end.live, operations);
      if (rest.length === operations.length) throw error;
      await this.#documents.batch(rest);
      await this.#ledger.settle(record.id, record.leaseOwner);
    }
    await this.#name(end);
  }

  /** A conversation that began without a title gets one from its first exchange, unless somebody named it in the meantime. */
  async #name({ live: { conversation, question }, ended }: StoredEnd): Promise<void> {
    if (conversation.title !== '') return;
    const title = conversationTitle(`${question === null ? '' : textOf(question.parts)}\n${textOf(ended.parts)}`);
    if (title === null) return;
    const change = { expect: { title: '' }, set: { title, words: indexWords(title) } };
    // A conversation without a title is no reason to write its answer again.
    await this.#documents.update(conversationsCollection.name, conversation.id, change).catch(() => null);
  }

  /**
   * A batch may have been written in part (MongoDB, when it broke). While the lease is this process's, nobody else ended the
   * generation: what is no longer running was ended by the earlier try.
   */
  async #withoutDone({ record, answer, conversation }: LiveGeneration, operations: readonly BatchOperation[]): Promise<BatchOperation[]> {
    const [generation, message, place] = await Promise.all([
      this.#documents.get<GenerationRecord>(generationsCollection.name, record.id),
      this.#documents.get<MessageRecord>(messagesCollection.name, answer.id),
      this.#documents.get<ConversationRecord>(conversationsCollection.name, conversation.id),
    ]);
    if (generation === null || generation.leaseOwner !== record.leaseOwner) return [...operations];
    const done = new Set<string>();
    if (message?.generationId === record.id && message.status !== 'streaming') done.add(answer.id);
    if (generation.status !== 'running') done.add(record.id);
    // The next answer of the conversation may have begun.
    if (place?.runningId !== record.id) done.add(conversation.id);
    return operations.filter((operation) => operation.type !== 'update' || !done.has(operation.id));
  }

  #operations({ live, ended, outcome, charge, unsaved }: StoredEnd): BatchOperation[] {
    const { record, conversation } = live;
    const now = this.#clock.now();
    const { id, ...fields } = ended;
    const unset = ['error', 'finishReason', 'raw', 'rawProvider', 'rawModel'].filter((name) => !(name in fields));
    const set: Record<string, JsonValue | undefined> = { ...fields };
    return [
      {
        type: 'update',
        collection: messagesCollection.name,
        id,
        change: { expect: { status: 'streaming', generationId: record.id }, set, unset },
      },
      // Before the generation ends: who follows it from another process reads them after it saw the end.
      ...unsaved,
      {
        type: 'update',
        collection: generationsCollection.name,
        id: record.id,
        change: {
          expect: { status: 'running', leaseOwner: record.leaseOwner },
          set: { status: outcome.status, finishedAt: now, ...this.#ledger.endFields(charge) },
          unset: ['runningKey'],
        },
      },
      {
        type: 'update',
        collection: conversationsCollection.name,
        id: conversation.id,
        change: { set: { updatedAt: now, runningId: null } },
      },
    ];
  }

  /** The store is away: people are told now that the end is not stored, and it is tried on in the background. */
  #giveUp({ live, ended, outcome, charge, unsaved }: StoredEnd): MessageRecord {
    const error = new AppError('STORE_UNAVAILABLE').toShape();
    const interrupted: MessageRecord = { ...ended, status: 'interrupted', error };
    this.#tell(live, interrupted);
    const { quota: _quota, ...rest } = outcome;
    void this.#keepTrying({ live, ended: interrupted, outcome: { ...rest, status: 'interrupted' }, charge, unsaved });
    return interrupted;
  }

  async #keepTrying(end: StoredEnd): Promise<void> {
    const { record } = end.live;
    const until = this.#clock.now() + KEEP_TRYING_MS;
    // The lease stays this process's: its own sweep must not end the answer with less text.
    this.#live.holdUnstored(record);
    try {
      while (this.#clock.now() < until) {
        await this.#pause();
        if (await this.#triedAgain(end)) return;
      }
    } finally {
      this.#live.releaseUnstored(record.id);
    }
  }

  /** @returns whether there is nothing left to try */
  async #triedAgain(end: StoredEnd): Promise<boolean> {
    try {
      await this.#store(end);
      return true;
    } catch (error) {
      if (error instanceof ExpectationError) return true;
      this.#logger.debug({ error, generationId: end.live.record.id }, 'the end of an answer could not be stored yet');
      return false;
    }
  }

  #tell(live: LiveGeneration, ended: MessageRecord): void {
    const status = ended.status === 'streaming' ? 'interrupted' : ended.status;
    const textSha256 = createHash('sha256').update(textOf(ended.parts)).digest('hex');
    live.log.finish({ status, textSha256, message: toMessage({ ...ended, status }) });
  }

  async #stored(live: LiveGeneration): Promise<MessageRecord | null> {
    return this.#documents.get<MessageRecord>(messagesCollection.name, live.answer.id).catch(() => null);
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => this.#clock.after(RETRY_MS, resolve));
  }
}

/** The model was cut before it counted: what was read, said and thought in this run alone. */
function estimate({ question, answer, continued, promptCharacters, log }: LiveGeneration): Usage {
  const before = continued ? answer.parts : [];
  const parts = log.parts();
  return estimatedUsage({
    input: promptCharacters ?? (question === null ? 0 : textOf(question.parts).length),
    output: Math.max(0, textOf(parts).length - textOf(before).length),
    thought: Math.max(0, thoughtOf(parts).length - thoughtOf(before).length),
  });
}
