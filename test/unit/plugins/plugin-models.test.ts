import { describe, expect, it } from 'vitest';
import type { ModelEvent } from '../../../src/core/index.ts';
import { AppError } from '../../../src/lib/app-error.ts';
import { createPluginModels } from '../../../src/models/plugin/plugin-models.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const info = { id: 'm', label: 'M', provider: 'plugins', thinking: false, images: false };

async function endOf(error: unknown) {
  const outcomes: boolean[] = [];
  const model = createPluginModels({
    list: () => [{ plugin: 'tea', info }],
    // oxlint-disable-next-line require-yield -- it fails before its first event
    stream: async function* stream(): AsyncGenerator<ModelEvent> {
      throw error;
    },
    onEnd: (_plugin, failed) => void outcomes.push(failed),
    clock: createFakeClock(),
    timeouts: { firstTokenMs: 0, thinkingFirstTokenMs: 0, gapMs: 0, totalMs: 0 },
  });
  const events: ModelEvent[] = [];
  const request = { model: 'm', turns: [], thinking: false, level: 'normal' as const };
  for await (const event of model.process(request, { signal: new AbortController().signal })) events.push(event);
  return { last: events.at(-1), outcomes };
}

describe('a chat model of a plugin that throws', () => {
  it('tells the person its own words, and is not blamed for them', async () => {
    const { last, outcomes } = await endOf(new AppError('BAD_REQUEST', { message: 'Name a tea.' }));
    expect(last).toEqual({
      type: 'failure',
      failure: { code: 'BAD_REQUEST', message: 'Name a tea.', class: 'plugin_said', retryable: false },
    });
    expect(outcomes).toEqual([false]);
  });

  it.each([new Error('secret at /home/x'), new AppError('PLUGIN_FAILED', { message: 'secret' }), new AppError('UNAUTHENTICATED')])(
    'tells nothing of any other error',
    async (error) => {
      const { last, outcomes } = await endOf(error);
      expect(last).toMatchObject({ type: 'failure', failure: { code: 'MODEL_UNAVAILABLE', message: 'The plugin tea failed.' } });
      expect(outcomes).toEqual([true]);
    },
  );
});
