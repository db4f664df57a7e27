import { buffer } from 'node:stream/consumers';
import type { AskReply, SurfaceBytes } from '../../core/index.ts';
import { AppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import type { DocumentStore } from '../../lib/document-store.ts';
import type { Logger } from '../../lib/logger.ts';
import { newId } from '../../lib/new-id.ts';
import { type ConversationRecord, conversationsCollection, isOpenFor } from '../conversations/conversation-record.ts';
import type { PluginEntry } from '../plugins/plugin-entry.ts';
import type { PluginValues } from '../plugins/plugin-record.ts';
import { type AskRecord, asksCollection, jsonOf } from './ask-record.ts';
import type { PluginRuns } from './plugin-runs.ts';
import type { SurfaceDirectory } from './surface-directory.ts';
import type { SurfacePeople } from './surface-people.ts';
import type { SurfaceFiles } from './surface-ports.ts';
import type { SurfaceWriter, WriterPlace } from './surface-writer.ts';

/** A plugin that failed hears it once more: its process may have ended for another reason. */
const RETRY_MS = 10_000;
const MOST_TRIES = 2;
/** One that was switched off for its failures is waited for. */
const WAIT_MS = 10 * 60_000;
const MOST_WAIT_MS = 30 * 24 * 3600_000;
/** Another process of the same database leaves a delivery alone for so long after one began. */
const CLAIM_MS = 6 * 60_000;
const LOOK_MS = 30_000;
const PAGE = 50;
/** At a time, so that a store full of answers does not start as many runs. */
const MOST_RUNNING = 4;

/** Not the plugin's fault: it was not even asked, or nobody can ask now. */
const notNow: ReadonlySet<string> = new Set(['OVERLOADED', 'DRAINING', 'PLUGIN_DISABLED', 'STORE_UNAVAILABLE']);

export interface AskDeliveriesOptions {
  readonly documents: DocumentStore;
  readonly runs: PluginRuns;
  readonly directory: SurfaceDirectory;
  readonly people: SurfacePeople;
  readonly files: SurfaceFiles;
  /** Null: the plugin is not there or cannot be used now. */
  readonly readyEntry: (plugin: string) => PluginEntry | null;
  readonly settingsOf: (userId: string, entry: PluginEntry) => Promise<PluginValues>;
  readonly writerFor: (place: WriterPlace) => SurfaceWriter;
  /** Shows in its message how a question ended. */
  readonly showEnd: (ask: AskRecord) => Promise<void>;
  /** The person is told that nothing came of an answer. */
  readonly tellFailure: (userId: string, error: AppError) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Tells plugins how their questions ended, each at least once: what is owed is stored with the answer, and looked for at the start
 * and every half minute. A plugin that hears it again writes the same messages again.
 */
export class AskDeliveries {
  readonly #options: AskDeliveriesOptions;
  readonly #running = new Map<string, Promise<void>>();
  readonly #ended = new AbortController();
  #cancel: (() => void) | null = null;

  constructor(options: AskDeliveriesOptions) {
    this.#options = options;
  }

  start(): void {
    this.#look();
    this.#cancel ??= this.#options.clock.every(LOOK_MS, () => this.#look());
  }

  /** Ends what runs; it is told again after the next start. */
  async stop(): Promise<void> {
    this.#cancel?.();
    this.#ended.abort();
    await Promise.allSettled(this.#running.values());
  }

  /** Tells it now, unless too much is being told already; then the next look does. */
  deliver(ask: AskRecord): void {
    if (this.#running.has(ask.id) || this.#running.size >= MOST_RUNNING || this.#ended.signal.aborted) return;
    const work = this.#deliver(ask)
      .catch((error: unknown) => {
        const { code } = AppError.from(error);
        this.#options.logger.warn({ plugin: ask.plugin, code }, 'the answer to a question could not be handed over yet');
      })
      .finally(() => this.#running.delete(ask.id));
    this.#running.set(ask.id, work);
  }

  /** Resolves when nothing is being told. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running.values());
  }

  #look(): void {
    const { documents, clock, logger } = this.#options;
    const query = { index: 'byDelivery', where: { owed: true }, range: { to: clock.now() }, limit: PAGE };
    documents
      .find<AskRecord>(asksCollection.name, query)
      .then(({ items }) => {
        for (const ask of items) this.deliver(ask);
      })
      .catch((error: unknown) => logger.warn({ error }, 'answers to questions could not be looked for'));
  }

  async #deliver(ask: AskRecord): Promise<void> {
    const { documents, clock, directory, readyEntry } = this.#options;
    const entry = readyEntry(ask.plugin);
    const tries = (ask.tries ?? 0) + 1;
    // By compare-and-set: of two processes one tells it.
    const claim = { expect: { owed: true, dueAt: ask.dueAt ?? null }, set: { dueAt: clock.now() + CLAIM_MS, tries } };
    const claimed = await documents.update<AskRecord>(asksCollection.name, ask.id, claim);
    if (claimed === null) return;
    const conversation = await documents.get<ConversationRecord>(conversationsCollection.name, ask.conversationId);
    if (!isOpenFor(ask.ownerId, conversation)) return this.#settle(claimed);
    // A process that ended right after it had stored the answer has not shown it.
    await this.#options.showEnd(claimed);
    if (entry === null) {
      if (clock.now() - ask.createdAt > MOST_WAIT_MS) return this.#settle(claimed);
      return this.#again(claimed, WAIT_MS, tries - 1);
    }
    try {
      await this.#tell(claimed, entry, directory.conversationFor(entry.name, conversation));
      await this.#settle(claimed);
    } catch (error) {
      if (this.#ended.signal.aborted) return this.#again(claimed, 0, tries - 1);
      const isLong = clock.now() - claimed.createdAt > MOST_WAIT_MS;
      if (notNow.has(AppError.from(error).code) && !isLong) await this.#again(claimed, RETRY_MS, tries - 1);
      else if (tries < MOST_TRIES) await this.#again(claimed, RETRY_MS, tries);
      else {
        this.#options.tellFailure(claimed.ownerId, AppError.from(error));
        await this.#settle(claimed);
      }
      throw error;
    }
  }

  async #tell(ask: AskRecord, entry: PluginEntry, conversation: AskReply['conversation']): Promise<void> {
    const { runs, people, settingsOf, writerFor } = this.#options;
    const { ownerId, plugin, conversationId, messageId, status } = ask;
    const locale = people.localeOf(ownerId, ask.locale);
    const files = await this.#filesOf(ask);
    const reply = {
      askId: ask.id,
      name: ask.name,
      value: status === 'answered' ? jsonOf(ask.value) : null,
      ...(files === null ? {} : { files }),
      ending: status === 'open' ? ('cancelled' as const) : status,
      state: jsonOf(ask.state),
      locale,
      user: await people.user(ownerId),
      conversation,
      settings: await settingsOf(ownerId, entry),
    };
    const idOf = (index: number) => this.#messageId(ask, index);
    const writer = writerFor({ ownerId, plugin, conversationId, locale, originId: messageId, messageId: idOf });
    const signal = this.#ended.signal;
    let failed = true;
    try {
      await runs.run(
        entry,
        { kind: 'answer', reply },
        { signal, take: (event) => (event.type === 'note' ? undefined : writer.take(event)) },
      );
      failed = false;
    } finally {
      await writer.end(failed);
    }
  }

  async #filesOf({ ownerId, conversationId, fileIds }: AskRecord): Promise<SurfaceBytes[] | null> {
    if (fileIds === undefined || fileIds.length === 0) return null;
    const { files } = this.#options;
    await files.refer(ownerId, fileIds, conversationId);
    const given: SurfaceBytes[] = [];
    for (const id of fileIds) {
      const { file, mime, stream } = await files.open(ownerId, id, 'original');
      given.push({ mime, data: await buffer(stream), ...(file.name === undefined ? {} : { name: file.name }) });
    }
    return given;
  }

  /** Kept before the message is written: told again, the plugin writes the same one. */
  async #messageId(ask: AskRecord, index: number): Promise<string> {
    const { documents } = this.#options;
    const now = await documents.get<AskRecord>(asksCollection.name, ask.id);
    const written = now?.written ?? [];
    const known = written[index];
    if (known !== undefined) return known;
    const id = newId();
    await documents.update(asksCollection.name, ask.id, { set: { written: [...written, id] } });
    return id;
  }

  async #settle({ id }: AskRecord): Promise<void> {
    await this.#options.documents.update(asksCollection.name, id, { unset: ['owed', 'dueAt'] });
  }

  async #again({ id }: AskRecord, ms: number, tries: number): Promise<void> {
    const { documents, clock } = this.#options;
    await documents.update(asksCollection.name, id, { expect: { owed: true }, set: { dueAt: clock.now() + ms, tries } });
  }
}
