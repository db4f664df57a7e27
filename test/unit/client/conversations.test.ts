import { describe, expect, it } from 'vitest';
import { createConversations } from '../../../public/app/state/conversations.ts';
import { RequestError } from '../../../public/app/state/request-error.ts';
import type { Rest } from '../../../public/app/state/rest.ts';
import type { Conversation } from '../../../src/protocol/shapes.ts';
import { createFakeClock } from '../../support/client/fake-clock.ts';
import { createMemoryStore } from '../../support/client/memory-store.ts';

const hour = (value: number) => `2026-01-01T${String(value).padStart(2, '0')}:00:00.000Z`;
const chat = (id: string, at: number, more: Partial<Conversation> = {}): Conversation => ({
  ...{ id, title: id, headId: null, createdAt: hour(0), updatedAt: hour(at) },
  ...more,
});
const titles = (list: readonly Conversation[]) => list.map(({ id }) => id);

/** The state over a scripted server: each request waits until it is answered by hand. */
function setup() {
  const asked: { method: string; path: string; body?: unknown; answer(value: unknown): Promise<void>; refuse(): Promise<void> }[] = [];
  const settle = async () => {
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  };
  function ask<T>(method: string, path: string, body?: unknown): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      asked.push({
        ...{ method, path, body },
        answer: (value) => {
          resolve(value as T);
          return settle();
        },
        refuse: () => {
          reject(new RequestError('STORE_UNAVAILABLE'));
          return settle();
        },
      });
    });
  }
  const rest: Rest = {
    get: (path) => ask('GET', path),
    post: (path, body) => ask('POST', path, body),
    patch: (path, body) => ask('PATCH', path, body),
    put: (path, body) => ask('PUT', path, body),
    remove: (path) => ask('DELETE', path),
  };
  const clock = createFakeClock();
  const store = createMemoryStore();
  const conversations = createConversations({ rest, clock, store });
  const take = (part: string) => {
    const index = asked.findIndex(({ path, method }) => `${method} ${path}`.includes(part));
    const [found] = index < 0 ? [] : asked.splice(index, 1);
    if (found === undefined) throw new Error(`nobody asked for ${part}; asked: ${asked.map(({ path }) => path).join(', ')}`);
    return found;
  };
  return { conversations, asked, take, clock, store, rest, settle };
}

const page = (items: readonly unknown[], nextCursor: string | null = null) => ({ items, nextCursor });

async function loaded(items: readonly Conversation[], folders: readonly string[] = []) {
  const world = setup();
  const done = world.conversations.load();
  const list = folders.map((id, position) => ({ id, name: id, position, createdAt: hour(0) }));
  await world.take('/api/folders').answer(page(list));
  await world.take('view=pinned').answer(page(items.filter((one) => one.pinned)));
  await world.take('/api/conversations?limit=50').answer(page(items));
  await done;
  return world;
}

describe('the lists of conversations', () => {
  it('puts each one into its section: pinned, folders, days', async () => {
    const { conversations } = await loaded([chat('a', 5), chat('b', 4, { pinned: true }), chat('c', 3, { folderId: 'F' })], ['F']);
    expect(titles(conversations.unfiled.value)).toEqual(['a']);
    expect(titles(conversations.pinned.items.value)).toEqual(['b']);
    expect(titles(conversations.folder('F').items.value)).toEqual(['c']);
  });

  it('lists by day again what stands in a folder that is gone', async () => {
    const { conversations, take, settle } = await loaded([chat('a', 5), chat('c', 3, { folderId: 'F' })], ['F']);
    void conversations.folders.remove('F').catch(() => {});
    await settle();
    expect(titles(conversations.unfiled.value)).toEqual(['a', 'c']);
    await take('DELETE /api/folders/F').refuse();
    expect(titles(conversations.unfiled.value)).toEqual(['a']);
  });

  it('shows no archived and no temporary one, but knows them by their id', async () => {
    const { conversations } = await loaded([chat('a', 5)]);
    conversations.upsert(chat('t', 6, { temporary: true }));
    conversations.upsert(chat('z', 7, { archived: true }));
    expect(titles(conversations.unfiled.value)).toEqual(['a']);
    expect(titles(conversations.archived.items.value)).toEqual(['z']);
    expect(conversations.get('t')?.id).toBe('t');
  });

  it('forgets what the server no longer lists, and nothing that it has not come to', async () => {
    const { conversations, take } = await loaded([chat('a', 9), chat('gone', 8), chat('c', 7), chat('old', 1)]);
    const again = conversations.main.load();
    await take('/api/conversations?limit=50').answer(page([chat('a', 9), chat('c', 7)], 'next'));
    await again;
    expect(titles(conversations.unfiled.value)).toEqual(['a', 'c', 'old']);
    const more = conversations.main.loadMore();
    await take('cursor=next').answer(page([chat('d', 3)]));
    await more;
    expect(titles(conversations.unfiled.value)).toEqual(['a', 'c', 'd']);
  });

  it('keeps what changed while a page was on its way', async () => {
    const { conversations, take } = await loaded([chat('a', 5)]);
    const again = conversations.main.load();
    conversations.receive({ type: 'conversation.created', conversation: chat('new', 9) });
    conversations.receive({ type: 'conversation.updated', conversation: chat('a', 5, { title: 'newer' }) });
    await take('/api/conversations?limit=50').answer(page([chat('a', 5)]));
    await again;
    expect(conversations.unfiled.value.map(({ title }) => title)).toEqual(['new', 'newer']);
  });

  it('pins at once and takes only the pin back when the server refuses', async () => {
    const { conversations, take, settle } = await loaded([chat('a', 5)]);
    const pinned = conversations.change('a', { pinned: true });
    expect(titles(conversations.pinned.items.value)).toEqual(['a']);
    conversations.receive({ type: 'conversation.updated', conversation: chat('a', 6, { title: 'renamed elsewhere', pinned: true }) });
    const refused = expect(pinned).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await take('PATCH /api/conversations/a').refuse();
    await refused;
    await settle();
    expect(titles(conversations.pinned.items.value)).toEqual([]);
    expect(conversations.get('a')?.title).toBe('renamed elsewhere');
  });

  it('takes one out of its folder with null, and puts it back when refused', async () => {
    const { conversations, take } = await loaded([chat('a', 5, { folderId: 'F' })], ['F']);
    const moved = conversations.change('a', { folderId: null });
    expect(titles(conversations.unfiled.value)).toEqual(['a']);
    const request = take('PATCH');
    expect(request.body).toEqual({ folderId: null });
    const refused = expect(moved).rejects.toThrow();
    await request.refuse();
    await refused;
    expect(titles(conversations.folder('F').items.value)).toEqual(['a']);
  });
});

describe('the search', () => {
  it('asks after a pause, keeps what it found until the next answer is here, and goes by the last query', async () => {
    const { conversations, asked, take, clock } = await loaded([]);
    const { found } = conversations;
    found.search('sk');
    found.search('sky');
    clock.advance(249);
    expect(asked).toEqual([]);
    clock.advance(1);
    await take('q=sky').answer(page([{ ...chat('a', 1), snippet: 'the sky', highlights: [[4, 7]], messageId: 'm1' }]));
    expect(found.items.value).toMatchObject([{ id: 'a', messageId: 'm1' }]);
    found.search('sky blue');
    expect(titles(found.items.value)).toEqual(['a']);
    clock.advance(250);
    const late = take('q=sky+blue');
    found.search('');
    await late.answer(page([chat('b', 1)]));
    expect(found.items.value).toEqual([]);
  });

  it('follows a new title and lets its old places go, and drops what is deleted', async () => {
    const { conversations, take, clock } = await loaded([]);
    const { found } = conversations;
    found.search('sky');
    clock.advance(250);
    await take('q=sky').answer(page([{ ...chat('a', 1), title: 'sky', titleHighlights: [[0, 3]], snippet: 's' }, chat('b', 1)]));
    conversations.receive({ type: 'conversation.updated', conversation: chat('a', 2, { title: 'blue' }) });
    expect(found.items.value[0]).toMatchObject({ title: 'blue', titleHighlights: undefined, snippet: 's' });
    conversations.receive({ type: 'conversation.deleted', conversationId: 'a' });
    expect(titles(found.items.value)).toEqual(['b']);
  });
});

describe('folders', () => {
  it('move and are renamed at once, are taken back when refused, and remember which are open', async () => {
    const { conversations, take, store, rest } = await loaded([], ['A', 'B', 'C']);
    const { folders } = conversations;
    const names = () => folders.items.value.map(({ name }) => name);
    const moved = folders.move('C', 0);
    expect(names()).toEqual(['C', 'A', 'B']);
    const request = take('PATCH /api/folders/C');
    expect(request.body).toEqual({ position: 0 });
    const refused = expect(moved).rejects.toThrow();
    await request.refuse();
    await refused;
    expect(names()).toEqual(['A', 'B', 'C']);
    folders.toggle('B', true);
    const next = createConversations({ rest, clock: createFakeClock(), store });
    expect([...next.folders.open.value]).toEqual(['B']);
  });
});
