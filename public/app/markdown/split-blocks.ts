/** A piece of a source that can be parsed by itself. */
export interface SourceBlock {
  readonly source: string;
  readonly start: number;
  readonly kind: 'text' | 'fence';
  /** false for a fence without its end; a text block is never final before the next one begins */
  readonly closed: boolean;
}

interface Fence {
  readonly marker: string;
  readonly indent: number;
  /** stands at the top level, not inside a list */
  readonly top: boolean;
}

const fenceStart = /^([ \t]*)(`{3,}(?=[^`]*$)|~{3,})/;
const listMarker = /^ {0,3}(?:[-*+]|\d{1,9}[.)])(?:[ \t]|$)/;

function indentOf(line: string): number {
  let width = 0;
  for (const character of line) {
    if (character === ' ') width += 1;
    else if (character === '\t') width += 4;
    else break;
  }
  return width;
}

function closes(line: string, fence: Fence): boolean {
  const text = line.trim();
  if (!text.startsWith(fence.marker)) return false;
  return text.length >= fence.marker.length && text === fence.marker.charAt(0).repeat(text.length) && (!fence.top || indentOf(line) < 4);
}

/** Reads lines and cuts at blank lines that neither a fence, a list nor indented code continues over. */
class Splitter {
  readonly blocks: SourceBlock[] = [];
  readonly #source: string;
  #start = -1;
  #blank = false;
  #list = false;
  #indented = false;
  #fence: Fence | undefined;

  constructor(source: string) {
    this.#source = source;
  }

  #emit(end: number, kind: SourceBlock['kind'], closed: boolean): void {
    if (this.#start >= 0) this.blocks.push({ source: this.#source.slice(this.#start, end), start: this.#start, kind, closed });
    this.#start = -1;
  }

  #begin(position: number, line: string): void {
    this.#start = position;
    this.#list = listMarker.test(line);
    this.#indented = indentOf(line) >= 4;
  }

  #continuesAfterBlank(line: string): boolean {
    const indent = indentOf(line);
    if (this.#list) return indent >= 2 || listMarker.test(line);
    return this.#indented && indent >= 4;
  }

  /** True when the line belongs to the fence that is open. */
  #inFence(line: string, end: number): boolean {
    const fence = this.#fence;
    if (fence === undefined) return false;
    if (closes(line, fence)) {
      this.#fence = undefined;
      if (fence.top) this.#emit(end, 'fence', true);
      return true;
    }
    // text at the margin ends a list and with it the fence that was opened inside
    if (!fence.top && line.trim() !== '' && indentOf(line) < Math.min(2, fence.indent)) {
      this.#fence = undefined;
      return false;
    }
    return true;
  }

  /** The fence that a line opens here, if it does. */
  #fenceFrom(line: string): Fence | undefined {
    const marker = fenceStart.exec(line)?.[2];
    if (marker === undefined) return undefined;
    const indent = indentOf(line);
    const inList = this.#start >= 0 && this.#list && indent >= 2;
    return inList || indent < 4 ? { marker, indent, top: !inList } : undefined;
  }

  line(position: number, line: string, end: number): void {
    if (this.#inFence(line, end)) return;
    if (line.trim() === '') {
      this.#blank = true;
      return;
    }
    if (this.#start >= 0 && this.#blank && !this.#continuesAfterBlank(line)) this.#emit(position, 'text', true);
    this.#blank = false;
    this.#fence = this.#fenceFrom(line);
    if (this.#fence?.top) this.#emit(position, 'text', true);
    if (this.#start < 0) this.#begin(position, line);
  }

  end(): void {
    this.#emit(this.#source.length, this.#fence?.top ? 'fence' : 'text', false);
  }
}

/** Cuts a source (newlines normalised to \n) into blocks from an offset on that begins a block. */
export function splitBlocks(source: string, from = 0): SourceBlock[] {
  const splitter = new Splitter(source);
  let position = from;
  while (position < source.length) {
    const newline = source.indexOf('\n', position);
    const end = newline < 0 ? source.length : newline + 1;
    splitter.line(position, source.slice(position, newline < 0 ? end : newline), end);
    position = end;
  }
  splitter.end();
  return splitter.blocks;
}

/** The same characters in memory of their own: what is cut out of a text holds the whole text otherwise, and each drawing has another one. */
function detached(text: string): string {
  return ` ${text}`.slice(1);
}

/** A fence at the top level that is open, and how far its lines are known to be inside. */
interface OpenFence {
  readonly block: SourceBlock;
  readonly fence: Fence;
  /** the beginning of the last line, which may still grow */
  readonly known: number;
}

function openFence(block: SourceBlock | undefined): OpenFence | null {
  // Its first line may still become another one.
  if (block?.kind !== 'fence' || block.closed || !block.source.includes('\n')) return null;
  const [, indent = '', marker = ''] = fenceStart.exec(block.source.split('\n', 1)[0] ?? '') ?? [];
  return { block, fence: { marker, indent: indentOf(indent), top: true }, known: block.start + block.source.lastIndexOf('\n') + 1 };
}

/** What is new of an open fence, read by itself. @returns null when it ends there */
function grownFence({ block, fence, known }: OpenFence, source: string): OpenFence | null {
  let from = known;
  for (let end = source.indexOf('\n', from); ; end = source.indexOf('\n', from)) {
    if (closes(source.slice(from, end < 0 ? undefined : end), fence)) return null;
    if (end < 0) break;
    from = end + 1;
  }
  return { block: { ...block, source: source.slice(block.start) }, fence, known: from };
}

/**
 * Splits a source that grows: only the last two blocks are read again, and of a fence that is open only its last line. Blocks
 * before them stay the same objects at the same places, and keep no more of the source than themselves.
 */
export function createBlockSplitter(): (source: string) => readonly SourceBlock[] {
  let lastSource = '';
  let blocks: readonly SourceBlock[] = [];
  let open: OpenFence | null = null;

  function read(source: string, grown: boolean): readonly SourceBlock[] {
    const kept = grown ? Math.max(0, blocks.length - 2) : 0;
    const restart = grown ? (blocks[kept]?.start ?? 0) : 0;
    const rest = source.slice(restart);
    // A block that is most of the text may hold it: it is copied with each drawing otherwise.
    const fresh = splitBlocks(restart > rest.length ? detached(rest) : rest).map((block, index) => {
      const old = grown ? blocks[kept + index] : undefined;
      const same = old !== undefined && old.source === block.source && old.closed === block.closed && old.kind === block.kind;
      return same ? old : { ...block, start: restart + block.start };
    });
    return [...blocks.slice(0, kept), ...fresh];
  }

  return (source) => {
    const grown = source.startsWith(lastSource);
    if (grown && source.length === lastSource.length && lastSource !== '') return blocks;
    const fence: OpenFence | null = grown && open !== null ? grownFence(open, source) : null;
    if (fence === null) {
      blocks = read(source, grown);
      open = openFence(blocks.at(-1));
    } else {
      blocks = [...blocks.slice(0, -1), fence.block];
      open = fence;
    }
    lastSource = source;
    return blocks;
  };
}
