import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import type { ModelEvent } from '../../../src/core/base/model-events.ts';
import { streamGeminiAnswer } from '../../../src/models/gemini/gemini-answer.ts';
import { geminiModelTable } from '../../../src/models/gemini/gemini-model-table.ts';
import { AnswerQueue } from '../../../src/models/shared/answer-queue.ts';
import { CallWatch } from '../../../src/models/shared/call-watch.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const timeouts = { firstTokenMs: 30_000, thinkingFirstTokenMs: 30_000, gapMs: 60_000, totalMs: 900_000 };
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** An answer whose reader takes everything at once. */
function reading() {
  const clock = createFakeClock();
  const call = new AbortController();
  const watch = new CallWatch({ signal: call.signal, clock, timeouts, patient: false });
  const out = new AnswerQueue(watch, () => call.abort());
  const body = new PassThrough();
  const [entry] = geminiModelTable;
  if (entry === undefined) throw new Error('no model');
  const request = {
    model: entry.id,
    turns: [{ role: 'user' as const, text: 'Hello', images: [] }],
    thinking: false,
    level: 'normal' as const,
  };
  const sdk = { open: () => Promise.resolve(body) };
  const ends = streamGeminiAnswer(request, entry, { sdk, clock, watch, out, maxRetries: 0, random: () => 0 });
  const seen: ModelEvent[] = [];
  const taken = (async () => {
    for await (const event of out) seen.push(event);
  })();
  async function sends(chunk: object): Promise<void> {
    body.write(`data: ${JSON.stringify(chunk)}\n\n`);
    await turn();
  }
  async function close(): Promise<void> {
    out.end();
    await taken;
    watch.close();
  }
  return { clock, watch, seen, ends, sends, body, close };
}

const text = (words: string) => ({ candidates: [{ content: { parts: [{ text: words }] } }] });
const counts = { usageMetadata: { promptTokenCount: 1 } };

it('is noticed behind a chunk that holds nothing to read', async () => {
  const { clock, watch, seen, ends, sends, close } = reading();
  await turn();
  await sends(text('one'));
  clock.advance(40_000);
  await sends(counts);
  clock.advance(59_999);
  expect(watch.ended).toBe(false);
  clock.advance(1);
  expect(watch.failure?.class).toBe('idle_timeout');
  expect((await ends).at(-1)).toMatchObject({ type: 'failure', failure: { code: 'MODEL_TIMEOUT' } });
  expect(seen).toEqual([{ type: 'text', text: 'one' }]);
  await close();
});

it('does not run out while chunks come that hold nothing to read', async () => {
  const { clock, watch, ends, sends, body, close } = reading();
  await turn();
  await sends(text('one'));
  for (let chunk = 0; chunk < 5; chunk += 1) {
    clock.advance(50_000);
    await sends(text(''));
  }
  expect(watch.ended).toBe(false);
  body.end();
  await ends;
  await close();
});
