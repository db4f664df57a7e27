import { useEffect, useRef, useState } from 'preact/hooks';
import type { User } from '../../../src/protocol/shapes.ts';
import { useApp } from '../app-context.ts';
import { ChatView } from '../chat/chat-view.tsx';
import { PasswordDialog } from '../settings/password-dialog.tsx';
import { SettingsDialog } from '../settings/settings-dialog.tsx';
import { ChatHeader } from './chat-header.tsx';
import { ConnectionBanner } from './connection-banner.tsx';
import { Sidebar } from './sidebar.tsx';
import { useShortcuts } from './use-shortcuts.ts';

export type ShellDialog = 'settings' | 'password' | null;

const narrow = () => matchMedia('(max-width: 52rem)').matches;

/** The page of a signed-in person: side bar, header, conversation. On a phone the side bar is a drawer. */
export function Shell({ user }: { readonly user: User }) {
  const { state, i18n } = useApp();
  const [open, setOpen] = useState(() => !narrow());
  const [dialog, setDialog] = useState<ShellDialog>(null);
  const { conversationId, viewKey } = state.router.route.value;
  const conversation = conversationId === null ? undefined : state.conversations.get(conversationId);

  useShortcuts({ newChat: () => state.router.go(null), closeDrawer: () => narrow() && setOpen(false) });
  useEffect(() => {
    if (narrow()) setOpen(false);
  }, [conversationId]);
  useFocusAcross(open);
  useEffect(() => {
    const name = i18n.t('app.name');
    document.title = conversation?.title ? `${conversation.title} · ${name}` : name;
    return () => {
      document.title = name;
    };
  }, [conversation?.title, i18n.locale.value]);

  return (
    <div class="shell" data-sidebar={open ? 'open' : 'closed'}>
      <a class="skip-link" href="#composer">
        {i18n.t('shell.skip')}
      </a>
      <Sidebar user={user} open={open} onClose={() => setOpen(false)} onDialog={setDialog} />
      <div class="shell-scrim" onClick={() => setOpen(false)} aria-hidden="true" />
      <div class="shell-main" inert={open && narrow()}>
        <ConnectionBanner />
        <ChatHeader conversation={conversation} sidebarOpen={open} onToggleSidebar={() => setOpen(!open)} />
        <ChatView key={viewKey} user={user} conversationId={conversationId} />
      </div>
      <SettingsDialog open={dialog === 'settings'} conversationId={conversationId} onClose={() => setDialog(null)} />
      <PasswordDialog open={dialog === 'password'} onClose={() => setDialog(null)} />
    </div>
  );
}

/** The button that opened or closed the side bar is gone: its counterpart gets the focus, unless something else has it. */
function useFocusAcross(open: boolean): void {
  const before = useRef(open);
  useEffect(() => {
    if (before.current === open) return;
    before.current = open;
    const { activeElement } = document;
    if (activeElement !== null && activeElement !== document.body && activeElement.closest('[inert]') === null) return;
    document.querySelector<HTMLElement>(open ? '#sidebar button' : '.chat-header button')?.focus();
  }, [open]);
}
