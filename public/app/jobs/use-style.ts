import type { RefObject } from 'preact';
import { useLayoutEffect } from 'preact/hooks';

/** Sets a variable of the styles on an element before it is painted; the page's policy forbids style attributes. */
export function useStyle(element: RefObject<HTMLElement | null>, name: `--${string}`, value: number | string): void {
  useLayoutEffect(() => element.current?.style.setProperty(name, String(value)), [name, value]);
}
