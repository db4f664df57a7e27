import type { Job } from '../../../src/protocol/work-shapes.ts';
import { useApp } from '../app-context.ts';
import { moment } from '../state/amounts.ts';
import { isFinal } from '../state/jobs.ts';
import { Icon, iconFrom } from '../ui/icon.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { ProgressBar } from '../ui/progress-bar.tsx';
import { JobState } from './job-card.tsx';
import { endingWords, provenanceFacts, runningWords, waitingWords } from './job-words.ts';
import { useTimeLeft } from './use-time-left.ts';

/** One job in a line or two. */
export function JobRow({ job }: { readonly job: Job }) {
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
        // What waits does not move: a page full of moving bars would say that all of them are being worked on.
        share={job.status === 'queued' ? 0 : job.progress === null ? null : job.progress / 100}
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
