import { options, type RefObject } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { FlowTarget, FlowView } from '../state/flow-view.ts';
import { createHeightMap, type HeightMap } from './height-map.ts';
import { keptMessages } from './kept-messages.ts';
import { type IndexRange, type MountedRange, resolveRange, type Segment, segmentsOf, stillServes } from './mounted-range.ts';
import type { FlowWindow, ScrollDock } from './use-scroll-dock.ts';

export interface MountedFlow {
  readonly segments: readonly Segment[];
  readonly heights: HeightMap;
  /** Follows the height of a message that is on the page. @returns how to end it */
  watch(element: HTMLElement): () => void;
}

export interface MountedRangeOptions {
  readonly ids: readonly string[];
  readonly list: RefObject<HTMLElement | null>;
  readonly dock: ScrollDock;
  readonly flow: FlowView;
  /** A message of these ids that is asked for; null when none is. */
  readonly target: FlowTarget | null;
  /** The beginning of what was read so far comes near. */
  readonly onNearTop: () => void;
}

const nearTopPx = 600;
const nobody: ReadonlySet<string> = new Set();

/** Room above and below the window that is drawn too; half of it is left before more is drawn. */
const overscanOf = (room: number) => Math.max(800, room * 1.5);

function rangeBetween(heights: HeightMap, top: number, bottom: number): IndexRange {
  return { from: heights.indexAt(top), to: heights.indexAt(bottom) + 1 };
}

/** Decides which messages of a long branch are on the page: those near the window, and those that must not go. */
export function useMountedRange(given: MountedRangeOptions): MountedFlow {
  const { ids, list, dock, flow, target } = given;
  const [heights] = useState(createHeightMap);
  const [range, setRange] = useState<MountedRange | null>(null);
  const places = useMemo(() => new Map(ids.map((id, index) => [id, index])), [ids]);
  const whole = flow.whole.value;
  heights.setKeys(ids);
  const shown = whole ? { from: 0, to: ids.length } : resolveRange(range, places, ids.length);
  const segments = useMemo(() => segmentsOf(ids, shown, range?.pinned ?? nobody), [ids, shown.from, shown.to, range]);

  const mount = ({ from, to }: IndexRange) => {
    const [first, last] = [ids[from], ids[to - 1]];
    const element = list.current;
    if (first === undefined || last === undefined || element === null) return;
    setRange({ first, last, pinned: keptMessages(element, ids, places) });
  };
  const look = (window: FlowWindow) => {
    const element = list.current;
    if (element === null || ids.length === 0) return;
    const end = heights.offsetOf(ids.length);
    const top = window.docked ? end - window.room : window.top - element.offsetTop;
    const bottom = top + window.room;
    const overscan = overscanOf(window.room);
    const fresh = rangeBetween(heights, top - overscan, bottom + overscan);
    const needed = rangeBetween(heights, top - overscan / 2, bottom + overscan / 2);
    if (!whole && !stillServes(shown, needed, fresh)) mount(fresh);
    if (!window.docked && top < nearTopPx) given.onNearTop();
  };
  const latest = useRef(look);
  latest.current = look;
  useEffect(() => {
    dock.onWindow((window) => latest.current(window));
    return () => dock.onWindow(null);
  }, [dock]);

  useLayoutEffect(() => {
    heights.setGap(Number.parseFloat(list.current === null ? '0' : getComputedStyle(list.current).rowGap) || 0);
  }, []);
  // After the heights of the gaps were set, which is the work of their own effects.
  useLayoutEffect(() => dock.settle(), [segments]);
  useTarget({ target, list, dock, flow, range, mountAround: (id) => mount(around(heights, places.get(id) ?? 0)) });
  useWholeForPrint(flow);
  const watch = useHeights(heights);
  return { segments, heights, watch };
}

function around(heights: HeightMap, index: number): IndexRange {
  const overscan = overscanOf(innerHeight);
  return rangeBetween(heights, heights.offsetOf(index) - overscan, heights.offsetOf(index) + overscan);
}

interface TargetOptions extends Pick<MountedRangeOptions, 'target' | 'list' | 'dock' | 'flow'> {
  readonly range: MountedRange | null;
  readonly mountAround: (id: string) => void;
}

/** Draws the message that is asked for, then goes there. */
function useTarget({ target, list, dock, flow, range, mountAround }: TargetOptions): void {
  useLayoutEffect(() => {
    if (target === null) return;
    const element = list.current?.querySelector<HTMLElement>(`.flow-item[data-message="${CSS.escape(target.messageId)}"]`) ?? null;
    if (element === null) {
      dock.undock();
      mountAround(target.messageId);
      return;
    }
    dock.show(element, target.how);
    flow.reached(target);
  }, [target, range]);
}

/** One observer for all messages: their heights come without a question to the layout. */
function useHeights(heights: HeightMap): (element: HTMLElement) => () => void {
  const [observer] = useState(
    () =>
      new ResizeObserver((entries) => {
        for (const { target, borderBoxSize } of entries) {
          const id = target instanceof HTMLElement ? target.dataset['message'] : undefined;
          const height = borderBoxSize[0]?.blockSize ?? 0;
          // What was taken off the page meanwhile has none.
          if (id !== undefined && height > 0) heights.measured(id, height);
        }
      }),
  );
  useEffect(() => () => observer.disconnect(), []);
  return (element) => {
    observer.observe(element);
    return () => observer.unobserve(element);
  };
}

/** What is printed is what is on the page in that moment: everything that was read so far is put there at once, not with the next frame. */
function useWholeForPrint(flow: FlowView): void {
  useEffect(() => {
    const controller = new AbortController();
    let mine = false;
    const atOnce = () => {
      if (flow.whole.peek()) return;
      mine = true;
      const { debounceRendering } = options;
      options.debounceRendering = (draw) => draw();
      flow.setWhole(true);
      if (debounceRendering === undefined) delete options.debounceRendering;
      else options.debounceRendering = debounceRendering;
    };
    const over = () => {
      if (mine) flow.setWhole(false);
      mine = false;
    };
    addEventListener('beforeprint', atOnce, { signal: controller.signal });
    addEventListener('afterprint', over, { signal: controller.signal });
    return () => controller.abort();
  }, []);
}
