import { describe, expect, it } from 'vitest';
import { readPluginArguments } from '../../../src/commands/read-plugin-arguments.ts';

const specs = [
  { name: 'scale', required: false, choices: ['2', '4', 'Max'], param: 'scale' },
  { name: 'prompt', required: false, param: 'prompt', rest: true },
];
const read = (args: readonly string[]) =>
  readPluginArguments(args, specs, { usage: '/x [scale] [prompt]', params: ['scale', 'prompt', 'seed'] });
const paramsOf = (args: readonly string[]) => Object.fromEntries(read(args).params);

describe('the words behind a plugin’s command', () => {
  it('are parameters in order, the last one taking the rest', () => {
    expect(paramsOf(['4', 'a', 'red', 'cat'])).toEqual({ scale: '4', prompt: 'a red cat' });
    expect(paramsOf([])).toEqual({});
  });

  it('may name parameters and the level anywhere', () => {
    expect(paramsOf(['4', 'a', 'seed=7', 'cat', '--level', 'deep'])).toEqual({ scale: '4', prompt: 'a cat', seed: '7' });
    expect(read(['--level=Quick', '2']).level).toBe('quick');
    expect(read(['2']).level).toBeUndefined();
  });

  it('leave a text alone that only looks like a parameter', () => {
    expect(paramsOf(['2', 'x=1', '=', '__proto__=2'])).toEqual({ scale: '2', prompt: 'x=1 = __proto__=2' });
    expect(paramsOf(['2', '--', 'seed=7', '--level', 'deep'])).toEqual({ scale: '2', prompt: 'seed=7 --level deep' });
  });

  it('take choices in any letter case, spelled as declared', () => {
    expect(paramsOf(['MAX'])).toEqual({ scale: 'Max' });
  });

  it.each([
    [['9'], /scale may be 2, 4, Max\. Usage: \/x/],
    [['--level', 'extreme'], /--level may be auto, quick, normal, deep/],
    [['--level'], /--level may be/],
  ])('%j are refused with what may stand there', (args, message) => {
    expect(() => read(args)).toThrow(message);
  });

  it('are refused when one is missing or too many came', () => {
    const one = [{ name: 'who', required: true }];
    const readOne = (args: readonly string[]) => () => readPluginArguments(args, one, { usage: '/y <who>', params: [] });
    expect(readOne([])).toThrow(/An argument is missing: who/);
    expect(readOne(['a', 'b'])).toThrow(/too many arguments/);
  });
});
