import '../../styles/jobs.css';
import type { Job } from '../../../src/protocol/work-shapes.ts';
import { explain } from '../actions/explain.ts';
import { useApp } from '../app-context.ts';
import type { JobSection } from '../chat/message-parts.ts';
import { PictureMenu } from '../chat/picture-actions.tsx';
import { isOwn, Pictures, pictureOf } from '../chat/pictures.tsx';
import { useCopy } from '../chat/use-copy.ts';
import { Markdown } from '../markdown/markdown.tsx';
import { isFinal, type JobView } from '../state/jobs.ts';
import { Button } from '../ui/button.tsx';
import { Icon, type IconName, iconFrom } from '../ui/icon.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { ProgressBar } from '../ui/progress-bar.tsx';
import { JobShape } from './job-shape.tsx';
import { type JobPictures, JobStage } from './job-stage.tsx';
import { endingWords, provenanceFacts, runningWords, waitingWords } from './job-words.ts';
import { plainText } from './plain-text.ts';
import { useTimeLeft } from './use-time-left.ts';

export interface JobCardProps {
  readonly section: Pick<JobSection, 'media' | 'text' | 'jobId'>;
  readonly view: JobView;
}

/** Image work in a conversation, from its place in the queue to its result. */
export function JobCard({ section, view }: JobCardProps) {
  const { state, i18n } = useApp();
  const { t } = i18n;
  if (view.state === 'loading') return <JobShape />;
  if (view.state === 'ready') return <KnownJob job={view.job} section={section} />;
  // What it made is part of the message and stays when the job itself is kept no longer.
  const made = section.media.length > 0 || section.text !== '';
  return (
    <>
      {made ? <Pictures parts={section.media} /> : null}
      {section.text === '' ? null : <Markdown source={section.text} streaming={false} />}
      {made ? null : (
        <div class="job" data-status="gone">
          <p class="job-words">
            <Icon name="info" size="sm" />
            {view.state === 'gone' ? t('job.gone') : explain(i18n, view.error)}
          </p>
          {view.state === 'gone' ? null : (
            <Button size="sm" icon="refresh" onClick={() => state.jobs.want(section.jobId)}>
              {t('action.retry')}
            </Button>
          )}
        </div>
      )}
    </>
  );
}

function KnownJob({ job, section }: { readonly job: Job; readonly section: JobCardProps['section'] }) {
  const { state, i18n, actions } = useApp();
  const { t } = i18n;
  const title = actions.jobs.titleOf(job.kind);
  const pictures = picturesOf(job, section.media.filter(isOwn).map(pictureOf));
  const text = section.text === '' ? (job.text ?? '') : section.text;
  const staged = pictures.input !== undefined || pictures.results.length > 0 || !isFinal(job);
  return (
    <section class="job" data-status={job.status} aria-label={t('job.label', { title })}>
      <header class="job-head">
        <Icon name={iconFrom(state.plugins.processor(job.kind)?.icon, 'image')} />
        <h2 class="job-title">{title}</h2>
        <span class="job-state" role="status">
          <span class="visually-hidden">{title}: </span>
          <JobState job={job} />
        </span>
        <HeadMenu job={job} result={pictures.results[0]} />
      </header>
      {staged ? <JobStage job={job} pictures={pictures} /> : null}
      {text === '' ? null : <JobText text={text} />}
      <div class="job-foot">{isFinal(job) ? <Ending job={job} section={section} /> : <Progress job={job} />}</div>
    </section>
  );
}

/** The result's pictures come with the message; while that one is on its way, with the job. */
function picturesOf(job: Job, media: JobPictures['results']): JobPictures {
  const files = (ids: readonly string[]) => ids.flatMap((id) => job.files.filter((file) => file.id === id));
  const results = job.status === 'succeeded' ? (media.length > 0 ? media : files(job.results)) : [];
  return { input: files(job.input)[0], results };
}

const stateIcons: Record<Job['status'], IconName> = {
  queued: 'clock',
  running: 'pulse',
  succeeded: 'check',
  cancelled: 'stop',
  failed: 'alert',
  dead: 'alert',
};

/** The state in a word, with a sign that does not depend on colour. */
export function JobState({ job }: { readonly job: Pick<Job, 'status' | 'cached'> }) {
  const { t } = useApp().i18n;
  return (
    <>
      <Icon name={stateIcons[job.status]} size="sm" />
      {t(`job.state.${job.status}`)}
    </>
  );
}

function HeadMenu({ job, result }: { readonly job: Job; readonly result: JobPictures['results'][number] | undefined }) {
  const { i18n, actions } = useApp();
  if (!isFinal(job)) {
    return <IconButton icon="close" size="sm" label={i18n.t('job.cancel')} tooltipAlign="end" onClick={() => actions.jobs.cancel(job)} />;
  }
  return result === undefined ? null : <PictureMenu file={result} conversationId={job.conversationId} />;
}

function Progress({ job }: { readonly job: Job }) {
  const { i18n, actions } = useApp();
  const left = useTimeLeft(job);
  const words = job.status === 'queued' ? waitingWords(i18n, job, left) : runningWords(i18n, job, left);
  const share = job.status === 'queued' || job.progress === null ? null : job.progress / 100;
  return (
    <>
      <ProgressBar label={i18n.t('job.progressOf', { title: actions.jobs.titleOf(job.kind) })} share={share} />
      <p class="job-words">{words}</p>
    </>
  );
}

function Ending({ job, section }: { readonly job: Job; readonly section: JobCardProps['section'] }) {
  const { i18n, actions } = useApp();
  const { t } = i18n;
  const done = job.status === 'succeeded';
  const result = picturesOf(job, section.media.filter(isOwn).map(pictureOf)).results[0];
  const again = actions.jobs.draftOf(job);
  return (
    <>
      {done ? <Provenance job={job} section={section} /> : <p class="job-words">{endingWords(i18n, job)}</p>}
      <div class="job-buttons">
        {result === undefined ? null : (
          <>
            <a class="ui-button" data-variant="secondary" data-size="sm" href={result.url} download={result.name ?? ''}>
              <Icon name="download" size="sm" />
              {t('action.download')}
            </a>
            <Button class="job-attach" size="sm" variant="ghost" icon="paperclip" onClick={() => actions.jobs.attach(result)}>
              {t('picture.attach')}
            </Button>
          </>
        )}
        {done ? null : (
          <Button size="sm" icon="refresh" onClick={() => actions.jobs.run(again)}>
            {t('action.retry')}
          </Button>
        )}
        <Button size="sm" variant="ghost" icon="settings" onClick={() => actions.jobs.choose(again)}>
          {t('job.change')}
        </Button>
      </div>
    </>
  );
}

function Provenance({ job, section }: { readonly job: Job; readonly section: JobCardProps['section'] }) {
  const { i18n } = useApp();
  const noted = section.media[0]?.provenance ?? {};
  const { level, provider, seconds } = job;
  const facts = provenanceFacts(i18n, job.plugin, { level, provider, seconds, ...noted });
  return (
    <p class="job-facts">
      {job.cached ? <span class="job-cached">{i18n.t('job.cached')}</span> : null}
      {facts.map((fact) => (
        <span key={fact}>
          <bdi>{fact}</bdi>
        </span>
      ))}
    </p>
  );
}

function JobText({ text }: { readonly text: string }) {
  const { t } = useApp().i18n;
  const { copied, copy } = useCopy();
  const plain = plainText(text);
  return (
    <div class="job-text">
      {plain === null ? (
        <div class="job-text-body" dir="auto">
          <Markdown source={text} streaming={false} />
        </div>
      ) : (
        <p class="job-text-body job-plain" dir="auto">
          {plain}
        </p>
      )}
      <Button size="sm" icon={copied ? 'check' : 'copy'} onClick={() => copy(plain ?? text)}>
        {t(copied ? 'action.copied' : 'job.copyText')}
      </Button>
    </div>
  );
}
