import { describe, expect, it } from 'vitest';
import { normaliseWords } from '../../../src/lib/normalise-words.ts';
import { snippetOf, stretchesOf } from '../../../src/services/conversations/search-snippet.ts';

const marked = (text: string, query: string) => stretchesOf(text, normaliseWords(query)).map(([from, to]) => text.slice(from, to));

describe('the words that were asked for', () => {
  it.each([
    ['Fluffy saffron rice', 'saffron rice', ['saffron', 'rice']],
    // The last word may be the beginning of one, the others may not.
    ['rice and ricecake', 'rice', ['rice', 'rice']],
    ['ricecake with saffron', 'rice saff', ['saff']],
    ['این کتاب علي است', 'كتاب علی', ['کتاب', 'علي']],
    ['او می‌رود', 'میرود', ['می‌رود']],
    ['او می‌رود', 'می', ['می']],
    ['او می‌رود', 'می رود', ['می‌رود']],
    ['دو خانه‌ها', 'ها', ['خانه‌ها']],
    ['سَلامٌ بر شما', 'سلام', ['سَلامٌ']],
    ['سال ۱۴۰۵ است', '1405', ['۱۴۰۵']],
    ['كـــتاب', 'کتا', ['كـــتا']],
    ['Café CRÈME', 'cafe creme', ['Café', 'CRÈME']],
    ['ΟΔΟΣ και', 'οδος', ['ΟΔΟΣ']],
    ['nothing here', 'absent', []],
    ['👩‍🍳 saffron', 'saffron', ['saffron']],
  ])('are marked in %s for %s', (text, query, expected) => {
    expect(marked(text, query)).toEqual(expected);
  });
});

describe('a snippet', () => {
  it('is a short line around the place that holds most of the words, and marks them', async () => {
    const text = `rice ${'and other things that grow\n'.repeat(200)}then comes the\n\nsaffron   rice of my aunt ${'again and again '.repeat(50)}`;
    const { text: line, highlights } = await snippetOf(text, ['saffron', 'rice']);
    expect(line.length).toBeLessThan(170);
    expect(line).toMatch(/^….*then comes the saffron rice of my aunt.*…$/);
    expect(highlights.map(([from, to]) => line.slice(from, to))).toEqual(['saffron', 'rice']);
  });

  it('never cuts a pair of surrogates, and is whole where the text is short', async () => {
    expect(await snippetOf('short 🦜 rice', ['rice'])).toEqual({ text: 'short 🦜 rice', highlights: [[9, 13]] });
    const { text } = await snippetOf(`rice${'🦜'.repeat(400)}`, ['rice']);
    expect(() => encodeURIComponent(text)).not.toThrow();
  });

  it('of a text whose words stand far behind its beginning is found there', async () => {
    const { text, highlights } = await snippetOf(`${'سلام '.repeat(15_000)}زعفران`, ['زعفران']);
    expect(highlights).toHaveLength(1);
    expect(text).toContain('زعفران');
  });
});
