import { useEffect, useRef } from 'preact/hooks';

export interface ShortcutTargets {
  readonly newChat: () => void;
  readonly closeDrawer: () => void;
}

/** Ctrl/Cmd+Shift+O: new chat. `/`: into the composer. Esc: closes the drawer. */
export function useShortcuts(targets: ShortcutTargets): void {
  const latest = useRef(targets);
  latest.current = targets;
  useEffect(() => {
    const controller = new AbortController();
    const onKey = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.shiftKey && event.code === 'KeyO') {
        event.preventDefault();
        latest.current.newChat();
        focusComposer();
      } else if (event.key === '/' && !event.ctrlKey && !event.metaKey && !event.altKey && !isTyping(event.target)) {
        event.preventDefault();
        focusComposer();
      } else if (event.key === 'Escape' && !isCovered()) latest.current.closeDrawer();
    };
    document.addEventListener('keydown', onKey, { signal: controller.signal });
    return () => controller.abort();
  }, []);
}

export function focusComposer(): void {
  document.getElementById('composer')?.focus();
}

/** Esc belongs to the dialog or the menu that is open. */
function isCovered(): boolean {
  return document.querySelector('dialog[open], :popover-open') !== null;
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.closest('input, textarea, select, dialog[open]') !== null);
}
