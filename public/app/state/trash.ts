import type { Trashed } from '../../../src/protocol/library-shapes.ts';
import type { Page } from '../../../src/protocol/rest.ts';
import type { Conversations } from './conversations.ts';
import { createPaged, type Paged } from './paged.ts';
import type { Rest } from './rest.ts';

/** What was deleted and can still be taken back. */
export interface Trash {
  readonly list: Paged<Trashed>;
  /** Gone from here at once, back when the server refuses. @throws RequestError */
  restore(trashed: Trashed): Promise<void>;
  /** For good. @throws RequestError */
  erase(trashed: Trashed): Promise<void>;
  /** All of it, for good. @throws RequestError */
  empty(): Promise<void>;
}

export interface TrashDeps {
  readonly rest: Pick<Rest, 'get' | 'remove'>;
  readonly conversations: Pick<Conversations, 'restore'>;
}

export function createTrash({ rest, conversations }: TrashDeps): Trash {
  const list = createPaged<Trashed>(
    (cursor) =>
      rest.get<Page<Trashed>>(`/api/trash?${new URLSearchParams({ limit: '50', ...(cursor === null ? {} : { cursor }) }).toString()}`),
    ({ id }) => id,
  );

  async function without(gone: readonly Trashed[], ask: () => Promise<unknown>): Promise<void> {
    const before = list.view.peek().items;
    const ids = new Set(gone.map(({ id }) => id));
    list.change((items) => items.filter(({ id }) => !ids.has(id)));
    try {
      await ask();
    } catch (cause) {
      // In the order of before, with what came meanwhile.
      list.change((items) => {
        const here = new Set(items.map(({ id }) => id));
        const known = new Set(before.map(({ id }) => id));
        return [...before.filter(({ id }) => here.has(id) || ids.has(id)), ...items.filter(({ id }) => !known.has(id))];
      });
      throw cause;
    }
  }

  return {
    list,
    restore: (trashed) => without([trashed], () => conversations.restore(trashed)),
    erase: (trashed) => without([trashed], () => rest.remove(`/api/trash/${trashed.id}`)),
    async empty() {
      await without(list.view.peek().items, () => rest.remove('/api/trash'));
      await list.load();
    },
  };
}
