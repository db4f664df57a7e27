import '../../styles/page.css';
import '../../styles/plugins.css';
import { useEffect, useMemo } from 'preact/hooks';
import type { User } from '../../../src/protocol/shapes.ts';
import { explain } from '../actions/explain.ts';
import { useApp } from '../app-context.ts';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { createPluginAdmin } from './plugin-admin.ts';
import { PluginCard } from './plugin-card.tsx';

/** What the plugins of this server can do, what each needs and what it runs on; for an administrator also the switches. */
export function PluginsPage({ user }: { readonly user: User }) {
  const { state, i18n } = useApp();
  const { t } = i18n;
  const admin = useMemo(() => createPluginAdmin(state), []);
  const list = state.plugins.list.value;
  const error = state.plugins.error.value;
  useEffect(() => void state.plugins.load(), []);
  return (
    <div class="page-column page-narrow">
      <p class="page-lead">{t(user.role === 'admin' ? 'plugins.leadAdmin' : 'plugins.lead')}</p>
      {error === null ? null : (
        <div class="page-error" role="alert">
          <span>{explain(i18n, error)}</span>
          <Button size="sm" onClick={() => void state.plugins.load()}>
            {t('action.retry')}
          </Button>
        </div>
      )}
      {list === null && error === null ? (
        <div role="status" aria-busy="true" aria-label={t('plugins.loading')}>
          <Skeleton lines={8} />
        </div>
      ) : null}
      {list?.length === 0 ? (
        <div class="page-state">
          <Icon name="plug" size="lg" />
          <h2>{t('plugins.none')}</h2>
          <p>{t('plugins.noneHint')}</p>
        </div>
      ) : null}
      <ul class="plugin-list">
        {(list ?? []).map((plugin) => (
          <li key={plugin.name}>
            <PluginCard plugin={plugin} admin={admin} isAdmin={user.role === 'admin'} />
          </li>
        ))}
      </ul>
    </div>
  );
}
