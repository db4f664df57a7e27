import type { Clock } from '../../lib/clock.ts';
import type { DocumentStore } from '../../lib/document-store.ts';
import type { Logger } from '../../lib/logger.ts';
import { newId } from '../../lib/new-id.ts';
import { indexWords } from '../../lib/normalise-words.ts';
import { ExpectationError, StoreUnavailableError } from '../../lib/store-errors.ts';
import { type FinalStatus, foldPart, type Part, type Usage } from '../../protocol/index.ts';
import { conversationsCollection } from '../conversations/conversation-record.ts';
import { type MessageRecord, messagesCollection, textOf, toMessage } from '../conversations/message-record.ts';
import { estimatedUsage, priced, sumOfUsage } from '../costs/cost-of.ts';
import { chargeOf, type UsageLedger } from '../costs/usage-ledger.ts';
import type { MessagingService } from '../messaging/messaging-service.ts';
import { Acceptance } from './acceptance.ts';
import type { ChatTimings } from './chat-timings.ts';
import {
  type GenerationEventRecord,
  type GenerationRecord,
  generationEventsCollection,
  generationsCollection,
} from './generation-record.ts';
import { runFromRecord } from './generation-writer.ts';
import type { LiveGenerations } from './live-generation.ts';

export interface GenerationRecoveryOptions {
  readonly documents: DocumentStore;
  readonly ledger: UsageLedger;
  readonly live: LiveGenerations;
  readonly messaging: MessagingService;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly processId: string;
  readonly timings: ChatTimings;
}

const PAGE = 200;

/**
 * Keeps the leases of this process's generations, and ends those whose process is gone: what the event log holds beyond the
 * message is folded in, the answer becomes `interrupted`. Never shown as complete, never spinning for ever (G7).
 */
export class GenerationRecovery {
  readonly #options: GenerationRecoveryOptions;
  readonly #acceptance: Acceptance;
  readonly #timers: (() => void)[] = [];

  constructor(options: GenerationRecoveryOptions) {
    this.#options = options;
    this.#acceptance = new Acceptance(options.documents);
  }

  /** @param shared whether other processes may use the same database: then only an ended lease proves a process dead */
  async start(shared: boolean): Promise<void> {
    await this.sweep(!shared);
    if (this.#timers.length > 0) return;
    const { clock, timings, logger } = this.#options;
    const repeat = (ms: number, work: () => Promise<void>, trouble: string) => {
      let working = false;
      const run = () => {
        if (working) return;
        working = true;
        work()
          .catch((error: unknown) => logger.warn({ error }, trouble))
          .finally(() => {
            working = false;
          });
      };
      this.#timers.push(clock.every(ms, run));
    };
    if (!shared) {
      // Those whose end this process itself gave up to store: nobody else is there to end them.
      const sweep = async () => void (await this.sweep(false));
      repeat(timings.leaseMs, sweep, 'answers that nobody writes any more could not be looked for');
      return;
    }
    repeat(timings.heartbeatMs, () => this.#beat(), 'leases could not be renewed');
    repeat(timings.stopPollMs, () => this.#stopWanted(), 'wishes to stop could not be read');
  }

  stop(): void {
    for (const cancel of this.#timers.splice(0)) cancel();
  }

  /** Ends every generation whose process is dead. @param all the store's lock proves that no other process lives: at boot, on the embedded store */
  async sweep(all: boolean): Promise<number> {
    const { documents, live } = this.#options;
    const now = await documents.now();
    let ended = 0;
    let cursor: string | undefined;
    do {
      const range = all ? {} : { range: { before: now } };
      const query = { index: 'byLease', where: { status: 'running' }, ...range, limit: PAGE, ...(cursor === undefined ? {} : { cursor }) };
      const page = await documents.find<GenerationRecord>(generationsCollection.name, query);
      for (const record of page.items) {
        if (!live.holds(record.id) && (await this.#tryClaim(record, now))) ended += 1;
      }
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    const { ledger, processId, clock, timings } = this.#options;
    await ledger.settleLeft(processId, clock.now() - (all ? 0 : timings.leaseMs), (id) => live.holds(id));
    return ended;
  }

  /** Ends what a person asked another process to stop (G6: within a second, everywhere). */
  async #stopWanted(): Promise<void> {
    const { documents, live } = this.#options;
    const ids = live.all().map((running) => running.record.id);
    if (ids.length === 0) return;
    const records = await documents.getMany<GenerationRecord>(generationsCollection.name, ids);
    for (const record of records) if (record.stopRequested === true) live.abort(record.id, 'stop');
  }

  async #beat(): Promise<void> {
    const { documents, live, processId, timings } = this.#options;
    const leaseUntil = (await documents.now()) + timings.leaseMs;
    for (const record of live.leased()) {
      const change = { expect: { status: 'running', leaseOwner: processId }, set: { leaseUntil } };
      const renewed = await documents.update<GenerationRecord>(generationsCollection.name, record.id, change);
      if (renewed === null) live.abort(record.id, 'claimed');
    }
    await this.sweep(false);
  }

  /** One answer that cannot be mended must not keep the others from it, nor the server from starting. */
  async #tryClaim(record: GenerationRecord, now: number): Promise<boolean> {
    try {
      return await this.#claim(record, now);
    } catch (error) {
      if (error instanceof StoreUnavailableError) throw error;
      this.#options.logger.error({ generationId: record.id, error }, 'an answer whose process ended could not be mended');
      return false;
    }
  }

  /** Takes a dead process's generation over by compare-and-set, so that two survivors do not both end it. */
  async #claim(record: GenerationRecord, now: number): Promise<boolean> {
    const { documents, processId, logger, timings } = this.#options;
    const expect = { status: 'running', leaseOwner: record.leaseOwner, leaseUntil: record.leaseUntil };
    const change = { expect, set: { leaseOwner: processId, leaseUntil: now + timings.leaseMs } };
    const claimed = await documents.update<GenerationRecord>(generationsCollection.name, record.id, change);
    if (claimed === null) return false;
    try {
      await this.#interrupt(claimed);
      logger.info({ generationId: record.id }, 'an answer whose process ended was marked interrupted');
      return true;
    } catch (error) {
      if (!(error instanceof ExpectationError)) throw error;
      return false;
    }
  }

  async #interrupt(record: GenerationRecord): Promise<void> {
    const { documents, processId, clock, messaging, ledger } = this.#options;
    await this.#acceptance.repair(record);
    const message = await documents.get<MessageRecord>(messagesCollection.name, record.messageId);
    // The message may be final already: a crash between the two last writes of a store without transactions.
    const open = message !== null && message.status === 'streaming' && message.generationId === record.id;
    const status: FinalStatus = open || message === null || message.status === 'streaming' ? 'interrupted' : message.status;
    const { parts, seq } = open ? await this.#folded(record, message) : { parts: [], seq: 0 };
    const own = await this.#usageOf(record, open ? null : message);
    const charge = chargeOf(own, clock.now());
    const ended = {
      expect: { status: 'running', leaseOwner: processId },
      set: { status, finishedAt: clock.now(), ...ledger.endFields(charge), ...epochAfter(open) },
      unset: ['runningKey'],
    };
    const usage = record.userMessageId === null ? sumOfUsage(message?.usage, own) : own;
    const set = { status: 'interrupted', parts, seq, usage, words: indexWords(textOf(parts)) };
    await documents.batch([
      ...(open
        ? [
            {
              type: 'update' as const,
              collection: messagesCollection.name,
              id: message.id,
              change: { expect: { status: 'streaming' }, set },
            },
          ]
        : []),
      { type: 'update', collection: generationsCollection.name, id: record.id, change: ended },
      ...ledger.operations(record, charge),
    ]);
    await documents.update(conversationsCollection.name, record.conversationId, {
      expect: { runningId: record.id },
      set: { runningId: null },
    });
    if (open) {
      const frame = { type: 'message.updated' as const, message: toMessage({ ...message, status: 'interrupted', parts, usage }) };
      messaging.publishEvent({ to: { conversation: record.conversationId }, frame });
    }
  }

  /**
   * What the dead process's answer took: as it stored it with the message that it had ended, else counted from what is stored.
   * A continued message holds the usage of its earlier parts as well, so there only the events tell.
   */
  async #usageOf(record: GenerationRecord, ended: MessageRecord | null): Promise<Usage> {
    const { documents, messaging, clock } = this.#options;
    if (ended?.usage !== undefined && record.userMessageId !== null) return ended.usage;
    const question =
      record.userMessageId === null ? null : await documents.get<MessageRecord>(messagesCollection.name, record.userMessageId);
    const written = { input: question === null ? 0 : textOf(question.parts).length, output: 0, thought: 0 };
    let after = 0;
    for (;;) {
      const query = { index: 'byGeneration', where: { generationId: record.id }, range: { after }, limit: PAGE };
      const page = await documents.find<GenerationEventRecord>(generationEventsCollection.name, query);
      for (const { kind, text = '', seq } of page.items) {
        if (kind !== 'part') written[kind === 'text' ? 'output' : 'thought'] += text.length;
        after = seq;
      }
      if (page.nextCursor === null) break;
    }
    return priced(estimatedUsage(written), messaging.models.pricesOf(record.model), clock.now());
  }

  /** The message's text so far and the stored events after it; it ends before a gap. */
  async #folded(record: GenerationRecord, message: MessageRecord): Promise<{ parts: Part[]; seq: number }> {
    const parts = [...message.parts];
    let seq = message.seq ?? 0;
    for (;;) {
      const where = { generationId: record.id };
      const page = await this.#options.documents.find<GenerationEventRecord>(generationEventsCollection.name, {
        index: 'byGeneration',
        where,
        range: { after: seq },
        limit: PAGE,
      });
      for (const event of page.items) {
        const run = runFromRecord(event);
        const from = event.seq - event.count + 1;
        if (run === null || from > seq + 1) return { parts, seq };
        if (run.kind === 'part') foldPart(parts, run.part);
        else foldPart(parts, { type: run.kind, text: from <= seq ? run.text.slice(run.ends[seq - from] ?? 0) : run.text });
        seq = event.seq;
      }
      if (page.nextCursor === null) return { parts, seq };
    }
  }
}

/** Of an answer that its process did not end: readers may hold events that were never stored, and their place is in another log. */
function epochAfter(open: boolean): { readonly epoch?: string } {
  return open ? { epoch: newId() } : {};
}
