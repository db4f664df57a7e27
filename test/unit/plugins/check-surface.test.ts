import { describe, expect, it } from 'vitest';
import { checkPlugin } from '../../../src/core/plugins/check-plugin.ts';
import showcase from '../../fixtures/plugins/showcase/plugin.ts';

const free = { kindOwner: () => undefined, modelOwner: () => undefined, chatModelOwner: () => undefined, commandRefusal: () => null };
const words = { en: 'Good' };
const profile = { id: 'guide', title: words };
const mode = { id: 'depth', title: words, options: [{ id: 'short', title: words }] };
const field = { id: 'count', kind: 'number', label: 'Count' };

const refusalOf = (surface: object) => {
  const plugin = { name: 'good', version: '1', apiVersion: 1, title: words, description: words, surface, setup: () => ({}) };
  const checked = checkPlugin(plugin, 'good', free);
  return 'refusal' in checked ? checked.refusal : null;
};
const withField = (own: object) => ({ profiles: [{ ...profile, fields: [{ ...field, ...own }] }] });

describe('the part that a plugin takes in conversations', () => {
  it('is taken where everything is right', () => {
    expect(checkPlugin(showcase, 'showcase', free)).toEqual({ definition: showcase });
    expect(refusalOf({})).toBeNull();
    expect(refusalOf({ hooks: { names: ['login'] } })).toBeNull();
    expect(refusalOf(withField({ initial: null }))).toBeNull();
  });

  const cases: [string, object, RegExp][] = [
    ['an id with blanks', { profiles: [{ ...profile, id: 'My guide' }] }, /surface\.profiles\.0\.id must be in kebab case/],
    ['a profile without a title', { profiles: [{ id: 'guide' }] }, /surface\.profiles\.0\.title is missing/],
    ['two profiles of one id', { profiles: [profile, profile] }, /the profile guide is declared twice/],
    ['two default profiles', { profiles: [1, 2].map((id) => ({ ...profile, id: `p${id}`, default: true })) }, /only one of its profiles/],
    ['a picture outside of its folder', { profiles: [{ ...profile, author: { name: words, avatar: '../x' } }] }, /avatar must be a name/],
    ['a greeting without English', { profiles: [{ ...profile, greeting: { en: ' ', fa: 'سلام' } }] }, /greeting needs 1 to 4000/],
    ['a title of 2 kB in Persian', { profiles: [{ ...profile, title: { en: 'Good', fa: 'ب'.repeat(2000) } }] }, /title needs 1 to 120/],
    ['a first word that nobody says', { profiles: [{ ...profile, speaksFirst: true }] }, /speaks first: name the hook chatStart/],
    [
      'a mode that is there already',
      { modes: [mode], profiles: [{ ...profile, modes: [mode] }] },
      /guide: the mode depth is declared twice/,
    ],
    ['a mode without options', { modes: [{ ...mode, options: [] }] }, /surface\.modes\.0\.options/],
    [
      'two default options',
      { modes: [{ ...mode, options: ['a', 'b'].map((id) => ({ id, title: words, default: true })) }] },
      /the mode depth: only one of its options may be the default/,
    ],
    ['a link that is code', { links: [{ title: words, url: 'javascript:alert(1)' }] }, /must be an address that begins with https/],
    ['an unknown hook', { hooks: { names: ['onMessage'], everywhere: true } }, /surface\.hooks\.names\.0/],
    ['a hook twice', { hooks: { names: ['login', 'login'] } }, /names has login twice/],
    ['hooks that are never asked', { hooks: { names: ['message'] } }, /would never be asked/],
    ['a field twice', { profiles: [{ ...profile, fields: [field, field] }] }, /the field count is declared twice/],
    ['a choice without options', withField({ kind: 'select' }), /the field count of the kind select needs options/],
    ['a number with options', withField({ options: [{ value: '1', label: '1' }] }), /of the kind number takes no options/],
    [
      'two options of one value',
      withField({ kind: 'radio', options: ['A', 'B'].map((label) => ({ value: '1', label })) }),
      /two options of the same value/,
    ],
    ['a slider without an end', withField({ kind: 'slider', min: 0 }), /slider needs min and max/],
    ['ends that are turned around', withField({ min: 9, max: 1 }), /a min above its max/],
    ['a day that is none', withField({ kind: 'date', min: 'tomorrow' }), /needs days, such as 2026-12-31, as min and max/],
    ['ends of a text', withField({ kind: 'text', max: 3 }), /of the kind text takes no min and max/],
    ['a value outside of the ends', withField({ min: 1, initial: 0 }), /an initial value that is none of the kind number/],
    [
      'a value that is no option',
      withField({ kind: 'multi-select', options: [{ value: 'a', label: 'A' }], initial: ['b'] }),
      /an initial value that is none of the kind multi-select/,
    ],
    ['half a range of days', withField({ kind: 'date-range', initial: ['2026-01-01'] }), /none of the kind date-range/],
    ['a text that is too long for itself', withField({ kind: 'text', maxLength: 2, initial: 'abc' }), /none of the kind text/],
    ['a field that must and cannot be filled in', withField({ required: true, disabled: true }), /is required and cannot be filled in/],
  ];
  it.each(cases)('is refused with %s', (_name, surface, reason) => {
    expect(refusalOf(surface)).toMatch(reason);
  });
});
