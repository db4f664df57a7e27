import type { Signal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { withQuotation } from '../state/composing.ts';

/** Takes in what other parts of the page put into the composer: a prompt at the caret, a quotation at the end. */
export function useInserted(field: RefObject<HTMLTextAreaElement | null>, text: Signal<string>): void {
  const { state } = useApp();
  const caret = useRef<number | null>(null);
  const waiting = state.composing.inserted.value;
  useLayoutEffect(() => {
    if (waiting === null) return;
    const insertion = state.composing.takeInserted();
    const element = field.current;
    // The form of a command with a password stands in its place: nothing is mixed into that.
    if (insertion === null || element === null) return;
    const now = text.peek();
    if (insertion.how === 'quote') {
      text.value = withQuotation(now, insertion.words);
      caret.current = text.peek().length;
    } else {
      const { selectionStart, selectionEnd } = element;
      text.value = now.slice(0, selectionStart) + insertion.words + now.slice(selectionEnd);
      caret.current = selectionStart + insertion.words.length;
    }
    element.focus();
  }, [waiting]);
  // The field has the new text only after it was painted.
  useLayoutEffect(() => {
    if (caret.current === null || field.current === null) return;
    field.current.setSelectionRange(caret.current, caret.current);
    field.current.scrollTop = field.current.scrollHeight;
    caret.current = null;
  }, [text.value]);
}
