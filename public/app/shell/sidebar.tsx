import { useRef } from 'preact/hooks';
import type { User } from '../../../src/protocol/shapes.ts';
import { useApp } from '../app-context.ts';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { ConversationList } from './conversation-list.tsx';
import { Logo } from './logo.tsx';
import { focusComposer } from './use-shortcuts.ts';
import { UserMenu } from './user-menu.tsx';
import { KeptLinks, WorkLinks } from './work-links.tsx';

export interface SidebarProps {
  readonly user: User;
  readonly open: boolean;
  readonly onClose: () => void;
}

export function Sidebar({ user, open, onClose }: SidebarProps) {
  const { state, i18n, actions, dialogs } = useApp();
  const { t } = i18n;
  const input = useRef<HTMLInputElement>(null);
  const { found } = state.conversations;
  const query = found.query.value;
  const closeDrawer = () => {
    if (matchMedia('(max-width: 52rem)').matches) onClose();
  };
  const startNew = () => {
    actions.library.startNew();
    closeDrawer();
    focusComposer();
  };
  const clear = () => {
    if (input.current !== null) input.current.value = '';
    found.search('');
    input.current?.focus();
  };
  return (
    <aside class="sidebar" id="sidebar" aria-label={t('sidebar.label')} inert={!open}>
      <div class="sidebar-top">
        <span class="sidebar-brand">
          <Logo size="sm" />
          <span>{t('app.name')}</span>
        </span>
        <IconButton icon="menu" label={t('sidebar.close')} tooltip="below" tooltipAlign="end" onClick={onClose} />
      </div>
      <div class="sidebar-tools">
        <Button icon="plus" block onClick={startNew} title={t('sidebar.newShortcut')}>
          {t('sidebar.new')}
        </Button>
        <div class="search-field" role="search">
          <Icon name="search" size="sm" />
          <input
            ref={input}
            type="search"
            class="search-input"
            dir="auto"
            placeholder={t('sidebar.search')}
            aria-label={t('sidebar.search')}
            defaultValue={query}
            onInput={(event) => found.search(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === 'Escape' && query !== '') {
                event.stopPropagation();
                clear();
              } else if (event.key === 'ArrowDown') {
                event.preventDefault();
                document.querySelector<HTMLElement>('.conversation-list a')?.focus();
              }
            }}
          />
          {query === '' ? (
            <IconButton
              icon="command"
              size="sm"
              label={t('palette.open')}
              tooltip="below"
              tooltipAlign="end"
              onClick={() => dialogs.open({ name: 'palette' })}
            />
          ) : (
            <IconButton icon="close" size="sm" label={t('sidebar.clearSearch')} tooltip="none" onClick={clear} />
          )}
        </div>
      </div>
      <WorkLinks onClose={onClose} />
      <ConversationList onOpen={closeDrawer} />
      <div class="sidebar-foot">
        <KeptLinks onClose={onClose} />
        <UserMenu user={user} />
      </div>
    </aside>
  );
}
