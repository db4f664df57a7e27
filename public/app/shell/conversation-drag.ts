/** What a dragged conversation is known by, so that nothing else is taken for one. */
const mime = 'application/x-jarvis-conversation';

export function dragConversation(event: DragEvent, conversationId: string): void {
  event.dataTransfer?.setData(mime, conversationId);
}

export const holdsConversation = (event: DragEvent): boolean => event.dataTransfer?.types.includes(mime) === true;

export const droppedConversation = (event: DragEvent): string => event.dataTransfer?.getData(mime) ?? '';
