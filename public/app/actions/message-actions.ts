import type { Conversation, Message } from '../../../src/protocol/shapes.ts';
import type { AppState } from '../state/app-state.ts';
import type { I18n } from '../state/i18n.ts';
import type { Toasts } from '../state/toasts.ts';

export interface MessageActionDeps {
  readonly state: AppState;
  readonly i18n: I18n;
  readonly toasts: Toasts;
  readonly fail: (cause: unknown) => void;
}

/** What the menu of one message offers. Failures end as toasts. */
export interface MessageActions {
  /** Opens a new conversation that begins with a copy of everything up to this message. */
  fork(message: Message): Promise<void>;
  /** Shown at once, taken back when the server refuses. */
  setFavourite(message: Message, favourite: boolean): Promise<void>;
}

export function createMessageActions({ state, i18n, toasts, fail }: MessageActionDeps): MessageActions {
  const { rest, router, messages, conversations } = state;
  const forking = new Set<string>();
  const favouring = new Set<string>();

  async function fork(message: Message): Promise<void> {
    const { conversationId } = message;
    const left = router.route.peek();
    const { conversation } = await rest.post<{ conversation: Conversation }>(`/api/conversations/${conversationId}/fork`, {
      messageId: message.id,
    });
    conversations.upsert(conversation);
    // Whoever has gone elsewhere meanwhile finds it in the list.
    if (router.route.peek() === left) router.go(conversation.id);
    toasts.add({
      text: i18n.t('fork.done'),
      tone: 'success',
      action: { label: i18n.t('fork.back'), onSelect: () => router.go(conversationId) },
    });
  }

  function show(message: Message, favourite: boolean): void {
    const thread = messages.thread(message.conversationId);
    // Of the message as it is now: an answer may have grown meanwhile.
    const now = thread?.message(message.id)?.peek();
    if (now !== undefined) thread?.upsert([{ ...now, favourite }]);
  }

  return {
    async fork(message) {
      if (forking.has(message.id)) return;
      forking.add(message.id);
      await fork(message)
        .catch(fail)
        .finally(() => forking.delete(message.id));
    },
    async setFavourite(message, favourite) {
      if (favouring.has(message.id)) return;
      favouring.add(message.id);
      show(message, favourite);
      const path = `/api/messages/${message.id}/favourite`;
      await (favourite ? rest.put(path, {}) : rest.remove(path))
        .catch((cause: unknown) => {
          show(message, !favourite);
          fail(cause);
        })
        .finally(() => favouring.delete(message.id));
    },
  };
}
