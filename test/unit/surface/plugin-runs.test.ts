import { describe, expect, it } from 'vitest';
import type { SurfaceEvent } from '../../../src/core/index.ts';
import { AppError } from '../../../src/lib/app-error.ts';
import { silentLogger } from '../../../src/lib/logger.ts';
import { PluginEntry } from '../../../src/services/plugins/plugin-entry.ts';
import { PluginRuns } from '../../../src/services/surface/plugin-runs.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const entry = new PluginEntry({ name: 'tea', found: { name: 'tea', moduleUrl: '', folder: '' }, definition: null, refusal: null } as never);
const task = { kind: 'hook', context: { hook: 'resume' } } as never;

/** Once the next event is waited for. */
const soon = (work: () => void): void => void setImmediate(work);

/** A host that does not notice that nobody waits any more. */
async function* hangs(): AsyncGenerator<SurfaceEvent> {
  yield { type: 'text', text: 'one' };
  await new Promise(() => {});
}

function start() {
  const clock = createFakeClock();
  const outcomes: string[] = [];
  const registry = { noteOutcomeOf: (_entry: unknown, outcome: string) => void outcomes.push(outcome) };
  const runs = new PluginRuns({ hosts: { streamSurface: hangs }, registry, clock, logger: silentLogger });
  return { clock, outcomes, runs };
}

describe('a run of a plugin that hangs', () => {
  it('ends at once when the person stops it, and that is no failure of the plugin', async () => {
    const { outcomes, runs } = start();
    const stop = new AbortController();
    const run = runs.run(entry, task, { signal: stop.signal, take: () => soon(() => stop.abort(new AppError('DRAINING'))) });
    await expect(run).rejects.toMatchObject({ code: 'DRAINING' });
    expect(outcomes).toEqual([]);
  });

  it('ends at its limit, as a failure', async () => {
    const { clock, outcomes, runs } = start();
    const run = runs.run(entry, task, {
      signal: new AbortController().signal,
      limitMs: 15_000,
      take: () => soon(() => clock.advance(15_000)),
    });
    await expect(run).rejects.toMatchObject({ code: 'PLUGIN_FAILED' });
    expect(outcomes).toEqual(['plugin-failed']);
  });
});
