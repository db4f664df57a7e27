import type { Favourite } from '../../../src/protocol/library-shapes.ts';
import type { Page } from '../../../src/protocol/rest.ts';
import { createPaged, type Paged } from './paged.ts';
import type { Rest } from './rest.ts';

/** Messages that a person keeps at hand, newest first. */
export interface Favourites {
  readonly list: Paged<Favourite>;
  /** Gone from here at once, back when the server refuses. @throws RequestError */
  remove(favourite: Favourite): Promise<void>;
  /** Takes a removal back. @throws RequestError */
  keep(favourite: Favourite): Promise<void>;
}

export function createFavourites({ rest }: { readonly rest: Pick<Rest, 'get' | 'put' | 'remove'> }): Favourites {
  const list = createPaged<Favourite>(
    (cursor) =>
      rest.get<Page<Favourite>>(
        `/api/favourites?${new URLSearchParams({ limit: '50', ...(cursor === null ? {} : { cursor }) }).toString()}`,
      ),
    ({ messageId }) => messageId,
  );
  const address = ({ messageId }: Favourite) => `/api/messages/${messageId}/favourite`;
  const without = (gone: Favourite) => list.change((items) => items.filter(({ messageId }) => messageId !== gone.messageId));
  const withIt = (favourite: Favourite) => {
    without(favourite);
    list.change((items) => [...items, favourite].sort((one, other) => (one.createdAt < other.createdAt ? 1 : -1)));
  };
  return {
    list,
    async remove(favourite) {
      without(favourite);
      try {
        await rest.remove(address(favourite));
      } catch (cause) {
        withIt(favourite);
        throw cause;
      }
    },
    async keep(favourite) {
      withIt(favourite);
      try {
        await rest.put(address(favourite), {});
      } catch (cause) {
        without(favourite);
        throw cause;
      }
    },
  };
}
