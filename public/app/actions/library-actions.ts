import type { Folder } from '../../../src/protocol/library-shapes.ts';
import type { Conversation } from '../../../src/protocol/shapes.ts';
import type { AppState } from '../state/app-state.ts';
import type { ConversationChange } from '../state/conversations.ts';
import type { I18n } from '../state/i18n.ts';
import type { Toasts } from '../state/toasts.ts';

export interface LibraryActionDeps {
  readonly state: Pick<AppState, 'conversations' | 'router' | 'composing'>;
  readonly i18n: I18n;
  readonly toasts: Toasts;
  readonly fail: (cause: unknown) => void;
}

/** How a person keeps conversations in order. What takes one out of sight says so and can be undone. */
export interface LibraryActions {
  /** The page of a new conversation, which will stand in this folder. */
  startNew(folderId?: string): void;
  pin(conversation: Conversation, pinned: boolean): void;
  archive(conversation: Conversation, archived: boolean): void;
  /** @param folderId null takes it out of its folder */
  moveTo(conversation: Conversation, folderId: string | null): void;
  renameFolder(folder: Folder, name: string): void;
  /** @param by -1 up, 1 down */
  shiftFolder(folder: Folder, by: -1 | 1): void;
}

export function createLibraryActions({ state, i18n, toasts, fail }: LibraryActionDeps): LibraryActions {
  const { conversations, router, composing } = state;
  const { folders } = conversations;
  const titleOf = (conversation: Conversation) => conversation.title || i18n.t('conversation.untitled');

  function change(conversation: Conversation, wanted: ConversationChange, back?: ConversationChange, done?: () => string): void {
    conversations
      .change(conversation.id, wanted)
      .then(() => {
        if (done === undefined || back === undefined) return;
        const undo = () => change(conversation, back);
        toasts.add({ text: done(), tone: 'info', action: { label: i18n.t('action.undo'), onSelect: undo } });
      })
      .catch(fail);
  }

  return {
    startNew(folderId) {
      composing.chooseNew({ folderId });
      router.go(null);
    },
    pin: (conversation, pinned) => change(conversation, { pinned }),
    archive(conversation, archived) {
      const words = archived ? 'conversation.archived' : 'conversation.unarchived';
      // The archive takes the pin away: undone, it is there again.
      const back = { archived: !archived, ...(conversation.pinned === true ? { pinned: true } : {}) };
      change(conversation, { archived }, back, () => i18n.t(words, { title: titleOf(conversation) }));
      if (archived && router.route.peek().conversationId === conversation.id) router.go(null);
    },
    moveTo(conversation, folderId) {
      const before = conversation.folderId ?? null;
      if (before === folderId) return;
      const folder = folders.items.peek().find(({ id }) => id === folderId);
      change(conversation, { folderId }, { folderId: before }, () =>
        folder === undefined
          ? i18n.t('folder.takenOut', { title: titleOf(conversation) })
          : i18n.t('folder.moved', { title: titleOf(conversation), folder: folder.name }),
      );
    },
    renameFolder: (folder, name) => void folders.rename(folder.id, name).catch(fail),
    shiftFolder(folder, by) {
      const place = folders.items.peek().findIndex(({ id }) => id === folder.id) + by;
      if (place >= 0 && place < folders.items.peek().length) folders.move(folder.id, place).catch(fail);
    },
  };
}
