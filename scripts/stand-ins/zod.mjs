// Stands in for `zod` in the built server: a schema is made when it is first used, not when its module is loaded. A start uses some of them.
// It returns what zod returns; only the outermost handle of a schema is a stand-in, everything below is zod's own.
import { z as zod } from 'zod';

const REAL = Symbol('real');
const makers = new Set(
  'any array base64 bigint boolean codec custom date discriminatedUnion email enum file instanceof int intersection json lazy literal looseObject map nan never null nullable nullish number object optional partialRecord preprocess record set strictObject string stringbool symbol templateLiteral transform tuple undefined union unknown url uuid void'.split(
    ' ',
  ),
);
const changers = new Set(
  'and array brand catch catchall check default describe email endsWith extend finite gt gte includes int keyof length loose lt lte max maxLength maxSize mime min minLength minSize multipleOf negative nonempty nonnegative nonoptional nonpositive normalize nullable nullish omit optional or overwrite partial passthrough pick pipe positive prefault readonly refine regex required safeExtend size startsWith step strict strip superRefine toLowerCase toUpperCase transform trim ulid url uuid'.split(
    ' ',
  ),
);

const isStandIn = (value) => typeof value === 'object' && value !== null && value[REAL] !== undefined;

/** What zod gets to see: no stand-in, so that none is passed through with each value that is parsed. */
function real(value) {
  if (isStandIn(value)) return value[REAL]();
  if (Array.isArray(value)) return value.some(isStandIn) ? value.map(real) : value;
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  const getters = Object.values(Object.getOwnPropertyDescriptors(value)).some(({ get }) => get !== undefined);
  if (getters || !Object.values(value).some(isStandIn)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, real(one)]));
}

const handler = {
  get(made, name) {
    if (name === REAL) return made.real;
    const bound = made.bound?.get(name);
    if (bound !== undefined) return bound;
    if (changers.has(name)) return (...words) => standIn(() => made.real()[name](...words.map(real)));
    const schema = made.real();
    const value = Reflect.get(schema, name, schema);
    if (typeof value !== 'function') return value;
    made.bound ??= new Map();
    made.bound.set(name, value.bind(schema));
    return made.bound.get(name);
  },
  set: (made, name, value) => Reflect.set(made.real(), name, value),
  has: (made, name) => Reflect.has(made.real(), name),
  getPrototypeOf: (made) => Object.getPrototypeOf(made.real()),
};

function standIn(make) {
  let schema;
  return new Proxy({ real: () => (schema ??= make()), bound: undefined }, handler);
}

const deferred = { lazy: (getter) => standIn(() => zod.lazy(() => real(getter()))) };
const all = Object.entries(zod);
for (const [name, value] of all) {
  if (deferred[name] !== undefined) continue;
  deferred[name] = makers.has(name) ? (...words) => standIn(() => value(...words.map(real))) : value;
}
/** Functions of zod that take a schema. */
const takers = new Set(['toJSONSchema', 'safeParse', 'parse', 'safeParseAsync', 'parseAsync', 'prettifyError', 'treeifyError']);
for (const [name, value] of all) if (takers.has(name)) deferred[name] = (...words) => value(...words.map(real));

export const z = deferred;
