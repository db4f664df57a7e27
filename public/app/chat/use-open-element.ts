import { useCallback } from 'preact/hooks';
import type { Message } from '../../../src/protocol/shapes.ts';
import { useApp } from '../app-context.ts';
import type { AppState } from '../state/app-state.ts';

/** Where an element stands in the page. */
export const elementDomId = (messageId: string, elementId: string): string => `element-${messageId}-${elementId}`;

type Place = Pick<Message, 'id' | 'conversationId'>;

/** Brings an element into view where it stands in the message, or opens the pane that shows it. */
export function showElement({ surface, messages }: Pick<AppState, 'surface' | 'messages'>, place: Place, elementId: string): void {
  const message = messages.thread(place.conversationId)?.message(place.id)?.peek();
  const part = message?.parts.find((one) => one.type === 'element' && one.elementId === elementId);
  if (part?.type !== 'element') return;
  if (part.display !== 'inline') {
    surface.pane.open({ conversationId: place.conversationId, messageId: place.id, elementId, whole: part.display === 'page' });
    return;
  }
  const element = document.getElementById(elementDomId(place.id, elementId));
  element?.scrollIntoView({ block: 'center' });
  element?.focus({ preventScroll: true });
}

/** For one message: shows one of its elements. */
export function useOpenElement({ id, conversationId }: Place): (elementId: string) => void {
  const { state } = useApp();
  return useCallback((elementId) => showElement(state, { id, conversationId }, elementId), [id, conversationId]);
}
