import { useLayoutEffect, useRef } from 'preact/hooks';
import { Spinner } from '../ui/spinner.tsx';

/**
 * Stands for something on its way that takes what is typed: until it is here the keys go nowhere, instead of into a message. The focus goes
 * back to where it was.
 */
export function HeldFocus({ onClose }: { readonly onClose: () => void }) {
  const box = useRef<HTMLSpanElement>(null);
  useLayoutEffect(() => {
    const before = document.activeElement;
    box.current?.focus();
    return () => {
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <span
      ref={box}
      class="held-focus"
      tabIndex={-1}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onClose();
      }}
    >
      <Spinner size="lg" />
    </span>
  );
}
