import { useState } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import type { LinkState } from '../state/connection.ts';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { Spinner } from '../ui/spinner.tsx';
import { Logo } from './logo.tsx';
import { OfflineChats } from './side-pages.tsx';

const hints: Partial<Record<LinkState, string>> = {
  waking: 'connection.waking',
  unreachable: 'boot.unreachable',
  offline: 'connection.offline',
};

/** From then on the page has shown a spinner of its own: see index.html and `.boot-words`. */
const lateMs = 800;

/** Shown until the server has said who is signed in; after five seconds it says what takes so long. */
export function BootPage() {
  const { state, i18n } = useApp();
  const { state: link } = state.connection.status.value;
  const words = hints[link] ?? 'boot.loading';
  const [late] = useState(() => performance.now() > lateMs);
  return (
    <main class="boot-page">
      <Logo size="lg" />
      <p class="boot-words" role="status" data-late={late ? '' : undefined}>
        {link === 'unreachable' || link === 'offline' ? <Icon name={link === 'offline' ? 'wifi-off' : 'alert'} size="sm" /> : <Spinner />}
        {i18n.t(words)}
      </p>
      {link === 'unreachable' ? (
        <Button size="sm" onClick={() => state.connection.restart()}>
          {i18n.t('action.retryNow')}
        </Button>
      ) : null}
      {link === 'offline' || link === 'unreachable' || link === 'waking' ? <OfflineChats /> : null}
    </main>
  );
}
