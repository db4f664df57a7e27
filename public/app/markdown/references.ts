import { createContext } from 'preact';

/** Shows the element that a reference in a text names; `from` gets the focus back. */
export const References = createContext<(elementId: string, from: HTMLElement) => void>(() => {});
