import type { Clock } from '../../lib/clock.ts';
import type { ConversationRecord } from '../conversations/conversation-record.ts';
import type { SurfaceHooks } from './hooks.ts';

/** A reload, a lost network, a tab that moves: who is back by then never left. */
const LEFT_MS = 60_000;
/** Conversations of which the end is awaited; beyond it plugins are not told of some. */
const MOST_AWAITED = 10_000;

export interface PresenceOptions {
  readonly hooks: SurfaceHooks;
  /** Whether any client of anybody has it open. */
  readonly isOpen: (conversationId: string) => boolean;
  readonly clock: Clock;
}

type OpenedConversation = Pick<ConversationRecord, 'id' | 'ownerId' | 'createdAt'>;

/** Who looks at which conversation, for the hooks `resume` and `end`. */
export class Presence {
  readonly #options: PresenceOptions;
  /** Conversations that were left a moment ago. */
  readonly #leaving = new Map<string, () => void>();

  constructor(options: PresenceOptions) {
    this.#options = options;
  }

  /** A client opens a conversation. @param wasOpen some client has it open already */
  opened({ id: conversationId, ownerId: userId, createdAt }: OpenedConversation, wasOpen: boolean): void {
    const leaving = this.#leaving.get(conversationId);
    leaving?.();
    this.#leaving.delete(conversationId);
    const isNew = this.#options.clock.now() - createdAt < LEFT_MS;
    if (leaving === undefined && !wasOpen && !isNew) this.#options.hooks.fire('resume', { userId, conversationId, event: {} });
  }

  /** The last client that had these open is gone. */
  left(userId: string, conversationIds: readonly string[]): void {
    for (const conversationId of conversationIds) {
      if (this.#leaving.has(conversationId) || this.#leaving.size >= MOST_AWAITED) continue;
      const cancel = this.#options.clock.after(LEFT_MS, () => {
        this.#leaving.delete(conversationId);
        if (this.#options.isOpen(conversationId)) return;
        this.#options.hooks.fire('end', { userId, conversationId, event: { reason: 'left' } });
      });
      this.#leaving.set(conversationId, cancel);
    }
  }

  /** It went to the trash. */
  deleted(userId: string, conversationId: string): void {
    this.#leaving.get(conversationId)?.();
    this.#leaving.delete(conversationId);
    this.#options.hooks.fire('end', { userId, conversationId, event: { reason: 'deleted' } });
  }

  stop(): void {
    for (const cancel of this.#leaving.values()) cancel();
    this.#leaving.clear();
  }
}
