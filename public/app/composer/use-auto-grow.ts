import type { RefObject } from 'preact';
import { useLayoutEffect } from 'preact/hooks';

/** A text of so many UTF-16 units fills the field to its largest size in any window: it need not be laid out twice with each key. */
const surelyFull = 20_000;

/** Lets a text field grow with its text where the browser's own `field-sizing` is missing. */
export function useAutoGrow(field: RefObject<HTMLTextAreaElement | null>, text: string): void {
  useLayoutEffect(() => {
    const element = field.current;
    if (element === null || CSS.supports('field-sizing', 'content')) return;
    if (text.length > surelyFull) {
      // As far as the style sheet lets it.
      element.style.blockSize = '100dvh';
      return;
    }
    element.style.blockSize = 'auto';
    element.style.blockSize = `${element.scrollHeight}px`;
  }, [text]);
}
