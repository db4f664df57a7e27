import { useApp } from '../app-context.ts';
import { Spinner } from '../ui/spinner.tsx';
import { Logo } from './logo.tsx';

/** Shown until the server has said who is signed in; after five seconds it says what takes so long. */
export function BootPage() {
  const { state, i18n } = useApp();
  const { state: link } = state.connection.status.value;
  const words = link === 'waking' ? 'connection.waking' : link === 'offline' ? 'connection.offline' : 'boot.loading';
  return (
    <main class="boot-page">
      <Logo size="lg" />
      <p class="boot-words" role="status">
        <Spinner />
        {i18n.t(words)}
      </p>
    </main>
  );
}
