import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { IconButton } from './icon-button.tsx';

export interface DialogProps {
  readonly open: boolean;
  /** called for Esc, the close button and a click beside the dialog; the owner sets `open` to false */
  readonly onClose: () => void;
  readonly title: string;
  readonly closeLabel: string;
  readonly size?: 'sm' | 'md' | 'lg';
  /** keeps its height whatever it shows */
  readonly steady?: boolean;
  /** buttons at the bottom */
  readonly footer?: ComponentChildren;
  readonly children: ComponentChildren;
}

/**
 * A modal dialog on the native element: the browser keeps focus inside and gives it back at the end.
 * Put `autofocus` on the field that should have it; otherwise the first control gets it.
 */
export function Dialog({ open, onClose, title, closeLabel, size = 'md', steady = false, footer, children }: DialogProps) {
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);

  // In the same step as the content: between the two the focus would be nowhere.
  useLayoutEffect(() => {
    const element = dialog.current;
    if (element === null || !open) return;
    if (!element.open) element.showModal();
    return () => element.close();
  }, [open]);

  return (
    <dialog
      ref={dialog}
      class="ui-dialog"
      data-size={size}
      data-steady={steady ? '' : undefined}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onPointerDown={(event) => {
        // the backdrop belongs to the dialog element; everything visible lies in its children
        if (event.target === event.currentTarget) onClose();
      }}
    >
      {open ? (
        <>
          <header class="ui-dialog-header">
            <h2 class="ui-dialog-title" id={id} dir="auto">
              {title}
            </h2>
            <IconButton icon="close" label={closeLabel} tooltip="none" onClick={onClose} />
          </header>
          <div class="ui-dialog-body">{children}</div>
          {footer === undefined ? null : <footer class="ui-dialog-footer">{footer}</footer>}
        </>
      ) : null}
    </dialog>
  );
}
