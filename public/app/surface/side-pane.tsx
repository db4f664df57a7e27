import '../../styles/surface.css';
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type { ElementPart } from '../../../src/protocol/surface-shapes.ts';
import { useApp } from '../app-context.ts';
import { elementsOf } from '../chat/message-parts.ts';
import { elementDomId } from '../chat/use-open-element.ts';
import { type PaneTarget, paneLimits } from '../state/side-pane.ts';
import { Dialog } from '../ui/dialog.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { ElementView } from './element-view.tsx';
import { useNarrow } from './narrow.ts';

/** An element beside the conversation, or in its place; on a phone a sheet. */
export function SidePane({ target }: { readonly target: PaneTarget }) {
  const { state, i18n } = useApp();
  const { pane } = state.surface;
  const narrow = useNarrow();
  const message = state.messages.thread(target.conversationId)?.message(target.messageId)?.value;
  const elements = elementsOf(message?.parts ?? []);
  const part = elements.find(({ elementId }) => elementId === target.elementId);
  const close = () => {
    pane.close();
    document.getElementById(elementDomId(target.messageId, target.elementId))?.focus();
  };
  // The plugin took it away, or the message is not here any more.
  useEffect(() => {
    if (part === undefined && message !== undefined) pane.close();
  }, [part === undefined, message === undefined]);
  if (part === undefined) return null;
  const view = (
    <>
      <PaneSteps target={target} elements={elements.filter(({ display }) => display !== 'inline')} />
      <ElementView key={part.elementId} part={part} conversationId={target.conversationId} messageId={target.messageId} place="pane" />
    </>
  );
  if (narrow) {
    return (
      <Dialog open onClose={close} title={part.name} closeLabel={i18n.t('action.close')} size="lg">
        <div class="pane-sheet">{view}</div>
      </Dialog>
    );
  }
  return (
    <PaneFrame target={target} part={part} onClose={close}>
      {view}
    </PaneFrame>
  );
}

interface PaneFrameProps {
  readonly target: PaneTarget;
  readonly part: ElementPart;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

function PaneFrame({ target, part, onClose, children }: PaneFrameProps) {
  const { state, i18n } = useApp();
  const { t } = i18n;
  const { pane } = state.surface;
  const frame = useRef<HTMLElement>(null);
  const width = pane.width.value;
  useLayoutEffect(() => frame.current?.style.setProperty('--pane-width', `${width}px`), [width]);
  useEffect(() => {
    // Whoever pressed its button goes along; what opened by itself disturbs nobody.
    if (document.activeElement?.id === elementDomId(target.messageId, target.elementId) || target.whole) frame.current?.focus();
  }, [target.elementId, target.whole]);
  return (
    <aside
      ref={frame}
      class="pane"
      tabIndex={-1}
      data-whole={target.whole ? '' : undefined}
      aria-label={part.name}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || event.defaultPrevented) return;
        event.preventDefault();
        onClose();
      }}
    >
      {target.whole ? null : <PaneHandle />}
      <header class="pane-head">
        <h2 class="pane-title" dir="auto">
          {part.name}
        </h2>
        <IconButton
          icon={target.whole ? 'compare' : 'expand'}
          label={t(target.whole ? 'element.beside' : 'element.onPage')}
          tooltip="below"
          tooltipAlign="end"
          onClick={() => pane.open({ ...target, whole: !target.whole })}
        />
        <IconButton icon="close" label={t('action.close')} tooltip="below" tooltipAlign="end" onClick={onClose} />
      </header>
      <div class="pane-body">{children}</div>
    </aside>
  );
}

const keyStep = 32;

/** The line between conversation and pane: dragged, or moved with the arrow keys. */
function PaneHandle() {
  const { state, i18n } = useApp();
  const { pane } = state.surface;
  // Towards the conversation is wider.
  const wider = i18n.direction() === 'rtl' ? 1 : -1;
  const { least, most } = paneLimits;
  function onKeyDown(event: KeyboardEvent): void {
    const step = { ArrowLeft: -wider, ArrowRight: wider, Home: -Infinity, End: Infinity }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const next = Number.isFinite(step) ? pane.width.peek() + step * keyStep : step > 0 ? most : least;
    pane.resize(next);
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: a line that can be moved is no hr
    <div
      class="pane-handle"
      role="separator"
      tabIndex={0}
      aria-orientation="vertical"
      aria-label={i18n.t('element.resize')}
      aria-valuenow={pane.width.value}
      aria-valuemin={least}
      aria-valuemax={most}
      onKeyDown={onKeyDown}
      onPointerDown={(event) => {
        const from = event.clientX;
        const before = event.currentTarget.parentElement?.offsetWidth ?? pane.width.peek();
        const handle = event.currentTarget;
        handle.setPointerCapture(event.pointerId);
        const move = (moved: PointerEvent) => pane.resize(before + (moved.clientX - from) * wider);
        handle.addEventListener('pointermove', move);
        const end = () => handle.removeEventListener('pointermove', move);
        handle.addEventListener('lostpointercapture', end, { once: true });
      }}
    />
  );
}

/** From one element of a message to the next. */
function PaneSteps({ target, elements }: { readonly target: PaneTarget; readonly elements: readonly ElementPart[] }) {
  const { state, i18n } = useApp();
  const at = elements.findIndex(({ elementId }) => elementId === target.elementId);
  if (elements.length < 2 || at < 0) return null;
  const go = (step: number) => {
    const next = elements[(at + step + elements.length) % elements.length];
    if (next !== undefined) state.surface.pane.open({ ...target, elementId: next.elementId });
  };
  return (
    <nav class="pane-steps" aria-label={i18n.t('element.others')}>
      <IconButton icon="chevron-left" size="sm" label={i18n.t('element.previous')} tooltip="none" onClick={() => go(-1)} />
      <span>{i18n.t('element.count', { at: at + 1, all: elements.length })}</span>
      <IconButton icon="chevron-right" size="sm" label={i18n.t('element.next')} tooltip="none" onClick={() => go(1)} />
    </nav>
  );
}
