import { useEffect } from 'preact/hooks';
import { focusComposer } from '../shell/use-shortcuts.ts';
import type { FlowView } from '../state/flow-view.ts';

/**
 * Ctrl or Cmd and F find in the conversation, as the browser's own search sees only what is on the page. Pressed again in our field
 * it is the browser's.
 * @returns how to close the field
 */
export function useFind(flow: Pick<FlowView, 'finding'>, usable: boolean): () => void {
  useEffect(() => {
    const controller = new AbortController();
    const onKey = (event: KeyboardEvent) => {
      if (!isFindKey(event)) return;
      const field = document.querySelector<HTMLInputElement>('.find-field');
      if (!usable || document.querySelector('dialog[open]') !== null || (field !== null && field === document.activeElement)) return;
      event.preventDefault();
      flow.finding.value = true;
      field?.select();
      field?.focus();
    };
    document.addEventListener('keydown', onKey, { signal: controller.signal });
    return () => controller.abort();
  }, [usable]);
  useEffect(
    () => () => {
      flow.finding.value = false;
    },
    [],
  );
  return () => {
    flow.finding.value = false;
    focusComposer();
  };
}

/** The letter, or the place of its key where the board writes none of our letters. */
function isFindKey({ ctrlKey, metaKey, shiftKey, altKey, key, code }: KeyboardEvent): boolean {
  if (!(ctrlKey || metaKey) || shiftKey || altKey) return false;
  return key.toLowerCase() === 'f' || (code === 'KeyF' && !/^[a-z]$/i.test(key));
}
