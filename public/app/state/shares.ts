import type { Share } from '../../../src/protocol/library-shapes.ts';
import type { Page, ShareBody } from '../../../src/protocol/rest.ts';
import { createPaged, type Paged } from './paged.ts';
import { toRequestError } from './request-error.ts';
import type { Rest } from './rest.ts';

/** Shared copies of the person: all of them, or those of one conversation. */
export interface Shares {
  readonly list: Paged<Share>;
  /** @throws RequestError */
  create(conversationId: string, body: ShareBody): Promise<Share>;
  /** Takes the row away at once and brings it back when the server refuses. @throws RequestError */
  revoke(id: string): Promise<void>;
}

export function createShares({ rest, conversationId }: { rest: Rest; conversationId?: string }): Shares {
  const list = createPaged<Share>(
    (cursor) => {
      if (conversationId !== undefined) return rest.get<Page<Share>>(`/api/conversations/${conversationId}/shares`);
      return rest.get<Page<Share>>(`/api/shares${cursor === null ? '' : `?cursor=${encodeURIComponent(cursor)}`}`);
    },
    ({ id }) => id,
  );

  return {
    list,
    async create(id, body) {
      const { share } = await rest.post<{ share: Share }>(`/api/conversations/${id}/shares`, body);
      list.change((items) => [share, ...items.filter((known) => known.id !== share.id)]);
      return share;
    },
    async revoke(id) {
      const before = list.view.peek().items;
      const at = before.findIndex((share) => share.id === id);
      const share = before[at];
      list.change((items) => items.filter((known) => known.id !== id));
      try {
        await rest.remove(`/api/shares/${id}`);
      } catch (cause) {
        // Taken back in another tab: it is as gone as was wished.
        if (toRequestError(cause).code === 'NOT_FOUND') return;
        if (share !== undefined) list.change((items) => [...items.slice(0, at), share, ...items.slice(at)]);
        throw cause;
      }
    },
  };
}
