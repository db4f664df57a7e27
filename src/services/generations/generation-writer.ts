import type { Clock } from '../../lib/clock.ts';
import type { BatchOperation, DocumentStore } from '../../lib/document-store.ts';
import type { Logger } from '../../lib/logger.ts';
import { ExpectationError } from '../../lib/store-errors.ts';
import { messagesCollection } from '../conversations/message-record.ts';
import { type EventRun, lastSeqOf } from './event-run.ts';
import type { GenerationLog } from './generation-log.ts';
import { type GenerationEventRecord, generationEventsCollection } from './generation-record.ts';
import type { WriteRounds } from './write-rounds.ts';

/** Text is in the store at most 200 ms after the people have it (PROMISES 2.6): this, and the time of the write. */
const FLUSH_MS = 120;
/** How often the text so far is written to the message itself. */
const MATERIALISE_MS = 3000;
const RETRY_MS = 1000;
/** What may be unsaved before a running answer is given up (G9), besides its age. */
const MAX_UNSAVED_CHARACTERS = 256 * 1024;
const EVENT_LIFETIME_MS = 60 * 60 * 1000;

export interface GenerationWriterOptions {
  readonly documents: DocumentStore;
  readonly log: GenerationLog;
  readonly clock: Clock;
  /** Of all answers that this process writes. */
  readonly rounds: WriteRounds;
  readonly logger: Logger;
  /** Events that stay unsaved for longer end the writing (G9). */
  readonly maxUnsavedMs: number;
  /** Writing must end: `store` (unsaved for too long) or `claimed` (another process took the generation over). */
  readonly onLost: (reason: 'store' | 'claimed') => void;
}

/** Writes the events of one generation to the store, one batch at a time, behind the live readers. */
export class GenerationWriter {
  readonly #options: GenerationWriterOptions;
  readonly #unsubscribe: () => void;
  #cancelTimer: (() => void) | null = null;
  #writing: Promise<void> | null = null;
  #savedSeq = 0;
  #materialisedAt: number;
  #failingSince: number | null = null;
  #closed = false;

  constructor(options: GenerationWriterOptions) {
    this.#options = options;
    this.#materialisedAt = options.clock.now();
    this.#unsubscribe = options.log.subscribe(() => this.#schedule(FLUSH_MS));
  }

  /**
   * Ends the writing and waits for the batch under way; the caller then writes the final message.
   * @returns what stores the last events, for the same batch: a reader on another process must see every one
   */
  async close(): Promise<BatchOperation[]> {
    this.#closed = true;
    this.#unsubscribe();
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    await this.#writing;
    const { log, clock } = this.#options;
    const now = clock.now();
    return log.runsAfter(this.#savedSeq).map((run) => eventOperation(log.ids.generationId, run, now));
  }

  #schedule(ms: number): void {
    if (this.#closed || this.#cancelTimer !== null || this.#writing !== null) return;
    this.#cancelTimer = this.#options.rounds.in(ms, () => {
      this.#cancelTimer = null;
      this.#writing = this.#flush().finally(() => {
        this.#writing = null;
        if (this.#options.log.seq > this.#savedSeq) this.#schedule(this.#failingSince === null ? FLUSH_MS : RETRY_MS);
      });
    });
  }

  async #flush(): Promise<void> {
    const { documents, log, clock, logger } = this.#options;
    // Text and the seq it includes are taken in one synchronous step: a reader that attaches must not get text twice.
    const seq = log.seq;
    const now = clock.now();
    const operations: BatchOperation[] = log.runsAfter(this.#savedSeq).map((run) => eventOperation(log.ids.generationId, run, now));
    const materialise = now - this.#materialisedAt >= MATERIALISE_MS;
    if (materialise) {
      const change = { expect: { status: 'streaming', generationId: log.ids.generationId }, set: { parts: log.parts(), seq } };
      operations.push({ type: 'update', collection: messagesCollection.name, id: log.ids.messageId, change });
    }
    if (operations.length === 0) return;
    try {
      await documents.batch(operations);
      this.#savedSeq = seq;
      this.#failingSince = null;
      if (materialise) this.#materialisedAt = now;
    } catch (error) {
      if (error instanceof ExpectationError) this.#options.onLost('claimed');
      else this.#failed(now);
      logger.warn({ generationId: log.ids.generationId, error }, 'events of an answer could not be stored yet');
    }
  }

  #failed(now: number): void {
    this.#failingSince ??= now;
    const { characters } = this.#options.log.lagAfter(this.#savedSeq);
    if (now - this.#failingSince > this.#options.maxUnsavedMs || characters > MAX_UNSAVED_CHARACTERS) this.#options.onLost('store');
  }
}

/** The id is the first seq: writing a stretch again after a failed batch replaces it by one that is as long or longer. */
function eventOperation(generationId: string, run: EventRun, now: number): BatchOperation {
  const base = {
    id: `${generationId}-${run.from}`,
    generationId,
    seq: lastSeqOf(run),
    kind: run.kind,
    expiresAt: now + EVENT_LIFETIME_MS,
  };
  const document: GenerationEventRecord =
    run.kind === 'part' ? { ...base, count: 1, part: run.part } : { ...base, count: run.ends.length, text: run.text, ends: [...run.ends] };
  return { type: 'put', collection: generationEventsCollection.name, document };
}

/** The stored stretch as the log keeps it. */
export function runFromRecord(record: GenerationEventRecord): EventRun | null {
  const from = record.seq - record.count + 1;
  if (record.kind === 'part') return record.part === undefined ? null : { kind: 'part', from, part: record.part };
  if (record.text === undefined || record.ends === undefined) return null;
  return { kind: record.kind, from, text: record.text, ends: [...record.ends] };
}
