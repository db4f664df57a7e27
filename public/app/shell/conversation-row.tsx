import { useState } from 'preact/hooks';
import type { Conversation } from '../../../src/protocol/shapes.ts';
import { useApp } from '../app-context.ts';
import { IconButton } from '../ui/icon-button.tsx';
import { Menu } from '../ui/menu.tsx';
import { TitleEditor } from './title-editor.tsx';

export function ConversationRow({ conversation }: { readonly conversation: Conversation }) {
  const { state, i18n, actions } = useApp();
  const { t } = i18n;
  const [editing, setEditing] = useState(false);
  const shown = state.router.route.value.conversationId === conversation.id;
  const running = conversation.running === true || state.generations.running.value.has(conversation.id);
  const title = conversation.title || t('conversation.untitled');
  if (editing) {
    return (
      <li class="conversation-row" data-editing>
        <TitleEditor
          title={conversation.title}
          onDone={(next) => {
            setEditing(false);
            if (next !== null) actions.rename(conversation, next);
          }}
        />
      </li>
    );
  }
  const open = (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    state.router.go(conversation.id);
  };
  return (
    <li class="conversation-row" data-shown={shown ? '' : undefined}>
      <a class="conversation-link" href={`/c/${conversation.id}`} aria-current={shown ? 'page' : undefined} onClick={open} title={title}>
        {running ? <span class="running-dot" role="img" aria-label={t('sidebar.running')} /> : null}
        <span class="conversation-title page-side" dir="auto">
          {title}
        </span>
      </a>
      <Menu
        label={t('conversation.actions', { title })}
        align="end"
        items={[
          { id: 'rename', label: t('action.rename'), icon: 'edit', onSelect: () => setEditing(true) },
          { id: 'delete', label: t('action.delete'), icon: 'trash', danger: true, onSelect: () => actions.remove(conversation) },
        ]}
        trigger={(props) => (
          <IconButton
            {...props}
            icon="more"
            size="sm"
            class="conversation-more"
            label={t('conversation.actions', { title })}
            tooltip="none"
          />
        )}
      />
    </li>
  );
}
