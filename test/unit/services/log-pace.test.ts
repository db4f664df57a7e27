import { describe, expect, it } from 'vitest';
import type { ServerFrame } from '../../../src/protocol/index.ts';
import { GenerationLog } from '../../../src/services/generations/generation-log.ts';
import { createLogPace } from '../../../src/services/generations/log-pace.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

/** A loop whose turns take as long as the test says, and a reader that notes when it got what. */
function createWorld() {
  const clock = createFakeClock();
  const startedAt = clock.now();
  let turns: (() => void)[] = [];
  const pace = createLogPace({ clock, now: () => clock.now(), nextTurn: (run) => void turns.push(run) });
  const answer = (id = 'g') => {
    const ids = { generationId: id, conversationId: 'c', messageId: 'm', epoch: 'e' };
    const shape = { conversationId: 'c', parentId: 'q', role: 'assistant', status: 'streaming' } as const;
    const message = { id: 'm', ...shape, parts: [], createdAt: '2026-01-01T00:00:00.000Z' };
    const log = new GenerationLog(ids, message, { pace });
    const got: { at: number; from: number; to: number }[] = [];
    let cursor = 0;
    log.subscribe(() => {
      for (const frame of log.readEncoded(cursor, 16)) {
        got.push({ at: clock.now() - startedAt, from: cursor + 1, to: frame.seq });
        cursor = frame.seq;
      }
    });
    const finish = () => log.finish({ status: 'complete', textSha256: 'x', message: { ...message, status: 'complete' } });
    return { log, got, finish };
  };
  /** One turn: what is appended, what else it takes, then its end. */
  const turn = (work: () => void, ms = 0) => {
    work();
    clock.advance(ms);
    const ended = turns;
    turns = [];
    for (const end of ended) end();
  };
  return { clock, answer, turn };
}

type Got = readonly { readonly from: number; readonly to: number }[];

function expectWhole(got: Got, last: number): void {
  expect(got.map(({ from }) => from)).toEqual([1, ...got.slice(0, -1).map(({ to }) => to + 1)]);
  expect(got.at(-1)?.to).toBe(last);
}

describe('tokens at a usual speed', () => {
  it('are told one by one, in the turn in which they come', () => {
    const { clock, answer, turn } = createWorld();
    const { log, got } = answer();
    for (let token = 0; token < 100; token += 1) {
      turn(() => log.appendText('text', 'a'));
      clock.advance(20);
    }
    expectWhole(got, 100);
    expect(got.map(({ at }) => at)).toEqual(Array.from({ length: 100 }, (_, token) => token * 20));
  });
});

describe('while the loop is late', () => {
  it('tokens are joined to frames at least 33 ms apart, none is lost, and joining ends when the loop keeps up', () => {
    const { clock, answer, turn } = createWorld();
    const { log, got } = answer();
    const token = (ms: number) => {
      turn(() => log.appendText('text', 'a'), ms);
      clock.advance(20 - ms);
    };
    token(0);
    token(12);
    const late = got.length;
    for (let count = 0; count < 10; count += 1) token(1);
    const joined = got.slice(late);
    expect(joined.length).toBeLessThan(7);
    for (let at = 1; at < joined.length; at += 1) expect((joined[at]?.at ?? 0) - (joined[at - 1]?.at ?? 0)).toBeGreaterThanOrEqual(33);
    for (let count = 0; count < 20; count += 1) token(1);
    const calm = got.length;
    for (let count = 0; count < 10; count += 1) token(1);
    expect(got.length - calm).toBe(10);
    clock.advance(100);
    expectWhole(got, 42);
  });

  it('the first token and the end still go at once, whatever waits', () => {
    const { clock, answer, turn } = createWorld();
    const other = answer('other');
    turn(() => other.log.appendText('text', 'a'), 0);
    turn(() => other.log.appendText('text', 'b'), 50);
    const { log, got, finish } = answer();
    log.appendText('text', 'first');
    expect(got).toMatchObject([{ from: 1, to: 1 }]);
    turn(() => log.appendText('text', 'x'), 12);
    turn(() => log.appendText('text', 'y'), 1);
    const before = got.length;
    finish();
    expect(got.slice(before).map(({ to }) => to)).toEqual([3, 4]);
    clock.advance(100);
    expectWhole(got, 4);
  });
});

describe('an answer faster than a screen', () => {
  it('has its tokens joined to a frame each 16 ms, and another answer beside it has not', () => {
    const { clock, answer, turn } = createWorld();
    const fast = answer('fast');
    const slow = answer('slow');
    for (let ms = 0; ms < 1000; ms += 4) {
      turn(() => {
        fast.log.appendText('text', 'a');
        if (ms % 20 === 0) slow.log.appendText('text', 'b');
      });
      clock.advance(4);
    }
    clock.advance(50);
    expectWhole(fast.got, 250);
    expectWhole(slow.got, 50);
    expect(slow.got.length).toBe(50);
    const second = fast.got.filter(({ at }) => at >= 500);
    expect(second.length).toBeLessThanOrEqual(500 / 16 + 1);
  });
});

describe('frames for several readers', () => {
  const decoded = (json: string): ServerFrame => JSON.parse(json);

  it('are made once, and are what each reader would have got alone', () => {
    const { answer, turn } = createWorld();
    const { log } = answer();
    const seen: (readonly object[])[] = [];
    turn(() => log.appendText('text', 'a'));
    for (const after of [1, 1, 0]) {
      log.subscribe(() => {
        const frames = log.readEncoded(after, 16);
        expect(frames.map(({ json }) => decoded(json))).toEqual(log.read(after));
        expect(frames.map(({ json }) => json)).toEqual(log.read(after).map((frame) => JSON.stringify(frame)));
        seen.push(frames);
      });
    }
    turn(() => {
      log.appendText('text', '"b"\n');
      log.appendText('text', 'سلام \ud83d');
    });
    expect(seen.length).toBe(3);
    expect(seen[0]?.[0]).toBe(seen[1]?.[0]);
    expect(seen[2]?.[0]).not.toBe(seen[0]?.[0]);
  });
});
