/**
 * What a block may cost. The parser's time grows with the square of some counts; these bounds keep every block under 50 ms
 * on a slow laptop (test/unit/markdown/limits.test.ts measures). Real answers stay far below them.
 */
const limits = {
  lengthChars: 32_768,
  lines: 3_000,
  depth: 16,
  brackets: 1_500,
  emphasis: 2_000,
  backticks: 1_500,
  angles: 3_000,
  /** beginnings of formulas */
  formulas: 1_000,
  /** containers opened in all lines together */
  containers: 2_000,
  /** sum over all words of length times stops in it: the search for mail addresses starts again at each stop */
  wordWork: 2_000_000,
} as const;

/** Whole sources above this are never parsed in one piece. */
export const maxWholeChars = 400_000;

/** Sources above this are one plain text, not even cut into blocks. */
export const maxSourceChars = 2_000_000;

const container = /^[ \t]*(?:>|[-*+](?=[ \t]|$)|\d{1,9}[.)](?=[ \t]|$))/;

/** Containers (quotes and lists) opened on one line. */
function containersOn(line: string): number {
  let rest = line;
  for (let depth = 0; depth <= limits.depth; depth += 1) {
    const match = container.exec(rest);
    if (match === null) return depth;
    rest = rest.slice(match[0].length);
  }
  return limits.depth + 1;
}

function isTooDeep(lines: readonly string[]): boolean {
  const indents: number[] = [];
  let all = 0;
  for (const line of lines) {
    const count = containersOn(line);
    all += count;
    if (count > limits.depth || all > limits.containers) return true;
    if (count === 0) continue;
    const indent = line.length - line.trimStart().length;
    while (indents.length > 0 && (indents[indents.length - 1] ?? 0) >= indent) indents.pop();
    indents.push(indent);
    if (indents.length + count > limits.depth) return true;
  }
  return false;
}

const kinds = ['brackets', 'emphasis', 'backticks', 'angles', 'formulas'] as const;
const patterns = { brackets: /[[\]]/g, emphasis: /[*_~]/g, backticks: /`/g, angles: /[<@]/g, formulas: /\$|\\[([]/g } as const;

function countOf(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}

function isTooTangled(source: string): boolean {
  if (kinds.some((kind) => countOf(source, patterns[kind]) > limits[kind])) return true;
  let work = 0;
  for (const word of source.split(/\s+/)) {
    if (word.length > 200) work += word.length * countOf(word, /[_*~`!\\<[]/g);
  }
  return work > limits.wordWork;
}

/** Whether a block is shown as plain text instead of being parsed. */
export function isTooComplex(source: string): boolean {
  if (source.length > limits.lengthChars) return true;
  const lines = source.split('\n');
  return lines.length > limits.lines || isTooTangled(source) || isTooDeep(lines);
}
