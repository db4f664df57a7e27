import { useEffect, useState } from 'preact/hooks';
import type { Folder } from '../../../src/protocol/library-shapes.ts';
import { useApp } from '../app-context.ts';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { Menu, type MenuItem } from '../ui/menu.tsx';
import { droppedConversation, holdsConversation } from './conversation-drag.ts';
import { ConversationRows } from './conversation-rows.tsx';
import { GroupHeading } from './group-heading.tsx';
import { ListEnd } from './list-end.tsx';
import { ListState } from './list-state.tsx';
import { TitleEditor } from './title-editor.tsx';
import { focusComposer } from './use-shortcuts.ts';

/** The person's folders, each opened and closed by itself. Where there is none, nothing takes the room. */
export function FolderList() {
  const { state, i18n, dialogs } = useApp();
  const folders = state.conversations.folders.items.value;
  if (folders.length === 0) return null;
  return (
    <section class="folder-section" aria-labelledby="group-folders">
      <GroupHeading id="group-folders" icon="folder" label={i18n.t('group.folders')} />
      <IconButton
        icon="plus"
        size="sm"
        class="folder-new"
        label={i18n.t('folder.new')}
        tooltip="none"
        onClick={() => dialogs.open({ name: 'folder' })}
      />
      <ul class="folder-rows">
        {folders.map((folder, index) => (
          <FolderRow key={folder.id} folder={folder} first={index === 0} last={index === folders.length - 1} />
        ))}
      </ul>
    </section>
  );
}

interface FolderRowProps {
  readonly folder: Folder;
  readonly first: boolean;
  readonly last: boolean;
}

function FolderRow({ folder, first, last }: FolderRowProps) {
  const { state, i18n, actions } = useApp();
  const { folders } = state.conversations;
  const [editing, setEditing] = useState(false);
  const open = folders.open.value.has(folder.id);
  const drop = useDrop(folder);
  return (
    <li>
      <div class="conversation-row folder-row" data-editing={editing ? '' : undefined} data-over={drop.over ? '' : undefined} {...drop.on}>
        {editing ? (
          <TitleEditor
            title={folder.name}
            label={i18n.t('folder.name')}
            maxLength={80}
            onDone={(next) => {
              setEditing(false);
              if (next !== null) actions.library.renameFolder(folder, next);
            }}
          />
        ) : (
          <>
            <button
              type="button"
              class="conversation-link folder-button"
              aria-expanded={open}
              title={folder.name}
              onClick={() => folders.toggle(folder.id, !open)}
            >
              <Icon name="chevron-right" size="sm" />
              <span class="conversation-title page-side" dir="auto">
                {folder.name}
              </span>
            </button>
            <FolderMenu folder={folder} first={first} last={last} onRename={() => setEditing(true)} />
          </>
        )}
      </div>
      {open ? <FolderContent folder={folder} /> : null}
    </li>
  );
}

function FolderMenu({ folder, first, last, onRename }: FolderRowProps & { readonly onRename: () => void }) {
  const { i18n, actions, dialogs } = useApp();
  const { t } = i18n;
  const label = t('folder.actions', { name: folder.name });
  const items = (): readonly MenuItem[] => [
    {
      ...{ id: 'chat', label: t('folder.newChat'), icon: 'plus' },
      onSelect: () => {
        actions.library.startNew(folder.id);
        focusComposer();
      },
    },
    { id: 'rename', label: t('action.rename'), icon: 'edit', onSelect: onRename },
    { id: 'up', label: t('folder.up'), icon: 'chevron-up', disabled: first, onSelect: () => actions.library.shiftFolder(folder, -1) },
    { id: 'down', label: t('folder.down'), icon: 'chevron-down', disabled: last, onSelect: () => actions.library.shiftFolder(folder, 1) },
    {
      ...{ id: 'delete', label: t('action.delete'), icon: 'trash', danger: true, separated: true },
      onSelect: () => dialogs.open({ name: 'delete-folder', folderId: folder.id }),
    },
  ];
  return (
    <Menu
      label={label}
      align="end"
      items={items}
      trigger={(props) => <IconButton {...props} icon="more" size="sm" class="conversation-more" label={label} tooltip="none" />}
    />
  );
}

function FolderContent({ folder }: { readonly folder: Folder }) {
  const { state, i18n } = useApp();
  const view = state.conversations.folder(folder.id);
  useEffect(() => {
    if (view.phase.peek() === 'idle') void view.load();
  }, [view]);
  const items = view.items.value;
  return (
    <div class="folder-content">
      {items.length === 0 ? (
        <ListState list={view} onRetry={() => void view.load()} empty={i18n.t('folder.empty')} />
      ) : (
        <ConversationRows items={items} />
      )}
      {items.length > 0 && view.error.value !== null ? <ListEnd view={view} /> : null}
      {items.length > 0 && view.hasMore.value && view.error.value === null ? (
        <Button variant="ghost" size="sm" busy={view.phase.value === 'loading'} onClick={() => void view.loadMore()}>
          {i18n.t('action.showMore')}
        </Button>
      ) : null}
    </div>
  );
}

/** A conversation that is let go over a folder moves into it. */
function useDrop(folder: Folder) {
  const { state, actions } = useApp();
  const [over, setOver] = useState(false);
  return {
    over,
    on: {
      onDragOver: (event: DragEvent) => {
        if (!holdsConversation(event)) return;
        event.preventDefault();
        setOver(true);
      },
      onDragLeave: () => setOver(false),
      onDrop: (event: DragEvent) => {
        if (!holdsConversation(event)) return;
        event.preventDefault();
        setOver(false);
        const conversation = state.conversations.get(droppedConversation(event));
        if (conversation !== undefined) actions.library.moveTo(conversation, folder.id);
      },
    },
  };
}
