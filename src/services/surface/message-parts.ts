import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../../lib/clock.ts';
import type { DocumentStore } from '../../lib/document-store.ts';
import type { Logger } from '../../lib/logger.ts';
import { indexWords } from '../../lib/normalise-words.ts';
import { foldPart, type Part, partKey } from '../../protocol/index.ts';
import { type MessageRecord, messagesCollection, textOf, toMessage } from '../conversations/message-record.ts';
import type { LiveGeneration, LiveGenerations } from '../generations/live-generation.ts';
import type { MessagingService } from '../messaging/messaging-service.ts';

export interface MessagePartsOptions {
  readonly documents: DocumentStore;
  readonly live: LiveGenerations;
  readonly messaging: MessagingService;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface MessagePlace {
  readonly ownerId: string;
  readonly messageId: string;
}

const MAX_TRIES = 8;
/** An answer that another process writes is looked at again and again until it has ended, within its longest time. */
const LOOK_MS = 3000;
const MAX_LOOKS = 400;

/**
 * Changes parts of a message that exists: of one that is being written by way of its log, of any other by compare-and-set on its
 * `rev`, so that two changes at once are both kept.
 */
export class MessageParts {
  readonly #options: MessagePartsOptions;
  readonly #waiting = new Set<() => void>();

  constructor(options: MessagePartsOptions) {
    this.#options = options;
  }

  async read({ ownerId, messageId }: MessagePlace): Promise<MessageRecord | null> {
    const message = await this.#options.documents.get<MessageRecord>(messagesCollection.name, messageId);
    return message === null || message.ownerId !== ownerId ? null : message;
  }

  /** As it is shown now, an answer that is being written as far as it is. */
  async shown(place: MessagePlace): Promise<readonly Part[]> {
    const live = this.#liveOf(place.messageId);
    return live === undefined ? ((await this.read(place))?.parts ?? []) : live.log.parts();
  }

  /** Folds parts that have a key into the message and shows them to everybody who looks. Nothing happens to one that is gone. */
  async apply(place: MessagePlace, parts: readonly Part[]): Promise<void> {
    const live = this.#liveOf(place.messageId);
    if (live === undefined) return this.#applyStored(place, parts, 0);
    for (const part of parts) live.log.appendPart(part);
    // What came after the last look of its writer is in no stored message: it is put there when the answer has ended.
    live.done
      .then(() => this.#applyStored(place, latest(live.log.parts(), parts), 0))
      .catch((error: unknown) => this.#options.logger.warn({ messageId: place.messageId, error }, 'a part could not be stored'));
  }

  stop(): void {
    for (const cancel of this.#waiting) cancel();
    this.#waiting.clear();
  }

  #liveOf(messageId: string): LiveGeneration | undefined {
    return this.#options.live.all().find((live) => live.answer.id === messageId && live.log.finished === null);
  }

  async #applyStored(place: MessagePlace, parts: readonly Part[], looks: number): Promise<void> {
    const { documents, messaging } = this.#options;
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const message = await this.read(place);
      if (message === null) return;
      if (message.status === 'streaming') return this.#later(place, parts, looks);
      const changed = [...message.parts];
      for (const part of parts) foldPart(changed, part);
      if (isDeepStrictEqual(changed, message.parts)) return;
      const { status, rev } = message;
      const set = { parts: changed, rev: (rev ?? 0) + 1, words: indexWords(textOf(changed)) };
      const expect = { status, rev: rev ?? null };
      const stored = await documents.update<MessageRecord>(messagesCollection.name, message.id, { expect, set });
      if (stored === null) continue;
      const frame = { type: 'message.updated' as const, message: toMessage(stored) };
      messaging.publishEvent({ to: { conversation: stored.conversationId }, frame });
      return;
    }
  }

  #later(place: MessagePlace, parts: readonly Part[], looks: number): void {
    if (looks >= MAX_LOOKS) return;
    const { clock, logger } = this.#options;
    const cancel = clock.after(LOOK_MS, () => {
      this.#waiting.delete(cancel);
      this.#applyStored(place, parts, looks + 1).catch((error: unknown) =>
        logger.warn({ messageId: place.messageId, error }, 'a part could not be stored'),
      );
    });
    this.#waiting.add(cancel);
  }
}

/** The parts as they are by now: what was changed again meanwhile must not go back. */
function latest(now: readonly Part[], parts: readonly Part[]): Part[] {
  return parts.map((part) => now.find((known) => partKey(known) !== null && partKey(known) === partKey(part)) ?? part);
}
