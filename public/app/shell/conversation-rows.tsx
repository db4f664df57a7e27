import { Component } from 'preact';
import type { Conversation } from '../../../src/protocol/shapes.ts';
import { useApp } from '../app-context.ts';
import { ConversationRow } from './conversation-row.tsx';

/** Rows that are drawn, and left alone, together. */
const chunkSize = 50;

/**
 * Rows of one section, in lists of fifty. A list may hold thousands: a change draws the fifty that it is among, and of those out
 * of sight the browser lays out none (shell.css).
 */
export function ConversationRows({ items }: { readonly items: readonly Conversation[] }) {
  const { state } = useApp();
  const { conversationId } = state.router.route.value;
  const running = state.generations.running.value;
  const chunks = Array.from({ length: Math.ceil(items.length / chunkSize) }, (_, index) =>
    items.slice(index * chunkSize, (index + 1) * chunkSize),
  );
  return (
    <>
      {chunks.map((rows, index) => (
        <Chunk
          key={index}
          items={rows}
          shown={rows.some(({ id }) => id === conversationId) ? conversationId : null}
          running={running.size === 0 ? '' : rows.flatMap(({ id }) => (running.has(id) ? [id] : [])).join(' ')}
        />
      ))}
    </>
  );
}

interface ChunkProps {
  readonly items: readonly Conversation[];
  /** The one on the page, when it is among them. */
  readonly shown: string | null;
  /** Ids of those whose answer is being written. */
  readonly running: string;
}

/** Reads no signal: what would draw it anew is in its properties. */
class Chunk extends Component<ChunkProps> {
  override shouldComponentUpdate(next: ChunkProps): boolean {
    const { items, shown, running } = this.props;
    if (next.shown !== shown || next.running !== running || next.items.length !== items.length) return true;
    return next.items.some((one, index) => one !== items[index]);
  }

  override render({ items, shown, running }: ChunkProps) {
    const busy = running.split(' ');
    return (
      <ul class="conversation-rows" data-full={items.length === chunkSize ? '' : undefined}>
        {items.map((conversation) => (
          <ConversationRow
            key={conversation.id}
            conversation={conversation}
            shown={conversation.id === shown}
            // Not what the list says of it: that was true when it was read, and nobody takes it back.
            running={busy.includes(conversation.id)}
          />
        ))}
      </ul>
    );
  }
}
