import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldPart, type Message, type Part, type ServerFrame } from '../../../src/protocol/index.ts';
import { lastSeqOf, textAfter } from '../../../src/services/generations/event-run.ts';
import { GenerationLog } from '../../../src/services/generations/generation-log.ts';

const ids = { generationId: 'g', conversationId: 'c', messageId: 'm', epoch: 'e' };
const message = (parts: Part[] = []): Message => ({
  id: 'm',
  conversationId: 'c',
  parentId: 'q',
  role: 'assistant',
  status: 'streaming',
  parts,
  createdAt: '2026-01-01T00:00:00.000Z',
});

function textIn(frames: readonly ServerFrame[]): string {
  return frames.map((frame) => (frame.type === 'generation.delta' && frame.kind === 'text' ? frame.text : '')).join('');
}

function seqsOf(frames: readonly ServerFrame[]): number[] {
  return frames.flatMap((frame) => ('seq' in frame && 'count' in frame ? [frame.seq - frame.count + 1, frame.seq] : []));
}

/** The frames cover `after`+1 to `last`, each event once. */
function expectContiguous(frames: readonly ServerFrame[], after: number, last: number): void {
  const seqs = seqsOf(frames);
  let expected = after + 1;
  for (let at = 0; at < seqs.length; at += 2) {
    expect(seqs[at]).toBe(expected);
    expected = (seqs[at + 1] ?? 0) + 1;
  }
  expect(expected).toBe(last + 1);
}

describe('the log of an answer', () => {
  it('repeats events without running on beyond what a socket was sent already', () => {
    const log = new GenerationLog(ids, message());
    for (const text of ['a', 'b', 'c', 'd', 'e', 'f']) log.appendText('text', text);
    const frames = log.read(1, Number.POSITIVE_INFINITY, 4);
    expect(seqsOf(frames)).toEqual([2, 4, 5, 6]);
    expect(textIn(frames)).toBe('bcdef');
    expect(seqsOf(log.read(4, Number.POSITIVE_INFINITY, 4))).toEqual([5, 6]);
  });

  it('gives a reader at any place the rest, each event once, however the events were joined', () => {
    const event = fc.oneof(
      fc.record({ kind: fc.constant<'text' | 'thought'>('text'), text: fc.string({ minLength: 1, maxLength: 9000 }) }),
      fc.record({ kind: fc.constant<'text' | 'thought'>('thought'), text: fc.string({ minLength: 1, maxLength: 40 }) }),
    );
    fc.assert(
      fc.property(fc.array(event, { minLength: 1, maxLength: 40, size: 'max' }), fc.nat(), (events, place) => {
        const log = new GenerationLog(ids, message());
        for (const { kind, text } of events) log.appendText(kind, text);
        const after = place % (events.length + 1);
        const frames = log.read(after);
        expectContiguous(frames, after, events.length);
        const rest = events.slice(after).filter((each) => each.kind === 'text');
        expect(textIn(frames)).toBe(rest.map((each) => each.text).join(''));
        const again = new GenerationLog(ids, message());
        for (const run of log.runsAfter(0)) again.appendStored(run);
        expect(again.read(after)).toEqual(frames);
        expect(again.parts()).toEqual(log.parts());
        expect(log.lagAfter(after)).toEqual({
          events: events.length - after,
          characters: events.slice(after).reduce((sum, { text }) => sum + text.length, 0),
        });
      }),
      { seed: 7, numRuns: 60 },
    );
  });

  it('reads in portions that begin where the last one ended', () => {
    const log = new GenerationLog(ids, message());
    for (let n = 0; n < 100; n += 1) {
      log.appendText('text', 'x'.repeat(20_000));
      log.appendPart({ type: 'source', url: `https://example.org/${n}` });
    }
    let cursor = 0;
    let portions = 0;
    for (let frames = log.read(cursor, 8); frames.length > 0; frames = log.read(cursor, 8)) {
      expectContiguous(frames, cursor, seqsOf(frames).at(-1) ?? 0);
      for (const frame of frames) if (frame.type === 'generation.delta') expect(frame.text.length).toBeLessThanOrEqual(32 * 1024);
      cursor = seqsOf(frames).at(-1) ?? 0;
      portions += 1;
    }
    expect(cursor).toBe(200);
    expect(portions).toBeGreaterThan(10);
  });

  it('ends once, and takes nothing after its end', () => {
    const log = new GenerationLog(ids, message());
    log.appendText('text', 'a');
    const end = { status: 'complete' as const, textSha256: 'x', message: { ...message(), status: 'complete' as const } };
    log.finish(end);
    log.finish({ ...end, status: 'stopped' });
    log.appendText('text', 'late');
    log.appendPart({ type: 'source', url: 'https://example.org' });
    log.appendStored({ kind: 'text', from: 3, text: 'late', ends: [4] });
    expect(log.finished).toMatchObject({ seq: 2, count: 1, status: 'complete' });
    expect(log.read(0)).toHaveLength(2);
    expect(log.read(2)).toEqual([]);
    expect(log.snapshot()).toMatchObject({ seq: 1, message: { status: 'complete' } });
  });

  it('knows the places between events of any length', () => {
    const log = new GenerationLog(ids, message());
    const lengths = [100, 70_000, 5, 8000, 100, 200_000, 7, ...Array.from({ length: 200 }, () => 3)];
    for (const length of lengths) log.appendText('text', 'x'.repeat(length));
    const again = new GenerationLog(ids, message());
    for (const run of log.runsAfter(0)) again.appendStored(run);
    const wanted = lengths.map((_, after) => lengths.slice(after).reduce((sum, length) => sum + length, 0));
    for (const each of [log, again]) expect(lengths.map((_, after) => each.lagAfter(after).characters)).toEqual(wanted);
    expect(
      log
        .runsAfter(3)
        .map((run) => (run.kind === 'part' ? [] : run.ends))
        .flat().length,
    ).toBe(lengths.length - 3);
  });

  it('has no event for an empty text, and no empty thought', () => {
    const log = new GenerationLog(ids, message());
    log.appendText('text', '');
    expect([log.seq, log.parts(), log.read(0)]).toEqual([0, [], []]);
  });

  it('tells the first and the last event at once, those between together', async () => {
    const log = new GenerationLog(ids, message());
    let told = 0;
    const stop = log.subscribe(() => {
      told += 1;
    });
    log.appendText('text', 'a');
    expect(told).toBe(1);
    for (const text of ['b', 'c', 'd']) log.appendText('text', text);
    expect(told).toBe(1);
    await setImmediate();
    expect(told).toBe(2);
    log.finish({ status: 'complete', textSha256: 'x', message: message() });
    expect(told).toBe(3);
    stop();
  });

  it('that began elsewhere has a snapshot for who comes from before it', () => {
    const log = new GenerationLog(ids, message([{ type: 'text', text: 'before' }]), { baseSeq: 7 });
    log.appendStored({ kind: 'text', from: 9, text: 'gap', ends: [3] });
    expect(log.seq).toBe(7);
    log.appendStored({ kind: 'text', from: 8, text: ' and', ends: [2, 4] });
    expect(log.snapshot()).toMatchObject({ seq: 9, message: { status: 'streaming', parts: [{ type: 'text', text: 'before and' }] } });
    expect(log.read(7)).toMatchObject([{ seq: 9, count: 2, text: ' and' }]);
    expect(log.read(8)).toMatchObject([{ seq: 9, count: 1, text: 'nd' }]);
  });

  it('hands out copies: what a reader does to them changes nothing', () => {
    const log = new GenerationLog(ids, message());
    log.appendText('text', 'a');
    log.parts().push({ type: 'text', text: 'x' });
    expect(log.parts()).toEqual([{ type: 'text', text: 'a' }]);
  });
});

describe('a stretch of events', () => {
  it('knows its last event and the text after any of them', () => {
    const run = { kind: 'text' as const, from: 5, text: 'abcdef', ends: [1, 3, 6] };
    expect(lastSeqOf(run)).toBe(7);
    expect([0, 4, 5, 6, 7, 99].map((seq) => textAfter(run, seq)?.text ?? null)).toEqual(['abcdef', 'abcdef', 'bcdef', 'def', null, null]);
    expect(textAfter(run, 5)?.count).toBe(2);
  });

  it('folds into parts: text grows, another kind begins anew, a step replaces itself', () => {
    const parts: Part[] = [];
    foldPart(parts, { type: 'thought', text: 'hm' });
    foldPart(parts, { type: 'text', text: 'a' });
    foldPart(parts, { type: 'text', text: 'b' });
    foldPart(parts, { type: 'step', stepId: 's1', name: 'code', status: 'running' });
    foldPart(parts, { type: 'text', text: 'c' });
    foldPart(parts, { type: 'step', stepId: 's1', name: 'code', status: 'succeeded' });
    expect(parts).toEqual([
      { type: 'thought', text: 'hm' },
      { type: 'text', text: 'ab' },
      { type: 'step', stepId: 's1', name: 'code', status: 'succeeded' },
      { type: 'text', text: 'c' },
    ]);
  });
});
