import { describe, expect, it } from 'vitest';
import { type Field, fieldSchema } from '../../../src/protocol/index.ts';
import { storableJson } from '../../../src/services/jobs/storable-json.ts';
import { checkedChanges, checkedForm, heldValues } from '../../../src/services/surface/field-values.ts';

const field = (kind: Field['kind'], more: Partial<Field> = {}): Field => ({ id: 'it', kind, label: 'It', ...more });
const options = [
  { value: 'a', label: 'A' },
  { value: 'b', label: 'B' },
];

describe('values of fields', () => {
  it.each<[Field, unknown, unknown]>([
    [field('switch'), true, 'true'],
    [field('checkbox'), false, 0],
    [field('slider', { min: 0, max: 1 }), 0.5, 2],
    [field('number'), 3, Number.NaN],
    [field('text', { maxLength: 3 }), 'abc', 'abcd'],
    [field('textarea'), '', { $ne: null }],
    [field('select', { options }), 'b', 'c'],
    [field('radio', { options }), 'a', ['a']],
    [field('multi-select', { options }), ['b', 'a'], ['a', 'a']],
    [field('tags'), ['tea'], ['']],
    [field('date', { min: '2026-01-01' }), '2026-02-28', '2026-02-30'],
    [field('date-range'), ['2026-01-01', '2026-01-02'], ['2026-01-02', '2026-01-01']],
  ])('fit %j: %j and not %j', (one, good, bad) => {
    expect(checkedChanges([one], { it: good })).toEqual({ it: good });
    expect(() => checkedChanges([one], { it: bad })).toThrow(expect.objectContaining({ code: 'BAD_REQUEST', params: { field: 'it' } }));
  });

  it('are of declared fields alone; a disabled one keeps what the plugin gave it', () => {
    expect(() => checkedChanges([field('text')], { other: 1 })).toThrow(expect.objectContaining({ params: { field: 'other' } }));
    expect(() => checkedChanges([field('text')], JSON.parse('{"__proto__":1}') as Record<string, unknown>)).toThrow();
    const disabled = field('text', { disabled: true, initial: 'free' });
    expect(checkedChanges([disabled], { it: 'paid' })).toEqual({});
    expect(heldValues([disabled], { it: 'paid' })).toEqual({ it: 'free' });
  });

  it('give way to the defaults when a newer version has another field of the name', () => {
    expect(heldValues([field('number', { initial: 3 })], { it: 'text', gone: true })).toEqual({ it: 3 });
  });

  it('of a form are refused while a required one is missing', () => {
    const required = field('text', { required: true });
    for (const given of [{}, { it: '' }, { it: null }, null, 'text', []]) expect(() => checkedForm([required], given)).toThrow();
    expect(checkedForm([required, { ...field('number', { initial: 7 }), id: 'count' }], { it: 'tea' })).toEqual({ it: 'tea', count: 7 });
  });

  it('have names that a frame may hold, and none that every object has', () => {
    for (const id of ['constructor', 'prototype', '__proto__']) expect(fieldSchema.safeParse(field('text', { id })).success).toBe(false);
    const required = field('text', { id: 'toString', required: true });
    expect(() => checkedForm([required], {})).toThrow(expect.objectContaining({ code: 'BAD_REQUEST', params: { field: 'toString' } }));
    expect(heldValues([required], {})).toEqual({});
    expect(storableJson({ constructor: 1, prototype: 2, kept: [{ constructor: 3 }] } as never)).toEqual({ kept: [{}] });
  });
});
