import { useEffect, useRef } from 'preact/hooks';
import { coarse } from '../composer/send-key.ts';

export interface ShortcutTargets {
  readonly newChat: () => void;
  readonly closeDrawer: () => void;
  readonly toggleSidebar: () => void;
  readonly openPalette: () => void;
  readonly openHelp: () => void;
}

/** The keys of the whole page; `palette/shortcuts-dialog.tsx` tells people about them. */
export function useShortcuts(targets: ShortcutTargets): void {
  const latest = useRef(targets);
  latest.current = targets;
  useEffect(() => {
    const controller = new AbortController();
    const onKey = (event: KeyboardEvent) => {
      const wanted = wishOf(event);
      if (wanted === null) return;
      if (wanted !== 'closeDrawer') event.preventDefault();
      if (wanted === 'focusComposer') focusComposer();
      else latest.current[wanted]();
    };
    document.addEventListener('keydown', onKey, { signal: controller.signal });
    return () => controller.abort();
  }, []);
}

type Wish = keyof ShortcutTargets | 'focusComposer';

function wishOf(event: KeyboardEvent): Wish | null {
  const { key, altKey } = event;
  if (event.ctrlKey || event.metaKey) return altKey || isModal() ? null : wishWithControl(event);
  if (key === 'Escape') return isCovered() ? null : 'closeDrawer';
  if (altKey || isTyping(event.target)) return null;
  if (key === '/') return 'focusComposer';
  return key === '?' || key === '؟' ? 'openHelp' : null;
}

function wishWithControl(event: KeyboardEvent): Wish | null {
  if (event.key === '/') return 'openHelp';
  if (!event.shiftKey) return isLetter(event, 'K') ? 'openPalette' : null;
  if (isLetter(event, 'O')) return 'newChat';
  return isLetter(event, 'S') ? 'toggleSidebar' : null;
}

/** The letter that the key writes, or the place of the key where it writes none of our letters, as on Persian and Arabic boards. */
function isLetter({ key, code }: KeyboardEvent, letter: string): boolean {
  return key.toUpperCase() === letter || (code === `Key${letter}` && !/^[a-z]$/i.test(key));
}

/** A modal dialog keeps what is behind it from changing. */
const isModal = () => document.querySelector('dialog[open]') !== null;

export function focusComposer(): void {
  document.getElementById('composer')?.focus();
}

/** For a button that goes away when it is pressed: the focus is not lost with it. */
export function returnToComposer(): void {
  if (!coarse()) focusComposer();
}

/** Esc belongs to the dialog or the menu that is open. */
function isCovered(): boolean {
  return document.querySelector('dialog[open], :popover-open') !== null;
}

/** Also while the field that is meant is still on its way: see held-focus.tsx. */
function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.closest('input, textarea, select, dialog[open], .held-focus') !== null)
  );
}
