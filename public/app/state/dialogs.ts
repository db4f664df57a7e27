import { type ReadonlySignal, signal } from '@preact/signals';
import type { Prompt } from '../../../src/protocol/library-shapes.ts';

/** Dialogs that are opened from several places, and what each has to know. Their parts are fetched when they are first opened. */
export type DialogRequest =
  | { readonly name: 'share'; readonly conversationId: string; readonly messageId?: string }
  | { readonly name: 'print'; readonly conversationId: string }
  | { readonly name: 'palette' }
  | { readonly name: 'shortcuts' }
  /** The library of prompts; `use`: the one whose variables are asked for, `text`: words that become a new one. */
  | { readonly name: 'prompts'; readonly use?: Prompt; readonly text?: string }
  | { readonly name: 'settings' }
  | { readonly name: 'password' }
  /** A new folder, and the conversation that moves into it. */
  | { readonly name: 'folder'; readonly conversationId?: string }
  | { readonly name: 'delete-folder'; readonly folderId: string }
  | { readonly name: 'delete-temporary'; readonly conversationId: string }
  /** An answer beside another version of it, or one of another model. */
  | { readonly name: 'compare'; readonly conversationId: string; readonly messageId: string }
  | { readonly name: 'chat-settings'; readonly conversationId: string }
  | { readonly name: 'readme' };

export type DialogName = DialogRequest['name'];
export type DialogOf<Name extends DialogName> = Extract<DialogRequest, { name: Name }>;

/** One dialog at a time: another takes the place of the one that is open. */
export interface Dialogs {
  readonly current: ReadonlySignal<DialogRequest | null>;
  open(request: DialogRequest): void;
  close(): void;
}

export function createDialogs(): Dialogs {
  const current = signal<DialogRequest | null>(null);
  return {
    current,
    open: (request) => {
      current.value = request;
    },
    close: () => {
      current.value = null;
    },
  };
}
