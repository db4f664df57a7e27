import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createMarkdownModel, parseMarkdown } from '../../../public/app/markdown/parse-markdown.ts';
import { createBlockSplitter, splitBlocks } from '../../../public/app/markdown/split-blocks.ts';
import { directionOf } from '../../../public/app/markdown/text-direction.ts';

const nodesOf = (source: string) => parseMarkdown(source).map((block) => block.node);

describe('a growing source', () => {
  test('keeps the objects of its closed blocks', () => {
    const model = createMarkdownModel();
    const before = model.update('# one\n\ntwo\n\nthree\n\nfour', true);
    const after = model.update('# one\n\ntwo\n\nthree\n\nfour more', true);
    expect(after.slice(0, 3).map((block, index) => block === before[index])).toEqual([true, true, true]);
    expect(after[3]).not.toBe(before[3]);
    const end = model.update('# one\n\ntwo\n\nthree\n\nfour more', false);
    expect(end.map((block, index) => block.node === after[index]?.node)).toEqual([true, true, true, true]);
  });

  test('that is finished is not parsed again for the next who shows it', () => {
    const source = '# one\n\ntwo *three*';
    const first = createMarkdownModel().update(source, false);
    expect(createMarkdownModel().update(source, false)).toBe(first);
    const long = createMarkdownModel().update('x'.repeat(2_100_000), false);
    expect(createMarkdownModel().update('x'.repeat(2_100_000), false)).not.toBe(long);
  });

  const lines = fc.array(
    fc.constantFrom('a\n', '\n', '- b\n', '  c\n', '```\n', '  ```\n', '~~~js\n', '> q\n', '    d\n', '1. e\n', 'f', '`````\n', '```x`\n'),
  );

  test('the cuts lose no line but blank ones', () => {
    const filled = (text: string) => text.split('\n').filter((line) => line.trim() !== '');
    fc.assert(
      fc.property(lines, (parts) => {
        const source = parts.join('');
        expect(splitBlocks(source).flatMap((block) => filled(block.source))).toEqual(filled(source));
      }),
    );
  });

  test('is cut as the same source is cut at once, at every prefix', () => {
    fc.assert(
      fc.property(lines, (parts) => {
        const source = parts.join('');
        const split = createBlockSplitter();
        for (let end = 1; end <= source.length; end += 1) expect(split(source.slice(0, end))).toEqual(splitBlocks(source.slice(0, end)));
      }),
      { numRuns: 300 },
    );
  });

  test('reads block by block what it reads as a whole', () => {
    const piece = fc.constantFrom(
      'a *plain* paragraph\nof two lines',
      '# heading',
      '```js\nlet a;\n\nlet b;\n```',
      '~~~\n~~\n~~~',
      '> quote\n> > deeper',
      '| a | b |\n|:-:|--|\n| 1 | 2 |',
      'متن فارسی با **تأکید**',
      '<div>\nnot markup\n</div>',
    );
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 8 }), (pieces) => {
        const source = pieces.join('\n\n');
        const streamed = createMarkdownModel()
          .update(source, true)
          .map((block) => block.node);
        const open = pieces[pieces.length - 1]?.endsWith('```') || pieces[pieces.length - 1]?.endsWith('~~~');
        if (!open) expect(streamed).toEqual(nodesOf(source));
        expect(
          createMarkdownModel()
            .update(source, false)
            .map((block) => block.node),
        ).toEqual(nodesOf(source));
      }),
    );
  });

  test('an open fence is code from its first line on, and its half-written end is not', () => {
    const model = createMarkdownModel();
    const codeOf = (source: string) => model.update(source, true)[0]?.node;
    expect(codeOf('```py\nprint(1)\n\n# no heading')).toEqual({
      type: 'code',
      language: 'py',
      text: 'print(1)\n\n# no heading',
      closed: false,
    });
    expect(codeOf('```py\nprint(1)\n``')).toMatchObject({ text: 'print(1)', closed: false });
    expect(codeOf('```py\nprint(1)\n```')).toMatchObject({ text: 'print(1)', closed: true });
  });

  test('a reference link is a link once the end is there', () => {
    const model = createMarkdownModel();
    const source = 'see [it]\n\n[it]: https://example.com/x';
    expect(JSON.stringify(model.update(source, true))).not.toContain('"link"');
    expect(JSON.stringify(model.update(source, false))).toContain('"link"');
  });
});

describe('the tree', () => {
  test('knows tasks, nesting, numbers with a start, strike, tables with alignment and line breaks', () => {
    const text = JSON.stringify(nodesOf('3. a\n   - [x] b\n   - [ ] ~~c~~\n\n| l | r |\n|:--|--:|\n| 1<br>2 | 3 |'));
    for (const part of ['"start":3', '"checked":true', '"checked":false', '"strike"', '["left","right"]', '"break"'])
      expect(text).toContain(part);
  });

  test('shows HTML as text and decodes references outside code only', () => {
    expect(nodesOf('<b>x</b> &lt;&amp;amp; `&lt;`')).toEqual([
      {
        type: 'paragraph',
        children: [
          { type: 'text', text: '<b>x</b> <&amp; ' },
          { type: 'code-span', children: [{ type: 'text', text: '&lt;' }] },
        ],
      },
    ]);
  });

  test('a list takes its direction from its first letter, past marks, numbers and code', () => {
    expect(directionOf(nodesOf('- `code` 12 سلام\n- hello'))).toBe('rtl');
    expect(directionOf(nodesOf('> 1. hello'))).toBe('ltr');
    expect(directionOf(nodesOf('- 1\n- 2'))).toBeUndefined();
  });
});
