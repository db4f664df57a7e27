import { describe, expect, it } from 'vitest';
import { markdownHtml } from '../../../src/commands/exports/markdown-html.ts';

describe('Markdown in an exported page', () => {
  it('has headings, lists in lists, tables, quotations, code and emphasis', () => {
    const html = markdownHtml(
      '# A *b*\ntext **bold** and `a < b`\nnext line\n\n1. one\n   - inner\n   - [x] done\n2. two\n\n| a | b \\| c |\n|---|:-:|\n| 1 | **2** |\n\n> said\n> - x\n\n---\n```ts\nif (a < b) {}\n```\nسلام [link](https://example.org/?a=1&b=2)',
    );
    expect(html).toBe(
      [
        '<h2 dir="auto">A <em>b</em></h2>',
        '<p dir="auto">text <strong>bold</strong> and <code dir="ltr">a &lt; b</code><br>\nnext line</p>',
        '<ol dir="auto">\n<li>one\n<ul dir="auto">\n<li>inner</li>\n<li>☑ done</li>\n</ul></li>\n<li>two</li>\n</ol>',
        '<table>\n<thead><tr><th dir="auto">a</th><th dir="auto">b | c</th></tr></thead>\n<tbody>\n<tr><td dir="auto">1</td><td dir="auto"><strong>2</strong></td></tr>\n</tbody>\n</table>',
        '<blockquote dir="auto">\n<p dir="auto">said</p>\n<ul dir="auto">\n<li>x</li>\n</ul>\n</blockquote>',
        '<hr>',
        '<pre dir="ltr"><code>if (a &lt; b) {}</code></pre>',
        '<p dir="auto">سلام <a rel="noopener noreferrer nofollow" href="https://example.org/?a=1&amp;b=2">link</a></p>',
      ].join('\n'),
    );
  });

  it('leaves names with underscores, stars of sums and unfinished marks as they are', () => {
    expect(markdownHtml('snake_case_name 2 * 3 * 4 **open `tick')).toBe('<p dir="auto">snake_case_name 2 * 3 * 4 **open `tick</p>');
  });

  it.each([
    '<script>alert(1)</script>',
    '[x](javascript:alert(1)) [y](data:text/html,<script>) ![z](https://e.org/" onerror="alert(1))',
    '[a](https://e.org/"><img src=x onerror=alert(1)>) <https://e.org/"onload=x>',
    '# <svg onload=alert(1)>\n- <b onclick=x>\n> <i>\n| <u> |\n|---|\n| <s> |',
    '`<b>` ```<c>``` **<d>** ~~<e>~~ *<f>* [<g>](https://e.org/<h>)',
    '```"><script>\n</code></pre><script>alert(1)</script>\n```',
    "https://e.org/'onmouseover='alert(1) https://e.org/`x`",
  ])('makes no markup of %s', (text) => {
    const html = markdownHtml(text);
    const tags = [...html.matchAll(/<[^>]*>/g)].map(([tag]) => tag);
    const ours =
      /^<(?:\/?(?:p|h2|ul|ol|li|blockquote|pre|table|thead|tbody|tr|th|td|code|strong|em|del|a|bdi|hr|br)|(?:p|h2|ul|blockquote|th|td|code|pre|bdi) dir="(?:auto|ltr)"|a rel="noopener noreferrer nofollow" href="https?:[^"<>]*")>$/;
    expect(tags.filter((tag) => !ours.test(tag))).toEqual([]);
    expect(html.replaceAll(/<[^>]*>/g, '')).not.toMatch(/[<>]/);
  });

  it.each(['[', '*', '`', '> ', '- ', '|', '_', '~~', '**a', '[a](', '# ', '1. ', ' - a\n  '])(
    'takes no time for very many of "%s"',
    (piece) => {
      const text = piece.repeat(Math.ceil(100_000 / piece.length));
      expect(markdownHtml(text).length).toBeGreaterThan(0);
    },
  );
});
