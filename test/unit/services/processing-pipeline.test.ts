import { describe, expect, it } from 'vitest';
import { ModelRegistry, ProcessingPipeline } from '../../../src/core/index.ts';
import { complexityOf } from '../../../src/core/processing/processing-pipeline.ts';
import { ScriptedModel } from '../../support/scripted-model.ts';

function pipeline(defaultModel?: string): ProcessingPipeline {
  const registry = new ModelRegistry(defaultModel);
  registry.register(new ScriptedModel(['one', 'two']));
  return new ProcessingPipeline(registry);
}

const request = { text: 'hi', pictures: 0, model: undefined, level: 'auto' as const, thinking: null };

describe('the level of a request', () => {
  it.each([
    ['hi', 0, 'quick'],
    ['سلام، چطوری؟', 0, 'quick'],
    ['what is this?', 1, 'normal'],
    ['two\nlines', 0, 'normal'],
    ['x'.repeat(81), 0, 'normal'],
    ['x'.repeat(4001), 0, 'deep'],
    ['```js\n1\n```', 0, 'deep'],
    ['Prove that the square root of 2 is irrational', 0, 'deep'],
    ['این را گام به گام توضیح بده', 0, 'deep'],
    ['اشرح ذلك خطوة بخطوة', 0, 'deep'],
    ['improved', 0, 'quick'],
  ] as const)('of %.40j with %i pictures is %s', (text, pictures, level) => {
    expect(complexityOf({ text, pictures })).toBe(level);
  });

  it('is the one that a person chose', async () => {
    expect(await pipeline().processRequest({ ...request, level: 'deep' })).toMatchObject({ level: 'deep', thinking: true });
    expect(await pipeline().processRequest(request)).toMatchObject({ level: 'quick', thinking: false });
  });

  it('leaves thinking to a person who said so', async () => {
    expect(await pipeline().processRequest({ ...request, thinking: true })).toMatchObject({ level: 'quick', thinking: true });
    expect(await pipeline().processRequest({ ...request, level: 'deep', thinking: false })).toMatchObject({ thinking: false });
  });
});

describe('the model of a request', () => {
  it('is the chosen one, the configured one, or the first', async () => {
    expect((await pipeline().processRequest(request))?.info.id).toBe('one');
    expect((await pipeline('two').processRequest(request))?.info.id).toBe('two');
    expect((await pipeline('gone').processRequest(request))?.info.id).toBe('one');
    expect((await pipeline('two').processRequest({ ...request, model: 'one' }))?.info.id).toBe('one');
  });

  it('is none when the chosen one does not exist', async () => {
    for (const model of ['three', '', '__proto__', 'constructor'])
      expect(await pipeline().processRequest({ ...request, model })).toBeNull();
  });
});

describe('the level of work on pictures', () => {
  const seconds = (quick: number, normal: number, deep: number) => (level: 'quick' | 'normal' | 'deep') => ({ quick, normal, deep })[level];

  it('is the one that was asked for, however long it takes', () => {
    expect(ProcessingPipeline.levelFor({ asked: 'deep', auto: () => 'quick', secondsAt: () => 9999 })).toBe('deep');
  });

  it('is what the plugin chooses, and normal where it chooses nothing that there is', () => {
    expect(ProcessingPipeline.levelFor({ asked: 'auto', auto: () => 'deep', secondsAt: () => 10 })).toBe('deep');
    expect(ProcessingPipeline.levelFor({ asked: 'auto', auto: () => 'best' as 'deep', secondsAt: () => 10 })).toBe('normal');
  });

  it.each([
    ['deep', seconds(10, 100, 299), 'deep'],
    ['deep', seconds(10, 100, 400), 'normal'],
    ['deep', seconds(10, 500, 4000), 'quick'],
    ['normal', seconds(600, 1000, 1000), 'normal'],
    ['quick', seconds(5000, 1, 1), 'quick'],
  ] as const)('falls from %s on a machine that is too slow for it, if that saves half of the time', (chosen, secondsAt, level) => {
    expect(ProcessingPipeline.levelFor({ asked: 'auto', auto: () => chosen, secondsAt })).toBe(level);
  });
});
