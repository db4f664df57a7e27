import { computed, type ReadonlySignal, signal } from '@preact/signals';
import type { FoundConversation } from '../../../src/protocol/library-shapes.ts';
import type { Page } from '../../../src/protocol/rest.ts';
import type { Conversation } from '../../../src/protocol/shapes.ts';
import type { ListPhase } from './conversation-view.ts';
import type { Clock } from './ports.ts';
import { type RequestError, toRequestError } from './request-error.ts';
import type { Rest } from './rest.ts';

/** A search over titles and messages, in the order in which the server ranks what it found. */
export interface ConversationSearch {
  /** What is asked for; empty: nothing. */
  readonly query: ReadonlySignal<string>;
  readonly items: ReadonlySignal<readonly FoundConversation[]>;
  readonly phase: ReadonlySignal<ListPhase>;
  readonly error: ReadonlySignal<RequestError | null>;
  readonly hasMore: ReadonlySignal<boolean>;
  /** Asks the server after a pause in the typing. What was found before stays until the answer is here. */
  search(query: string): void;
  retry(): void;
  loadMore(): Promise<void>;
  /** A conversation changed, or is gone. */
  update(conversation: Conversation): void;
  drop(id: string): void;
  clear(): void;
}

export interface ConversationSearchDeps {
  readonly rest: Pick<Rest, 'get'>;
  readonly clock: Clock;
  /** How long nobody types before it asks, in milliseconds. */
  readonly pauseMs: number;
  /** How many on a page. */
  readonly limit: number;
}

export function createConversationSearch({ rest, clock, pauseMs, limit }: ConversationSearchDeps): ConversationSearch {
  const query = signal('');
  const items = signal<readonly FoundConversation[]>([]);
  const phase = signal<ListPhase>('idle');
  const error = signal<RequestError | null>(null);
  const nextCursor = signal<string | null>(null);
  let turn = 0;
  let cancel = () => {};

  async function fetchPage(cursor: string | null): Promise<void> {
    const own = ++turn;
    phase.value = 'loading';
    error.value = null;
    try {
      const asked = new URLSearchParams({ limit: String(limit), q: query.peek(), ...(cursor === null ? {} : { cursor }) });
      const page = await rest.get<Page<FoundConversation>>(`/api/conversations?${asked.toString()}`);
      if (own !== turn) return;
      const before = cursor === null ? [] : items.peek();
      const known = new Set(before.map(({ id }) => id));
      items.value = [...before, ...page.items.filter(({ id }) => !known.has(id))];
      nextCursor.value = page.nextCursor;
      phase.value = 'ready';
    } catch (cause) {
      if (own !== turn) return;
      error.value = toRequestError(cause);
      phase.value = 'error';
    }
  }

  function reset(): void {
    cancel();
    turn += 1;
    items.value = [];
    nextCursor.value = null;
    error.value = null;
    phase.value = 'idle';
  }

  return {
    query,
    items,
    phase,
    error,
    hasMore: computed(() => nextCursor.value !== null),
    search(text) {
      const next = text.trim();
      if (next === query.peek()) return;
      query.value = next;
      if (next === '') return reset();
      cancel();
      turn += 1;
      phase.value = 'loading';
      cancel = clock.after(pauseMs, () => void fetchPage(null));
    },
    retry: () => void fetchPage(null),
    async loadMore() {
      if (nextCursor.peek() !== null && phase.peek() !== 'loading') await fetchPage(nextCursor.peek());
    },
    update(conversation) {
      if (!items.peek().some(({ id }) => id === conversation.id)) return;
      items.value = items.peek().map((found) => (found.id === conversation.id ? changed(found, conversation) : found));
    },
    drop(id) {
      if (items.peek().some((found) => found.id === id)) items.value = items.peek().filter((found) => found.id !== id);
    },
    clear() {
      query.value = '';
      reset();
    },
  };
}

/** Places in an old title mean nothing in a new one. */
function changed({ snippet, highlights, titleHighlights, messageId, title }: FoundConversation, now: Conversation): FoundConversation {
  return { ...now, snippet, highlights, messageId, titleHighlights: title === now.title ? titleHighlights : undefined };
}
