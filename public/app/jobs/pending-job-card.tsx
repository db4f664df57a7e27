import '../../styles/jobs.css';
import { useRef, useState } from 'preact/hooks';
import { explain } from '../actions/explain.ts';
import { useApp } from '../app-context.ts';
import type { PendingJob } from '../state/pending-jobs.ts';
import { Button } from '../ui/button.tsx';
import { Icon, iconFrom } from '../ui/icon.tsx';
import { ProgressBar } from '../ui/progress-bar.tsx';
import { sendSmaller } from './smaller-copy.ts';
import { smallerSize } from './smaller-size.ts';
import { useStyle } from './use-style.ts';

/** A job that the server has not taken yet: it looks begun, says when it is late, and what to do when it was refused. */
export function PendingJobCard({ item }: { readonly item: PendingJob }) {
  const { state, i18n, actions } = useApp();
  const { t } = i18n;
  const card = useRef<HTMLElement>(null);
  const title = actions.jobs.titleOf(item.wish.kind);
  const file = item.files[0];
  const failed = item.state === 'failed';
  const { width = 4, height = 3 } = file ?? {};
  useStyle(card, '--ratio', width / height);
  return (
    <section ref={card} class="job" data-status={failed ? 'failed' : 'queued'} aria-label={t('job.label', { title })}>
      <header class="job-head">
        <Icon name={iconFrom(state.plugins.processor(item.wish.kind)?.icon, 'image')} />
        <h2 class="job-title">{title}</h2>
        <span class="job-state">
          <Icon name={failed ? 'alert' : 'clock'} size="sm" />
          {t(failed ? 'job.refused' : 'job.state.queued')}
        </span>
      </header>
      <div class="job-stage">
        {file === undefined ? null : (
          <img class="job-picture" src={file.url} alt={file.name ?? t('picture.unnamed')} width={file.width} height={file.height} />
        )}
      </div>
      <div class="job-foot">
        {failed ? null : <ProgressBar label={t('job.progressOf', { title })} share={null} />}
        <p class="job-words" role={failed ? 'alert' : 'status'}>
          {item.state === 'sending' ? t('job.sending') : null}
          {item.state === 'late' ? t('job.late') : null}
          {item.error === undefined ? null : ` ${explain(i18n, item.error)}`}
        </p>
        {item.jobId === undefined ? <Buttons item={item} /> : null}
      </div>
    </section>
  );
}

function Buttons({ item }: { readonly item: PendingJob }) {
  const { state, i18n, actions } = useApp();
  const { t } = i18n;
  const { id, wish, files, error } = item;
  if (item.state === 'sending') return null;
  const discard = () => state.pendingJobs.discard(id);
  return (
    <div class="job-buttons">
      {error?.code === 'JOB_TOO_LARGE' ? <SmallerButton item={item} /> : null}
      {error?.code === 'MODEL_MISSING' ? (
        <Button size="sm" icon="plug" onClick={() => state.router.open('plugins')}>
          {t('plugins.title')}
        </Button>
      ) : null}
      <Button size="sm" icon="refresh" onClick={() => state.pendingJobs.retry(id)}>
        {t('action.retry')}
      </Button>
      {item.state === 'failed' ? (
        <Button
          size="sm"
          variant="ghost"
          icon="settings"
          onClick={() => {
            discard();
            actions.jobs.choose({ ...wish, files });
          }}
        >
          {t('job.change')}
        </Button>
      ) : null}
      <Button size="sm" variant="ghost" onClick={discard}>
        {t('action.discard')}
      </Button>
    </div>
  );
}

/** The refusal names the largest size that would fit: the browser makes a copy of that size and sends it. */
function SmallerButton({ item }: { readonly item: PendingJob }) {
  const { state, i18n, actions } = useApp();
  const [busy, setBusy] = useState(false);
  const size = smallerSize(item);
  if (size === null) return null;
  const send = async () => {
    setBusy(true);
    try {
      const file = await sendSmaller(item, size);
      state.pendingJobs.discard(item.id);
      actions.jobs.run({ ...item.wish, files: [file] });
    } catch (cause) {
      setBusy(false);
      actions.fail(cause);
    }
  };
  const number = (value: number) => i18n.number(value, { useGrouping: false });
  return (
    <Button size="sm" variant="primary" busy={busy} onClick={() => void send()}>
      {i18n.t('job.smaller', { size: `${number(size.width)} × ${number(size.height)}` })}
    </Button>
  );
}
