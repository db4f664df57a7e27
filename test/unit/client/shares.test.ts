import { expect, it } from 'vitest';
import { createLocalStore } from '../../../public/app/browser/local-store.ts';
import { branchOf } from '../../../public/app/share/branch-of.ts';
import { keepWish, takeWish } from '../../../public/app/share/continue-wish.ts';
import { sharedIdOf } from '../../../public/app/share/shared-address.ts';
import { createSharedCopy, type SharedRequest } from '../../../public/app/share/shared-copy.ts';
import { RequestError } from '../../../public/app/state/request-error.ts';
import type { Rest } from '../../../public/app/state/rest.ts';
import { createShares } from '../../../public/app/state/shares.ts';
import type { Share } from '../../../src/protocol/library-shapes.ts';
import type { Message } from '../../../src/protocol/shapes.ts';

const share = (id: string): Share => ({
  id,
  title: id,
  conversationId: 'c',
  path: `/s/${id}`,
  messages: 2,
  createdAt: '2026-01-01T00:00:00.000Z',
});

function setup(refuse?: RequestError) {
  const asked: string[] = [];
  const answer = async (path: string): Promise<never> => {
    asked.push(path);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a fake answers with what the test names
    return { items: [share('a'), share('b'), share('c')], nextCursor: null, share: share('new') } as never;
  };
  const rest: Rest = {
    ...{ get: answer, post: answer, patch: answer, put: answer },
    remove: async (path) => {
      asked.push(path);
      if (refuse !== undefined) throw refuse;
      return answer(path);
    },
  };
  const shares = createShares({ rest });
  return { asked, shares, ids: () => shares.list.view.value.items.map(({ id }) => id) };
}

it('takes a link back at once, and shows it again in its place when the server refuses', async () => {
  const { shares, ids } = setup(new RequestError('OVERLOADED'));
  await shares.list.load();
  const revoking = shares.revoke('b');
  expect(ids()).toEqual(['a', 'c']);
  await expect(revoking).rejects.toThrow('OVERLOADED');
  expect(ids()).toEqual(['a', 'b', 'c']);
});

it('takes a link that is gone already for taken back, and puts a new one first', async () => {
  const { shares, ids } = setup(new RequestError('NOT_FOUND'));
  await shares.list.load();
  await shares.revoke('b');
  await shares.create('c', {});
  expect(ids()).toEqual(['new', 'a', 'c']);
});

it('reads a shared copy page by page and sends no cookie along', async () => {
  const inits: SharedRequest[] = [];
  const page = (cursor: string | null) => ({
    ...{ id: 'x', title: 'T', by: 'Ada', createdAt: '2026-01-01T00:00:00.000Z' },
    messages: [{ id: cursor ?? 'm1' }],
    nextCursor: cursor === null ? '1' : null,
  });
  const fetch = async (path: string, init: SharedRequest) => {
    inits.push(init);
    return new Response(JSON.stringify(page(new URL(path, 'http://x').searchParams.get('cursor'))));
  };
  const copy = createSharedCopy({ fetch, id: 'x' });
  await copy.messages.load();
  await copy.messages.loadMore();
  expect(copy.messages.view.value.items.map(({ id }) => id)).toEqual(['m1', '1']);
  expect(copy.about.value).toMatchObject({ title: 'T', by: 'Ada' });
  expect(inits.map(({ credentials, cache }) => [credentials, cache])).toEqual([
    ['omit', 'no-store'],
    ['omit', 'no-store'],
  ]);
});

it('knows the address of a shared copy, and what was wished before the sign-in only once', () => {
  expect(['/s/abc_-9', '/s/abc/', '/s/', '/s/a/b', '/c/abc', '/s/a%2Fb'].map(sharedIdOf)).toEqual([
    'abc_-9',
    'abc',
    null,
    null,
    null,
    null,
  ]);
  const store = createLocalStore(() => {
    throw new Error('refused');
  });
  keepWish(store, 'abc');
  expect([takeWish(store), takeWish(store)]).toEqual(['abc', null]);
  keepWish(store, '../evil');
  expect(takeWish(store)).toBeNull();
});

it('prints the branch that is shown, and ends where a message is missing or names itself', () => {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- nothing else of a message is looked at
  const message = (id: string, parentId: string | null) => ({ id, parentId }) as Message;
  const all = [message('d', 'c'), message('c', 'a'), message('b', 'a'), message('a', null)];
  expect(branchOf(all, 'd').map(({ id }) => id)).toEqual(['a', 'c', 'd']);
  expect(branchOf(all.slice(0, 1), 'd').map(({ id }) => id)).toEqual(['d']);
  expect(branchOf([message('x', 'x')], 'x').map(({ id }) => id)).toEqual(['x']);
});
