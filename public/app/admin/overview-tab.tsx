import { useEffect, useMemo, useState } from 'preact/hooks';
import type { Overview } from '../../../src/protocol/shapes.ts';
import { explain } from '../actions/explain.ts';
import { useApp } from '../app-context.ts';
import { duration } from '../state/amounts.ts';
import { createOverview } from '../state/overview.ts';
import { Button } from '../ui/button.tsx';
import { FactList } from '../ui/fact-list.tsx';
import { Icon } from '../ui/icon.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { Backup } from './backup.tsx';
import { MeasureTable } from './measure-table.tsx';
import { MeasureTile } from './measure-tile.tsx';
import { measures } from './measures.ts';

/** The numbers of the server, asked for anew every ten seconds while the page can be seen. */
export function OverviewTab({ onForbidden }: { readonly onForbidden: () => void }) {
  const { state, i18n } = useApp();
  const { t } = i18n;
  const store = useMemo(() => createOverview({ rest: state.rest, clock: state.clock }), []);
  const { overview, error } = store.view.value;
  useEffect(() => {
    const look = () => store.setVisible(!document.hidden);
    look();
    document.addEventListener('visibilitychange', look);
    return () => {
      document.removeEventListener('visibilitychange', look);
      store.stop();
    };
  }, []);
  const forbidden = error?.code === 'FORBIDDEN';
  useEffect(() => {
    if (forbidden) onForbidden();
  }, [forbidden]);
  if (overview === null) {
    if (error === null) return <OverviewSkeleton />;
    return (
      <div class="page-state" role="alert">
        <h2>{t('overview.failed')}</h2>
        <p>{explain(i18n, error)}</p>
        <Button onClick={() => void store.refresh()}>{t('action.retry')}</Button>
      </div>
    );
  }
  return (
    <>
      {error === null ? null : (
        <p class="stale" role="status">
          <Icon name="wifi-off" size="sm" />
          <span>
            {t('overview.stale', { time: i18n.date(overview.at, { timeStyle: 'medium' }) })} {explain(i18n, error)}
          </span>
          <Button size="sm" variant="ghost" onClick={() => void store.refresh()}>
            {t('action.retry')}
          </Button>
        </p>
      )}
      <ServerFacts overview={overview} stale={error !== null} />
      <Numbers overview={overview} />
      <Backup />
    </>
  );
}

function Numbers({ overview }: { readonly overview: Overview }) {
  const { i18n } = useApp();
  const { t } = i18n;
  const [asTable, setAsTable] = useState(false);
  return (
    <section aria-labelledby="numbers-title">
      <div class="section-head">
        <h2 id="numbers-title">{t('overview.numbers')}</h2>
        <Button size="sm" variant="ghost" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
          {t('overview.asTable')}
        </Button>
      </div>
      {asTable ? (
        <MeasureTable overview={overview} />
      ) : (
        <ul class="tiles">
          {measures.map((measure) => (
            <MeasureTile key={measure.key} measure={measure} overview={overview} />
          ))}
        </ul>
      )}
    </section>
  );
}

function ServerFacts({ overview, stale }: { readonly overview: Overview; readonly stale: boolean }) {
  const { state, i18n } = useApp();
  const { t } = i18n;
  const { ready, reasons, store, uptimeSeconds, version } = overview;
  const facts = [
    ['overview.version', version],
    ['overview.uptime', duration(i18n, uptimeSeconds)],
    ['overview.store', t(store.ready ? `overview.store.${store.kind}` : 'overview.store.gone')],
    ['overview.seen', i18n.date(overview.at, { timeStyle: 'medium' })],
  ] as const;
  return (
    <section class="server-facts" aria-label={t('overview.server')}>
      {/* Whether it is ready now is not known from old numbers. */}
      {stale ? null : (
        <p class="readiness" data-ready={ready ? '' : undefined}>
          <Icon name={ready ? 'check' : 'alert'} />
          {t(ready ? 'overview.ready' : 'overview.notReady')}
        </p>
      )}
      {reasons.length === 0 ? null : (
        <div class="reasons">
          <ul>
            {reasons.map((reason) => (
              <li key={reason} lang="en" dir="ltr">
                {reason}
              </li>
            ))}
          </ul>
          <Button size="sm" onClick={() => state.router.open('doctor')}>
            {t('overview.explain')}
          </Button>
        </div>
      )}
      <FactList class="facts" facts={facts.map(([key, value]) => [t(key), value] as const)} />
    </section>
  );
}

function OverviewSkeleton() {
  const { i18n } = useApp();
  return (
    <div role="status" aria-busy="true" aria-label={i18n.t('overview.loading')}>
      <ul class="tiles" aria-hidden="true">
        {measures.slice(0, 8).map(({ key }) => (
          <li key={key} class="tile">
            <Skeleton lines={3} />
          </li>
        ))}
      </ul>
    </div>
  );
}
