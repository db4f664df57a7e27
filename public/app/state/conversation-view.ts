import { computed, type ReadonlySignal, signal } from '@preact/signals';
import type { Page } from '../../../src/protocol/rest.ts';
import type { Conversation } from '../../../src/protocol/shapes.ts';
import type { KnownConversations } from './known-conversations.ts';
import { type RequestError, toRequestError } from './request-error.ts';
import type { Rest } from './rest.ts';

export type ListPhase = 'idle' | 'loading' | 'ready' | 'error';

/** One list of conversations, newest first, that comes page by page and follows what happens meanwhile. */
export interface ConversationView {
  readonly items: ReadonlySignal<readonly Conversation[]>;
  readonly phase: ReadonlySignal<ListPhase>;
  readonly error: ReadonlySignal<RequestError | null>;
  readonly hasMore: ReadonlySignal<boolean>;
  /** From the beginning; what is shown stays until the page is here. */
  load(): Promise<void>;
  loadMore(): Promise<void>;
  clear(): void;
}

export interface ConversationViewDeps {
  readonly rest: Pick<Rest, 'get'>;
  readonly known: KnownConversations;
  /** What `GET /api/conversations` is asked with. */
  readonly query: Readonly<Record<string, string>>;
  /** Which of the known ones belong to it. */
  readonly fits: (conversation: Conversation) => boolean;
}

export const newestFirst = (one: Conversation, other: Conversation): number =>
  one.updatedAt < other.updatedAt ? 1 : one.updatedAt > other.updatedAt ? -1 : 0;

export function createConversationView({ rest, known, query, fits }: ConversationViewDeps): ConversationView {
  const phase = signal<ListPhase>('idle');
  const error = signal<RequestError | null>(null);
  const nextCursor = signal<string | null>(null);
  /** The time of the last one on the page before: what is asked for next begins there. */
  let reached: string | null = null;
  let turn = 0;
  const items = computed(() => [...known.all.value.values()].filter(fits).sort(newestFirst));

  /** Takes in a page. What fits and lies in its stretch of time, but is not on it, is gone. */
  function take(page: Page<Conversation>, from: string | null, asked: number): void {
    const told = new Set(page.items.map(({ id }) => id));
    const last = page.nextCursor === null ? null : (page.items.at(-1)?.updatedAt ?? null);
    const gone = items.peek().filter(({ id, updatedAt }) => {
      const within = (from === null || updatedAt < from) && (last === null || updatedAt > last);
      return within && !told.has(id) && !known.changedSince(id, asked);
    });
    known.drop(gone.map(({ id }) => id));
    // What changed while the page was on its way is newer than the page.
    known.put(page.items.filter(({ id }) => !known.changedSince(id, asked)));
    reached = last;
    nextCursor.value = page.nextCursor;
  }

  async function fetchPage(cursor: string | null): Promise<void> {
    const own = ++turn;
    const asked = known.moment();
    phase.value = 'loading';
    error.value = null;
    try {
      const search = new URLSearchParams({ limit: '50', ...query, ...(cursor === null ? {} : { cursor }) });
      const page = await rest.get<Page<Conversation>>(`/api/conversations?${search.toString()}`);
      if (own !== turn) return;
      take(page, cursor === null ? null : reached, asked);
      phase.value = 'ready';
    } catch (cause) {
      if (own !== turn) return;
      error.value = toRequestError(cause);
      phase.value = 'error';
    }
  }

  return {
    items,
    phase,
    error,
    hasMore: computed(() => nextCursor.value !== null),
    load: () => fetchPage(null),
    async loadMore() {
      if (nextCursor.peek() !== null && phase.peek() !== 'loading') await fetchPage(nextCursor.peek());
    },
    clear() {
      turn += 1;
      reached = null;
      nextCursor.value = null;
      phase.value = 'idle';
      error.value = null;
    },
  };
}
