/**
 * What a block may cost. The parser's time grows with the square of some counts; these bounds keep every block under 50 ms
 * on a slow laptop (test/unit/markdown/limits.test.ts measures). Real answers stay far below them.
 */
const limits = { lengthChars: 65_536, depth: 24, brackets: 1_500, emphasis: 3_000, backticks: 2_000, angles: 3_000 } as const;

/** Whole sources above this are never parsed in one piece. */
export const maxWholeChars = 400_000;

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

function isTooDeep(source: string): boolean {
  const indents: number[] = [];
  for (const line of source.split('\n')) {
    const count = containersOn(line);
    if (count > limits.depth) return true;
    if (count === 0) continue;
    const indent = line.length - line.trimStart().length;
    while (indents.length > 0 && (indents[indents.length - 1] ?? 0) >= indent) indents.pop();
    indents.push(indent);
    if (indents.length + count > limits.depth) return true;
  }
  return false;
}

/** Whether a block is shown as plain text instead of being parsed. */
export function isTooComplex(source: string): boolean {
  if (source.length > limits.lengthChars) return true;
  const counts = { brackets: 0, emphasis: 0, backticks: 0, angles: 0 };
  for (let index = 0; index < source.length; index += 1) {
    const code = source.charCodeAt(index);
    if (code === 0x5b || code === 0x5d) counts.brackets += 1;
    else if (code === 0x2a || code === 0x5f || code === 0x7e) counts.emphasis += 1;
    else if (code === 0x60) counts.backticks += 1;
    else if (code === 0x3c || code === 0x40) counts.angles += 1;
  }
  if (counts.brackets > limits.brackets || counts.emphasis > limits.emphasis) return true;
  if (counts.backticks > limits.backticks || counts.angles > limits.angles) return true;
  return isTooDeep(source);
}
