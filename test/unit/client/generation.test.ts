import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createGenerations } from '../../../public/app/state/generation.ts';
import { createThread } from '../../../public/app/state/thread.ts';
import type { ClientFrame } from '../../../src/protocol/client-frames.ts';
import type { ServerFrame, ServerFrameOf } from '../../../src/protocol/server-frames.ts';
import type { Message } from '../../../src/protocol/shapes.ts';
import { createFakeClock } from '../../support/client/fake-clock.ts';

const ids = { generationId: 'g1', conversationId: 'c1', messageId: 'a1', epoch: 'e1' };
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const answer = (change: Partial<Message> = {}): Message => ({
  id: 'a1',
  conversationId: 'c1',
  parentId: null,
  role: 'assistant',
  status: 'streaming',
  parts: [],
  createdAt: '2026-01-01T00:00:00.000Z',
  ...change,
});
const delta = (seq: number, text: string, count = 1, epoch = 'e1'): ServerFrame => ({
  type: 'generation.delta',
  ...ids,
  epoch,
  seq,
  count,
  kind: 'text',
  text,
});
const finished = (seq: number, text: string, hash = sha256(text)): ServerFrameOf<'generation.finished'> => ({
  type: 'generation.finished',
  ...ids,
  seq,
  count: 1,
  status: 'complete',
  textSha256: hash,
  message: answer({ status: 'complete', parts: [{ type: 'text', text }] }),
});

function setup() {
  const clock = createFakeClock();
  const thread = createThread('c1');
  thread.upsert([answer()]);
  const sent: ClientFrame[] = [];
  const reloaded: string[] = [];
  const hashing: Promise<string>[] = [];
  const generations = createGenerations({
    send: (frame) => sent.push(frame) > 0,
    thread: (id) => (id === 'c1' ? thread : undefined),
    clock,
    nextFrame: () => {},
    sha256: (text) => {
      const work = Promise.resolve(sha256(text));
      hashing.push(work);
      return work;
    },
    reload: (id) => reloaded.push(id),
  });
  const text = () => {
    generations.flush();
    const parts = thread.message('a1')?.value.parts ?? [];
    return parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
  };
  const settled = async () => {
    await Promise.all(hashing);
    await Promise.resolve();
  };
  return { clock, thread, sent, reloaded, generations, text, settled };
}

describe('the folding of an answer', () => {
  it('joins deltas in order and ignores those it has seen', () => {
    const { generations, text } = setup();
    generations.begin('g1', answer());
    for (const frame of [delta(1, 'سل'), delta(3, 'ام!', 2), delta(2, 'x'), delta(3, 'ام!', 2)]) generations.receive(frame);
    expect(text()).toBe('سلام!');
  });

  it('stops at a gap, asks once from the last good event, and goes on with the replay', () => {
    const { generations, text, sent } = setup();
    generations.begin('g1', answer());
    for (const frame of [delta(1, 'a'), delta(3, 'c'), delta(4, 'd')]) generations.receive(frame);
    expect(text()).toBe('a');
    expect(sent).toEqual([expect.objectContaining({ type: 'generation.attach', generationId: 'g1', epoch: 'e1', afterSeq: 1 })]);
    for (const frame of [delta(2, 'b'), delta(4, 'cd', 2), delta(5, 'e')]) generations.receive(frame);
    expect(text()).toBe('abcde');
  });

  it('asks again when the replay does not come', () => {
    const { generations, sent, clock } = setup();
    generations.begin('g1', answer());
    generations.receive(delta(1, 'a'));
    generations.receive(delta(3, 'c'));
    clock.advance(5000);
    expect(sent).toHaveLength(2);
  });

  it('replaces its text by a snapshot of another epoch, and never mixes the two', () => {
    const { generations, text, sent } = setup();
    generations.begin('g1', answer());
    generations.receive(delta(1, 'old'));
    generations.receive(delta(2, 'new', 1, 'e2'));
    expect(text()).toBe('old');
    expect(sent).toHaveLength(1);
    const message = answer({ parts: [{ type: 'text', text: 'fresh' }] });
    generations.receive({ type: 'generation.snapshot', ...ids, epoch: 'e2', seq: 7, message });
    generations.receive(delta(8, '!', 1, 'e2'));
    expect(text()).toBe('fresh!');
  });

  it('keeps the folded text when its hash is right', async () => {
    const { generations, thread, text, settled } = setup();
    generations.begin('g1', answer());
    generations.receive(delta(1, 'whole'));
    generations.receive(finished(2, 'whole'));
    await settled();
    expect(text()).toBe('whole');
    expect(thread.message('a1')?.value.status).toBe('complete');
    expect(generations.running.value.size).toBe(0);
  });

  it('takes the message of the server when the hash is wrong', async () => {
    const { generations, text, settled } = setup();
    generations.begin('g1', answer());
    generations.receive(delta(1, 'damaged'));
    generations.receive(finished(2, 'what was meant'));
    await settled();
    expect(text()).toBe('what was meant');
  });

  it('takes the message of the server when events before the end are missing', () => {
    const { generations, text } = setup();
    generations.begin('g1', answer());
    generations.receive(delta(1, 'a'));
    generations.receive(finished(9, 'all of it'));
    expect(text()).toBe('all of it');
  });

  it('adds to what a continued answer held before', () => {
    const { generations, text } = setup();
    generations.begin('g2', answer({ parts: [{ type: 'text', text: 'half ' }] }));
    generations.receive({ ...delta(1, 'and half'), generationId: 'g2' } as ServerFrame);
    expect(text()).toBe('half and half');
  });

  it('asks for a snapshot of an answer that it finds running', () => {
    const { generations, sent } = setup();
    generations.sync([{ ...ids, seq: 40 }], false);
    expect(sent).toEqual([expect.objectContaining({ type: 'generation.attach', generationId: 'g1', epoch: 'none', afterSeq: 0 })]);
    expect(generations.running.value.get('c1')?.messageId).toBe('a1');
  });

  it('names each running answer with its last good event for the next hello', () => {
    const { generations } = setup();
    generations.begin('g1', answer());
    expect(generations.resume()).toEqual([]);
    generations.receive(delta(4, 'abcd', 4));
    expect(generations.resume()).toEqual([{ generationId: 'g1', epoch: 'e1', afterSeq: 4 }]);
  });

  it('reads the conversation again when the server no longer knows the answer', () => {
    const { generations, reloaded } = setup();
    generations.sync([{ ...ids, seq: 40 }], false);
    generations.receive({ type: 'error', replyTo: 'attach-g1', code: 'NOT_FOUND', params: {}, message: '' });
    expect(reloaded).toEqual(['c1']);
    expect(generations.running.value.size).toBe(0);
  });

  it('replaces a step by its later state', () => {
    const { generations, thread } = setup();
    generations.begin('g1', answer());
    const step = { type: 'step' as const, stepId: 's', name: 'look' };
    generations.receive({ type: 'generation.part', ...ids, seq: 1, count: 1, part: { ...step, status: 'running' } });
    generations.receive({ type: 'generation.part', ...ids, seq: 2, count: 1, part: { ...step, status: 'succeeded' } });
    generations.flush();
    expect(thread.message('a1')?.value.parts).toEqual([{ ...step, status: 'succeeded' }]);
  });

  it('gives the same text wherever the stream is cut and resumed', () => {
    const words = Array.from({ length: 30 }, (_, index) => `w${index} 😀`);
    for (let cut = 0; cut <= words.length; cut += 1) {
      const { generations, text } = setup();
      generations.begin('g1', answer());
      for (let seq = 1; seq <= cut; seq += 1) generations.receive(delta(seq, words[seq - 1] ?? ''));
      const from = generations.resume()[0]?.afterSeq ?? 0;
      const rest = words.slice(from);
      if (rest.length > 0) generations.receive(delta(words.length, rest.join(''), rest.length));
      expect(text()).toBe(words.join(''));
    }
  });
});
