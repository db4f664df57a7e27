import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { Page } from '../../../src/protocol/rest.ts';
import type { ServerFrame } from '../../../src/protocol/server-frames.ts';
import type { Conversation } from '../../../src/protocol/shapes.ts';
import type { Clock } from './ports.ts';
import { type RequestError, toRequestError } from './request-error.ts';
import type { Rest } from './rest.ts';

export type ListPhase = 'idle' | 'loading' | 'ready' | 'error';

export interface Conversations {
  /** What the side bar shows: all, newest first, or what the search found. */
  readonly shown: ReadonlySignal<readonly Conversation[]>;
  readonly phase: ReadonlySignal<ListPhase>;
  readonly error: ReadonlySignal<RequestError | null>;
  readonly query: Signal<string>;
  readonly hasMore: ReadonlySignal<boolean>;
  get(id: string): Conversation | undefined;
  load(): Promise<void>;
  loadMore(): Promise<void>;
  /** Asks the server 250 ms after the last key. */
  search(query: string): void;
  upsert(conversation: Conversation): void;
  receive(frame: ServerFrame): void;
  /** Shown at once, taken back when the server refuses. @throws RequestError */
  rename(id: string, title: string): Promise<void>;
  /** @throws RequestError */
  remove(id: string): Promise<void>;
  /** @throws RequestError */
  restore(conversation: Conversation): Promise<void>;
  clear(): void;
}

interface Pages {
  readonly items: ReadonlyMap<string, Conversation>;
  readonly nextCursor: string | null;
}

const empty: Pages = { items: new Map(), nextCursor: null };
const searchPauseMs = 250;

export function createConversations(deps: { rest: Rest; clock: Clock }): Conversations {
  const all = signal<Pages>(empty);
  const found = signal<Pages>(empty);
  const query = signal('');
  const phase = signal<ListPhase>('idle');
  const error = signal<RequestError | null>(null);
  let turn = 0;
  let cancelSearch = () => {};

  const pages = () => (query.peek() === '' ? all : found);

  async function fetchPage(cursor: string | null): Promise<void> {
    const mine = ++turn;
    const q = query.peek();
    const target = pages();
    phase.value = 'loading';
    error.value = null;
    try {
      const search = new URLSearchParams({ limit: '50', ...(q === '' ? {} : { q }), ...(cursor === null ? {} : { cursor }) });
      const page = await deps.rest.get<Page<Conversation>>(`/api/conversations?${search.toString()}`);
      if (mine !== turn) return;
      const before = cursor === null ? [] : [...target.peek().items];
      target.value = { items: new Map([...before, ...page.items.map((one) => [one.id, one] as const)]), nextCursor: page.nextCursor };
      phase.value = 'ready';
    } catch (cause) {
      if (mine !== turn) return;
      error.value = toRequestError(cause);
      phase.value = 'error';
    }
  }

  function change(target: Signal<Pages>, edit: (items: Map<string, Conversation>) => void): void {
    const items = new Map(target.peek().items);
    edit(items);
    target.value = { ...target.peek(), items };
  }

  function upsert(conversation: Conversation): void {
    change(all, (items) => items.set(conversation.id, conversation));
    if (found.peek().items.has(conversation.id)) change(found, (items) => items.set(conversation.id, conversation));
  }

  function drop(id: string): void {
    change(all, (items) => items.delete(id));
    change(found, (items) => items.delete(id));
  }

  const shown = computed(() => {
    const { items } = query.value === '' ? all.value : found.value;
    const list = [...items.values()];
    // The server ranks what it found; the whole list is kept by time, because it changes while it is shown.
    return query.value === '' ? list.sort((a, b) => (a.updatedAt < b.updatedAt ? 1 : a.updatedAt > b.updatedAt ? -1 : 0)) : list;
  });

  return {
    shown,
    phase,
    error,
    query,
    hasMore: computed(() => (query.value === '' ? all.value : found.value).nextCursor !== null),
    get: (id) => all.value.items.get(id) ?? found.value.items.get(id),
    load: () => fetchPage(null),
    async loadMore() {
      const cursor = pages().peek().nextCursor;
      if (cursor !== null && phase.peek() !== 'loading') await fetchPage(cursor);
    },
    search(text) {
      query.value = text.trim();
      found.value = empty;
      cancelSearch();
      turn += 1;
      phase.value = query.value === '' ? 'ready' : 'loading';
      if (query.value !== '') cancelSearch = deps.clock.after(searchPauseMs, () => void fetchPage(null));
    },
    upsert,
    receive(frame) {
      if (frame.type === 'conversation.created' || frame.type === 'conversation.updated') upsert(frame.conversation);
      else if (frame.type === 'conversation.deleted') drop(frame.conversationId);
      else if (frame.type === 'message.accepted' || frame.type === 'conversation.opened') upsert(frame.conversation);
    },
    async rename(id, title) {
      const before = all.peek().items.get(id);
      if (before !== undefined) upsert({ ...before, title });
      try {
        await deps.rest.patch(`/api/conversations/${id}`, { title });
      } catch (cause) {
        if (before !== undefined) upsert(before);
        throw cause;
      }
    },
    async remove(id) {
      const before = all.peek().items.get(id) ?? found.peek().items.get(id);
      drop(id);
      try {
        await deps.rest.remove(`/api/conversations/${id}`);
      } catch (cause) {
        if (before !== undefined) upsert(before);
        throw cause;
      }
    },
    async restore(conversation) {
      await deps.rest.post(`/api/conversations/${conversation.id}/restore`);
      upsert(conversation);
    },
    clear() {
      turn += 1;
      cancelSearch();
      query.value = '';
      phase.value = 'idle';
      all.value = empty;
      found.value = empty;
    },
  };
}
