import { useEffect } from 'preact/hooks';
import type { PromptJump } from './prompt-jump.ts';

/** Alt and an arrow walk through the own messages; in a text that is being written the keys belong to it. */
export function usePromptKeys(jump: { readonly current: PromptJump }): void {
  useEffect(() => {
    const controller = new AbortController();
    const onKey = (event: KeyboardEvent) => {
      const direction = event.key === 'ArrowUp' ? -1 : event.key === 'ArrowDown' ? 1 : 0;
      if (direction === 0 || !event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
      const { target } = event;
      const written = target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement ? target.value : '';
      if (written !== '' || document.querySelector('dialog[open], :popover-open') !== null) return;
      event.preventDefault();
      jump.current(direction);
    };
    document.addEventListener('keydown', onKey, { signal: controller.signal });
    return () => controller.abort();
  }, []);
}
