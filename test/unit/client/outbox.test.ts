import { describe, expect, it } from 'vitest';
import { createOutbox, type OutboxFrame, outboxLimit } from '../../../public/app/state/outbox.ts';
import type { ServerFrame } from '../../../src/protocol/server-frames.ts';
import { createFakeClock } from '../../support/client/fake-clock.ts';
import { createMemoryStore } from '../../support/client/memory-store.ts';

function setup(store = createMemoryStore()) {
  const clock = createFakeClock();
  const sent: OutboxFrame[] = [];
  const outbox = createOutbox({ store, clock, random: () => 1, send: (frame) => sent.push(frame) > 0 });
  outbox.load('u1');
  return { store, clock, sent, outbox };
}

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

const refused = (id: string, code: 'ID_REUSED' | 'STORE_UNAVAILABLE' | 'RATE_LIMITED', retryAfter?: number): ServerFrame => ({
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
