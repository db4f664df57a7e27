import { useEffect, useState } from 'preact/hooks';
import type { Job } from '../../../src/protocol/work-shapes.ts';
import { useApp } from '../app-context.ts';
import { isFinal } from '../state/jobs.ts';
import type { PictureFile } from '../state/pending-jobs.ts';
import { IconButton } from '../ui/icon-button.tsx';
import { CompareDialog } from './compare-dialog.tsx';
import { ResultPicture } from './result-picture.tsx';
import { readBoxes } from './text-box.ts';
import { TextBoxes } from './text-boxes.tsx';

export interface JobPictures {
  readonly input: PictureFile | undefined;
  readonly results: readonly PictureFile[];
}

/** The picture of a card: what goes in, what is becoming of it, and at the end both with a line between them. */
export function JobStage({ job, pictures }: { readonly job: Job; readonly pictures: JobPictures }) {
  const { input, results } = pictures;
  const result = results[0];
  if (result !== undefined) return <ResultStage job={job} input={input} results={results} />;
  if (input === undefined && job.preview === undefined) {
    return <div class="job-stage" data-empty={isFinal(job) ? '' : undefined} data-working={job.status === 'running' ? '' : undefined} />;
  }
  return <WorkingStage job={job} input={input} />;
}

function WorkingStage({ job, input }: { readonly job: Job; readonly input: PictureFile | undefined }) {
  const { state, i18n } = useApp();
  const { t } = i18n;
  useEffect(() => {
    if (job.status === 'succeeded') state.jobs.wantWhole(job.id);
  }, [job.status, job.id, job.version]);
  const boxes = job.status === 'succeeded' ? readBoxes(job.data) : [];
  const { width, height } = input ?? {};
  const preview = job.preview === undefined || isFinal(job) ? undefined : `/api/jobs/${job.id}/preview?v=${job.preview}`;
  return (
    <div class="job-stage" data-status={job.status} data-working={job.status === 'running' && preview === undefined ? '' : undefined}>
      {input === undefined ? null : (
        <img class="job-picture" src={input.url} alt={input.name ?? t('picture.unnamed')} width={width} height={height} decoding="async" />
      )}
      {preview === undefined ? null : <img class="job-picture job-preview" src={preview} alt={t('job.preview')} decoding="async" />}
      {boxes.length === 0 || width === undefined || height === undefined ? null : <TextBoxes boxes={boxes} width={width} height={height} />}
    </div>
  );
}

interface ResultStageProps {
  readonly job: Pick<Job, 'id'> & { readonly conversationId?: string | undefined };
  readonly input: PictureFile | undefined;
  readonly results: readonly PictureFile[];
}

function ResultStage({ job, input, results }: ResultStageProps) {
  const { i18n } = useApp();
  const { t } = i18n;
  const [open, setOpen] = useState<PictureFile | null>(null);
  const [first, ...others] = results;
  if (first === undefined) return null;
  return (
    <>
      <div class="job-stage" data-result>
        <ResultPicture input={input} result={first} />
        <span class="job-enlarge">
          <IconButton
            icon="expand"
            size="sm"
            label={t('picture.open', { name: t('job.result') })}
            tooltip="none"
            onClick={() => setOpen(first)}
          />
        </span>
      </div>
      {others.length === 0 ? null : (
        <div class="pictures" data-count={others.length}>
          {others.map((file) => (
            <button
              key={file.id}
              type="button"
              class="picture"
              aria-label={t('picture.open', { name: t('job.result') })}
              onClick={() => setOpen(file)}
            >
              <img src={file.url} alt={t('job.result')} width={file.width} height={file.height} loading="lazy" decoding="async" />
            </button>
          ))}
        </div>
      )}
      <CompareDialog before={input} after={open} conversationId={job.conversationId} onClose={() => setOpen(null)} />
    </>
  );
}
