import { type ReadonlySignal, signal } from '@preact/signals';
import type { Page } from '../../../src/protocol/rest.ts';
import { type RequestError, toRequestError } from './request-error.ts';

export interface PagedView<T> {
  readonly items: readonly T[];
  readonly phase: 'loading' | 'ready' | 'more' | 'error';
  readonly error: RequestError | null;
  readonly nextCursor: string | null;
}

export interface Paged<T> {
  readonly view: ReadonlySignal<PagedView<T>>;
  /** From the beginning; what is shown stays until the new page is here. */
  load(): Promise<void>;
  loadMore(): Promise<void>;
  /** Changes what is shown, for example when a thing is removed. */
  change(by: (items: readonly T[]) => readonly T[]): void;
  stop(): void;
}

/** A list that comes in pages. @param keyOf what is the same thing on two pages */
export function createPaged<T>(read: (cursor: string | null) => Promise<Page<T>>, keyOf: (item: T) => string): Paged<T> {
  const view = signal<PagedView<T>>({ items: [], phase: 'loading', error: null, nextCursor: null });
  let turn = 0;

  async function fetchPage(cursor: string | null): Promise<void> {
    const own = ++turn;
    view.value = { ...view.peek(), phase: cursor === null ? 'loading' : 'more', error: null };
    try {
      const { items, nextCursor } = await read(cursor);
      if (own !== turn) return;
      const before = cursor === null ? [] : view.peek().items;
      const known = new Set(before.map(keyOf));
      view.value = { items: [...before, ...items.filter((item) => !known.has(keyOf(item)))], phase: 'ready', error: null, nextCursor };
    } catch (cause) {
      if (own === turn) view.value = { ...view.peek(), phase: 'error', error: toRequestError(cause) };
    }
  }

  return {
    view,
    load: () => fetchPage(null),
    async loadMore() {
      const { nextCursor, phase } = view.peek();
      if (nextCursor !== null && phase !== 'more' && phase !== 'loading') await fetchPage(nextCursor);
    },
    change(by) {
      view.value = { ...view.peek(), items: by(view.peek().items) };
    },
    stop() {
      turn += 1;
    },
  };
}
