import { describe, expect, it } from 'vitest';
import imagine from '../../../plugins/imagine/plugin.ts';
import type { PluginDefinition } from '../../../src/core/index.ts';
import { checkPlugin } from '../../../src/core/plugins/check-plugin.ts';
import { PluginEntry } from '../../../src/services/plugins/plugin-entry.ts';
import { createPluginJobKind } from '../../../src/services/plugins/plugin-job-kind.ts';
import type { JobKind } from '../../../src/services/ports/job-kinds.ts';

function checked(): PluginDefinition {
  const free = { kindOwner: () => undefined, modelOwner: () => undefined, chatModelOwner: () => undefined, commandRefusal: () => null };
  const plugin = checkPlugin(imagine, 'imagine', free);
  if ('refusal' in plugin) throw new Error(plugin.refusal);
  return plugin.definition;
}

/** The kind of job as the server sees it while these models are in their folders. */
function kindWith(installed: readonly string[], config: Record<string, string> = {}): JobKind {
  const definition = checked();
  const found = { name: 'imagine', folder: '/plugins/imagine', moduleUrl: 'file:///plugins/imagine/plugin.ts' };
  const entry = new PluginEntry({ name: 'imagine', found, definition, refusal: null });
  entry.accept({ id: 'imagine', enabled: true, config });
  const declaration = definition.processors?.['imagine'];
  if (declaration === undefined) throw new Error('no processor');
  const weights = {
    folderOf: (name: string) => (installed.includes(name) ? `/models/${name}` : null),
    graphOf: () => null,
    list: () => [],
  };
  const { models = [], version } = definition;
  const onFault = (what: string, error: unknown) => {
    throw new Error(`${what} threw`, { cause: error });
  };
  return createPluginJobKind({ kind: 'imagine', entry, declaration, models, pluginVersion: version, weights, onFault });
}

const task = (kind: JobKind, params: Record<string, string | number> = {}) => ({
  params: kind.parseParams({ prompt: 'a cat', ...params }),
  level: 'normal' as const,
  pictures: [],
});

describe('the work of painting, before it is accepted', () => {
  it('is refused at once with the files to bring, in three languages, while no model is there', () => {
    const kind = kindWith([]);
    let refusal: unknown;
    try {
      kind.assertReady(task(kind));
    } catch (error) {
      refusal = error;
    }
    const file = 'DATA_DIR/models/sd-turbo/unet/model.onnx';
    expect(refusal).toMatchObject({
      code: 'MODEL_MISSING',
      message: expect.stringContaining(file),
      params: { plugin: 'imagine', model: 'sd-turbo', fa: expect.stringContaining(file), ar: expect.stringContaining(file) },
    });
  });

  it('goes to the model that is there, that was named or that was configured', () => {
    const some = kindWith(['sdxl', 'lcm']);
    expect(some.estimate(task(some)).models).toEqual(['lcm']);
    expect(some.estimate(task(some, { model: 'sdxl' })).models).toEqual(['sdxl']);
    expect(() => some.assertReady(task(some))).not.toThrow();
    expect(() => some.assertReady(task(some, { model: 'sd15' }))).toThrow('Stable Diffusion 1.5');
    const configured = kindWith(['sdxl', 'lcm'], { model: 'sdxl' });
    expect(configured.estimate(task(configured)).models).toEqual(['sdxl']);
  });

  it('may be answered from the cache only with a seed', () => {
    const kind = kindWith(['lcm']);
    expect(kind.isRepeatable?.(task(kind).params)).toBe(false);
    expect(kind.isRepeatable?.(task(kind, { seed: 1 }).params)).toBe(true);
  });
});
