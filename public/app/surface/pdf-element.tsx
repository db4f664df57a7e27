import type { ElementPart } from '../../../src/protocol/surface-shapes.ts';
import { useApp } from '../app-context.ts';
import { Icon } from '../ui/icon.tsx';
import { FileTile } from './file-tile.tsx';

export interface PdfElementProps {
  readonly part: Pick<ElementPart, 'name'>;
  readonly file: NonNullable<ElementPart['file']>;
}

/** A document: a file to keep, and a link to the browser's own viewer where there is one. No frame: the policy of the page has none. */
export function PdfElement({ part: { name }, file }: PdfElementProps) {
  const { i18n } = useApp();
  // In a frame of another page the viewer would ask without the session's token.
  const viewer = navigator.pdfViewerEnabled && !('embedded' in document.documentElement.dataset);
  return (
    <div class="element-pdf">
      <FileTile name={name} file={file} />
      {viewer ? (
        <a class="element-link" href={file.url} target="_blank" rel="noopener">
          <Icon name="external" size="sm" />
          {i18n.t('element.newTab')}
        </a>
      ) : null}
    </div>
  );
}
