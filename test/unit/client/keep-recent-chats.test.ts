import { signal } from '@preact/signals';
import { describe, expect, it } from 'vitest';
import type { ChatShelf } from '../../../public/app/offline/chat-shelf.ts';
import { keepRecentChats } from '../../../public/app/offline/keep-recent-chats.ts';
import { type KeptChat, keptChatFrom } from '../../../public/app/offline/kept-chat.ts';
import type { Rest } from '../../../public/app/state/rest.ts';
import type { SessionState } from '../../../public/app/state/session.ts';
import type { Conversation, Message } from '../../../src/protocol/shapes.ts';
import { createFakeClock } from '../../support/client/fake-clock.ts';

const conversation = (id: string, more: Partial<Conversation> = {}): Conversation => ({
  ...{ id, title: `Title ${id}`, headId: `${id}-2`, createdAt: '', updatedAt: '2026-01-01', ...more },
});
const message = (id: string, parentId: string | null, text: string, role: Message['role'] = 'user'): Message => ({
  ...{ id, conversationId: 'c', parentId, role, status: 'complete', createdAt: `2026-01-0${id.at(-1) ?? 1}` },
  parts: [
    { type: 'thought', text: 'a thought' },
    { type: 'text', text },
  ],
});
const ada: SessionState = { state: 'signed-in', user: { id: 'ada', name: 'Ada', email: 'a@x', role: 'user' } };
const bob: SessionState = { state: 'signed-in', user: { id: 'bob', name: 'Bob', email: 'b@x', role: 'user' } };

/** Everything that waits for a promise only. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

function setup() {
  const clock = createFakeClock();
  const held = { owner: null as string | null, chats: [] as readonly KeptChat[], cleared: 0 };
  const shelf: ChatShelf = {
    owner: () => Promise.resolve(held.owner),
    all: () => Promise.resolve(held.chats),
    async replace(owner, chats) {
      await Promise.resolve();
      Object.assign(held, { owner, chats });
    },
    async clear() {
      await Promise.resolve();
      Object.assign(held, { owner: null, chats: [], cleared: held.cleared + 1 });
    },
  };
  const world = { list: [conversation('a'), conversation('t', { temporary: true })], asked: [] as string[], gate: Promise.resolve() };
  const answer = async (path: string): Promise<unknown> => {
    world.asked.push(path);
    if (path.startsWith('/api/conversations?')) return { items: world.list, nextCursor: null };
    await world.gate;
    const id = path.split('/')[3] ?? '';
    const items = [message(`${id}-2`, `${id}-1`, 'answer', 'assistant'), message(`${id}-1`, null, 'question')];
    return { items, nextCursor: null };
  };
  const session = signal<SessionState>({ state: 'checking' });
  const wanted = signal<boolean | null>(null);
  const news = signal(0);
  const rest: Pick<Rest, 'get'> = { get: answer as Rest['get'] };
  const stop = keepRecentChats({ shelf, rest, clock, session, wanted, news });
  const copy = async (ms = 60_000) => {
    await settled();
    clock.advance(ms);
    await settled();
    await settled();
  };
  return { held, world, session, wanted, news, copy, stop };
}

describe('chats that are kept for reading offline', () => {
  it('are the recent ones of a person who wants that, without temporary ones', async () => {
    const { held, session, wanted, copy } = setup();
    session.value = ada;
    wanted.value = true;
    await copy(5000);
    expect(held.owner).toBe('ada');
    expect(held.chats.map(({ id, messages }) => [id, ...messages.map(({ text }) => text)])).toEqual([['a', 'question', 'answer']]);
  });

  it('are none without the wish, and nothing is asked for', async () => {
    const { held, world, session, wanted, copy } = setup();
    session.value = ada;
    wanted.value = false;
    await copy();
    expect([held.chats, world.asked]).toEqual([[], []]);
  });

  it('are read again only where they have changed', async () => {
    const { world, session, wanted, news, copy } = setup();
    session.value = ada;
    wanted.value = true;
    await copy();
    world.list = [conversation('b'), ...world.list];
    world.asked.length = 0;
    news.value += 1;
    await copy();
    expect(world.asked.map((path) => path.split('?')[0])).toEqual(['/api/conversations', '/api/conversations/b/messages']);
  });

  it.each([
    ['the person signs out', { state: 'anonymous', ended: false }],
    ['the session has ended', { state: 'anonymous', ended: true }],
  ] as const)('are removed when %s', async (_, after) => {
    const { held, session, wanted, copy } = setup();
    session.value = ada;
    wanted.value = true;
    await copy();
    session.value = after;
    await settled();
    expect([held.owner, held.chats]).toEqual([null, []]);
  });

  it('are removed when the wish is taken back, and when somebody else signs in', async () => {
    const { held, session, wanted, copy } = setup();
    session.value = ada;
    wanted.value = true;
    await copy();
    session.value = bob;
    await settled();
    expect([held.owner, held.chats]).toEqual([null, []]);
    await copy();
    expect(held.owner).toBe('bob');
    wanted.value = false;
    await settled();
    expect([held.owner, held.chats]).toEqual([null, []]);
  });

  it('do not come back when they were being read as the person signed out', async () => {
    const { held, world, session, wanted, copy } = setup();
    let open = () => {};
    world.gate = new Promise((resolve) => {
      open = resolve;
    });
    session.value = ada;
    wanted.value = true;
    await copy();
    session.value = { state: 'anonymous', ended: false };
    open();
    await settled();
    await settled();
    expect([held.owner, held.chats, held.cleared]).toEqual([null, [], 1]);
  });

  it('stay while nobody knows yet who is signed in', async () => {
    const { held, copy } = setup();
    held.owner = 'ada';
    await copy();
    expect([held.owner, held.cleared]).toEqual(['ada', 0]);
  });
});

describe('a kept chat', () => {
  it('holds the words of the shown branch and nothing else', () => {
    const items = [message('c-3', 'c-1', 'other branch'), message('c-2', 'c-1', 'shown', 'assistant'), message('c-1', null, 'question')];
    const kept = keptChatFrom(conversation('c'), items, false);
    expect(kept.messages.map(({ text }) => text)).toEqual(['question', 'shown']);
    expect([kept.cut, JSON.stringify(kept).includes('a thought')]).toEqual([false, false]);
  });

  it('says what is missing where it is too long', () => {
    const kept = keptChatFrom(conversation('c'), [message('c-2', 'c-1', 'x'.repeat(200_000)), message('c-1', null, 'question')], false);
    expect([kept.cut, kept.messages.map(({ text }) => text.length)]).toEqual([true, [100_000]]);
  });
});
