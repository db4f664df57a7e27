import type { ComponentChildren } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { Icon } from '../ui/icon.tsx';
import { useAddFiles } from './use-attach.ts';

const holdsFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') === true;

/** Pictures may be dropped anywhere on the conversation. */
export function DropZone({ scope, children }: { readonly scope: string; readonly children: ComponentChildren }) {
  const { i18n } = useApp();
  const add = useAddFiles(scope);
  const [over, setOver] = useState(false);
  // Each child that is crossed sends an enter and a leave.
  const depth = useRef(0);
  const move = (by: number) => {
    depth.current = Math.max(0, depth.current + by);
    setOver(depth.current > 0);
  };
  return (
    <div
      class="drop-zone"
      onDragEnter={(event) => holdsFiles(event) && move(1)}
      onDragLeave={(event) => holdsFiles(event) && move(-1)}
      onDragOver={(event) => holdsFiles(event) && event.preventDefault()}
      onDrop={(event) => {
        if (!holdsFiles(event)) return;
        event.preventDefault();
        move(-depth.current);
        add([...(event.dataTransfer?.files ?? [])]);
      }}
    >
      {children}
      {over ? (
        <div class="drop-overlay" aria-hidden="true">
          <Icon name="image" size="lg" />
          <span>{i18n.t('composer.drop')}</span>
        </div>
      ) : null}
    </div>
  );
}
