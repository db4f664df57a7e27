import { describe, expect, it } from 'vitest';
import { z as zod } from 'zod';

// What the build puts in place of zod.
const { z }: { readonly z: typeof zod } = await import(new URL('../../scripts/stand-ins/zod.mjs', import.meta.url).href);

function personOf(kind: typeof zod) {
  const name = kind.string().trim().min(1).max(20);
  const tree = kind.object({
    name,
    get children() {
      return kind.array(tree).optional();
    },
  });
  return kind
    .strictObject({
      name,
      age: kind.number().int().min(0).optional(),
      kind: kind.enum(['a', 'b']).default('a'),
      at: kind.iso.datetime().nullable(),
      link: kind.discriminatedUnion('type', [
        kind.object({ type: kind.literal('text'), text: name }),
        kind.object({ type: kind.literal('tree'), tree: kind.lazy(() => tree) }),
      ]),
      pairs: kind.record(kind.string().regex(/^[a-z]+$/), kind.tuple([kind.number(), kind.boolean().catch(false)])),
    })
    .refine(({ age = 0 }) => age < 200, 'too old')
    .transform(({ name: called, ...rest }) => ({ called, ...rest }));
}

const base = { name: ' Ada ', at: null, link: { type: 'text', text: 'x' }, pairs: { ab: [1, 'no'] } };
const inputs: unknown[] = [
  base,
  { ...base, age: 3, kind: 'b', at: '2026-11-22T10:00:00Z' },
  { ...base, link: { type: 'tree', tree: { name: 'root', children: [{ name: 'leaf' }] } } },
  { ...base, link: { type: 'tree', tree: { name: 'root', children: [{ name: '' }] } } },
  { ...base, age: 300 },
  { ...base, age: -1, name: '' },
  { ...base, unknown: 1 },
  { ...base, pairs: { AB: [1, true] } },
  { ...base, link: { type: 'other' } },
  null,
];

describe('schemas that are made when they are first used', () => {
  it.each(inputs.map((input) => [JSON.stringify(input), input]))('say of %s what zod says', (_, input) => {
    expect(personOf(z).safeParse(input)).toEqual(personOf(zod).safeParse(input));
  });

  it('can be looked into, extended and described like those of zod', () => {
    const small = z.object({ one: z.string(), two: z.number() });
    expect(Object.keys(small.shape)).toEqual(['one', 'two']);
    expect(small).toBeInstanceOf(z.ZodObject);
    expect(
      small.extend({ two: small.shape.one, ...z.object({ three: z.boolean() }).shape }).parse({ one: 'a', two: 'b', three: true }),
    ).toEqual({
      one: 'a',
      two: 'b',
      three: true,
    });
    expect(z.toJSONSchema(small.partial().meta({ title: 'Small' }))).toEqual(
      zod.toJSONSchema(zod.object({ one: zod.string(), two: zod.number() }).partial().meta({ title: 'Small' })),
    );
    expect(() => small.parse({})).toThrow(z.ZodError);
  });

  it('are made once, and not before they are used', () => {
    let made = 0;
    const late = z.lazy(() => {
      made += 1;
      return z.string();
    });
    const holder = z.object({ late });
    expect(made).toBe(0);
    holder.parse({ late: 'a' });
    holder.parse({ late: 'b' });
    expect(made).toBe(1);
  });
});
