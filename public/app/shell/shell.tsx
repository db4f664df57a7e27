import { useEffect, useRef, useState } from 'preact/hooks';
import type { User } from '../../../src/protocol/shapes.ts';
import { useApp } from '../app-context.ts';
import { ChatView } from '../chat/chat-view.tsx';
import { PasswordDialog } from '../settings/password-dialog.tsx';
import { SettingsDialog } from '../settings/settings-dialog.tsx';
import type { SidePage } from '../state/router.ts';
import { ChatHeader } from './chat-header.tsx';
import { ConnectionBanner } from './connection-banner.tsx';
import { DialogHost } from './dialog-host.tsx';
import { MissingPage } from './missing-page.tsx';
import { PageHeader } from './page-header.tsx';
import { AdminPage, ArchivePage, DoctorPage, GalleryPage, JobsPage, PluginsPage, TrashPage } from './side-pages.tsx';
import { Sidebar } from './sidebar.tsx';
import { PaneSlot } from './surface-slots.tsx';
import { focusComposer, useShortcuts } from './use-shortcuts.ts';
import { WorkDialog } from './work-dialog.tsx';

const pageTitles = {
  admin: 'admin.title',
  people: 'admin.title',
  doctor: 'doctor.title',
  jobs: 'jobs.title',
  gallery: 'gallery.title',
  plugins: 'plugins.title',
  archive: 'archive.title',
  trash: 'trash.title',
  missing: 'missing.title',
} as const;

const narrowQuery = '(max-width: 52rem)';
const narrow = () => matchMedia(narrowQuery).matches;

/** The page of a signed-in person: side bar, header, conversation. On a phone the side bar is a drawer. */
export function Shell({ user }: { readonly user: User }) {
  const { state, i18n, actions, dialogs } = useApp();
  const { open, setOpen, drawer } = useSidebar();
  const dialog = dialogs.current.value?.name;
  const { page, conversationId, viewKey } = state.router.route.value;
  const conversation = conversationId === null ? undefined : state.conversations.get(conversationId);

  useShortcuts({
    newChat() {
      actions.library.startNew();
      focusComposer();
    },
    closeDrawer: () => narrow() && setOpen(false),
    toggleSidebar: () => setOpen(!open),
    openPalette: () => dialogs.open({ name: 'palette' }),
    openHelp: () => dialogs.open({ name: 'shortcuts' }),
  });
  useEffect(() => {
    if (narrow()) setOpen(false);
  }, [page, conversationId]);
  useFocusAcross(open);
  const unseen = actions.jobs.unseen.value;
  useEffect(() => {
    const name = i18n.t('app.name');
    const title = page === 'chat' ? conversation?.title : i18n.t(pageTitles[page]);
    const count = unseen === 0 ? '' : `(${i18n.number(unseen)}) `;
    document.title = `${count}${title ? `${title} · ${name}` : name}`;
    return () => {
      document.title = name;
    };
  }, [page, conversation?.title, i18n.locale.value, unseen]);

  return (
    <div class="shell" data-sidebar={open ? 'open' : 'closed'}>
      <a class="skip-link" href={page === 'chat' ? '#composer' : '#page'}>
        {i18n.t(page === 'chat' ? 'shell.skip' : 'page.skip')}
      </a>
      <Sidebar user={user} open={open} onClose={() => setOpen(false)} />
      <div class="shell-scrim" onClick={() => setOpen(false)} aria-hidden="true" />
      <div class="shell-main" inert={open && drawer}>
        <ConnectionBanner />
        {page === 'chat' ? (
          <>
            <ChatHeader conversation={conversation} sidebarOpen={open} onToggleSidebar={() => setOpen(!open)} />
            <PaneSlot conversationId={conversationId}>
              <ChatView key={viewKey} user={user} conversationId={conversationId} />
            </PaneSlot>
          </>
        ) : (
          <>
            <PageHeader title={i18n.t(pageTitles[page])} sidebarOpen={open} onToggleSidebar={() => setOpen(!open)} />
            <main class="page" id="page" tabIndex={-1} aria-label={i18n.t(pageTitles[page])}>
              <SidePageView page={page} user={user} />
            </main>
          </>
        )}
      </div>
      <SettingsDialog open={dialog === 'settings'} conversationId={conversationId} onClose={() => dialogs.close()} />
      <WorkDialog />
      <DialogHost />
      <PasswordDialog open={dialog === 'password'} onClose={() => dialogs.close()} />
    </div>
  );
}

function SidePageView({ page, user }: { readonly page: SidePage | 'missing'; readonly user: User }) {
  switch (page) {
    case 'missing':
      return <MissingPage />;
    case 'doctor':
      return <DoctorPage user={user} />;
    case 'jobs':
      return <JobsPage />;
    case 'gallery':
      return <GalleryPage />;
    case 'plugins':
      return <PluginsPage user={user} />;
    case 'archive':
      return <ArchivePage />;
    case 'trash':
      return <TrashPage />;
    default:
      return <AdminPage user={user} tab={page} />;
  }
}

/** Turned, zoomed or made smaller, the page does not come out under a drawer, nor dead beside a side bar that is none any more. */
function useSidebar() {
  const [drawer, setDrawer] = useState(narrow);
  const [open, setOpen] = useState(!drawer);
  useEffect(() => {
    const media = matchMedia(narrowQuery);
    const turned = () => {
      setDrawer(media.matches);
      setOpen(!media.matches);
    };
    media.addEventListener('change', turned);
    return () => media.removeEventListener('change', turned);
  }, []);
  return { open, setOpen, drawer };
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
