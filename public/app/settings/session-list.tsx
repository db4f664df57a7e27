import '../../styles/sessions.css';
import type { SessionInfo } from '../../../src/protocol/shapes.ts';
import { useApp } from '../app-context.ts';
import { moment } from '../state/amounts.ts';
import { sessionName } from '../state/session-name.ts';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';

export interface SessionListProps {
  readonly sessions: readonly SessionInfo[];
  /** Without it the list only shows. */
  readonly onEnd?: (session: SessionInfo) => void;
}

/** Places where somebody is signed in. */
export function SessionList({ sessions, onEnd }: SessionListProps) {
  const { i18n } = useApp();
  const { t } = i18n;
  return (
    <ul class="sessions">
      {sessions.map((session) => {
        const label = sessionName(session.label) ?? t('sessions.unknown');
        return (
          <li key={session.id} class="session">
            <Icon name="monitor" />
            <div class="session-words">
              <p class="session-name">
                <bdi>{label}</bdi>
                {session.current ? <span class="badge">{t('sessions.current')}</span> : null}
              </p>
              <small>
                {t('sessions.seen', { time: moment(i18n, session.lastSeenAt) })}
                {' · '}
                {t('sessions.since', { time: i18n.date(session.createdAt, { dateStyle: 'medium' }) })}
              </small>
            </div>
            {onEnd === undefined || session.current ? null : (
              <Button size="sm" aria-label={t('sessions.endNamed', { name: label })} onClick={() => onEnd(session)}>
                {t('sessions.end')}
              </Button>
            )}
          </li>
        );
      })}
    </ul>
  );
}
