import { type Signal, useSignal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { FlowTarget } from '../state/flow-view.ts';
import { createPlaceAnchor, type PlaceAnchor } from './place-anchor.ts';

/** The window onto the flow, in px: where it begins and how high it is. */
export interface FlowWindow {
  readonly top: number;
  readonly room: number;
  readonly docked: boolean;
}

export interface ScrollDock {
  /** True when the end is out of sight. */
  readonly away: Signal<boolean>;
  /** To the end, and follow it from now on. */
  jump(): void;
  /** Calls back with each move of the window and each change of a height; the layout is up to date then. */
  onWindow(run: ((window: FlowWindow) => void) | null): void;
  /** Call in a layout effect after messages came or went: keeps what is read in its place. */
  settle(): void;
  /** Brings an element of the flow into sight; `flash` marks it for a moment and gives it the focus, `top` puts it at the upper edge. */
  show(element: HTMLElement, how: FlowTarget['how']): void;
  /** Where the window is now. Reads the layout. */
  window(): FlowWindow;
  /** Leaves the end, so that what is shown next stays. */
  undock(): void;
}

const nearBottomPx = 48;

interface Place {
  docked: boolean;
  height: number;
  room: number;
  top: number;
  listener: ((window: FlowWindow) => void) | null;
  anchor: PlaceAnchor | null;
}

/**
 * Follows the end of the flow while the person is there, and lets them read in peace when they are not: what stands at the upper
 * edge of the window stays there, whatever comes, goes or grows above it.
 * @param follows false while there is nothing to follow: on the page of a new conversation
 */
export function useScrollDock(scroller: RefObject<HTMLElement | null>, flow: RefObject<HTMLElement | null>, follows: boolean): ScrollDock {
  const following = useRef(follows);
  following.current = follows;
  const away = useSignal(false);
  const place = useRef<Place>({ docked: true, height: 0, room: 0, top: 0, listener: null, anchor: null });

  useEffect(() => {
    const element = scroller.current;
    const content = flow.current;
    if (element === null || content === null) return;
    return watch({ element, content, place: place.current, away, following });
  }, []);

  return useMemo(() => createDock(scroller, place.current, away), []);
}

interface Watched {
  readonly element: HTMLElement;
  readonly content: HTMLElement;
  readonly place: Place;
  readonly away: Signal<boolean>;
  readonly following: { readonly current: boolean };
}

function watch({ element, content, place, away, following }: Watched): () => void {
  const anchor = createPlaceAnchor(element, content, (top) => {
    place.top = top;
  });
  place.anchor = anchor;
  const tell = () => place.listener?.({ top: place.top, room: place.room, docked: place.docked });
  const onScroll = () => {
    const { scrollTop, scrollHeight, clientHeight } = element;
    const atEnd = scrollHeight - scrollTop - clientHeight < nearBottomPx;
    // Only the person scrolls up; growing text moves the end away without moving the place. A composer that gets smaller, or a
    // shorter text, moves the place too: the browser does that, and the person did not leave the end.
    const refitted = clientHeight !== place.room || scrollHeight < place.height;
    if (atEnd) place.docked = true;
    else if (scrollTop < place.top && !refitted) place.docked = false;
    place.top = scrollTop;
    place.room = clientHeight;
    away.value = !atEnd && !place.docked;
    if (place.docked) anchor.forget();
    else anchor.take();
    tell();
  };
  let edited: Element | null = null;
  /** A message that begins to be edited is shown whole, and the window follows nothing else from then on. */
  const showEditor = () => {
    const editor = document.activeElement?.closest('.message-editor') ?? null;
    if (editor === edited) return;
    edited = editor;
    if (editor === null || !content.contains(editor)) return;
    place.docked = false;
    editor.scrollIntoView({ block: 'nearest' });
    place.top = element.scrollTop;
    anchor.takeElement(editor);
  };
  // Runs after the layout and before the paint: nothing is read here that is not known already.
  const observer = new ResizeObserver(() => {
    if (place.docked && following.current) element.scrollTop = element.scrollHeight;
    else if (!place.docked) anchor.restore();
    showEditor();
    place.height = element.scrollHeight;
    place.room = element.clientHeight;
    // What was shown in the place of a shorter text moves the end away without a scroll.
    if (!place.docked) away.value = place.height - place.top - place.room >= nearBottomPx;
    tell();
  });
  element.addEventListener('scroll', onScroll, { passive: true });
  observer.observe(content);
  observer.observe(element);
  return () => {
    element.removeEventListener('scroll', onScroll);
    observer.disconnect();
    place.anchor = null;
  };
}

function createDock(scroller: RefObject<HTMLElement | null>, place: Place, away: Signal<boolean>): ScrollDock {
  const toEnd = () => {
    if (scroller.current !== null) scroller.current.scrollTop = scroller.current.scrollHeight;
  };
  return {
    away,
    jump() {
      place.docked = true;
      place.anchor?.forget();
      away.value = false;
      toEnd();
      place.listener?.({ top: place.top, room: place.room, docked: true });
    },
    onWindow(run) {
      place.listener = run;
    },
    settle() {
      // The end is found again by whoever watches the sizes, before anything is painted.
      if (place.docked) return;
      place.anchor?.restore();
      place.height = scroller.current?.scrollHeight ?? place.height;
    },
    window() {
      const { scrollTop = place.top, clientHeight = place.room } = scroller.current ?? {};
      return { top: scrollTop, room: clientHeight, docked: place.docked };
    },
    undock() {
      place.docked = false;
    },
    show(element, how) {
      place.docked = false;
      const room = scroller.current?.clientHeight ?? 0;
      // Of what is higher than the window, the beginning is read first.
      element.scrollIntoView({ block: how === 'top' || element.offsetHeight > room ? 'start' : 'center' });
      place.top = scroller.current?.scrollTop ?? place.top;
      place.anchor?.takeElement(element);
      if (how === 'flash') mark(element);
    },
  };
}

function mark(element: HTMLElement): void {
  const article = element.querySelector<HTMLElement>('article') ?? element;
  article.tabIndex = -1;
  article.focus({ preventScroll: true });
  article.addEventListener('blur', () => article.removeAttribute('tabindex'), { once: true });
  element.removeAttribute('data-flash');
  requestAnimationFrame(() => element.setAttribute('data-flash', ''));
  element.addEventListener('animationend', () => element.removeAttribute('data-flash'), { once: true });
}
