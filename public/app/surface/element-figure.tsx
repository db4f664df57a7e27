import { useEffect } from 'preact/hooks';
import type { Message } from '../../../src/protocol/shapes.ts';
import type { ElementPart } from '../../../src/protocol/surface-shapes.ts';
import { useApp } from '../app-context.ts';
import { elementDomId, showElement } from '../chat/use-open-element.ts';
import { Icon } from '../ui/icon.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { ElementView, elementIcons } from './element-view.tsx';
import { isNarrow } from './narrow.ts';

export interface ElementProps {
  readonly part: ElementPart;
  readonly message: Message;
}

/** Kinds that fill the width of the message, and may want more room. */
const wide: ReadonlySet<ElementPart['kind']> = new Set(['table', 'plot', 'custom', 'text', 'pdf']);

/** An element in the flow of the message, with its name. */
export function ElementFigure({ part, message }: ElementProps) {
  const { state, i18n } = useApp();
  const { id, conversationId } = message;
  const place = { conversationId, messageId: id };
  const named = part.kind !== 'file' && part.kind !== 'pdf';
  return (
    <figure
      class="element"
      id={elementDomId(id, part.elementId)}
      tabIndex={-1}
      data-kind={part.kind}
      data-size={part.size ?? (wide.has(part.kind) ? 'large' : 'medium')}
      aria-label={part.name}
    >
      {named ? (
        <figcaption class="element-caption">
          <Icon name={elementIcons[part.kind]} size="sm" />
          <bdi class="element-name">{part.name}</bdi>
          {wide.has(part.kind) ? (
            <IconButton
              icon="expand"
              size="sm"
              label={i18n.t('element.beside')}
              tooltipAlign="end"
              onClick={() => state.surface.pane.open({ ...place, elementId: part.elementId, whole: false })}
            />
          ) : null}
        </figcaption>
      ) : null}
      <ElementView part={part} {...place} place="inline" />
    </figure>
  );
}

/** In the message, an element that is shown beside it or on a page of its own is a button. */
export function ElementTile({ part, message }: ElementProps) {
  const { state, i18n } = useApp();
  const { pane } = state.surface;
  const target = pane.target.value;
  const shown = target?.messageId === message.id && target.elementId === part.elementId;
  const whole = part.display === 'page';
  const live = message.status === 'streaming';
  useEffect(() => {
    // What comes while the person looks on opens by itself, where there is room for it.
    if (!live || whole || isNarrow()) return;
    pane.offer({ conversationId: message.conversationId, messageId: message.id, elementId: part.elementId, whole });
  }, []);
  return (
    <button
      type="button"
      class="tile-link"
      id={elementDomId(message.id, part.elementId)}
      aria-expanded={shown}
      onClick={() => (shown ? pane.close() : showElement(state, message, part.elementId))}
    >
      <Icon name={elementIcons[part.kind]} />
      <span class="tile-words">
        <bdi class="tile-title">{part.name}</bdi>
        <span class="tile-hint">{i18n.t(shown ? 'element.shown' : whole ? 'element.onPage' : 'element.beside')}</span>
      </span>
      <Icon name={whole ? 'expand' : 'chevron-right'} size="sm" />
    </button>
  );
}
