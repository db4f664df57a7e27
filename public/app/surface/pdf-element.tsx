import type { ElementPart } from '../../../src/protocol/surface-shapes.ts';
import { useApp } from '../app-context.ts';
import { Icon } from '../ui/icon.tsx';
import { FileTile } from './file-tile.tsx';

export interface PdfElementProps {
  readonly part: Pick<ElementPart, 'name'>;
  readonly file: NonNullable<ElementPart['file']>;
  readonly place: 'inline' | 'pane';
}

/** A document in the browser's own viewer, where it has one; else a file to open or keep. */
export function PdfElement({ part: { name }, file, place }: PdfElementProps) {
  const { i18n } = useApp();
  const { t } = i18n;
  // In a frame of another page the viewer would ask without the session's token.
  const viewer = navigator.pdfViewerEnabled && !('embedded' in document.documentElement.dataset);
  const framed = viewer && place === 'pane';
  return (
    <div class="element-pdf" data-framed={framed ? '' : undefined}>
      {framed ? <iframe class="pdf-frame" src={file.url} title={name} /> : <FileTile name={name} file={file} />}
      {viewer ? (
        <a class="element-link" href={file.url} target="_blank" rel="noopener">
          <Icon name="external" size="sm" />
          {t('element.newTab')}
        </a>
      ) : null}
    </div>
  );
}
