import type { Conversation } from '../../../src/protocol/shapes.ts';
import { type App, useApp } from '../app-context.ts';
import { saveFrom } from '../browser/save-from.ts';
import { exportFormats, exportUrl, printConversation } from '../share/conversation-export.ts';
import { IconButton } from '../ui/icon-button.tsx';
import { Menu, type MenuItem } from '../ui/menu.tsx';

export interface ConversationMenuProps {
  readonly conversation: Conversation;
  readonly onRename: () => void;
  /** Where it stands: small and only in sight when needed, or in the header. */
  readonly place: 'row' | 'header';
}

/** All that can be done with a conversation, the same from its row and from its header. */
export function ConversationMenu({ conversation, onRename, place }: ConversationMenuProps) {
  const app = useApp();
  const { t } = app.i18n;
  const title = conversation.title || t('conversation.untitled');
  const label = place === 'row' ? t('conversation.actions', { title }) : t('conversation.menu');
  return (
    <Menu
      label={label}
      align="end"
      items={() => conversationItems(app, conversation, onRename)}
      trigger={(props) =>
        place === 'row' ? (
          <IconButton {...props} icon="more" size="sm" class="conversation-more" label={label} tooltip="none" />
        ) : (
          <IconButton {...props} icon="more" label={label} tooltip="none" />
        )
      }
    />
  );
}

export function conversationItems(app: App, conversation: Conversation, onRename: () => void): readonly MenuItem[] {
  const { state, i18n, actions, dialogs } = app;
  const { t } = i18n;
  const { id, pinned = false, archived = false, temporary = false } = conversation;
  const rename: MenuItem = { id: 'rename', label: t('action.rename'), icon: 'edit', onSelect: onRename };
  const keep: readonly MenuItem[] = [
    {
      id: 'pin',
      label: t(pinned ? 'conversation.unpin' : 'conversation.pin'),
      icon: 'pin',
      onSelect: () => actions.library.pin(conversation, !pinned),
    },
    { id: 'folder', label: t('folder.choose'), icon: 'folder', items: foldersOf(app, conversation) },
    {
      id: 'archive',
      label: t(archived ? 'conversation.unarchive' : 'conversation.archive'),
      icon: 'archive',
      onSelect: () => actions.library.archive(conversation, !archived),
    },
    {
      ...{ id: 'share', label: t('conversation.share'), icon: 'share', separated: true },
      onSelect: () => dialogs.open({ name: 'share', conversationId: id }),
    },
  ];
  const shown = state.router.route.peek().conversationId === id;
  const find: MenuItem = {
    ...{ id: 'find', label: t('chat.find'), icon: 'search' },
    onSelect: () => {
      state.flow.finding.value = true;
    },
  };
  return [
    rename,
    ...(shown ? [find] : []),
    // What is gone after a day is neither kept in order nor shared.
    ...(temporary ? [] : archived ? keep.filter((item) => item.id !== 'pin' && item.id !== 'folder') : keep),
    {
      ...{ id: 'export', label: t('conversation.export'), icon: 'download' },
      items: [
        ...exportFormats.map((format) => ({
          ...{ id: format, label: t(`export.${format}`) },
          onSelect: () => saveFrom(exportUrl(id, format)),
        })),
        { id: 'print', label: t('export.print'), separated: true, onSelect: () => printConversation(dialogs, id) },
      ],
    },
    {
      ...{ id: 'delete', label: t('action.delete'), icon: 'trash', danger: true, separated: true },
      onSelect: () => (temporary ? dialogs.open({ name: 'delete-temporary', conversationId: id }) : actions.remove(conversation)),
    },
  ];
}

function foldersOf({ state, i18n, actions, dialogs }: App, conversation: Conversation): readonly MenuItem[] {
  const folders = state.conversations.folders.items.value;
  const { folderId } = conversation;
  return [
    ...folders.map(({ id, name }) => ({
      ...{ id, label: name, checked: id === folderId },
      onSelect: () => actions.library.moveTo(conversation, id),
    })),
    ...(folderId === undefined
      ? []
      : [{ id: 'none', label: i18n.t('folder.none'), onSelect: () => actions.library.moveTo(conversation, null) }]),
    {
      ...{ id: 'new', label: i18n.t('folder.new'), icon: 'plus' as const, separated: folders.length > 0 },
      onSelect: () => dialogs.open({ name: 'folder', conversationId: conversation.id }),
    },
  ];
}
