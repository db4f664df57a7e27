import { useEffect, useMemo } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { createOwnSessions } from '../state/own-sessions.ts';
import { Button } from '../ui/button.tsx';
import { SectionState } from './section-state.tsx';
import { SessionList } from './session-list.tsx';

/** Where I am signed in, and ending it from here. */
export function SessionsSection() {
  const { state, i18n, toasts, actions } = useApp();
  const { t } = i18n;
  const store = useMemo(() => createOwnSessions({ rest: state.rest }), []);
  useEffect(() => void store.load(), []);
  const sessions = store.items.value;
  if (sessions === null) return <SectionState label={t('sessions.loading')} error={store.error.value} onRetry={() => void store.load()} />;
  const others = sessions.some((session) => !session.current);
  const endOthers = () => void store.endOthers().then(() => toasts.add({ text: t('sessions.othersEnded'), tone: 'success' }), actions.fail);
  return (
    <div class="account-section">
      <p class="account-lead">{t('sessions.lead')}</p>
      <SessionList sessions={sessions} onEnd={(session) => void store.end(session.id).catch(actions.fail)} />
      {others ? (
        <div class="form-buttons">
          <small>{t('sessions.endOthersText')}</small>
          <Button icon="logout" onClick={endOthers}>
            {t('sessions.endOthers')}
          </Button>
        </div>
      ) : (
        <p class="account-lead" role="status">
          {t('sessions.onlyThis')}
        </p>
      )}
    </div>
  );
}
