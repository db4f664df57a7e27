import { describe, expect, it } from 'vitest';
import { createOutbox, outboxLimit } from '../../../public/app/state/outbox.ts';
import type { OutboxFrame } from '../../../public/app/state/outbox-entry.ts';
import type { KeyValueStore } from '../../../public/app/state/ports.ts';
import type { ErrorCode } from '../../../src/protocol/errors.ts';
import type { ServerFrame } from '../../../src/protocol/server-frames.ts';
import { createFakeClock } from '../../support/client/fake-clock.ts';
import { createMemoryStore } from '../../support/client/memory-store.ts';

function setup(store: KeyValueStore & { held: Map<string, string> } = createMemoryStore(), start = 1_000_000) {
  const clock = createFakeClock(start);
  const sent: OutboxFrame[] = [];
  const world = { online: true, busy: new Set<string>() };
  const outbox = createOutbox({
    ...{ store, clock, random: () => 1, frameBytes: () => 65_536, isBusy: (id) => world.busy.has(id) },
    send: (frame) => world.online && sent.push(frame) > 0,
  });
  outbox.load('u1');
  const ids = () => sent.map((frame) => frame.clientMessageId);
  const states = () => outbox.entries.value.map(({ id, state }) => `${id} ${state}`);
  return { store, clock, sent, outbox, world, ids, states };
}

/** A message of a conversation that exists already. */
const inside = (id: string, conversationId = 'c1') => ({
  frame: { type: 'message.send' as const, clientMessageId: id, conversationId, text: `text ${id}` },
  conversationId,
  files: [],
});

const message = (id: string) => ({
  frame: { type: 'message.send' as const, clientMessageId: id, conversationId: null, text: `text ${id}` },
  conversationId: null,
  files: [],
});

function accepted(id: string, duplicate = false): ServerFrame {
  const at = '2026-01-01T00:00:00.000Z';
  const base = { conversationId: 'c1', createdAt: at, parts: [] };
  return {
    type: 'message.accepted',
    replyTo: id,
    clientMessageId: id,
    duplicate,
    conversation: { id: 'c1', title: '', headId: 'a1', createdAt: at, updatedAt: at },
    message: { ...base, id: 'm1', parentId: null, role: 'user', status: 'complete' },
    answer: { ...base, id: 'a1', parentId: 'm1', role: 'assistant', status: 'streaming' },
    generationId: 'g1',
  };
}

const refused = (id: string, code: ErrorCode, retryAfter?: number): ServerFrame => ({
  type: 'error',
  replyTo: id,
  code,
  params: {},
  message: code,
  ...(retryAfter === undefined ? {} : { retryAfter }),
});

describe('the outbox', () => {
  it('keeps a message over a reload and sends it again under the same id', () => {
    const first = setup();
    first.outbox.add(message('A'));
    const second = setup(first.store);
    second.outbox.flush();
    expect(second.sent.map((frame) => frame.clientMessageId)).toEqual(['A']);
    expect(second.outbox.entries.value).toHaveLength(1);
  });

  it('hands a message back when the server asks for a wait that nobody would sit through', () => {
    const { outbox } = setup();
    outbox.add(message('A'));
    outbox.receive(refused('A', 'RATE_LIMITED', 30));
    expect(outbox.entries.value[0]?.state).toBe('late');
    outbox.receive(refused('A', 'RATE_LIMITED', 7200));
    expect(outbox.entries.value[0]?.state).toBe('failed');
  });

  it.each([false, true])('gives a message up when it was accepted (duplicate: %s)', (duplicate) => {
    const { outbox, store } = setup();
    outbox.add(message('A'));
    expect(outbox.receive(accepted('A', duplicate))).toBe(true);
    expect(outbox.entries.value).toEqual([]);
    expect(store.held.size).toBe(0);
  });

  it('says after ten seconds that a message is not sent yet', () => {
    const { outbox, clock } = setup();
    outbox.add(message('A'));
    clock.advance(9999);
    expect(outbox.entries.value[0]?.state).toBe('sending');
    clock.advance(1);
    expect(outbox.entries.value[0]?.state).toBe('late');
  });

  it('shows a refused message as failed and does not send it again by itself', () => {
    const { outbox, clock, sent } = setup();
    outbox.add(message('A'));
    outbox.receive(refused('A', 'ID_REUSED'));
    clock.advance(600_000);
    outbox.flush();
    expect(sent).toHaveLength(1);
    expect(outbox.entries.value[0]).toMatchObject({ state: 'failed', error: { code: 'ID_REUSED' } });
    outbox.retry('A');
    expect(sent).toHaveLength(2);
    expect(outbox.entries.value[0]).toMatchObject({ state: 'sending' });
  });

  it('keeps the text of a message that a budget refused, says why, and waits for the person', () => {
    const { outbox, clock, sent } = setup();
    outbox.add(message('A'));
    outbox.receive(refused('A', 'BUDGET_REACHED'));
    clock.advance(600_000);
    outbox.flush();
    expect(sent).toHaveLength(1);
    expect(outbox.entries.value).toMatchObject([{ state: 'failed', frame: { text: 'text A' }, error: { code: 'BUDGET_REACHED' } }]);
  });

  it('tries a retryable refusal again after the time that the server names', () => {
    const { outbox, clock, sent } = setup();
    outbox.add(message('A'));
    outbox.receive(refused('A', 'STORE_UNAVAILABLE', 7));
    clock.advance(6999);
    expect(sent).toHaveLength(1);
    clock.advance(1);
    expect(sent).toHaveLength(2);
  });

  it('shows nothing of one user to another and gives it back at the next sign-in', () => {
    const { outbox } = setup();
    outbox.add(message('A'));
    outbox.unload();
    outbox.load('u2');
    expect(outbox.entries.value).toEqual([]);
    outbox.load('u1');
    expect(outbox.entries.value.map((entry) => entry.id)).toEqual(['A']);
  });

  it('does not lose a message of another tab when it writes its own', () => {
    const store = createMemoryStore();
    const one = setup(store);
    const two = setup(store);
    one.outbox.add(message('A'));
    two.outbox.add(message('B'));
    expect(setup(store).outbox.entries.value.map((entry) => entry.id)).toEqual(['A', 'B']);
  });

  it('sends what a tab left behind that was closed, but not at once what another one is sending', () => {
    const store = createMemoryStore();
    const open = setup(store);
    const closed = setup(store);
    closed.outbox.add(message('A'));
    open.outbox.flush();
    expect(open.ids()).toEqual([]);
    open.clock.advance(31_000);
    open.outbox.flush();
    expect(open.ids()).toEqual(['A']);
  });

  it('refuses more than its limit', () => {
    const { outbox } = setup();
    for (let index = 0; index < outboxLimit; index += 1) expect(outbox.add(message(`M${index}`))).toBe(true);
    expect(outbox.add(message('over'))).toBe(false);
  });

  it('survives rubbish in the storage', () => {
    const store = createMemoryStore(
      new Map([
        ['jarvis.outbox.u1.X', '{broken'],
        ['jarvis.outbox.u1.Y', '[]'],
      ]),
    );
    expect(setup(store).outbox.entries.value).toEqual([]);
    expect(store.held.size).toBe(0);
  });
});

describe('messages of one conversation', () => {
  it('go in their order: the next one after the acceptance and the answer of the one before', () => {
    const { outbox, ids, states, world } = setup();
    world.online = false;
    for (const id of ['A', 'B', 'C']) outbox.add(inside(id));
    outbox.add(inside('X', 'c2'));
    world.online = true;
    outbox.flush();
    expect(ids()).toEqual(['A', 'X']);
    expect(states()).toEqual(['A sending', 'B queued', 'C queued', 'X sending']);
    world.busy.add('c1');
    outbox.receive(accepted('A'));
    outbox.flush();
    expect(ids()).toEqual(['A', 'X', 'X']);
    world.busy.delete('c1');
    outbox.wake('c1');
    expect(ids()).toEqual(['A', 'X', 'X', 'B']);
    expect(states()).toEqual(['B sending', 'C queued', 'X sending']);
  });

  it('do not wait for one that failed or was discarded', () => {
    const { outbox, ids } = setup();
    for (const id of ['A', 'B', 'C']) outbox.add(inside(id));
    outbox.receive(refused('A', 'TOO_LARGE'));
    expect(ids()).toEqual(['A', 'B']);
    outbox.discard('B');
    expect(ids()).toEqual(['A', 'B', 'C']);
  });

  it('do not wait for one that another tab has brought to its end', () => {
    const { outbox, ids, states } = setup();
    for (const id of ['A', 'B']) outbox.add(inside(id));
    expect(states()).toEqual(['A sending', 'B queued']);
    outbox.forget('jarvis.outbox.u1.A');
    expect(ids()).toEqual(['A', 'B']);
    expect(states()).toEqual(['B sending']);
  });

  it('that meet a running answer ask again when it ends, and seldom where nobody hears of its end', () => {
    const { outbox, ids, clock, world, states } = setup();
    outbox.add(inside('A'));
    world.busy.add('c1');
    outbox.receive(refused('A', 'GENERATION_RUNNING'));
    expect(states()).toEqual(['A queued']);
    clock.advance(29_999);
    expect(ids()).toEqual(['A']);
    clock.advance(1);
    expect(ids()).toEqual(['A', 'A']);
    outbox.receive(refused('A', 'GENERATION_RUNNING'));
    outbox.wake('c1');
    world.busy.delete('c1');
    expect(ids().length).toBeLessThanOrEqual(3);
    outbox.wake('c1');
    expect(ids()).toHaveLength(3);
  });

  it('that may have arrived are asked for at once, whatever is being written: it may be their own answer', () => {
    const first = setup();
    first.outbox.add(inside('A'));
    const second = setup(first.store);
    second.world.busy.add('c1');
    second.outbox.flush();
    expect(second.ids()).toEqual(['A']);
  });
});

describe('a message that gets no answer', () => {
  it('is sent again under the same id, less and less often', () => {
    const { outbox, clock, ids } = setup();
    outbox.add(inside('A'));
    clock.advance(10_000);
    expect(outbox.entries.value[0]?.state).toBe('late');
    clock.advance(590_000);
    expect(new Set(ids())).toEqual(new Set(['A']));
    expect(ids().length).toBeGreaterThan(5);
    expect(ids().length).toBeLessThan(25);
  });

  it('is sent again too where an earlier try was refused for a while', () => {
    const { outbox, clock, ids } = setup();
    outbox.add(inside('A'));
    outbox.receive(refused('A', 'RATE_LIMITED', 30));
    clock.advance(29_999);
    expect(ids()).toEqual(['A']);
    clock.advance(1);
    expect(ids()).toEqual(['A', 'A']);
    clock.advance(120_000);
    expect(ids().length).toBeGreaterThan(2);
  });

  it('is sent again too where it had to let an older one go first', () => {
    const { outbox, clock, ids, store } = setup();
    outbox.add(inside('B'));
    // What a tab left behind that was closed long ago.
    store.set('jarvis.outbox.u1.A', JSON.stringify({ ...inside('A'), id: 'A', createdAt: 0, state: 'sending', tried: false }));
    outbox.flush();
    clock.advance(10_000);
    outbox.receive(accepted('A'));
    expect(ids()).toEqual(['B', 'A', 'B']);
    clock.advance(120_000);
    expect(ids().filter((id) => id === 'B').length).toBeGreaterThan(2);
  });

  it('is late at once after a reload, when it was so before', () => {
    const first = setup();
    first.outbox.add(inside('A'));
    expect(setup(first.store, 1_000_000 + 10_000).states()).toEqual(['A late']);
    expect(setup(first.store, 1_000_000 + 9_000).states()).toEqual(['A sending']);
  });

  it('waits for the next sign-in when the session is over', () => {
    const { outbox, clock, sent, states } = setup();
    outbox.add(inside('A'));
    outbox.receive(refused('A', 'UNAUTHENTICATED'));
    expect(states()).toEqual(['A late']);
    outbox.unload();
    clock.advance(600_000);
    expect(sent).toHaveLength(1);
    outbox.load('u1');
    outbox.flush();
    expect(sent.map((frame) => frame.clientMessageId)).toEqual(['A', 'A']);
  });
});

describe('what cannot go or cannot be kept', () => {
  it('goes out from memory where the storage is full, and says that it would not survive', () => {
    const store = { ...createMemoryStore(), set: () => false };
    const { outbox, ids } = setup(store);
    outbox.add(inside('A'));
    expect(ids()).toEqual(['A']);
    expect(outbox.entries.value[0]).toMatchObject({ kept: false, state: 'sending' });
  });

  it('fails by itself when its frame would close the socket over and over', () => {
    const { outbox, ids, states } = setup();
    const quotes = inside('A');
    outbox.add({ ...quotes, frame: { ...quotes.frame, text: '"'.repeat(40_000) } });
    expect(ids()).toEqual([]);
    expect(states()).toEqual(['A failed']);
    expect(outbox.entries.value[0]?.error?.code).toBe('TOO_LARGE');
  });

  it('never leaves a command in the storage, though it was typed into an edited message', () => {
    const { outbox, store } = setup();
    const frame = { type: 'message.edit' as const, clientMessageId: 'A', messageId: 'm1', text: '/login ada@example.org CANARY' };
    outbox.add({ frame, conversationId: 'c1', files: [] });
    outbox.receive(refused('A', 'BAD_REQUEST'));
    expect(JSON.stringify([...store.held])).not.toContain('CANARY');
    expect(outbox.entries.value[0]?.state).toBe('failed');
  });
});
