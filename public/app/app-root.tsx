import { useMemo } from 'preact/hooks';
import { useApp } from './app-context.ts';
import { AuthPage } from './auth/auth-page.tsx';
import { MarkdownLabels } from './markdown/markdown-labels.ts';
import { BootPage } from './shell/boot-page.tsx';
import { Shell } from './shell/shell.tsx';
import { SharedPage } from './shell/side-pages.tsx';
import type { SessionState } from './state/session.ts';
import { ToastRegion } from './ui/toast-region.tsx';

/** Chooses the page by who is signed in. @param sharedId of the copy that the address shows, to anybody */
export function AppRoot({ sharedId }: { readonly sharedId: string | null }) {
  const { state, i18n, toasts } = useApp();
  const session = state.session.value.value;
  const { t } = i18n;
  const locale = i18n.locale.value;
  const labels = useMemo(
    () => ({
      ...{ copy: t('action.copy'), copied: t('action.copied'), expand: t('markdown.expand'), collapse: t('markdown.collapse') },
      ...{ code: t('markdown.code'), done: t('markdown.done'), open: t('markdown.open') },
      ...{ hidden: t('markdown.hidden'), image: t('markdown.image') },
    }),
    [locale],
  );
  return (
    <MarkdownLabels.Provider value={labels}>
      {sharedId === null ? <PageOf session={session} /> : <SharedPage id={sharedId} />}
      <ToastRegion
        toasts={toasts.entries.value}
        onDismiss={(id) => toasts.dismiss(id)}
        label={t('toast.region')}
        dismissLabel={t('action.dismiss')}
      />
    </MarkdownLabels.Provider>
  );
}

function PageOf({ session }: { readonly session: SessionState }) {
  if (session.state === 'checking') return <BootPage />;
  return session.state === 'anonymous' ? <AuthPage ended={session.ended} /> : <Shell key={session.user.id} user={session.user} />;
}
