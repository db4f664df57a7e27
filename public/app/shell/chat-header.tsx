import { useState } from 'preact/hooks';
import type { Conversation } from '../../../src/protocol/shapes.ts';
import { useApp } from '../app-context.ts';
import { Icon } from '../ui/icon.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { ConversationMenu } from './conversation-menu.tsx';
import { ForkMark } from './fork-mark.tsx';
import { OpenSidebarButton } from './open-sidebar-button.tsx';
import { LevelPicker, ModelPicker } from './pickers.tsx';
import { HeaderSlot } from './surface-slots.tsx';
import { TitleEditor } from './title-editor.tsx';
import { focusComposer } from './use-shortcuts.ts';

export interface ChatHeaderProps {
  readonly conversation: Conversation | undefined;
  readonly sidebarOpen: boolean;
  readonly onToggleSidebar: () => void;
}

export function ChatHeader({ conversation, sidebarOpen, onToggleSidebar }: ChatHeaderProps) {
  const { state, i18n, actions, dialogs } = useApp();
  const { t } = i18n;
  const [editing, setEditing] = useState(false);
  const { conversationId } = state.router.route.value;
  return (
    <header class="chat-header">
      {sidebarOpen ? null : (
        <>
          <OpenSidebarButton onOpen={onToggleSidebar} />
          <IconButton
            icon="plus"
            label={t('sidebar.new')}
            tooltip="below"
            tooltipAlign="start"
            class="header-new"
            onClick={() => {
              actions.library.startNew();
              focusComposer();
            }}
          />
        </>
      )}
      <div class="chat-heading">
        {conversation === undefined ? (
          <h1 class="chat-title">{conversationId === null ? <NewTitle /> : <span class="visually-hidden">{t('chat.label')}</span>}</h1>
        ) : editing ? (
          <TitleEditor
            title={conversation.title}
            onDone={(next) => {
              setEditing(false);
              if (next !== null) actions.rename(conversation, next);
            }}
          />
        ) : (
          <h1 class="chat-title">
            <ForkMark conversation={conversation} />
            <button
              type="button"
              class="chat-title-button page-side"
              dir="auto"
              onClick={() => setEditing(true)}
              title={t('action.rename')}
            >
              {conversation.title || t('conversation.untitled')}
            </button>
          </h1>
        )}
      </div>
      <div class="chat-pickers">
        <HeaderSlot conversationId={conversationId} />
        <LevelPicker conversationId={conversationId} />
        <ModelPicker conversationId={conversationId} />
      </div>
      {conversation === undefined ? null : (
        <>
          {conversation.temporary ? null : (
            <IconButton
              icon="share"
              label={t('conversation.share')}
              tooltip="below"
              tooltipAlign="end"
              class="header-share"
              onClick={() => dialogs.open({ name: 'share', conversationId: conversation.id })}
            />
          )}
          <ConversationMenu conversation={conversation} place="header" onRename={() => setEditing(true)} />
        </>
      )}
    </header>
  );
}

/** Says in which folder the new conversation will stand. */
function NewTitle() {
  const { state, i18n } = useApp();
  const { folderId } = state.composing.newChat.value;
  const folder = state.conversations.folders.items.value.find(({ id }) => id === folderId);
  return (
    <>
      {i18n.t('conversation.new')}
      {folder === undefined ? null : (
        <span class="chat-folder">
          <Icon name="folder" size="sm" />
          <bdi>{folder.name}</bdi>
        </span>
      )}
    </>
  );
}
