import type { ElementPart } from '../../../src/protocol/surface-shapes.ts';
import { useApp } from '../app-context.ts';
import { Icon, type IconName } from '../ui/icon.tsx';

export interface FileTileProps {
  readonly name: string;
  readonly file: Pick<NonNullable<ElementPart['file']>, 'url' | 'size' | 'mime'>;
  readonly icon?: IconName;
}

/** A file to keep: its name, its size, and the way to get it. */
export function FileTile({ name, file, icon = 'file' }: FileTileProps) {
  const { i18n } = useApp();
  return (
    <a class="tile-link" href={file.url} download={name} aria-label={i18n.t('element.downloadNamed', { name })}>
      <Icon name={icon} />
      <span class="tile-words">
        <bdi class="tile-title">{name}</bdi>
        <span class="tile-hint">
          <bdi>{i18n.bytes(file.size)}</bdi> · <bdi>{kindOf(name, file.mime)}</bdi>
        </span>
      </span>
      <Icon name="download" size="sm" />
    </a>
  );
}

/** The ending of the name; `application/vnd.ms-excel` is no word for a person, though its last piece nearly is. */
function kindOf(name: string, mime: string): string {
  const ending = /\.([A-Za-z0-9]{1,5})$/.exec(name)?.[1];
  const last = mime.split('/').at(-1)?.split(/[.+]/).at(-1) ?? mime;
  return (ending ?? last).toUpperCase();
}
