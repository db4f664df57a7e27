import type { HookEvents, HookName, SurfaceEvent } from '../../core/index.ts';
import { AppError } from '../../lib/app-error.ts';
import type { DocumentStore } from '../../lib/document-store.ts';
import { KeyedQueue } from '../../lib/keyed-queue.ts';
import type { Logger } from '../../lib/logger.ts';
import { newId } from '../../lib/new-id.ts';
import { type ConversationRecord, conversationsCollection, isOpen } from '../conversations/conversation-record.ts';
import type { PluginEntry } from '../plugins/plugin-entry.ts';
import type { PluginValues } from '../plugins/plugin-record.ts';
import type { PluginRuns, RunOptions } from './plugin-runs.ts';
import type { SurfaceDirectory } from './surface-directory.ts';
import type { SurfacePeople } from './surface-people.ts';
import type { SurfaceWriter, WriterPlace } from './surface-writer.ts';

/** Calls that wait or run; beyond it plugins are not told, so that a slow one cannot fill the memory. */
const MOST_WAITING = 200;
/** Of one call outside of a conversation. */
const MAX_TOASTS = 5;

export interface SurfaceHooksOptions {
  readonly documents: DocumentStore;
  readonly runs: PluginRuns;
  readonly directory: SurfaceDirectory;
  readonly people: SurfacePeople;
  readonly settingsOf: (userId: string, entry: PluginEntry) => Promise<PluginValues>;
  readonly writerFor: (place: WriterPlace) => SurfaceWriter;
  readonly toast: (userId: string, toast: Extract<SurfaceEvent, { type: 'toast' }>) => void;
  readonly logger: Logger;
}

export interface HookOccasion<Name extends HookName> {
  readonly userId: string;
  /** Null for `login`. */
  readonly conversationId: string | null;
  readonly event: HookEvents[Name];
  /** Of those that want to hear of it, only this one. */
  readonly only?: string;
}

/** Tells plugins of what happens, behind the back of whoever caused it: nobody waits, and nothing that fails is anybody's trouble. */
export class SurfaceHooks {
  readonly #options: SurfaceHooksOptions;
  readonly #queue = new KeyedQueue();
  readonly #ended = new AbortController();
  readonly #work = new Set<Promise<void>>();

  constructor(options: SurfaceHooksOptions) {
    this.#options = options;
  }

  /** In the order of the occasions for each conversation. */
  fire<Name extends HookName>(hook: Name, occasion: HookOccasion<Name>): void {
    const { directory, logger } = this.#options;
    if (this.#ended.signal.aborted || !directory.hasListeners(hook)) return;
    if (this.#work.size >= MOST_WAITING) {
      logger.warn({ what: hook, count: this.#work.size }, 'plugins are too slow to be told of everything');
      return;
    }
    const work: Promise<void> = this.#queue
      .run(occasion.conversationId ?? occasion.userId, () => this.#tell(hook, occasion))
      .catch((error: unknown) => {
        logger.debug({ what: hook, code: AppError.from(error).code }, 'a hook could not be told');
      })
      .finally(() => this.#work.delete(work));
    this.#work.add(work);
  }

  /**
   * Asks plugins and hands over what they say, one plugin after the other.
   * @param take gets what each of them shows; its own failure ends that plugin's turn
   */
  async ask<Name extends HookName>(
    hook: Name,
    occasion: HookOccasion<Name> & { readonly conversation: ConversationRecord },
    run: (entry: PluginEntry) => Omit<RunOptions, 'signal'> & { readonly signal: AbortSignal; readonly failed: (error: AppError) => void },
  ): Promise<void> {
    const { directory, runs } = this.#options;
    for (const entry of directory.listeners(hook, occasion.conversation.profile)) {
      const { failed, ...options } = run(entry);
      try {
        const context = await this.#contextOf(hook, entry, occasion, occasion.conversation);
        await runs.run(entry, { kind: 'hook', context }, options);
      } catch (error) {
        if (options.signal.aborted) return;
        failed(AppError.from(error));
      }
    }
  }

  /** Resolves when nothing is being told. */
  async idle(): Promise<void> {
    while (this.#work.size > 0) await Promise.allSettled(this.#work);
  }

  async stop(): Promise<void> {
    this.#ended.abort();
    await this.idle();
  }

  async #tell<Name extends HookName>(hook: Name, occasion: HookOccasion<Name>): Promise<void> {
    const { directory } = this.#options;
    const conversation = await this.#conversationOf(hook, occasion);
    if (conversation === undefined) return;
    const wanted = directory.listeners(hook, conversation?.profile);
    const told = occasion.only === undefined ? wanted : wanted.filter(({ name }) => name === occasion.only);
    // One after the other: what two of them say does not interleave. One that fails does not keep the next from being told.
    for (const entry of told) await this.#tellOne(hook, entry, occasion, conversation).catch(() => {});
  }

  /** Undefined: it is gone, and nobody is to be told. */
  async #conversationOf(
    hook: HookName,
    { userId, conversationId }: HookOccasion<HookName>,
  ): Promise<ConversationRecord | null | undefined> {
    if (conversationId === null) return null;
    const record = await this.#options.documents.get<ConversationRecord>(conversationsCollection.name, conversationId);
    if (record === null || record.ownerId !== userId) return undefined;
    // Of one that went to the trash only the end is told.
    return isOpen(record) || hook === 'end' ? record : undefined;
  }

  async #tellOne<Name extends HookName>(
    hook: Name,
    entry: PluginEntry,
    occasion: HookOccasion<Name>,
    conversation: ConversationRecord | null,
  ): Promise<void> {
    const { runs, people, writerFor, toast } = this.#options;
    const { userId } = occasion;
    const context = await this.#contextOf(hook, entry, occasion, conversation);
    const { signal } = this.#ended;
    if (conversation === null || !isOpen(conversation)) {
      let toasts = 0;
      const take: RunOptions['take'] = (event) => {
        if (event.type !== 'toast') return;
        toasts += 1;
        if (toasts <= MAX_TOASTS) toast(userId, event);
      };
      return runs.run(entry, { kind: 'hook', context }, { signal, take });
    }
    const place = { ownerId: userId, plugin: entry.name, conversationId: conversation.id, locale: people.localeOf(userId), originId: null };
    const writer = writerFor({ ...place, messageId: () => Promise.resolve(newId()) });
    let failed = true;
    try {
      const take: RunOptions['take'] = (event) => (event.type === 'note' ? undefined : writer.take(event));
      await runs.run(entry, { kind: 'hook', context }, { signal, take });
      failed = false;
    } finally {
      await writer.end(failed);
    }
  }

  async #contextOf<Name extends HookName>(
    hook: Name,
    entry: PluginEntry,
    { userId, event }: HookOccasion<Name>,
    conversation: ConversationRecord | null,
  ) {
    const { people, directory, settingsOf } = this.#options;
    return {
      hook,
      event,
      locale: people.localeOf(userId),
      user: await people.user(userId),
      conversation: conversation === null ? null : directory.conversationFor(entry.name, conversation),
      settings: await settingsOf(userId, entry),
    };
  }
}
