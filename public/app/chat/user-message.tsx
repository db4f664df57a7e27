import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Message } from '../../../src/protocol/shapes.ts';
import { useApp } from '../app-context.ts';
import { returnToComposer } from '../shell/use-shortcuts.ts';
import type { Thread } from '../state/thread.ts';
import { IconButton } from '../ui/icon-button.tsx';
import { BranchSwitcher } from './branch-switcher.tsx';
import { CopyButton } from './copy-button.tsx';
import { FavouriteStar } from './favourite-star.tsx';
import { MessageEditor } from './message-editor.tsx';
import { MessageMenu } from './message-menu.tsx';
import { mediaOf, textOf } from './message-parts.ts';
import { Pictures } from './pictures.tsx';

export function UserMessage({ thread, message }: { readonly thread: Thread; readonly message: Message }) {
  const { i18n, actions } = useApp();
  const [editing, setEditing] = useState(false);
  const editButton = useRef<HTMLButtonElement>(null);
  const cancelled = useRef(false);
  useLayoutEffect(() => {
    if (!cancelled.current) return;
    cancelled.current = false;
    editButton.current?.focus();
  }, [editing]);
  const text = textOf(message.parts);
  if (editing) {
    return (
      <MessageEditor
        text={text}
        onCancel={() => {
          cancelled.current = true;
          setEditing(false);
        }}
        onSend={(next) => {
          setEditing(false);
          actions.edit(message, next);
          returnToComposer();
        }}
      />
    );
  }
  return (
    <article class="message" data-role="user" aria-label={i18n.t('message.yours')}>
      <Pictures parts={mediaOf(message.parts)} conversationId={message.conversationId} />
      {text === '' ? null : (
        <div class="bubble" dir="auto">
          {text}
        </div>
      )}
      <div class="message-actions">
        <BranchSwitcher thread={thread} id={message.id} />
        <CopyButton text={text} />
        <IconButton icon="edit" size="sm" label={i18n.t('action.edit')} buttonRef={editButton} onClick={() => setEditing(true)} />
        <FavouriteStar message={message} />
        <MessageMenu thread={thread} message={message} text={text} />
      </div>
    </article>
  );
}
