import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { fieldsOf, startValues } from '../../../public/app/state/form-fields.ts';
import { formOf } from '../../../src/core/index.ts';

const schema = z.object({
  scale: z
    .enum(['2', '4'])
    .default('2')
    .meta({ title: 'Scale', words: { en: 'Scale', fa: 'بزرگ‌نمایی' } }),
  strength: z.number().min(0).max(1).default(0.5),
  steps: z.int().min(1).max(150).default(20),
  seed: z
    .int()
    .optional()
    .meta({ title: 'Seed', description: 'Same seed, same picture', fa: 'بذر', ar: { title: 'البذرة', description: 'نفس' } }),
  sharpEdges: z.boolean().default(true).meta({ description: 'Keeps lines' }),
  background: z
    .string()
    .regex(/^#[0-9a-f]{6}$/)
    .default('#ffffff'),
  prompt: z.string().max(2000).default(''),
  factor: z.union([z.literal(2), z.literal(3)]).default(2),
});

describe('a form that is made from the schema of a plugin', () => {
  const form = formOf(schema);
  const fields = new Map(fieldsOf(form).map((field) => [field.name, field]));

  it('has a field for each member, of the kind that fits', () => {
    expect([...fields].map(([name, { kind }]) => `${name} ${kind}`)).toEqual([
      'scale choice',
      'strength number',
      'steps number',
      'seed number',
      'sharpEdges toggle',
      'background colour',
      'prompt text',
      'factor choice',
    ]);
  });

  it('knows the limits, and takes none from an integer that has none', () => {
    expect(fields.get('steps')).toMatchObject({ min: 1, max: 150, step: 1 });
    expect(fields.get('strength')).toMatchObject({ min: 0, max: 1, step: null });
    expect(fields.get('seed')).toMatchObject({ min: null, max: null, step: 1 });
    expect(fields.get('factor')).toMatchObject({ options: [{ value: 2 }, { value: 3 }] });
  });

  it('is named in the languages of the plugin, and readably where that says nothing', () => {
    expect(fields.get('scale')?.title).toEqual({ en: 'Scale', fa: 'بزرگ‌نمایی' });
    expect(fields.get('seed')).toMatchObject({
      title: { en: 'Seed', fa: 'بذر', ar: 'البذرة' },
      description: { en: 'Same seed, same picture', ar: 'نفس' },
    });
    expect(fields.get('sharpEdges')).toMatchObject({ title: { en: 'Sharp edges' }, description: { en: 'Keeps lines' } });
  });

  it('begins with the defaults and with what is set', () => {
    expect(startValues(form, { scale: '4' })).toMatchObject({ scale: '4', strength: 0.5, steps: 20, sharpEdges: true });
  });
});
