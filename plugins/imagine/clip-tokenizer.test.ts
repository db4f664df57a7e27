import { describe, expect, it } from 'vitest';
import { createClipTokenizer } from './clip-tokenizer.ts';

/** The joins that the texts below need, with their ids, in the order of the real `merges.txt` (OpenAI CLIP, MIT): all 48894 would be too much here. */
const joins =
  "r e=515|o r=523|e n=524|t o</w>=531|i c=535|a t</w>=536|o f</w>=539|e l=544|ð Ł=558|r a=559|' s</w>=568|d i=570|m a=577|i t</w>=585|l y</w>=597|a g=602|h o=606|d o=639|w or=641|w e</w>=649|l u=664|ðŁ ĺ=668|n i=697|a f=702|en t=724|l d</w>=730|re d</w>=736|p ho=816|el l=826|l l</w>=865|s k=909|wor ld</w>=1002|pho to</w>=1125|ma g=1191|b lu=1263|' ll</w>=1342|blu e</w>=1746|f ic=1788|do g</w>=1929|ra m</w>=2007|c at</w>=2368|sk y</w>=2390|ag ram</w>=2447|ell o</w>=2512|ent ly</w>=2922|h ello</w>=3306|c af=3471|Ã ©</w>=4166|ni fic=4748|ðŁĺ Ģ</w>=7334|mag nific=9725|Ø ±=10948|caf Ã©</w>=15304|Ø ¨=16378|di agram</w>=22697|Ù ĩ</w>=31343"
    .split('|')
    .map((entry) => ({ join: entry.slice(0, entry.lastIndexOf('=')), id: Number(entry.slice(entry.lastIndexOf('=') + 1)) }));

/** Single characters: `!` is 0 alone and 256 at the end of a word, and so on through the printable bytes. */
const single: Record<string, number> = { '!': 0, '!</w>': 256, 'a</w>': 320, ',</w>': 267, '4</w>': 275, '2</w>': 273, Ú: 150, '¯': 107 };
const vocabulary: Record<string, number> = {
  ...single,
  ...Object.fromEntries(joins.map(({ join, id }) => [join.replace(' ', ''), id])),
  '<|startoftext|>': 49_406,
  '<|endoftext|>': 49_407,
};
const merges = `#version: 0.2\n${joins.map(({ join }) => join).join('\n')}\n`;
const tokenizer = createClipTokenizer({ vocabulary, merges });

describe('the tokenizer of CLIP', () => {
  it.each([
    ['a photo of a cat', [320, 1125, 539, 320, 2368]],
    ['a diagram', [320, 22_697]],
    ['hello world!', [3306, 1002, 256]],
    ['magnificently', [9725, 2922]],
    // What follows is what @huggingface/tokenizers 0.2.0 gives with the whole vocabulary.
    ["A  Photo\tof a DOG, it's red", [320, 1125, 539, 320, 1929, 267, 585, 568, 736]],
    ['blue sky', [1746, 2390]],
    ['cafe\u0301 42', [15_304, 275, 273]],
    ['گربه', [150, 107, 10_948, 16_378, 31_343]],
    ["we'll", [649, 1342]],
    ['😀', [7334]],
    ['a <|endoftext|> a', [320, 49_407, 320]],
    ['', []],
  ])('“%s”', (text, ids) => {
    const result = tokenizer.tokenize(text, 77);
    expect(result.ids).toHaveLength(77);
    expect(result.ids.slice(0, ids.length + 2)).toEqual([49_406, ...ids, 49_407]);
    expect(result.ids.slice(ids.length + 1).every((id) => id === 49_407)).toBe(true);
    expect(result.dropped).toBe(0);
  });

  it('cuts a long text, says how much was lost and keeps the end mark', () => {
    const { ids, dropped } = tokenizer.tokenize('cat '.repeat(100), 77);
    expect(ids).toHaveLength(77);
    expect(ids[75]).toBe(2368);
    expect(ids[76]).toBe(49_407);
    expect(dropped).toBe(25);
  });

  it('fills with “!” where the model says so', () => {
    const second = createClipTokenizer({ vocabulary, merges, padToken: '!' });
    expect(second.tokenize('a cat', 8).ids).toEqual([49_406, 320, 2368, 49_407, 0, 0, 0, 0]);
  });

  it('is quick with one endless word', () => {
    expect(tokenizer.tokenize('cat'.repeat(2000), 77).ids).toHaveLength(77);
  });
});
