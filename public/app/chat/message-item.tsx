import { useErrorBoundary } from 'preact/hooks';
import type { Message } from '../../../src/protocol/shapes.ts';
import type { Thread } from '../state/thread.ts';
import { AssistantMessage } from './assistant-message.tsx';
import { textOf } from './message-parts.ts';
import { UserMessage } from './user-message.tsx';

export interface MessageItemProps {
  readonly thread: Thread;
  readonly id: string;
  readonly last: boolean;
}

/** Reads one message's signal: a token paints this message and nothing else. A message that cannot be painted is shown as it was written. */
export function MessageItem({ thread, id, last }: MessageItemProps) {
  const [broken] = useErrorBoundary();
  const message = thread.message(id)?.value;
  if (message === undefined) return null;
  if (broken !== undefined) return <PlainMessage message={message} />;
  if (message.role === 'user') return <UserMessage thread={thread} message={message} />;
  return <AssistantMessage thread={thread} message={message} last={last} />;
}

function PlainMessage({ message }: { readonly message: Message }) {
  return (
    <article class="message" data-role={message.role} aria-busy={message.status === 'streaming'}>
      <p class="md-plain" dir="auto">
        {textOf(message.parts)}
      </p>
    </article>
  );
}
