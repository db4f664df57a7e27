import { signal } from '@preact/signals';
import { describe, expect, it } from 'vitest';
import { createMessages } from '../../../public/app/state/messages.ts';
import { createRest } from '../../../public/app/state/rest.ts';
import type { ServerFrameOf } from '../../../src/protocol/server-frames.ts';
import type { Conversation, Message } from '../../../src/protocol/shapes.ts';
import { createFakeClock } from '../../support/client/fake-clock.ts';

const timeOf = (index: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, index)).toISOString();

/** A conversation of `count` messages, each answering the one before it. */
function chain(count: number): Message[] {
  return Array.from({ length: count }, (_, index) => ({
    ...{ id: `m${index}`, conversationId: 'c1', status: 'complete', parts: [], createdAt: timeOf(index) },
    ...{ parentId: index === 0 ? null : `m${index - 1}`, role: index % 2 === 0 ? 'user' : 'assistant' },
  }));
}

const page = (all: readonly Message[], limit: number) => ({
  items: all.slice(-limit).reverse(),
  nextCursor: all.length > limit ? (all[all.length - limit]?.id ?? null) : null,
});

/** The store over a server that holds `count` messages, which may grow. */
function setup(count: number) {
  const server = { count };
  const all = () => chain(server.count);
  const conversation = (): Conversation => ({
    id: 'c1',
    title: '',
    headId: `m${server.count - 1}`,
    createdAt: timeOf(0),
    updatedAt: timeOf(0),
  });
  const opened = (): ServerFrameOf<'conversation.opened'> => {
    const { items, nextCursor } = page(all(), 50);
    return { type: 'conversation.opened', conversation: conversation(), messages: items, nextCursor, running: [], settings: {} };
  };
  const rest = createRest({
    ...{ onUnauthenticated: () => {}, clock: createFakeClock(), random: () => 1 },
    fetch: (path) => {
      const query = new URL(path, 'http://x').searchParams;
      const known = all();
      const before = known.findIndex(({ id }) => id === query.get('before'));
      return Promise.resolve(new Response(JSON.stringify(page(known.slice(0, before), Number(query.get('limit'))))));
    },
  });
  const messages = createMessages({
    rest,
    onOpened: () => {},
    connection: {
      status: signal({ state: 'online' }),
      request: () => {
        const frame = opened();
        messages.receive(frame);
        return Promise.resolve(frame);
      },
    },
  });
  return { messages, server, all, conversation };
}

describe('the messages of a conversation that is read again', () => {
  it('leaves no hole where more came meanwhile than one page holds', async () => {
    const { messages, server } = setup(20);
    await messages.open('c1');
    expect(messages.current.value?.branch.value).toHaveLength(20);
    server.count = 120;
    await messages.refresh();
    await messages.loadAll();
    expect(messages.current.value?.branch.value).toEqual(chain(120).map(({ id }) => id));
  });

  it('reads back a conversation of which nothing but a message that was just sent is known', async () => {
    const { messages, server, all, conversation } = setup(118);
    server.count = 120;
    const [message, answer] = all().slice(-2);
    if (message === undefined || answer === undefined) throw new Error('no messages');
    const sent = { clientMessageId: 'M1', replyTo: 'M1', duplicate: false, generationId: 'g1' };
    messages.accept({ type: 'message.accepted', ...sent, conversation: conversation(), message, answer });
    await messages.open('c1');
    await messages.loadAll();
    expect(messages.current.value?.branch.value).toHaveLength(120);
  });

  it('keeps its place in what was read back, where nothing is missing', async () => {
    const { messages, server } = setup(200);
    await messages.open('c1');
    await messages.loadOlder();
    const cursor = messages.current.value?.nextCursor.value;
    server.count = 202;
    await messages.refresh();
    expect(messages.current.value?.nextCursor.value).toBe(cursor);
  });

  it('keeps what was told of a message while an older state of it was on its way', async () => {
    const { messages, all } = setup(120);
    await messages.open('c1');
    const page = messages.loadOlder();
    const told = all()[60];
    if (told === undefined) throw new Error('no message');
    messages.receive({ type: 'message.updated', message: { ...told, parts: [{ type: 'text', text: 'newer' }] } });
    await page;
    expect(messages.current.value?.message('m60')?.value.parts).toEqual([{ type: 'text', text: 'newer' }]);
    expect(messages.current.value?.branch.value).toHaveLength(100);
  });
});
