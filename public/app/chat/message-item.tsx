import type { Thread } from '../state/thread.ts';
import { AssistantMessage } from './assistant-message.tsx';
import { UserMessage } from './user-message.tsx';

export interface MessageItemProps {
  readonly thread: Thread;
  readonly id: string;
  readonly last: boolean;
}

/** Reads one message's signal: a token paints this message and nothing else. */
export function MessageItem({ thread, id, last }: MessageItemProps) {
  const message = thread.message(id)?.value;
  if (message === undefined) return null;
  if (message.role === 'user') return <UserMessage thread={thread} message={message} />;
  return <AssistantMessage thread={thread} message={message} last={last} />;
}
