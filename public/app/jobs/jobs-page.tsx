import '../../styles/page.css';
import '../../styles/jobs.css';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { Page } from '../../../src/protocol/rest.ts';
import type { Job, JobStatus } from '../../../src/protocol/work-shapes.ts';
import { useApp } from '../app-context.ts';
import { isFinal } from '../state/jobs.ts';
import { createPaged } from '../state/paged.ts';
import { JobRow } from './job-row.tsx';
import { MoreMarker } from './more-marker.tsx';
import { PageList } from './page-list.tsx';
import { PendingJobCard } from './pending-job-card.tsx';

const filters = ['all', 'succeeded', 'failed', 'cancelled'] as const;
type Filter = (typeof filters)[number];
const pageSize = 30;

const fits = (status: JobStatus, filter: Filter) => filter === 'all' || status === filter || (filter === 'failed' && status === 'dead');

/** All image work of a person: what is open first, then what was. */
export function JobsPage() {
  const { state, i18n } = useApp();
  const { t } = i18n;
  const [filter, setFilter] = useState<Filter>('all');
  const history = useMemo(
    () =>
      createPaged<Job>(
        (cursor) =>
          state.rest.get<Page<Job>>(
            `/api/jobs?${new URLSearchParams({ limit: String(pageSize), ...(cursor === null ? {} : { cursor }) })}`,
          ),
        ({ id }) => id,
      ),
    [],
  );
  useEffect(() => {
    void history.load();
    // One that ends while the page is open moves into the history.
    const stop = state.jobs.onChange((job) => isFinal(job) && history.change((items) => [job, ...items.filter(({ id }) => id !== job.id)]));
    return () => {
      stop();
      history.stop();
    };
  }, []);
  const view = history.view.value;
  const open = [...state.jobs.open.value];
  const past = view.items.filter((job) => !state.jobs.open.value.has(job.id) && isFinal(job));
  const shown = past.filter(({ status }) => fits(status, filter));
  const pending = state.pendingJobs.items.value;
  return (
    <div class="page-column page-narrow">
      {open.length + pending.length === 0 ? null : (
        <section aria-labelledby="open-jobs">
          <div class="section-head">
            <h2 id="open-jobs">{t('jobs.open')}</h2>
          </div>
          <ul class="job-rows">
            {pending.map((item) => (
              <li key={item.id}>
                <PendingJobCard item={item} />
              </li>
            ))}
            {open.map((id) => (
              <OpenRow key={id} id={id} />
            ))}
          </ul>
        </section>
      )}
      <section aria-labelledby="past-jobs">
        <div class="section-head">
          <h2 id="past-jobs">{t('jobs.past')}</h2>
          <fieldset class="segmented job-filter">
            <legend class="visually-hidden">{t('jobs.filter')}</legend>
            {filters.map((one) => (
              <label key={one} class="segment">
                <input type="radio" name="job-filter" checked={one === filter} onChange={() => setFilter(one)} />
                <span>{t(`jobs.filter.${one}`)}</span>
              </label>
            ))}
          </fieldset>
        </div>
        <PageList
          view={view}
          label={t('jobs.loading')}
          onRetry={() => void history.load()}
          empty={
            filter === 'all'
              ? { icon: 'tasks', title: t('jobs.none'), hint: t('jobs.noneHint') }
              : { icon: 'tasks', title: t('jobs.noneOfKind') }
          }
          count={shown.length}
        >
          <ul class="job-rows">
            {shown.map((job) => (
              <li key={job.id}>
                <JobRow job={job} />
              </li>
            ))}
          </ul>
        </PageList>
        <MoreMarker list={history} />
      </section>
    </div>
  );
}

function OpenRow({ id }: { readonly id: string }) {
  const { state } = useApp();
  const view = state.jobs.view(id).value;
  return view.state === 'ready' ? (
    <li>
      <JobRow job={view.job} />
    </li>
  ) : null;
}
