import { Lexer, Tokenizer, type Tokens, type TokensList } from 'marked';
import { isTooComplex, maxSourceChars, maxWholeChars } from './complexity.ts';
import { formulaExtensions } from './formula-tokens.ts';
import type { CodeNode, TopBlock } from './nodes.ts';
import { createBlockSplitter, type SourceBlock, splitBlocks } from './split-blocks.ts';
import { blockFrom, languageFrom } from './tree-from-tokens.ts';
import { visibleText } from './visible-text.ts';

/** Reads no HTML at all: tags are words like any other. Only `<br>`, which models write in tables, is a line break. */
class TextOnlyTokenizer extends Tokenizer {
  override html(): undefined {
    return undefined;
  }

  override tag(): undefined {
    return undefined;
  }

  override br(source: string): Tokens.Br | undefined {
    const match = /^<br ?\/?>/i.exec(source);
    return match === null ? super.br(source) : { type: 'br', raw: match[0] };
  }
}

function lex(source: string): TokensList {
  return new Lexer({ gfm: true, breaks: false, tokenizer: new TextOnlyTokenizer(), extensions: formulaExtensions }).lex(source);
}

/** The parser counts the blank lines after a fence to it, the splitter does not. Spaces stay: they were parsed. */
function withoutEndLines(raw: string): string {
  let end = raw.length;
  while (end > 0 && raw.charCodeAt(end - 1) === 0x0a) end -= 1;
  return raw.slice(0, end);
}

function plain(raw: string): TopBlock {
  return { raw, node: { type: 'plain', children: visibleText(raw.trimEnd()) } };
}

/** Whether the last line of a fence is its end: whole, or while it arrives one character at a time. */
function endsWith(line: string, marker: string, block: SourceBlock): boolean {
  if (block.closed) return true;
  const text = line.trim();
  return text !== '' && text === marker.charAt(0).repeat(text.length) && !block.source.endsWith('\n');
}

/** A fence, read without the parser: its text is never looked into, however long it is. */
function codeFrom(block: SourceBlock): CodeNode {
  const [first = '', ...body] = block.source.replace(/\n$/, '').split('\n');
  const [, indent = '', marker = '', info = ''] = /^( *)(`+|~+)(.*)$/.exec(first) ?? [];
  if (endsWith(body.at(-1) ?? '', marker, block)) body.pop();
  const margin = new RegExp(`^ {0,${indent.length}}`);
  const text = (indent === '' ? body : body.map((line) => line.replace(margin, ''))).join('\n');
  return { type: 'code', language: languageFrom(info), text, closed: block.closed };
}

/** Whether a block that was read while streaming is what the whole source holds at this place. */
function isSame(old: TopBlock, raw: string): boolean {
  if (old.node.type !== 'code') return old.raw === raw;
  return old.node.closed && /^ {0,3}[`~]/.test(raw) && old.raw === withoutEndLines(raw);
}

function topBlocksOf(tokens: TokensList, known: readonly TopBlock[]): TopBlock[] {
  const reusable = Object.keys(tokens.links).length === 0;
  const blocks: TopBlock[] = [];
  for (const token of tokens) {
    const old = known[blocks.length];
    if (reusable && old !== undefined && isSame(old, token.raw)) {
      blocks.push(old);
      continue;
    }
    const node = blockFrom(token);
    if (node !== undefined) blocks.push({ raw: token.raw, node });
  }
  return blocks;
}

function parseBlock(block: SourceBlock): readonly TopBlock[] {
  if (block.kind === 'fence') return [{ raw: withoutEndLines(block.source), node: codeFrom(block) }];
  if (isTooComplex(block.source)) return [plain(block.source)];
  return topBlocksOf(lex(block.source), []);
}

function normalised(source: string): string {
  return source.includes('\r') ? source.replace(/\r\n?/g, '\n') : source;
}

/** Whether every block of a source may be parsed in one piece with the others. */
function isWholeSafe(source: string, blocks: readonly SourceBlock[]): boolean {
  return source.length <= maxWholeChars && !blocks.some((block) => block.kind === 'text' && isTooComplex(block.source));
}

/** A finished source as blocks: parsed as a whole, unless a part of it is too much for that. */
export function parseMarkdown(source: string, known: readonly TopBlock[] = []): readonly TopBlock[] {
  if (source.length > maxSourceChars) return [plain(source)];
  const text = normalised(source);
  const blocks = splitBlocks(text);
  return isWholeSafe(text, blocks) ? topBlocksOf(lex(text), known) : blocks.flatMap((block) => [...parseBlock(block)]);
}

/** Blocks of finished sources, so that a message that comes back into the window is not parsed again. */
const remembered = new Map<string, readonly TopBlock[]>();
const mostRemembered = 2_000_000;
let rememberedChars = 0;

function remember(source: string, blocks: readonly TopBlock[]): readonly TopBlock[] {
  if (!remembered.delete(source)) rememberedChars += source.length;
  remembered.set(source, blocks);
  for (const old of remembered.keys()) {
    if (rememberedChars <= mostRemembered) break;
    remembered.delete(old);
    rememberedChars -= old.length;
  }
  return blocks;
}

export interface MarkdownModel {
  /**
   * The blocks of the source as it is now. While streaming only what follows the last two closed blocks is parsed again, the
   * other blocks stay the same objects; with `streaming` false the source is parsed as a whole once.
   */
  update(source: string, streaming: boolean): readonly TopBlock[];
}

export function createMarkdownModel(): MarkdownModel {
  const split = createBlockSplitter();
  let read: readonly SourceBlock[] = [];
  let parsed: readonly (readonly TopBlock[])[] = [];
  let current: readonly TopBlock[] = [];
  let finished: string | undefined;

  /** What was read before stays at its place. */
  function parseGrown(source: string): readonly TopBlock[] {
    const blocks = split(normalised(source));
    parsed = blocks.map((block, index) => (block === read[index] ? parsed[index] : undefined) ?? parseBlock(block));
    read = blocks;
    return parsed.flat();
  }

  return {
    update(source, streaming) {
      if (streaming) {
        finished = undefined;
        current = source.length > maxSourceChars ? [plain(source)] : parseGrown(source);
      } else if (source !== finished) {
        const before = current.length === 0 ? remembered.get(source) : undefined;
        current = remember(source, before ?? parseMarkdown(source, current));
        finished = source;
        [read, parsed] = [[], []];
      }
      return current;
    },
  };
}
