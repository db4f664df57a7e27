import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { definePlugin, defineProcessor } from '../../../src/core/index.ts';
import { checkPlugin, type TakenNames } from '../../../src/core/plugins/check-plugin.ts';

const free: TakenNames = {
  kindOwner: (kind) => (kind === 'taken-kind' ? 'other' : undefined),
  modelOwner: (model) => (model === 'taken-model' ? 'other' : undefined),
  chatModelOwner: (id) => (id === 'taken-chat' ? 'other' : undefined),
  commandRefusal: (name) => (name === 'help' ? 'exists already' : null),
};

const estimate = () => ({ seconds: 1, memoryMb: 1, cpuThreads: 1, models: [] });
const words = { en: 'Good' };
const processor = defineProcessor({
  title: words,
  description: words,
  input: { minPictures: 1, maxPictures: 1 },
  params: z.object({ size: z.number().default(2) }),
  estimate,
});
const command = { name: 'good', summary: words, usage: '/good', example: '/good', args: [], processor: 'good' };
const model = {
  name: 'good-model',
  version: '1',
  title: words,
  source: { kind: 'plugin' },
  files: [{ path: 'weights/a.onnx', size: 3, sha256: 'a'.repeat(64) }],
  licence: { code: 'MIT', weights: 'MIT', holder: 'Somebody' },
  memoryMb: 10,
};
const good = {
  name: 'good',
  version: '1.0.0',
  apiVersion: 1,
  title: words,
  description: words,
  processors: { good: processor },
  commands: [command],
  actions: [{ id: 'go', on: 'picture', title: words, processor: 'good', params: { size: 3 } }],
  models: [model],
  setup: () => ({}),
};
const refusalOf = (exported: unknown, name: string | null = 'good') => {
  const checked = checkPlugin(exported, name, free);
  return 'refusal' in checked ? checked.refusal : null;
};

describe('a plugin that is right', () => {
  it('is taken as it is', () => {
    expect(checkPlugin(good, 'good', free)).toEqual({ definition: good });
    expect(refusalOf(good, null)).toBeNull();
  });
});

describe('a plugin that is wrong is refused with what to do', () => {
  const cases: [string, unknown, RegExp][] = [
    ['nothing exported', undefined, /write export default definePlugin/],
    ['another API', { ...good, apiVersion: 2 }, /needs plugin API 2, this server has 1: update the server/],
    ['an older API', { ...good, apiVersion: 0 }, /needs plugin API 0, this server has 1: update the plugin/],
    ['another name than its folder', { ...good, name: 'better' }, /“better” and lies in the folder “good”: give both the same name/],
    ['a name with capitals', { ...good, name: 'Good' }, /name must be in kebab case/],
    ['no setup', { ...good, setup: undefined }, /setup must be a function/],
    ['no title', { ...good, title: undefined }, /title/],
    ['a title without English', { ...good, title: { fa: 'خوب' } }, /title\.en/],
    ['a schema that is no object', { ...good, config: z.string() }, /config must be made with z\.object/],
    [
      'a parameter without a default',
      withParams(z.object({ a: z.string(), b: z.number().default(1) })),
      /default\(…\) or \.optional\(\), and a has none/,
    ],
    ['a parameter that is a list', withParams(z.object({ a: z.array(z.string()).default([]) })), /a is no text, number, yes\/no or choice/],
    ['a parameter that is no JSON', withParams(z.object({ a: z.date().optional() })), /no form can be made/],
    [
      'a parameter named like a part of objects',
      withParams(z.object({ constructor: z.string().default('') })),
      /“constructor” needs another name/,
    ],
    ['a kind that is taken', { ...good, processors: { 'taken-kind': processor } }, /the kind “taken-kind” is taken by the plugin other/],
    ['a kind named __proto__', { ...good, processors: { ['__proto__']: processor } }, /“__proto__” must be in kebab case/],
    ['more pictures at least than at most', withInput({ minPictures: 2, maxPictures: 1 }), /minPictures <= maxPictures/],
    ['a command that exists', withCommand({ name: 'help' }), /\/help exists already: give it another name/],
    ['a command twice', { ...good, commands: [command, command] }, /\/good is declared twice/],
    ['a command of a processor that is not there', withCommand({ processor: 'none' }), /names the processor “none”/],
    [
      'an argument for a parameter that is not there',
      withCommand({ args: [{ name: 'x', required: false, param: 'none' }] }),
      /argument x names a parameter/,
    ],
    [
      'a rest that is not last',
      withCommand({
        args: [
          { name: 'x', required: false, rest: true },
          { name: 'y', required: false },
        ],
      }),
      /only its last argument may have rest/,
    ],
    [
      'a required argument behind an optional one',
      withCommand({
        args: [
          { name: 'x', required: false },
          { name: 'y', required: true },
        ],
      }),
      /required argument stands behind/,
    ],
    [
      'an action with wrong parameters',
      { ...good, actions: [{ ...good.actions[0], params: { size: 'big' } }] },
      /the action go: The parameter size is not valid/,
    ],
    ['a model that is taken', { ...good, models: [{ ...model, name: 'taken-model' }] }, /taken by the plugin other/],
    ['a model outside its folder', withModel({ files: [{ ...model.files[0], path: '../secret' }] }), /below the folder/],
    ['a model without a sum', withModel({ files: [{ ...model.files[0], sha256: '' }] }), /sha256 in hex/],
    ['a graph that is no file', withModel({ graph: 'b.onnx' }), /graph b\.onnx is not among its files/],
    [
      'a chat model that is taken',
      { ...good, chatModels: [{ id: 'taken-chat', label: 'x', thinking: false, images: false }] },
      /taken by the plugin other/,
    ],
  ];

  it.each(cases)('%s', (_what, exported, sentence) => {
    expect(refusalOf(exported)).toMatch(sentence);
  });

  function withParams(params: z.ZodObject) {
    return { ...good, actions: [], commands: [], processors: { good: { ...processor, params } } };
  }
  function withInput(input: object) {
    return { ...good, processors: { good: { ...processor, input } } };
  }
  function withCommand(change: object) {
    return { ...good, commands: [{ ...command, ...change }] };
  }
  function withModel(change: object) {
    return { ...good, models: [{ ...model, ...change }] };
  }
});

describe('the types of an author', () => {
  it('know the configuration in setup and the parameters in estimate', () => {
    definePlugin({
      name: 'typed',
      version: '1.0.0',
      apiVersion: 1,
      title: words,
      description: words,
      config: z.object({ strength: z.number().default(1), mode: z.enum(['a', 'b']).default('a') }),
      processors: {
        typed: defineProcessor({
          title: words,
          description: words,
          input: { minPictures: 0, maxPictures: 2 },
          params: z.object({ scale: z.union([z.literal(2), z.literal(4)]).default(2), prompt: z.string().optional() }),
          autoLevel({ params }) {
            expectTypeOf(params).toEqualTypeOf<{ scale: 2 | 4; prompt?: string | undefined }>();
            return 'quick';
          },
          estimate({ params, level, pictures }) {
            expectTypeOf(params.scale).toEqualTypeOf<2 | 4>();
            expectTypeOf(level).toEqualTypeOf<'quick' | 'normal' | 'deep'>();
            expectTypeOf(pictures[0]).toEqualTypeOf<{ readonly width: number; readonly height: number } | undefined>();
            return estimate();
          },
        }),
      },
      setup({ config, signal }) {
        expectTypeOf(config).toEqualTypeOf<{ strength: number; mode: 'a' | 'b' }>();
        expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
        return {};
      },
    });
  });
});
