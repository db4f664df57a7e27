import type { Conversation } from '../../../src/protocol/shapes.ts';
import { useApp } from '../app-context.ts';
import { ConversationRow } from './conversation-row.tsx';

/** Rows of one section. Which is shown and which is running is decided here, so that a change of that draws two rows and not all. */
export function ConversationRows({ items }: { readonly items: readonly Conversation[] }) {
  const { state } = useApp();
  const { conversationId } = state.router.route.value;
  const running = state.generations.running.value;
  return (
    <ul class="conversation-rows">
      {items.map((conversation) => (
        <ConversationRow
          key={conversation.id}
          conversation={conversation}
          shown={conversation.id === conversationId}
          running={conversation.running === true || running.has(conversation.id)}
        />
      ))}
    </ul>
  );
}
