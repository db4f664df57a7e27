import { type ReadonlySignal, signal } from '@preact/signals';
import type { SharedView } from '../../../src/protocol/library-shapes.ts';
import type { Message } from '../../../src/protocol/shapes.ts';
import { createPaged, type Paged } from '../state/paged.ts';
import { RequestError } from '../state/request-error.ts';
import { readError } from '../state/rest.ts';

export interface SharedCopy {
  /** Null until the first page is here. */
  readonly about: ReadonlySignal<Pick<SharedView, 'title' | 'by' | 'createdAt'> | null>;
  readonly messages: Paged<Message>;
}

/** No cookie goes along, and nothing of it is kept. */
export interface SharedRequest {
  readonly credentials: 'omit';
  readonly cache: 'no-store';
  readonly headers: Readonly<Record<string, string>>;
}

export interface SharedCopyDeps {
  readonly fetch: (path: string, init: SharedRequest) => Promise<Response>;
  readonly id: string;
}

/** What a link shows. Asked for without cookies: who reads is nobody's business. */
export function createSharedCopy({ fetch, id }: SharedCopyDeps): SharedCopy {
  const about = signal<Pick<SharedView, 'title' | 'by' | 'createdAt'> | null>(null);

  async function read(cursor: string | null): Promise<SharedView> {
    const path = `/api/shared/${id}${cursor === null ? '' : `?cursor=${cursor}`}`;
    const response = await fetch(path, { credentials: 'omit', cache: 'no-store', headers: { accept: 'application/json' } }).catch(
      (cause: unknown) => {
        throw new RequestError('NETWORK', String(cause));
      },
    );
    const text = await response.text();
    if (!response.ok) throw readError(text, response.status);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the contract's shape
    return JSON.parse(text) as SharedView;
  }

  const messages = createPaged<Message>(
    async (cursor) => {
      const { title, by, createdAt, messages: items, nextCursor } = await read(cursor);
      about.value = { title, by, createdAt };
      return { items, nextCursor };
    },
    (message) => message.id,
  );
  return { about, messages };
}
