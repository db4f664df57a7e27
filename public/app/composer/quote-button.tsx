import { useEffect, useRef, useState } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { type Anchor, placeNear } from '../gauge/place-near.ts';
import { Icon } from '../ui/icon.tsx';

/** A selection is done when it has not changed for so long. */
const settledMs = 180;
const longest = 8000;

interface Selected {
  readonly words: string;
  readonly anchor: Anchor;
}

/** A small button beside words that are selected in a message: they go into the composer as a quotation. */
export function QuoteButton() {
  const { state, i18n } = useApp();
  const button = useRef<HTMLButtonElement>(null);
  const [selected, setSelected] = useState<Selected | null>(null);
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = () => {
      clearTimeout(timer);
      timer = setTimeout(() => setSelected(selectedInMessage()), settledMs);
    };
    const hide = () => {
      clearTimeout(timer);
      setSelected(null);
    };
    document.addEventListener('selectionchange', look, { signal });
    document.addEventListener('keydown', (event) => event.key === 'Escape' && hide(), { signal });
    // What it stands beside moves away; where the scrolling ends it comes back.
    document.addEventListener('scroll', look, { signal, capture: true, passive: true });
    window.addEventListener('resize', look, { signal });
    // This button comes late: something may be selected already.
    look();
    return () => {
      controller.abort();
      clearTimeout(timer);
    };
  }, []);
  useEffect(() => {
    const element = button.current;
    if (element === null || selected === null) return;
    element.showPopover();
    // The browser's own menu stands above what is selected with a finger.
    placeNear(element, selected.anchor, matchMedia('(pointer: coarse)').matches ? 'below' : 'above');
  }, [selected]);
  if (selected === null) return null;
  return (
    <button
      ref={button}
      type="button"
      popover="manual"
      class="quote-button"
      // The click must not take the selection away before it is read.
      onPointerDown={(event) => event.preventDefault()}
      onClick={() => {
        state.composing.quote(selected.words);
        getSelection()?.removeAllRanges();
        setSelected(null);
      }}
    >
      <Icon name="quote" size="sm" />
      {i18n.t('message.quote')}
    </button>
  );
}

function selectedInMessage(): Selected | null {
  const selection = getSelection();
  if (selection === null || selection.isCollapsed || selection.rangeCount === 0) return null;
  const range = selection.getRangeAt(0);
  const inside = [range.startContainer, range.endContainer].every((node) => {
    const element = node instanceof Element ? node : node.parentElement;
    return element?.closest('.chat-flow :is(.answer-text, .bubble)') !== null && element !== null;
  });
  const words = selection.toString().trim().slice(0, longest);
  if (!inside || words === '') return null;
  const { left, right, top, bottom } = range.getBoundingClientRect();
  const visible = bottom > 0 && top < window.innerHeight && right > left;
  return visible ? { words, anchor: { left, right, top, bottom } } : null;
}
