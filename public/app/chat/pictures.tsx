import { useState } from 'preact/hooks';
import type { MediaPart } from '../../../src/protocol/shapes.ts';
import { useApp } from '../app-context.ts';
import type { PictureFile } from '../state/pending-jobs.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Icon } from '../ui/icon.tsx';
import { PictureMenu, PictureToolbar } from './picture-actions.tsx';

export interface PicturesProps {
  readonly parts: readonly MediaPart[];
  /** Of the message; without one nothing can be done with the pictures yet. */
  readonly conversationId?: string;
}

export const pictureOf = ({ fileId, ...part }: MediaPart): PictureFile => ({ id: fileId, ...part });

/** Only files of this server are loaded. */
export const isOwn = ({ url }: Pick<MediaPart, 'url'>): boolean => url.startsWith('/') && !url.startsWith('//');

/** Pictures as thumbnails that open large; other files as links. */
export function Pictures({ parts, conversationId }: PicturesProps) {
  const { i18n } = useApp();
  const { t } = i18n;
  const [open, setOpen] = useState<MediaPart | null>(null);
  const own = parts.filter(isOwn);
  if (own.length === 0) return null;
  const nameOf = (part: MediaPart) => part.name ?? t('picture.unnamed');
  return (
    <div class="pictures" data-count={own.length}>
      {own.map((part) =>
        part.type === 'image' ? (
          <span key={part.fileId} class="picture-frame">
            <button type="button" class="picture" aria-label={t('picture.open', { name: nameOf(part) })} onClick={() => setOpen(part)}>
              <img src={part.url} alt={nameOf(part)} width={part.width} height={part.height} loading="lazy" decoding="async" />
            </button>
            {conversationId === undefined ? null : <PictureMenu file={pictureOf(part)} conversationId={conversationId} />}
          </span>
        ) : (
          <a key={part.fileId} class="file-link" href={part.url} download={part.name ?? ''}>
            <Icon name="download" size="sm" />
            <span dir="auto">{nameOf(part)}</span>
          </a>
        ),
      )}
      <Dialog
        open={open !== null}
        onClose={() => setOpen(null)}
        title={open === null ? '' : nameOf(open)}
        closeLabel={t('action.close')}
        size="lg"
      >
        {open === null ? null : (
          <div class="picture-large">
            <img src={open.url} alt={nameOf(open)} width={open.width} height={open.height} />
            <PictureToolbar file={pictureOf(open)} conversationId={conversationId} onLeave={() => setOpen(null)} />
          </div>
        )}
      </Dialog>
    </div>
  );
}
