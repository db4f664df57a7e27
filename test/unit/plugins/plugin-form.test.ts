import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { fittingValues, formOf, parseForm, valueFromWord } from '../../../src/core/index.ts';
import { formRefusal } from '../../../src/core/plugins/plugin-form.ts';
import { AppError } from '../../../src/lib/app-error.ts';

const schema = z.object({
  scale: z
    .union([z.literal(2), z.literal(4)])
    .default(2)
    .meta({ title: 'Scale', words: { fa: 'اندازه' } }),
  mode: z.enum(['fast', 'best']).default('fast'),
  strength: z.number().min(0).max(1).default(0.5),
  steps: z.int().min(1).max(50).default(4),
  sharp: z.boolean().default(false),
  prompt: z.string().max(10).optional(),
});

function refusal(values: Parameters<typeof parseForm>[1]): AppError {
  try {
    parseForm(schema, values, 'The parameter');
  } catch (error) {
    if (error instanceof AppError) return error;
  }
  throw new Error('it was not refused');
}

describe('a form', () => {
  it('is the JSON schema of what a person may put in, with titles and translations', () => {
    const form = formOf(schema);
    expect(form).not.toHaveProperty('required');
    expect(form['properties']).toMatchObject({
      scale: { title: 'Scale', default: 2, words: { fa: 'اندازه' } },
      mode: { enum: ['fast', 'best'] },
    });
  });

  it('fills in defaults and leaves out what nobody set', () => {
    expect(parseForm(schema, { scale: 4 }, 'The parameter')).toEqual({ scale: 4, mode: 'fast', strength: 0.5, steps: 4, sharp: false });
  });

  it.each([
    [{ scale: 3 }, 'The parameter scale is not valid: it may be 2, 4.'],
    [{ mode: 'secretvalue' }, 'The parameter mode is not valid: it may be fast, best.'],
    [{ strength: 7 }, 'The parameter strength is not valid: it may be a number from 0 up to 1.'],
    [{ steps: 1.5 }, 'The parameter steps is not valid: it may be a whole number from 1 up to 50.'],
    [{ sharp: 'secretvalue' }, 'The parameter sharp is not valid: it may be true or false.'],
    [{ prompt: 'secretvalue!' }, 'The parameter prompt is not valid: it may be a text of at most 10 characters.'],
    [{ colour: 'secretvalue' }, 'The parameter colour is not known. Known are: scale, mode, strength, steps, sharp, prompt.'],
  ])('refuses %j with what may stand there, never with the value', (values, message) => {
    const error = refusal(values);
    expect(error).toMatchObject({ code: 'BAD_REQUEST', message });
    expect(JSON.stringify(error.toShape())).not.toContain('secretvalue');
  });

  it('tells what a page needs to say it in any language', () => {
    expect(refusal({ scale: 3 }).params).toEqual({ field: 'scale', reason: 'member', range: '2, 4' });
    expect(refusal({ strength: 7 }).params).toEqual({ field: 'strength', reason: 'member', range: '0–1' });
    expect(refusal({ prompt: 'x'.repeat(11) }).params).toEqual({ field: 'prompt' });
    expect(refusal({ colour: 1 }).params).toMatchObject({
      field: 'colour',
      reason: 'unknown_member',
      names: expect.stringMatching(/^scale, mode/),
    });
    expect(refusal({ '<b>': 1 }).params).toEqual({ field: '' });
  });

  it('is refused where a value would not fit after it was parsed: it is parsed again in the plugin’s process', () => {
    const changed = [
      z.object({
        list: z
          .string()
          .default('a,b')
          .transform((list) => list.split(',')),
      }),
      z.object({ on: z.stringbool().default(true) }),
    ];
    for (const one of changed) expect(formRefusal(one, 'config')).toMatch(/no form can be made .* transform them in setup/);
    expect(formRefusal(z.object({ prompt: z.string().trim().default('') }), 'params')).toBeNull();
  });

  it('keeps of older values what still fits', () => {
    expect(fittingValues(schema, { scale: 4, strength: 7, colour: 'red' })).toEqual({ scale: 4 });
  });

  it('takes nothing where a refinement throws', () => {
    const throws = z.number().refine(() => {
      throw new Error('wrong');
    });
    expect(valueFromWord(z.object({ size: throws.default(1) }), 'size', '3')).toBe('3');
  });

  it('refuses a key that would reach into the prototype', () => {
    expect(refusal(JSON.parse('{"__proto__":{"polluted":1}}')).code).toBe('BAD_REQUEST');
    expect(refusal({ constructor: 1 }).code).toBe('BAD_REQUEST');
  });
});

describe('a word of a command', () => {
  it.each([
    ['scale', '4', 4],
    ['strength', '0.25', 0.25],
    ['sharp', 'yes', true],
    ['sharp', 'off', false],
    ['prompt', '42', '42'],
    ['prompt', 'true', 'true'],
    ['mode', 'best', 'best'],
    ['scale', '3', '3'],
    ['scale', '', ''],
  ])('for %s: %s becomes %j', (name, word, value) => {
    expect(valueFromWord(schema, name, word)).toBe(value);
  });
});
