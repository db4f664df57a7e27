import '../../styles/share.css';
import { useEffect, useMemo } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { ShareList } from '../share/share-list.tsx';
import { createShares } from '../state/shares.ts';
import { Button } from '../ui/button.tsx';
import { SectionState } from './section-state.tsx';

/** What I share, and taking it back. */
export function SharesSection() {
  const { state, i18n } = useApp();
  const { t } = i18n;
  const shares = useMemo(() => createShares({ rest: state.rest }), []);
  useEffect(() => {
    void shares.list.load();
    return () => shares.list.stop();
  }, []);
  const { items, phase, error, nextCursor } = shares.list.view.value;
  if (items.length === 0 && phase !== 'ready')
    return <SectionState label={t('share.loading')} error={error} onRetry={() => void shares.list.load()} />;
  if (items.length === 0) {
    return (
      <div class="account-section">
        <p role="status">{t('share.none')}</p>
        <p class="account-lead">{t('share.noneText')}</p>
      </div>
    );
  }
  return (
    <div class="account-section">
      <p class="account-lead">{t('share.listLead')}</p>
      <ShareList shares={shares} items={items} />
      {nextCursor === null ? null : (
        <div class="form-buttons">
          <Button busy={phase === 'more'} onClick={() => void shares.list.loadMore()}>
            {t('shared.more')}
          </Button>
        </div>
      )}
    </div>
  );
}
