import type { ElementPart } from '../../../src/protocol/surface-shapes.ts';
import { useApp } from '../app-context.ts';
import { isOwn } from '../chat/pictures.tsx';
import { CodeBlock } from '../markdown/code-block.tsx';
import { Markdown } from '../markdown/markdown.tsx';
import { lazy } from '../shell/lazy.tsx';
import { Icon, type IconName } from '../ui/icon.tsx';
import { CustomView } from './custom-view.tsx';
import { FileTile } from './file-tile.tsx';
import { ImageElement } from './image-element.tsx';
import { PdfElement } from './pdf-element.tsx';

/** Parts that only some elements need. */
const TableView = lazy(async () => (await import('./table-view.tsx')).TableView);
const PlotView = lazy(async () => (await import('./plot-view.tsx')).PlotView);

export const elementIcons: Readonly<Record<ElementPart['kind'], IconName>> = {
  ...{ image: 'image', text: 'text', pdf: 'file', audio: 'speaker', video: 'image', file: 'file' },
  ...{ table: 'table', plot: 'chart', custom: 'sparkle' },
};

export interface ElementViewProps {
  readonly part: ElementPart;
  readonly conversationId: string;
  readonly messageId: string;
  readonly place: 'inline' | 'pane';
}

/** What an element shows, wherever it stands. */
export function ElementView(props: ElementViewProps) {
  const { part } = props;
  switch (part.kind) {
    case 'text':
      return <TextElement part={part} />;
    case 'table':
      return part.table === undefined ? <Missing /> : <TableView name={part.name} table={part.table} />;
    case 'plot':
      return part.plot === undefined ? <Missing /> : <PlotView name={part.name} plot={part.plot} alt={part.alt} />;
    case 'custom':
      return part.tree === undefined ? <Missing /> : <CustomView {...props} tree={part.tree} />;
    default:
      return part.file === undefined || !isOwn(part.file) ? <Missing /> : <FileElement part={part} file={part.file} />;
  }
}

interface FileElementProps {
  readonly part: ElementPart;
  readonly file: NonNullable<ElementPart['file']>;
}

function FileElement({ part, file }: FileElementProps) {
  switch (part.kind) {
    case 'image':
      return <ImageElement part={part} file={file} />;
    case 'pdf':
      return <PdfElement part={part} file={file} />;
    case 'audio':
      // biome-ignore lint/a11y/useMediaCaption: what a plugin made has none
      return <audio class="element-audio" controls preload="metadata" src={file.url} aria-label={part.name} />;
    case 'video':
      // biome-ignore lint/a11y/useMediaCaption: what a plugin made has none
      return <video class="element-video" controls preload="metadata" playsInline src={file.url} aria-label={part.name} />;
    default:
      return <FileTile name={part.name} file={file} />;
  }
}

function TextElement({ part }: { readonly part: ElementPart }) {
  const { text = '', language } = part;
  if (language !== undefined && language !== '') return <CodeBlock node={{ type: 'code', language, text, closed: true }} />;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <div class="element-text" tabIndex={0} role="region" aria-label={part.name}>
      <Markdown source={text} streaming={false} />
    </div>
  );
}

function Missing() {
  const { i18n } = useApp();
  return (
    <p class="element-missing">
      <Icon name="alert" size="sm" />
      {i18n.t('element.missing')}
    </p>
  );
}
