import { describe, expect, it } from 'vitest';
import { BaseChatModel } from '../../../src/core/base/base-chat-model.ts';
import type { ModelEvent } from '../../../src/core/base/model-events.ts';
import type { ModelInfo, ModelRequest, ModelStreamOptions } from '../../../src/core/base/model-interface.ts';

const request: ModelRequest = { model: 'm', turns: [], thinking: false, level: 'normal' };
const text = (words: string): ModelEvent => ({ type: 'text', text: words });
const finish: ModelEvent = { type: 'finish', reason: 'STOP', outcome: 'complete' };

type Script = (options: ModelStreamOptions) => AsyncIterable<ModelEvent>;

class Scripted extends BaseChatModel<{ readonly script: Script }> {
  constructor(script: Script) {
    super('scripted', '1', { script });
  }

  list(): Promise<readonly ModelInfo[]> {
    return Promise.resolve([]);
  }

  protected generate(_request: ModelRequest, options: ModelStreamOptions): AsyncIterable<ModelEvent> {
    return this.config.script(options);
  }
}

async function collect(model: Scripted, signal = new AbortController().signal, each = (_event: ModelEvent): void => {}) {
  const events: ModelEvent[] = [];
  for await (const event of model.process(request, { signal })) {
    events.push(event);
    each(event);
  }
  return events;
}

describe('the promise of a chat model', () => {
  it('hands out the events up to the first terminal one, and lets the model clean up', async () => {
    let cleaned = 0;
    const model = new Scripted(async function* () {
      try {
        yield text('a');
        yield finish;
        yield text('never');
      } finally {
        cleaned += 1;
      }
    });
    expect(await collect(model)).toEqual([text('a'), finish]);
    expect([cleaned, model.status()]).toEqual([1, { state: 'ready', requests: 1, failures: 0 }]);
  });

  it('turns an end without a word about it, and an error, into a failure', async () => {
    const cut = new Scripted(async function* () {
      yield text('a');
    });
    expect((await collect(cut)).at(-1)).toMatchObject({ failure: { code: 'MODEL_UNAVAILABLE', class: 'truncated' } });
    expect(cut.status()).toMatchObject({ state: 'failed', failures: 1, reason: 'The answer was cut off.' });
    const broken = new Scripted(async function* () {
      yield text('a');
      throw new RangeError('secret');
    });
    const events = await collect(broken);
    expect(events).toHaveLength(2);
    expect(events.at(-1)).toMatchObject({ failure: { code: 'INTERNAL', class: 'RangeError' } });
    expect(JSON.stringify(events)).not.toContain('secret');
    expect(broken.status()).toMatchObject({ state: 'failed', failures: 1, reason: 'RangeError' });
    const stillborn = new Scripted(() => {
      throw new TypeError('no');
    });
    expect(await collect(stillborn)).toMatchObject([{ failure: { code: 'INTERNAL', class: 'TypeError' } }]);
  });

  it('says nothing more once its signal is aborted, and lets the model clean up', async () => {
    let cleaned = 0;
    const model = new Scripted(async function* () {
      try {
        for (;;) yield text('a');
      } finally {
        cleaned += 1;
      }
    });
    const controller = new AbortController();
    expect(await collect(model, controller.signal, () => controller.abort())).toEqual([text('a')]);
    expect(cleaned).toBe(1);
    expect(await collect(model, controller.signal)).toEqual([]);
    expect(model.status()).toMatchObject({ requests: 1, failures: 0 });
  });

  it('begins with the first event that is asked for, and cleans up when its reader leaves', async () => {
    const seen: string[] = [];
    const model = new Scripted(async function* () {
      seen.push('begun');
      try {
        for (;;) yield text('a');
      } finally {
        seen.push('cleaned');
      }
    });
    const events = model.process(request, { signal: new AbortController().signal });
    expect([seen, model.status().requests]).toEqual([[], 0]);
    for await (const event of events) if (event.type === 'text') break;
    expect(seen).toEqual(['begun', 'cleaned']);
    expect(await events.next()).toEqual({ done: true, value: undefined });
  });

  it('answers nothing after it was released', async () => {
    const model = new Scripted(async function* () {
      yield finish;
    });
    await model.release();
    expect(await collect(model)).toMatchObject([{ type: 'failure', failure: { class: 'released' } }]);
    expect(model.status()).toEqual({ state: 'released', requests: 0, failures: 0 });
  });
});
