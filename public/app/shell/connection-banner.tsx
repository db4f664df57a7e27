import { useApp } from '../app-context.ts';
import type { LinkStatus } from '../state/connection.ts';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { Spinner } from '../ui/spinner.tsx';

const words: Partial<Record<LinkStatus['state'], string>> = {
  reconnecting: 'connection.reconnecting',
  waking: 'connection.waking',
  unreachable: 'connection.unreachable',
  offline: 'connection.offline',
};
const stopWords: Readonly<Record<number, string>> = { 4403: 'connection.disabled', 4429: 'connection.tooMany' };

/** One line above everything while the server cannot be reached. The region is always there, so that it is announced. */
export function ConnectionBanner() {
  const { state, i18n } = useApp();
  const { state: link, stopCode = 0 } = state.connection.status.value;
  const key = link === 'stopped' ? stopWords[stopCode] : words[link];
  const waiting = link === 'reconnecting' || link === 'waking';
  return (
    <div class="banner-region" role="status">
      {key === undefined ? null : (
        <div class="banner" data-state={link}>
          {waiting ? <Spinner /> : <Icon name={link === 'offline' ? 'wifi-off' : 'alert'} size="sm" />}
          <span>{i18n.t(key)}</span>
          {waiting || link === 'offline' ? null : (
            <Button size="sm" variant="ghost" onClick={() => state.connection.restart()}>
              {i18n.t('action.retry')}
            </Button>
          )}
        </div>
      )}
    </div>
  );
}
