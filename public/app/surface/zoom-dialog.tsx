import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { Icon } from '../ui/icon.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { between, distance, fitted, moveBy, type Point, type ZoomView, zoomAt } from './zoom-view.ts';

export interface ZoomDialogProps {
  readonly url: string;
  readonly name: string;
  readonly alt: string;
  readonly onClose: () => void;
}

const stepFactor = 1.4;
const arrowPx = 60;
const arrows: Readonly<Record<string, Point>> = {
  ArrowLeft: { x: arrowPx, y: 0 },
  ArrowRight: { x: -arrowPx, y: 0 },
  ArrowUp: { x: 0, y: arrowPx },
  ArrowDown: { x: 0, y: -arrowPx },
};

/** A picture over the whole window: wheel, pinch, keys and buttons make it larger, a drag moves it. */
export function ZoomDialog({ url, name, alt, onClose }: ZoomDialogProps) {
  const { i18n } = useApp();
  const { t } = i18n;
  const dialog = useRef<HTMLDialogElement>(null);
  const { stage, view, zoom, change, handlers } = useZoom();
  useLayoutEffect(() => {
    const element = dialog.current;
    if (element === null) return;
    if (!element.open) element.showModal();
    return () => element.close();
  }, []);

  function onKeyDown(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const arrow = arrows[event.key];
    if (event.key === '+' || event.key === '=') zoom(stepFactor);
    else if (event.key === '-') zoom(1 / stepFactor);
    else if (event.key === '0') change(fitted);
    else if (arrow !== undefined) change(moveBy(view, arrow, sizeOf(stage.current)));
    else return;
    event.preventDefault();
  }

  return (
    <dialog
      ref={dialog}
      class="zoom"
      aria-label={name}
      onKeyDown={onKeyDown}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <header class="zoom-bar">
        <h2 class="zoom-name" dir="auto">
          {name}
        </h2>
        <span class="zoom-level" role="status">
          {i18n.number(view.scale, { style: 'percent' })}
        </span>
        <IconButton icon="minus" label={t('zoom.out')} tooltip="below" disabled={view.scale <= 1} onClick={() => zoom(1 / stepFactor)} />
        <IconButton icon="plus" label={t('zoom.in')} tooltip="below" onClick={() => zoom(stepFactor)} />
        <IconButton icon="refresh" label={t('zoom.fit')} tooltip="below" disabled={view.scale <= 1} onClick={() => change(fitted)} />
        <a class="ui-icon-button" href={url} download={name} aria-label={t('element.download')} data-size="md">
          <Icon name="download" />
        </a>
        <IconButton icon="close" label={t('action.close')} tooltip="below" tooltipAlign="end" onClick={onClose} />
      </header>
      <div ref={stage} class="zoom-stage" data-zoomed={view.scale > 1 ? '' : undefined} {...handlers}>
        <img src={url} alt={alt} draggable={false} />
      </div>
    </dialog>
  );
}

const sizeOf = (element: HTMLElement | null) => ({ width: element?.clientWidth ?? 0, height: element?.clientHeight ?? 0 });

/** The gestures of the window in which a picture lies. */
function useZoom() {
  const stage = useRef<HTMLDivElement>(null);
  const [view, setView] = useState<ZoomView>(fitted);
  const now = useRef(view);
  const fingers = useRef(new Map<number, Point>());
  const change = (next: ZoomView) => {
    now.current = next;
    setView(next);
  };
  useLayoutEffect(() => {
    const style = stage.current?.style;
    style?.setProperty('--zoom', String(view.scale));
    style?.setProperty('--zoom-x', `${view.x}px`);
    style?.setProperty('--zoom-y', `${view.y}px`);
  }, [view]);
  const fromMiddle = ({ clientX, clientY }: MouseEvent): Point => {
    const box = stage.current?.getBoundingClientRect() ?? new DOMRect();
    return { x: clientX - box.left - box.width / 2, y: clientY - box.top - box.height / 2 };
  };
  // Not passive: the page must not scroll or zoom as well.
  useLayoutEffect(() => {
    const element = stage.current;
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      change(zoomAt(now.current, Math.exp(-event.deltaY / (event.ctrlKey ? 100 : 400)), fromMiddle(event)));
    };
    element?.addEventListener('wheel', onWheel, { passive: false });
    return () => element?.removeEventListener('wheel', onWheel);
  }, []);

  function onPointerMove(event: PointerEvent): void {
    const known = fingers.current;
    const before = known.get(event.pointerId);
    if (before === undefined) return;
    const at = fromMiddle(event);
    const other = [...known].find(([id]) => id !== event.pointerId)?.[1];
    known.set(event.pointerId, at);
    if (other === undefined) change(moveBy(now.current, { x: at.x - before.x, y: at.y - before.y }, sizeOf(stage.current)));
    else change(zoomAt(now.current, distance(at, other) / Math.max(1, distance(before, other)), between(at, other)));
  }
  const release = (event: PointerEvent) => void fingers.current.delete(event.pointerId);
  const handlers = {
    onPointerDown(event: PointerEvent) {
      fingers.current.set(event.pointerId, fromMiddle(event));
      stage.current?.setPointerCapture(event.pointerId);
    },
    onPointerMove,
    onPointerUp: release,
    onPointerCancel: release,
    onDblClick: (event: MouseEvent) => change(now.current.scale > 1 ? fitted : zoomAt(now.current, 2.5, fromMiddle(event))),
  };
  return { stage, view, change, handlers, zoom: (factor: number) => change(zoomAt(now.current, factor)) };
}
