import '../../styles/page.css';
import '../../styles/jobs.css';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { Page } from '../../../src/protocol/rest.ts';
import type { Job, JobStatus } from '../../../src/protocol/shapes.ts';
import { useApp } from '../app-context.ts';
import { moment } from '../state/amounts.ts';
import { isFinal } from '../state/jobs.ts';
import { createPaged } from '../state/paged.ts';
import { Icon, iconFrom } from '../ui/icon.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { ProgressBar } from '../ui/progress-bar.tsx';
import { JobState } from './job-card.tsx';
import { endingWords, provenanceFacts, runningWords, waitingWords } from './job-words.ts';
import { MoreMarker } from './more-marker.tsx';
import { PageList } from './page-list.tsx';
import { PendingJobCard } from './pending-job-card.tsx';
import { useTimeLeft } from './use-time-left.ts';

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

/** One job in a line or two. */
function JobRow({ job }: { readonly job: Job }) {
  const { state, i18n, actions } = useApp();
  const { t } = i18n;
  const title = actions.jobs.titleOf(job.kind);
  const open = !isFinal(job);
  const picture = job.files.find(({ id }) => id === (job.results[0] ?? job.input[0]));
  return (
    <article class="job-row" data-status={job.status} aria-label={t('job.label', { title })}>
      <span class="job-thumb">
        {picture === undefined ? (
          <Icon name={iconFrom(state.plugins.processor(job.kind)?.icon, 'image')} />
        ) : (
          <img src={picture.url} alt="" loading="lazy" decoding="async" />
        )}
      </span>
      <div class="job-row-words">
        <h3 class="job-title">{title}</h3>
        <span class="job-state">
          <JobState job={job} />
        </span>
        {open ? <OpenWords job={job} /> : <PastWords job={job} />}
      </div>
      <div class="job-row-buttons">
        {open ? (
          <IconButton icon="close" size="sm" label={t('job.cancel')} tooltipAlign="end" onClick={() => actions.jobs.cancel(job)} />
        ) : (
          <IconButton
            icon="refresh"
            size="sm"
            label={t('jobs.again')}
            tooltipAlign="end"
            onClick={() => actions.jobs.choose(actions.jobs.draftOf(job))}
          />
        )}
        {job.conversationId === undefined ? null : (
          <IconButton icon="chevron-right" size="sm" label={t('jobs.jump')} tooltipAlign="end" onClick={() => actions.jobs.show(job)} />
        )}
      </div>
    </article>
  );
}

function OpenWords({ job }: { readonly job: Job }) {
  const { i18n, actions } = useApp();
  const left = useTimeLeft(job);
  return (
    <div class="job-row-progress">
      <ProgressBar
        label={i18n.t('job.progressOf', { title: actions.jobs.titleOf(job.kind) })}
        share={job.status === 'queued' || job.progress === null ? null : job.progress / 100}
      />
      <p class="job-words">{job.status === 'queued' ? waitingWords(i18n, job, left) : runningWords(i18n, job, left)}</p>
    </div>
  );
}

function PastWords({ job }: { readonly job: Job }) {
  const { i18n } = useApp();
  const { level, provider, seconds, status } = job;
  const facts = provenanceFacts(i18n, job.plugin, { level, provider, seconds });
  return (
    <>
      {status === 'failed' || status === 'dead' ? <p class="job-words">{endingWords(i18n, job)}</p> : null}
      <p class="job-facts">
        <time dateTime={job.createdAt}>{moment(i18n, job.createdAt)}</time>
        {job.cached ? <span class="job-cached">{i18n.t('job.cached')}</span> : null}
        {status === 'succeeded'
          ? facts.map((fact) => (
              <span key={fact}>
                <bdi>{fact}</bdi>
              </span>
            ))
          : null}
        {status === 'failed' && job.error !== undefined && job.error.requestId !== undefined ? (
          <span dir="ltr">{job.error.requestId}</span>
        ) : null}
      </p>
    </>
  );
}
