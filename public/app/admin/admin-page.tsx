import '../../styles/page.css';
import '../../styles/admin.css';
import { useState } from 'preact/hooks';
import type { User } from '../../../src/protocol/shapes.ts';
import { useApp } from '../app-context.ts';
import { addressOf } from '../state/router.ts';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { OverviewTab } from './overview-tab.tsx';
import { PeopleTab } from './people-tab.tsx';

export interface AdminPageProps {
  readonly user: User;
  readonly tab: 'admin' | 'people';
}

/** What the administrator sees and does. */
export function AdminPage({ user, tab }: AdminPageProps) {
  // The role may have been taken away since the page was opened: then the server says so.
  const [refused, setRefused] = useState(false);
  if (user.role !== 'admin' || refused) return <OnlyAdmin />;
  return (
    <div class="page-column">
      <Tabs tab={tab} />
      {tab === 'admin' ? (
        <OverviewTab onForbidden={() => setRefused(true)} />
      ) : (
        <PeopleTab user={user} onForbidden={() => setRefused(true)} />
      )}
    </div>
  );
}

function Tabs({ tab }: { readonly tab: AdminPageProps['tab'] }) {
  const { state, i18n } = useApp();
  return (
    <nav class="page-tabs" aria-label={i18n.t('admin.title')}>
      {(['admin', 'people'] as const).map((name) => (
        <a
          key={name}
          class="page-tab"
          href={addressOf(name)}
          aria-current={name === tab ? 'page' : undefined}
          onClick={(event) => {
            if (event.metaKey || event.ctrlKey || event.shiftKey) return;
            event.preventDefault();
            state.router.open(name);
          }}
        >
          {i18n.t(`admin.tab.${name}`)}
        </a>
      ))}
    </nav>
  );
}

function OnlyAdmin() {
  const { state, i18n } = useApp();
  const { t } = i18n;
  return (
    <div class="page-state">
      <Icon name="key" size="lg" />
      <h2>{t('admin.only')}</h2>
      <p>{t('admin.onlyHint')}</p>
      <Button onClick={() => state.router.leave()}>{t('page.back')}</Button>
    </div>
  );
}
