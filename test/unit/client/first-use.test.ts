import { describe, expect, test } from 'vitest';
import { money } from '../../../public/app/state/amounts.ts';
import type { I18n } from '../../../public/app/state/i18n.ts';
import { plainSnippet } from '../../../public/app/state/plain-snippet.ts';
import arabic from '../../../public/locales/ar.json' with { type: 'json' };
import english from '../../../public/locales/en.json' with { type: 'json' };
import persian from '../../../public/locales/fa.json' with { type: 'json' };
import { geminiModelTable } from '../../../src/models/gemini/gemini-model-table.ts';

const inLocale = (locale: string) =>
  ({ number: (value: number, options?: Intl.NumberFormatOptions) => new Intl.NumberFormat(locale, options).format(value) }) as I18n;

describe('what a person reads at first use', () => {
  test('a cost below a cent keeps its first two digits that count, and nothing is zero that was paid', () => {
    const i18n = inLocale('en');
    expect([0, 12, 345, 9_900, 10_500, 1_250_000].map((micro) => money(i18n, micro))).toEqual([
      ...['$0.00', '$0.000012', '$0.00035', '$0.0099', '$0.0105', '$1.25'],
    ]);
  });

  test('a found piece of Markdown loses its marks, and what was found in it stays marked', () => {
    const text = '## Answer\nIt is **Tokyo** and `not` ~~Kyoto~~.';
    const word = text.indexOf('Tokyo');
    const last = text.indexOf('Kyoto');
    const plain = plainSnippet(text, [
      [word, word + 5],
      [last, last + 5],
    ]);
    expect(plain.text).toBe('Answer\nIt is Tokyo and not Kyoto.');
    expect(plain.ranges.map(([from, to]) => plain.text.slice(from, to))).toEqual(['Tokyo', 'Kyoto']);
  });

  test('a heading in the middle of a found line loses its mark, too', () => {
    expect(plainSnippet('It is blue. ## In steps 1. Light', [[15, 17]])).toEqual({
      text: 'It is blue. In steps 1. Light',
      ranges: [[12, 14]],
    });
  });

  test('what the known models are for is said in every language, and in English as the server says it', () => {
    for (const { id, description } of geminiModelTable) {
      const key = `model.about.${id}`;
      const words = [english, persian, arabic].map((file: Readonly<Record<string, string>>) => file[key]);
      if (description !== undefined) expect(words[0]).toBe(description);
      expect(new Set(words).size).toBe(description === undefined ? 1 : 3);
    }
  });

  test('a text without marks is not touched', () => {
    expect(plainSnippet('2 * 3 _ 4 # five', [[0, 1]])).toEqual({ text: '2 * 3 _ 4 # five', ranges: [[0, 1]] });
  });
});
