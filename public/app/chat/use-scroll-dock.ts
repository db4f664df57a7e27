import { type Signal, useSignal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';

export interface ScrollDock {
  /** True when the end is out of sight. */
  readonly away: Signal<boolean>;
  /** To the end, and follow it from now on. */
  jump(): void;
  /** Calls back when the beginning comes near. */
  onNearTop(run: (() => void) | null): void;
  /** Call in a layout effect after messages were put before the others: keeps what is read in its place. */
  keepPlace(): void;
  /** Brings an element of the flow into sight; `flash` marks it for a moment and gives it the focus. */
  showElement(selector: string, flash: boolean): void;
}

const nearBottomPx = 48;
const nearTopPx = 300;

/**
 * Follows the end of the flow while the person is there, and lets them read in peace when they are not.
 * @param follows false while there is nothing to follow: on the page of a new conversation
 */
export function useScrollDock(scroller: RefObject<HTMLElement | null>, flow: RefObject<HTMLElement | null>, follows: boolean): ScrollDock {
  const following = useRef(follows);
  following.current = follows;
  const away = useSignal(false);
  const place = useRef({ docked: true, height: 0, room: 0, top: 0, nearTop: null as (() => void) | null });

  useEffect(() => {
    const element = scroller.current;
    const content = flow.current;
    if (element === null || content === null) return;
    const onScroll = () => {
      const { scrollTop, scrollHeight, clientHeight } = element;
      const atEnd = scrollHeight - scrollTop - clientHeight < nearBottomPx;
      // Only the person scrolls up; growing text moves the end away without moving the place. A composer that gets smaller, or a
      // shorter text, moves the place too: the browser does that, and the person did not leave the end.
      const refitted = clientHeight !== place.current.room || scrollHeight < place.current.height;
      if (atEnd) place.current.docked = true;
      else if (scrollTop < place.current.top && !refitted) place.current.docked = false;
      place.current.top = scrollTop;
      place.current.room = clientHeight;
      away.value = !atEnd && !place.current.docked;
      if (scrollTop < nearTopPx && !place.current.docked) place.current.nearTop?.();
    };
    const observer = new ResizeObserver(() => {
      if (place.current.docked && following.current) element.scrollTop = element.scrollHeight;
      place.current.height = element.scrollHeight;
      place.current.room = element.clientHeight;
    });
    element.addEventListener('scroll', onScroll, { passive: true });
    observer.observe(content);
    observer.observe(element);
    return () => {
      element.removeEventListener('scroll', onScroll);
      observer.disconnect();
    };
  }, []);

  return useMemo(
    () => ({
      away,
      jump() {
        place.current.docked = true;
        away.value = false;
        if (scroller.current !== null) scroller.current.scrollTop = scroller.current.scrollHeight;
      },
      onNearTop(run: (() => void) | null) {
        place.current.nearTop = run;
      },
      showElement(selector: string, flash: boolean) {
        const element = flow.current?.querySelector<HTMLElement>(selector) ?? null;
        if (element === null) return;
        place.current.docked = false;
        element.scrollIntoView({ block: 'center' });
        if (!flash) return;
        element.focus({ preventScroll: true });
        element.removeAttribute('data-flash');
        requestAnimationFrame(() => element.setAttribute('data-flash', ''));
        element.addEventListener('animationend', () => element.removeAttribute('data-flash'), { once: true });
      },
      keepPlace() {
        const element = scroller.current;
        if (element === null || place.current.docked) return;
        element.scrollTop += element.scrollHeight - place.current.height;
        place.current.height = element.scrollHeight;
        place.current.top = element.scrollTop;
      },
    }),
    [],
  );
}
