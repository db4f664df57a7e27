import type { ComponentChildren } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { PictureToolbar } from '../chat/picture-actions.tsx';
import type { PictureFile } from '../state/pending-jobs.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Icon } from '../ui/icon.tsx';
import { sizeWords } from './job-words.ts';
import { ResultPicture } from './result-picture.tsx';
import { useStyle } from './use-style.ts';

export interface CompareDialogProps {
  readonly before: PictureFile | undefined;
  /** Null: closed. */
  readonly after: PictureFile | null;
  readonly conversationId: string | undefined;
  readonly onClose: () => void;
}

/** A result in its full size, beside what it was made from. */
export function CompareDialog({ before, after, conversationId, onClose }: CompareDialogProps) {
  const { i18n } = useApp();
  const { t } = i18n;
  return (
    <Dialog
      open={after !== null}
      onClose={onClose}
      title={after === null ? '' : (after.name ?? t('job.result'))}
      closeLabel={t('action.close')}
      size="lg"
    >
      {after === null ? null : <CompareLarge before={before} after={after} conversationId={conversationId} onLeave={onClose} />}
    </Dialog>
  );
}

interface CompareLargeProps {
  readonly before: PictureFile | undefined;
  readonly after: PictureFile;
  readonly conversationId: string | undefined;
  readonly onLeave: () => void;
}

export function CompareLarge({ before, after, conversationId, onLeave }: CompareLargeProps) {
  const { i18n } = useApp();
  const { t } = i18n;
  const [actual, setActual] = useState(false);
  return (
    <div class="compare-large">
      <StageBox picture={after} actual={actual}>
        <ResultPicture input={before} result={after} />
      </StageBox>
      <div class="compare-facts">
        <span dir="ltr">{sizeWords(i18n, after)}</span>
        <button type="button" class="compare-zoom" aria-pressed={actual} onClick={() => setActual(!actual)}>
          <Icon name="search" size="sm" />
          {t('compare.actual')}
        </button>
      </div>
      <PictureToolbar file={after} conversationId={conversationId} onLeave={onLeave} />
    </div>
  );
}

interface StageBoxProps {
  readonly picture: PictureFile;
  /** One pixel of the picture for each of the screen; else as large as there is room. */
  readonly actual: boolean;
  readonly children: ComponentChildren;
}

function StageBox({ picture, actual, children }: StageBoxProps) {
  const { i18n } = useApp();
  const stage = useRef<HTMLDivElement>(null);
  const { width = 4, height = 3 } = picture;
  useStyle(stage, '--ratio', width / height);
  useStyle(stage, '--pixels', `${width / (globalThis.devicePixelRatio || 1)}px`);
  return (
    <div
      class="compare-scroll"
      data-actual={actual ? '' : undefined}
      {...(actual ? { role: 'region', tabIndex: 0, 'aria-label': i18n.t('job.result') } : {})}
    >
      <div ref={stage} class="job-stage" data-result>
        {children}
      </div>
    </div>
  );
}
