import { useState } from 'preact/hooks';
import type { ElementPart } from '../../../src/protocol/surface-shapes.ts';
import { useApp } from '../app-context.ts';
import { ZoomDialog } from './zoom-dialog.tsx';

export interface ImageElementProps {
  readonly part: Pick<ElementPart, 'name' | 'alt'>;
  readonly file: NonNullable<ElementPart['file']>;
}

/** A picture that opens large. */
export function ImageElement({ part: { name, alt = name }, file }: ImageElementProps) {
  const { i18n } = useApp();
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" class="element-image" aria-label={i18n.t('picture.open', { name: alt })} onClick={() => setOpen(true)}>
        <img src={file.url} alt={alt} width={file.width} height={file.height} loading="lazy" decoding="async" />
      </button>
      {open ? <ZoomDialog url={file.url} name={name} alt={alt} onClose={() => setOpen(false)} /> : null}
    </>
  );
}
