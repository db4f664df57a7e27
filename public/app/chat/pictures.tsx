import { useState } from 'preact/hooks';
import type { MediaPart } from '../../../src/protocol/shapes.ts';
import { useApp } from '../app-context.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Icon } from '../ui/icon.tsx';

/** Pictures as thumbnails that open large; other files as links. Only files of this server are loaded. */
export function Pictures({ parts }: { readonly parts: readonly MediaPart[] }) {
  const { i18n } = useApp();
  const { t } = i18n;
  const [open, setOpen] = useState<MediaPart | null>(null);
  const own = parts.filter((part) => part.url.startsWith('/') && !part.url.startsWith('//'));
  if (own.length === 0) return null;
  const nameOf = (part: MediaPart) => part.name ?? t('picture.unnamed');
  return (
    <div class="pictures" data-count={own.length}>
      {own.map((part) =>
        part.type === 'image' ? (
          <button
            key={part.fileId}
            type="button"
            class="picture"
            aria-label={t('picture.open', { name: nameOf(part) })}
            onClick={() => setOpen(part)}
          >
            <img src={part.url} alt={nameOf(part)} width={part.width} height={part.height} loading="lazy" decoding="async" />
          </button>
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
            <a class="file-link" href={open.url} download={open.name ?? ''}>
              <Icon name="download" size="sm" />
              {t('action.download')}
            </a>
          </div>
        )}
      </Dialog>
    </div>
  );
}
