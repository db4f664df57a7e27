import { describe, expect, test } from 'vitest';
import { renderFormula } from '../../../public/app/markdown/formula-renderer.ts';
import type { BlockNode, InlineNode } from '../../../public/app/markdown/nodes.ts';
import { createMarkdownModel, parseMarkdown } from '../../../public/app/markdown/parse-markdown.ts';
import { directionOf } from '../../../public/app/markdown/text-direction.ts';

/** Every formula of a source, as its TeX. */
function formulasIn(source: string): string[] {
  const inline = (nodes: readonly InlineNode[]): string[] =>
    nodes.flatMap((node) => (node.type === 'formula' ? [node.tex] : 'children' in node ? inline(node.children) : []));
  const block = (node: BlockNode): string[] => {
    if (node.type === 'formula-block') return [node.formula.tex];
    if (node.type === 'list') return node.items.flatMap((item) => item.children.flatMap(block));
    if (node.type === 'table') return [...node.header, ...node.rows.flat()].flatMap(inline);
    if (node.type === 'quote') return node.children.flatMap(block);
    return node.type === 'code' || node.type === 'rule' ? [] : inline(node.children);
  };
  return parseMarkdown(source).flatMap(({ node }) => block(node));
}

describe('what is a formula', () => {
  test.each([
    ['energy $E = mc^2$ and $x$, also $f(x)$', ['E = mc^2', 'x', 'f(x)']],
    ['inline \\(a_1 + b_1\\) and \\[\\int_0^1 x\\,dx\\] in a line', ['a_1 + b_1', '\\int_0^1 x\\,dx']],
    ['$$\n\\frac{a}{b}\n- c\n=\n0\n$$', ['\\frac{a}{b}\n- c\n=\n0']],
    ['so:\n\\[\nx^2\n\\]\nand on', ['x^2']],
    ['- one $a^2$\n- two\n\n  $$b$$', ['a^2', 'b']],
    ['| a |\n|---|\n| $x_1$ |', ['x_1']],
    ['یک عدد مانند $n \\ge 1$ است', ['n \\ge 1']],
    ['**bold $a*b*c = d$ text**', ['a*b*c = d']],
    ['$\\$5 \\times 2$', ['\\$5 \\times 2']],
    ['$\\text{speed of light} = c$', ['\\text{speed of light} = c']],
  ])('%j', (source, expected) => {
    expect(formulasIn(source)).toEqual(expected);
  });

  test.each([
    'it costs $5 and $10',
    'it costs $5-$10, or US$5 and CA$6',
    'between $20k and 30k$ a year',
    '$5 + $3 = 8',
    'set $HOME and $PATH, or $HOME/$USER',
    'a single $ sign, and $ 5 $ too',
    'I have $100 (one hundred) and she has 200$.',
    '`$x$` and `\\(y\\)` are code',
    '```\n$$x$$\n```',
    'not \\$x\\$ either',
    '$$ \n\n $$',
    '$one of the many words$ here',
  ])('%j holds none', (source) => {
    expect(formulasIn(source)).toEqual([]);
  });

  test('one that is still being written is text, and the same object once it has closed', () => {
    const model = createMarkdownModel();
    const open = model.update('a\n\n$$\nx^2', true);
    expect(open[1]?.node.type).toBe('paragraph');
    const closed = model.update('a\n\n$$\nx^2\n$$\n\nb', true);
    expect(closed[1]?.node.type).toBe('formula-block');
    const end = model.update('a\n\n$$\nx^2\n$$\n\nb', false);
    expect(end[1]?.node).toBe(closed[1]?.node);
  });

  test('does not turn a Persian sentence', () => {
    expect(directionOf(parseMarkdown('$x$ یک عدد است').map(({ node }) => node))).toBe('rtl');
  });

  test('with characters that cannot be seen is shown as it was written, with their names', () => {
    expect(formulasIn('$a\u202eb = c$')).toEqual([]);
  });
});

describe('a formula', () => {
  const names = (node: ReturnType<typeof renderFormula>): string =>
    node === undefined ? '' : `${node.name}(${node.children.map((child) => (typeof child === 'string' ? child : names(child))).join(' ')})`;

  test('becomes elements, not markup', () => {
    expect(names(renderFormula('\\frac{a}{2}', false))).toContain('mfrac(mi(a) mn(2))');
    expect(renderFormula('x', true)?.attributes).toMatchObject({ display: 'block' });
  });

  test.each(['\\frac{a', '\\unknowncommand', '{', 'x^2^3', '\\begin{matrix} a'])('that is malformed is none: %s', (tex) => {
    expect(renderFormula(tex, false)).toBe(undefined);
  });

  test.each([
    '\\href{javascript:alert(1)}{x}',
    '\\url{https://evil.example}',
    '\\includegraphics{https://evil.example/p.png}',
    '\\htmlData{a=b}{x}',
    '\\style{background:url(//evil)}{x}',
    '\\class{app}{x}',
    '\\id{composer}{x}',
  ])('brings nothing in from outside: %s', (tex) => {
    const text = JSON.stringify(renderFormula(tex, false) ?? '');
    expect(text).not.toMatch(/javascript:|url\(|href|"src"|"id"|onerror/);
  });

  test('that would grow without end is none', () => {
    const doubling = Array.from({ length: 12 }, (_, index) => {
      const name = String.fromCharCode(98 + index);
      const before = String.fromCharCode(97 + index);
      return `\\def\\q${name}{\\q${before}\\q${before}\\q${before}\\q${before}}`;
    }).join('');
    expect(renderFormula(`\\def\\qa{x}${doubling}\\qm`, false)).toBe(undefined);
    expect(renderFormula('\\sqrt{'.repeat(200) + 'x' + '}'.repeat(200), false)).toBe(undefined);
  });

  test('defines nothing for the next one', () => {
    renderFormula('\\gdef\\mine{x}\\mine', false);
    expect(renderFormula('\\mine', false)).toBe(undefined);
  });
});
