import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createAppState } from '../../../public/app/state/app-state.ts';
import type { OutboxFrame } from '../../../public/app/state/outbox-entry.ts';
import type { ServerFrame } from '../../../src/protocol/server-frames.ts';
import type { Conversation, Message } from '../../../src/protocol/shapes.ts';
import { createFakeClock } from '../../support/client/fake-clock.ts';
import { createFakeSockets, welcomeFrame } from '../../support/client/fake-socket.ts';
import { createMemoryStore } from '../../support/client/memory-store.ts';

const at = '2026-01-01T00:00:00.000Z';
const conversation: Conversation = { id: 'c1', title: 'First', headId: 'a1', createdAt: at, updatedAt: at };
const question: Message = {
  ...{ id: 'q1', conversationId: 'c1', parentId: null, role: 'user', status: 'complete', createdAt: at },
  parts: [{ type: 'text', text: 'hello' }],
};
const answer: Message = {
  id: 'a1',
  conversationId: 'c1',
  parentId: 'q1',
  role: 'assistant',
  status: 'streaming',
  parts: [],
  createdAt: at,
};
const accepted = (clientMessageId: string): ServerFrame => ({
  ...{ type: 'message.accepted', replyTo: clientMessageId, clientMessageId, duplicate: false },
  ...{ conversation, message: question, answer, generationId: 'g1' },
});
const send: OutboxFrame = { type: 'message.send', clientMessageId: 'M1', conversationId: null, text: 'hello' };

/** The page over a scripted server: HTTP answers by path, the socket by hand. */
function setup(user: 'signed-in' | 'anonymous' = 'signed-in', nextFrame: (run: () => void) => void = (run) => run()) {
  const clock = createFakeClock();
  const server = createFakeSockets();
  const store = createMemoryStore();
  const paths: string[] = [];
  const fetched: string[] = [];
  const me = { user: { id: 'u1', name: 'Sara', email: 'sara@example.org', role: 'user' } };
  const http = { signedIn: user === 'signed-in' };
  const reply = (status: number, body: unknown) => Promise.resolve(new Response(JSON.stringify(body), { status }));
  const state = createAppState({
    ...{ store, clock, random: () => 1, newId: () => 'ID', isOnline: () => true, openSocket: server.openSocket },
    fetch: (path) => {
      fetched.push(path);
      if (path.startsWith('/api/auth/login')) http.signedIn = true;
      if (!http.signedIn) return reply(401, { error: { code: 'UNAUTHENTICATED', message: '', requestId: 'r' } });
      return reply(200, path.startsWith('/api/auth') ? me : { items: [], nextCursor: null });
    },
    nextFrame,
    sha256: (text) => Promise.resolve(createHash('sha256').update(text).digest('hex')),
    router: { path: () => '/', write: (path) => paths.push(path) },
    locale: () => 'en',
  });
  const join = (change: Parameters<typeof welcomeFrame>[0] = {}) => {
    server.last().open();
    server.last().deliver(welcomeFrame(change));
  };
  const settle = async () => {
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { state, clock, server, store, paths, fetched, join, settle };
}

describe('the page without its elements', () => {
  it('is drawn before it asks what the plugins are, and asks for nobody who has left meanwhile', async () => {
    const frames: (() => void)[] = [];
    const { state, fetched, join, settle } = setup('signed-in', (run) => void frames.push(run));
    state.start();
    join();
    await settle();
    expect(state.session.value.value.state).toBe('signed-in');
    expect(fetched).not.toContain('/api/plugins');
    for (const draw of frames.splice(0)) draw();
    expect(fetched.filter((path) => path === '/api/plugins')).toHaveLength(1);
    join();
    await state.session.logout();
    for (const draw of frames.splice(0)) draw();
    expect(fetched.filter((path) => path === '/api/plugins')).toHaveLength(1);
  });

  it('keeps a draft where the server is of a version that knows of none, and drops it where the server has none', async () => {
    const { state, store, join, settle } = setup();
    store.set('jarvis.draft.u1.c1', JSON.stringify({ text: 'half a thought', at: 1, base: '2026-01-01T00:00:00.000Z', unsent: false }));
    state.start();
    join();
    await settle();
    expect(state.drafts.read('u1', 'c1')).toBe('half a thought');
    join({ drafts: [] });
    await settle();
    expect(state.drafts.read('u1', 'c1')).toBe('');
  });

  it('leaves no draft that the server has behind at a sign-out, and every one where the session ended by itself', async () => {
    const { state, store, join, settle } = setup();
    const draft = JSON.stringify({ text: 'half a thought', at: 1, base: '2026-01-01T00:00:00.000Z', unsent: false });
    store.set('jarvis.draft.u1.c1', draft);
    state.start();
    join();
    await settle();
    state.session.expire();
    expect(store.get('jarvis.draft.u1.c1')).toBe(draft);
    await state.session.login({ email: 'sara@example.org', password: 'correct horse battery' });
    await state.session.logout();
    expect(store.get('jarvis.draft.u1.c1')).toBeNull();
  });

  it('turns a sent message into an accepted one and gives the conversation its address', async () => {
    const { state, server, paths, join, settle } = setup();
    state.start();
    join();
    await settle();
    state.outbox.add({ frame: send, conversationId: null, files: [] });
    expect(server.last().sent.at(-1)).toMatchObject({ type: 'message.send', id: 'M1' });
    server.last().deliver(accepted('M1'));
    expect(state.outbox.entries.value).toEqual([]);
    expect(paths).toEqual(['/c/c1']);
    expect(state.messages.current.value?.branch.value).toEqual(['q1', 'a1']);
    expect(state.generations.running.value.has('c1')).toBe(true);
    expect(state.conversations.get('c1')?.title).toBe('First');
  });

  it('sends again after the socket was lost before the message was accepted', async () => {
    const { state, server, clock, join, settle } = setup();
    state.start();
    join();
    await settle();
    state.outbox.add({ frame: send, conversationId: null, files: [] });
    server.last().drop(1006);
    clock.advance(300);
    join();
    const resent = server.last().sent.filter((frame) => frame.type === 'message.send');
    expect(resent).toMatchObject([{ clientMessageId: 'M1' }]);
  });

  it('resumes the running answer after a reconnect where it stood', async () => {
    const { state, server, clock, join, settle } = setup();
    state.start();
    join();
    await settle();
    state.outbox.add({ frame: send, conversationId: null, files: [] });
    server.last().deliver(accepted('M1'));
    const ids = { generationId: 'g1', conversationId: 'c1', messageId: 'a1', epoch: 'e1' };
    server.last().deliver({ type: 'generation.delta', ...ids, seq: 2, count: 2, kind: 'text', text: 'Hi' });
    server.last().drop(4001);
    clock.advance(300);
    server.last().open();
    expect(server.last().sent[0]).toMatchObject({ type: 'hello', resume: [{ generationId: 'g1', epoch: 'e1', afterSeq: 2 }] });
    server.last().deliver(welcomeFrame({ running: [{ ...ids, seq: 3 }] }));
    server.last().deliver({ type: 'generation.delta', ...ids, seq: 3, count: 1, kind: 'text', text: '!' });
    expect(state.messages.thread('c1')?.message('a1')?.value.parts).toEqual([{ type: 'text', text: 'Hi!' }]);
  });

  it('shows the sign-in page after 4401 and keeps what was not sent', async () => {
    const { state, server, store, join, settle } = setup();
    state.start();
    join();
    await settle();
    state.outbox.add({ frame: send, conversationId: null, files: [] });
    server.last().drop(4401);
    expect(state.session.value.value).toEqual({ state: 'anonymous', ended: true });
    expect(state.outbox.entries.value).toEqual([]);
    expect([...store.held.keys()]).toEqual(['jarvis.outbox.u1.M1']);
    expect(state.messages.current.value).toBeNull();
  });

  it('opens a new socket for the person who signs in', async () => {
    const { state, server, join, settle } = setup('anonymous');
    state.start();
    join({ user: null });
    await settle();
    expect(state.session.value.value.state).toBe('anonymous');
    await state.session.login({ email: 'sara@example.org', password: 'x' });
    expect(server.sockets).toHaveLength(2);
    expect(server.sockets[0]?.closedByClient).toBe(true);
  });

  it('does not open a second socket when page and socket agree on the person', async () => {
    const { state, server, join, settle } = setup();
    state.start();
    join();
    await settle();
    expect(server.sockets).toHaveLength(1);
  });

  it('leaves a conversation that another tab deleted', async () => {
    const { state, server, paths, join, settle } = setup();
    state.start();
    join();
    await settle();
    state.outbox.add({ frame: send, conversationId: null, files: [] });
    server.last().deliver(accepted('M1'));
    server.last().deliver({ type: 'conversation.deleted', conversationId: 'c1' });
    expect(paths).toEqual(['/c/c1', '/']);
    expect(state.messages.current.value).toBeNull();
  });

  it('learns from the socket who is signed in, and asks by HTTP only where that does not open', async () => {
    const quick = setup('anonymous');
    quick.state.start();
    quick.join({ user: null });
    quick.clock.advance(10_000);
    await quick.settle();
    expect(quick.fetched).toEqual([]);
    expect(quick.state.session.value.value.state).toBe('anonymous');
    const slow = setup();
    slow.state.start();
    slow.clock.advance(10_000);
    await slow.settle();
    expect(slow.fetched).toContain('/api/auth/me');
    expect(slow.state.session.value.value.state).toBe('signed-in');
  });

  it('sends the next message of a conversation when the answer to the one before has ended', async () => {
    const { state, server, join, settle } = setup();
    state.start();
    join();
    await settle();
    state.outbox.add({ frame: { ...send, conversationId: 'c1' }, conversationId: 'c1', files: [] });
    state.outbox.add({ frame: { ...send, clientMessageId: 'M2', conversationId: 'c1' }, conversationId: 'c1', files: [] });
    const ids = () => server.last().sent.flatMap((frame) => (frame.type === 'message.send' ? [frame.clientMessageId] : []));
    server.last().deliver(accepted('M1'));
    expect(ids()).toEqual(['M1']);
    const message: Message = { ...answer, status: 'complete', parts: [{ type: 'text', text: 'Hi' }] };
    server.last().deliver({
      ...{ type: 'generation.finished', generationId: 'g1', conversationId: 'c1', messageId: 'a1', epoch: 'e1', seq: 1, count: 1 },
      ...{ status: 'complete', textSha256: '', message },
    });
    expect(ids()).toEqual(['M1', 'M2']);
  });

  it('shows the drafts of another device, and gives what was typed to the same person only', async () => {
    const { state, server, join, settle, store } = setup();
    state.start();
    join({ drafts: [{ conversationId: null, text: 'from the phone', updatedAt: at }] });
    await settle();
    expect(state.drafts.read('u1', null)).toBe('from the phone');
    state.drafts.write('u1', null, 'typed on');
    server.last().drop(4401);
    await settle();
    expect([...store.held.values()].join()).toContain('typed on');
    expect(state.drafts.read('u2', null)).toBe('');
    expect(state.drafts.read('u1', null)).toBe('typed on');
  });
});
