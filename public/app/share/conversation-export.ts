import type { Dialogs } from '../state/dialogs.ts';

/** What a conversation can be saved as. */
export const exportFormats = ['md', 'json', 'html'] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** For a link with `download`: the answer carries its own file name. */
export function exportUrl(conversationId: string, format: ExportFormat): string {
  return `/api/conversations/${encodeURIComponent(conversationId)}/export?format=${format}`;
}

/** Prints the branch that is shown, all of it, also what the page has not loaded yet. */
export function printConversation(dialogs: Pick<Dialogs, 'open'>, conversationId: string): void {
  dialogs.open({ name: 'print', conversationId });
}
