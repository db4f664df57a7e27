import { useRef, useState } from 'preact/hooks';
import type { Share } from '../../../src/protocol/library-shapes.ts';
import { useApp } from '../app-context.ts';
import { useCopy } from '../chat/use-copy.ts';
import { moment } from '../state/amounts.ts';
import type { Shares } from '../state/shares.ts';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';

/** The whole address, as it is given to somebody. */
export const linkOf = ({ path }: Pick<Share, 'path'>): string => new URL(path, location.origin).href;

export interface ShareListProps {
  readonly shares: Shares;
  readonly items: readonly Share[];
}

/** Links that were given away, each to be copied, looked at, or taken back. */
export function ShareList({ shares, items }: ShareListProps) {
  return (
    <ul class="share-list">
      {items.map((share) => (
        <ShareRow key={share.id} share={share} shares={shares} />
      ))}
    </ul>
  );
}

function ShareRow({ share, shares }: { readonly share: Share; readonly shares: Shares }) {
  const { i18n } = useApp();
  const { t } = i18n;
  const { copied, copy } = useCopy();
  const title = share.title || t('conversation.untitled');
  return (
    <li class="share-row">
      <div class="share-words">
        <a class="share-title" href={share.path} target="_blank" rel="noopener">
          <bdi>{title}</bdi>
          <Icon name="globe" size="sm" />
        </a>
        <small>
          {t('share.messages', { count: share.messages })}
          {' · '}
          {moment(i18n, share.createdAt)}
        </small>
      </div>
      <div class="share-acts">
        <Button size="sm" icon={copied ? 'check' : 'copy'} aria-label={t('share.copyNamed', { title })} onClick={() => copy(linkOf(share))}>
          {t(copied ? 'action.copied' : 'action.copy')}
        </Button>
        <RevokeButton title={title} onRevoke={() => shares.revoke(share.id)} />
      </div>
    </li>
  );
}

/** The button that took the place of the one that was pressed. */
const focusAtOnce = (button: HTMLButtonElement | null): void => button?.focus();

/** Cannot be undone, so it asks: in its own place, where the eye is. */
function RevokeButton({ title, onRevoke }: { readonly title: string; readonly onRevoke: () => Promise<void> }) {
  const { i18n, actions, toasts } = useApp();
  const { t } = i18n;
  const [asking, setAsking] = useState(false);
  const asked = useRef(false);
  const revoke = () => void onRevoke().then(() => toasts.add({ text: t('share.revoked'), tone: 'success' }), actions.fail);
  if (!asking) {
    return (
      <Button
        size="sm"
        variant="ghost"
        aria-label={t('share.revokeNamed', { title })}
        buttonRef={asked.current ? focusAtOnce : null}
        onClick={() => {
          asked.current = true;
          setAsking(true);
        }}
      >
        {t('share.revoke')}
      </Button>
    );
  }
  return (
    <>
      <Button size="sm" variant="danger" buttonRef={focusAtOnce} onClick={revoke}>
        {t('share.revokeSure')}
      </Button>
      <Button size="sm" variant="ghost" onClick={() => setAsking(false)}>
        {t('action.cancel')}
      </Button>
    </>
  );
}
