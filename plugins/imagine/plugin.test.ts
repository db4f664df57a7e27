import { describe, expect, it } from 'vitest';
import { chosenModel, estimateImagine } from './imagine-estimate.ts';
import { imagineParams } from './imagine-params.ts';
import { instructionsFor } from './instructions.ts';
import { expectedKinds, modelNames, planFor, schedulerOfClass, stepsTaken } from './model-kinds.ts';
import plugin from './plugin.ts';

const wished = imagineParams.parse({ prompt: 'a cat' });

describe('what is chosen where nobody says', () => {
  it.each([
    ['sd15', 'quick', { width: 384, height: 384, steps: 12, guidance: 7.5 }],
    ['sd15', 'deep', { width: 512, height: 512, steps: 35, guidance: 7.5 }],
    ['sd-turbo', 'quick', { width: 512, height: 512, steps: 1, guidance: 0 }],
    ['lcm', 'normal', { width: 512, height: 512, steps: 4, guidance: 8 }],
    ['sdxl', 'normal', { width: 1024, height: 1024, steps: 20, guidance: 5 }],
    ['sdxl-turbo', 'normal', { width: 512, height: 512, steps: 2, guidance: 0 }],
  ] as const)('%s, %s', (name, level, plan) => {
    expect(planFor(expectedKinds[name], level, wished, undefined)).toEqual(plan);
  });

  it('keeps the shape of a given picture, in multiples of 64 and not longer than 2:1', () => {
    const { sd15 } = expectedKinds;
    expect(planFor(sd15, 'normal', wished, { width: 3000, height: 2000 })).toMatchObject({ width: 640, height: 448 });
    expect(planFor(sd15, 'normal', wished, { width: 9000, height: 100 })).toMatchObject({ width: 704, height: 384 });
    expect(planFor(sd15, 'normal', { ...wished, width: 768 }, { width: 2000, height: 1000 })).toMatchObject({ width: 768, height: 448 });
    expect(planFor(sd15, 'normal', { ...wished, height: 320 }, undefined)).toMatchObject({ width: 320, height: 320 });
  });

  it('takes as many steps as strength leaves, one at least', () => {
    const turbo = expectedKinds['sd-turbo'];
    const plan = planFor(turbo, 'quick', { ...wished, strength: 0.3 }, { width: 512, height: 512 });
    expect(plan.steps).toBe(4);
    expect(stepsTaken(plan, 'turbo', 0.3)).toBe(1);
    expect(stepsTaken({ steps: 20 }, 'classic', 0.6)).toBe(12);
    expect(stepsTaken({ steps: 4 }, 'lcm', 0.5)).toBe(4);
  });

  it('takes the model that was named, else the configured one, else the first that is there', () => {
    expect(chosenModel('sdxl', 'sd15', ['lcm'])).toBe('sdxl');
    expect(chosenModel('auto', 'sd15', ['lcm'])).toBe('sd15');
    expect(chosenModel('auto', 'auto', ['sd15', 'sd-turbo'])).toBe('sd-turbo');
    expect(chosenModel('auto', 'auto', [])).toBeNull();
  });

  it.each([
    ['PNDMScheduler', 'dpm++2m'],
    ['UniPCMultistepScheduler', 'dpm++2m'],
    ['EulerDiscreteScheduler', 'euler'],
    ['EulerAncestralDiscreteScheduler', 'euler-ancestral'],
    ['DDIMScheduler', 'ddim'],
    ['LCMScheduler', 'lcm'],
    [undefined, 'dpm++2m'],
  ])('walks as %s says: %s', (name, scheduler) => {
    expect(schedulerOfClass(name)).toBe(scheduler);
  });
});

describe('the estimate', () => {
  const estimate = (params: object, level: 'quick' | 'normal' | 'deep' = 'normal', installed: readonly string[] = ['sd15']) =>
    estimateImagine({ params: imagineParams.parse(params), level, pictures: [], installed });

  it('grows with steps, guidance and size', () => {
    const plain = estimate({ steps: 10, guidance: 1 });
    expect(estimate({ steps: 20, guidance: 1 }).seconds - plain.seconds).toBeCloseTo(30);
    expect(estimate({ steps: 10, guidance: 2 }).seconds - plain.seconds).toBeCloseTo(30);
    expect(estimate({ width: 1024, height: 1024 }).seconds).toBeGreaterThan(4 * estimate({}).seconds);
    expect(estimate({ width: 1024, height: 1024 }).memoryMb).toBeGreaterThan(estimate({}).memoryMb);
    expect(estimate({}, 'deep').seconds).toBeGreaterThan(estimate({}, 'quick').seconds);
    expect(estimate({}, 'normal', ['sdxl']).memoryMb).toBeGreaterThan(10_000);
  });

  it('names the model it takes, or the one to bring', () => {
    expect(estimate({}).models).toEqual(['sd15']);
    expect(estimate({}, 'normal', []).models).toEqual(['sd-turbo']);
    expect(estimate({ model: 'lcm' }).models).toEqual(['lcm']);
    expect(estimate({}).output).toEqual({ width: 512, height: 512 });
    const configured = { params: wished, level: 'quick' as const, pictures: [], installed: ['lcm', 'sdxl'], config: { model: 'sdxl' } };
    expect(estimateImagine(configured).models).toEqual(['sdxl']);
  });
});

describe('the declaration', () => {
  it('lets only a task with a seed be served from the cache', () => {
    const declared = plugin.processors?.['imagine'];
    expect(declared?.isRepeatable?.({ ...wished })).toBe(false);
    expect(declared?.isRepeatable?.({ ...wished, seed: 3 })).toBe(true);
  });

  it('tells in three languages which files belong where, for every model', () => {
    for (const name of modelNames) {
      const { en, fa = '', ar = '' } = instructionsFor(name);
      for (const text of [en, fa, ar]) {
        expect(text).toContain(`DATA_DIR/models/${name}/unet/model.onnx`);
        expect(text).toContain('gemini');
        expect(text.length).toBeLessThan(2000);
      }
      expect(en.includes('text_encoder_2')).toBe(name.startsWith('sdxl'));
    }
  });

  it.each([{ width: 100 }, { width: 4096 }, { steps: 0 }, { strength: 0 }, { seed: -1 }, { seed: 2 ** 32 }, { scheduler: 'best' }])(
    'refuses %j',
    (params) => {
      expect(imagineParams.safeParse(params).success).toBe(false);
    },
  );
});
