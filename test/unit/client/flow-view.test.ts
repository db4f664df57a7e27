import { signal } from '@preact/signals';
import { describe, expect, it } from 'vitest';
import { createFlowView } from '../../../public/app/state/flow-view.ts';
import { createMessages } from '../../../public/app/state/messages.ts';
import { RequestError } from '../../../public/app/state/request-error.ts';
import { createRest } from '../../../public/app/state/rest.ts';
import { createRouter } from '../../../public/app/state/router.ts';
import type { ServerFrameOf } from '../../../src/protocol/server-frames.ts';
import type { Conversation, Message } from '../../../src/protocol/shapes.ts';
import { createFakeClock } from '../../support/client/fake-clock.ts';

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();

/** A line of 500 messages, m0 to m499, and b250 beside m250; the branch of m499 is shown. */
const line = Array.from({ length: 500 }, (_, index): Message => message(`m${index}`, index === 0 ? null : `m${index - 1}`, index));
const all = [...line.slice(0, 251), message('b250', 'm249', 250), ...line.slice(251)];
const conversation: Conversation = { id: 'c1', title: 'Long', headId: 'm499', createdAt: at(0), updatedAt: at(499) };

function message(id: string, parentId: string | null, minute: number): Message {
  const role = minute % 2 === 0 ? 'user' : 'assistant';
  return { id, conversationId: 'c1', parentId, role, status: 'complete', parts: [{ type: 'text', text: id }], createdAt: at(minute) };
}

/** The page over a server that holds the one conversation and gives it out in pages, newest first. */
function setup(held: readonly Message[] = all) {
  const patched: unknown[] = [];
  const limits: number[] = [];
  const newestFirst = held.toReversed();
  const page = (from: number, limit: number) => ({
    items: newestFirst.slice(from, from + limit),
    nextCursor: from + limit < newestFirst.length ? String(from + limit) : null,
  });
  const reply = (body: unknown) => Promise.resolve(new Response(JSON.stringify(body)));
  const rest = createRest({
    ...{ onUnauthenticated: () => {}, clock: createFakeClock(), random: () => 1 },
    fetch: (path, init) => {
      if (init.method === 'PATCH') {
        patched.push(typeof init.body === 'string' ? JSON.parse(init.body) : null);
        return reply({});
      }
      const search = new URL(path, 'http://x').searchParams;
      limits.push(Number(search.get('limit')));
      return reply(page(Number(search.get('before')), Number(search.get('limit'))));
    },
  });
  const messages = createMessages({
    rest,
    onOpened: () => {},
    connection: {
      status: signal({ state: 'online' }),
      request: (frame) => {
        if (frame.type !== 'conversation.open' || frame.conversationId !== 'c1') return Promise.reject(new RequestError('NOT_FOUND'));
        const first = page(0, 50);
        const opened: ServerFrameOf<'conversation.opened'> = {
          ...{
            type: 'conversation.opened',
            conversation,
            messages: [...first.items],
            nextCursor: first.nextCursor,
            running: [],
            settings: {},
          },
        };
        messages.receive(opened);
        return Promise.resolve(opened);
      },
    },
  });
  const router = createRouter({ path: () => '/', write: () => {} });
  const flow = createFlowView({ messages, router, nextFrame: (run) => run() });
  return { messages, router, flow, patched, limits };
}

describe('opening a conversation at a message', () => {
  it('reads back in large pages until the message is here, and no further', async () => {
    const { flow, router, messages, limits } = setup();
    expect(await flow.openAt('c1', 'm300')).toBe(true);
    expect(router.route.value.conversationId).toBe('c1');
    expect(flow.target.value).toMatchObject({ conversationId: 'c1', messageId: 'm300' });
    expect(limits).toEqual([200]);
    expect(messages.current.value?.branch.value.at(-1)).toBe('m499');
  });

  it('shows the branch that the message is on, and has the server keep it', async () => {
    const { flow, messages, patched } = setup();
    expect(await flow.openAt('c1', 'b250')).toBe(true);
    expect(messages.current.value?.branch.value.at(-1)).toBe('b250');
    expect(patched).toEqual([{ headId: 'b250' }]);
  });

  it('says so where the message is nowhere, and where there is no such conversation', async () => {
    const { flow, messages } = setup();
    expect(await flow.openAt('c1', 'nobody')).toBe(false);
    expect(messages.current.value?.nextCursor.value).toBe(null);
    expect(await flow.openAt('c2', 'm1')).toBe(false);
    expect(flow.target.value).toBe(null);
  });

  it('keeps to the later of two wishes', async () => {
    const { flow } = setup();
    const far = flow.openAt('c1', 'm3');
    const near = flow.openAt('c1', 'm498');
    await Promise.all([far, near]);
    expect(flow.target.value?.messageId).toBe('m498');
  });

  it('forgets a target only when the flow has reached that very one', async () => {
    const { flow } = setup();
    await flow.openAt('c1', 'm499');
    const first = flow.target.value;
    flow.show('m499');
    if (first !== null) flow.reached(first);
    expect(flow.target.value).not.toBe(null);
    if (flow.target.value !== null) flow.reached(flow.target.value);
    expect(flow.target.value).toBe(null);
  });
});

describe('a page that is to show everything', () => {
  it('holds the whole conversation, until it is told that this is over', async () => {
    const { flow, messages } = setup();
    await messages.open('c1');
    const over = await flow.mountAll();
    expect(messages.current.value?.branch.value).toHaveLength(500);
    expect(flow.whole.value).toBe(true);
    over();
    expect(flow.whole.value).toBe(false);
  });
});
