import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { SurfaceEvent } from '../../../src/core/index.ts';
import { silentLogger } from '../../../src/lib/logger.ts';
import { partKey } from '../../../src/protocol/index.ts';
import { GenerationLog } from '../../../src/services/generations/generation-log.ts';
import { PluginEntry } from '../../../src/services/plugins/plugin-entry.ts';
import type { SurfaceOrder } from '../../../src/services/plugins/plugin-ports.ts';
import { AnswerHooks, MESSAGE_HOOK_MS } from '../../../src/services/surface/answer-hooks.ts';
import { SurfaceHooks } from '../../../src/services/surface/hooks.ts';
import { PluginRuns } from '../../../src/services/surface/plugin-runs.ts';
import { SurfaceParts } from '../../../src/services/surface/surface-parts.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const entryOf = (name: string) =>
  new PluginEntry({ name, found: { name, moduleUrl: '', folder: '' }, definition: { title: { en: name } }, refusal: null } as never);

/** Asks two plugins before an answer. */
function start(streams: Readonly<Record<string, () => AsyncIterable<SurfaceEvent>>>) {
  const clock = createFakeClock();
  const hosts = { streamSurface: ({ plugin }: SurfaceOrder) => streams[plugin]?.() ?? [] };
  const base = { clock, logger: silentLogger };
  const runs = new PluginRuns({ ...base, hosts: hosts as never, registry: { noteOutcomeOf: () => {} } });
  const directory = { listeners: () => Object.keys(streams).map(entryOf), conversationFor: () => ({}) };
  const people = { localeOf: () => 'en', user: () => Promise.resolve({}) };
  const hooks = new SurfaceHooks({ ...base, runs, directory, people, settingsOf: () => Promise.resolve({}) } as never);
  const parts = new SurfaceParts({ clock, hasAction: () => false } as never);
  const answers = new AnswerHooks({ hooks, parts, directory, people, clock, toast: () => {}, announce: () => {} } as never);
  const ids = { generationId: 'g', conversationId: 'c', messageId: 'm', epoch: 'e' };
  const log = new GenerationLog(ids, { id: 'm', parts: [] } as never);
  const question = { id: 'q', parts: [{ type: 'text', text: 'hello' }] };
  const live = { log, question, answer: { id: 'm' }, conversation: { id: 'c' }, record: { ownerId: 'ada' }, continued: false };
  const before = answers.before({ ...live, controller: new AbortController() } as never);
  return { before, clock, log };
}

async function* hangs(): AsyncGenerator<SurfaceEvent> {
  yield { type: 'step', id: 'look', name: 'Looking', status: 'running' };
  await new Promise(() => {});
}
async function* tells(): AsyncGenerator<SurfaceEvent> {
  await setImmediate();
  yield { type: 'context', text: 'There is tea.' };
}
const turns = async () => {
  for (let turn = 0; turn < 20; turn += 1) await setImmediate();
};

describe('plugins that are asked before an answer', () => {
  it('keep it waiting for 15 s all together; the answer goes on with what the others said, and shows who failed', async () => {
    const { before, clock, log } = start({ tea: tells, slow: hangs });
    await turns();
    clock.advance(MESSAGE_HOOK_MS - 1);
    await turns();
    expect(log.parts()).toMatchObject([{ stepId: 'slow.look', status: 'running' }]);
    clock.advance(1);
    expect(await before).toBe('There is tea.');
    expect(log.parts()).toMatchObject([
      { stepId: 'slow.look', status: 'failed' },
      { stepId: 'slow.hook', name: 'slow', status: 'failed', output: 'PLUGIN_FAILED' },
    ]);
  });

  it('show at most a thousand parts, however small', async () => {
    const { before, log } = start({
      many: async function* many() {
        for (let index = 0; index < 2000; index += 1) yield { type: 'step', id: `s${index}`, name: 's', status: 'succeeded' };
      },
    });
    await before;
    expect(log.parts()).toHaveLength(1001);
    expect(new Set(log.parts().map(partKey)).size).toBe(1001);
  });
});
