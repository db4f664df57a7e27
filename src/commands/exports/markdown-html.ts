import { escapeHtml } from './escape-html.ts';
import { inlineHtml } from './markdown-inline.ts';

/** A quotation in a quotation and so on: deeper ones are text. */
const mostDepth = 8;

interface Block {
  readonly html: string;
  /** The line behind it. */
  readonly next: number;
}

/** Tries to read a block that begins at a line. */
type BlockReader = (lines: readonly string[], at: number, depth: number) => Block | null;

/**
 * The Markdown that models write, as HTML: headings, lists, tables, quotations, code, and what stands in a line. Every text is
 * escaped before it is put between tags of ours, so nothing of it can become markup. Each block has the direction of its own text.
 */
export function markdownHtml(text: string): string {
  return [...markdownBlocks(text)].join('\n');
}

/** The same, block by block: a long text takes longer than others may wait. */
export function markdownBlocks(text: string): Generator<string, void, undefined> {
  return blocksOf(text.split(/\r?\n/), 0);
}

const blocksHtml = (lines: readonly string[], depth: number): string => [...blocksOf(lines, depth)].join('\n');

function* blocksOf(lines: readonly string[], depth: number): Generator<string, void, undefined> {
  for (let at = 0; at < lines.length; ) {
    const block = blockAt(lines, at, depth);
    if (block.html !== '') yield block.html;
    at = block.next;
  }
}

function blockAt(lines: readonly string[], at: number, depth: number): Block {
  for (const read of readers) {
    const block = read(lines, at, depth);
    if (block !== null) return block;
  }
  return paragraph(lines, at);
}

const lineAt = (lines: readonly string[], at: number): string => lines[at] ?? '';
const isBlank = (line: string): boolean => line.trim() === '';

const blank: BlockReader = (lines, at) => (isBlank(lineAt(lines, at)) ? { html: '', next: at + 1 } : null);

const code: BlockReader = (lines, at) => {
  const fence = /^ {0,8}(`{3,}|~{3,})/.exec(lineAt(lines, at))?.[1];
  if (fence === undefined) return null;
  let end = at + 1;
  while (end < lines.length && !(lineAt(lines, end).trim().startsWith(fence) && lineAt(lines, end).trim().length < fence.length + 3))
    end += 1;
  const body = escapeHtml(lines.slice(at + 1, end).join('\n'));
  return { html: `<pre dir="ltr"><code>${body}</code></pre>`, next: end + 1 };
};

const heading: BlockReader = (lines, at) => {
  const [, marks, words] = /^ {0,3}(#{1,6}) +(.*)$/.exec(lineAt(lines, at)) ?? [];
  if (marks === undefined || words === undefined) return null;
  // The title of the page is the first heading.
  const level = Math.min(6, marks.length + 1);
  return { html: `<h${level} dir="auto">${inlineHtml(words.replace(/ #+$/, ''))}</h${level}>`, next: at + 1 };
};

const rulePattern = /^ {0,3}(?:-{3,}|\*{3,}|_{3,})\s*$/;
const rule: BlockReader = (lines, at) => (rulePattern.test(lineAt(lines, at)) ? { html: '<hr>', next: at + 1 } : null);

const quotation: BlockReader = (lines, at, depth) => {
  if (depth >= mostDepth || !isQuoted(lineAt(lines, at))) return null;
  let end = at;
  while (end < lines.length && isQuoted(lineAt(lines, end))) end += 1;
  const inner = lines.slice(at, end).map((line) => line.replace(/^ {0,3}> ?/, ''));
  return { html: `<blockquote dir="auto">\n${blocksHtml(inner, depth + 1)}\n</blockquote>`, next: end };
};

const isQuoted = (line: string): boolean => /^ {0,3}>/.test(line);

const item = /^( {0,40})([-*+]|\d{1,9}[.)])( {1,4}|$)(.*)$/;

/** How far an item stands in, and its number. */
interface Marker {
  readonly indent: number;
  readonly number: number | null;
  readonly words: string;
}

function markerOf(line: string): Marker | null {
  const [, blanks = '', mark = '', , words = ''] = item.exec(line) ?? [];
  if (mark === '') return null;
  return { indent: blanks.length, number: /^\d/.test(mark) ? Number.parseInt(mark, 10) : null, words };
}

/** Of the same list: not further in, and numbered like the first one or not at all like it. */
const belongs = (one: Marker, first: Marker): boolean =>
  one.indent >= first.indent && one.indent <= first.indent + 1 && (one.number === null) === (first.number === null);

const list: BlockReader = (lines, at, depth) => {
  const first = markerOf(lineAt(lines, at));
  if (first === null || depth >= mostDepth) return null;
  const items: string[] = [];
  let next = at;
  for (let one: Marker | null = first; one !== null && belongs(one, first); one = markerOf(lineAt(lines, next))) {
    const end = endOfItem(lines, next + 1, first.indent);
    const inner = [one.words, ...lines.slice(next + 1, end).map((line) => line.replace(/^ {1,4}/, ''))];
    items.push(`<li>${itemHtml(inner, depth + 1)}</li>`);
    next = end;
  }
  const start = first.number === null || first.number === 1 ? '' : ` start="${first.number}"`;
  const tag = first.number === null ? 'ul' : 'ol';
  return { html: `<${tag}${start} dir="auto">\n${items.join('\n')}\n</${tag}>`, next };
};

/** What is indented further belongs to the item, and an empty line before it. */
function endOfItem(lines: readonly string[], from: number, indent: number): number {
  let end = from;
  for (let at = from; at < lines.length; at += 1) {
    const line = lineAt(lines, at);
    if (isBlank(line)) continue;
    if (line.length - line.trimStart().length <= indent) return at === end ? at : end;
    end = at + 1;
  }
  return end;
}

/** The list has the direction of its words, so that its marks stand on their side. A short item is one line; a task shows whether it is done. */
function itemHtml(lines: readonly string[], depth: number): string {
  const [first = '', ...rest] = lines;
  const task = /^\[([ xX])\] /.exec(first)?.[1];
  const mark = task === undefined ? '' : task === ' ' ? '☐ ' : '☑ ';
  const words = task === undefined ? first : first.slice(4);
  const inner = blocksHtml(rest, depth);
  return `${mark}${inlineHtml(words)}${inner === '' ? '' : `\n${inner}`}`;
}

const table: BlockReader = (lines, at) => {
  const head = lineAt(lines, at);
  if (!head.includes('|') || !/^ {0,3}\|? *:?-+:? *(?:\| *:?-+:? *)*\|? *$/.test(lineAt(lines, at + 1))) return null;
  let end = at + 2;
  while (end < lines.length && lineAt(lines, end).includes('|') && !isBlank(lineAt(lines, end))) end += 1;
  const row = (line: string, tag: 'th' | 'td') =>
    `<tr>${cellsOf(line)
      .map((cell) => `<${tag} dir="auto">${inlineHtml(cell)}</${tag}>`)
      .join('')}</tr>`;
  const body = lines.slice(at + 2, end).map((line) => row(line, 'td'));
  return { html: `<table>\n<thead>${row(head, 'th')}</thead>\n<tbody>\n${body.join('\n')}\n</tbody>\n</table>`, next: end };
};

function cellsOf(line: string): string[] {
  const inner = line
    .trim()
    .replace(/^\|/, '')
    .replace(/(?<!\\)\|$/, '');
  return inner.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll('\\|', '|'));
}

const readers: readonly BlockReader[] = [blank, code, heading, rule, quotation, list, table];
/** What ends a paragraph without an empty line: only looked at, not read. */
function interrupts(line: string): boolean {
  return isBlank(line) || isQuoted(line) || /^ {0,8}(?:`{3,}|~{3,}|#{1,6} )/.test(line) || rulePattern.test(line) || item.test(line);
}

function paragraph(lines: readonly string[], at: number): Block {
  let end = at + 1;
  while (end < lines.length && !interrupts(lineAt(lines, end))) end += 1;
  const words = lines.slice(at, end).map((line) => inlineHtml(line.trim()));
  return { html: `<p dir="auto">${words.join('<br>\n')}</p>`, next: end };
}
