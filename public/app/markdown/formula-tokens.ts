import type { Lexer } from 'marked';

/** Formulas in a source: `$$..$$`, `\[..\]` and `\(..\)` always, `$..$` only where it can hardly be a price. */

/** A formula token, as the parser hands it on. */
export interface FormulaToken {
  readonly type: 'formula';
  readonly raw: string;
  readonly tex: string;
  /** on a line of its own */
  readonly display: boolean;
}

interface Delimiters {
  readonly open: string;
  readonly close: string;
  readonly display: boolean;
  /** TeX above this stays as it was written */
  readonly maxChars: number;
}

const always: readonly Delimiters[] = [
  { open: '$$', close: '$$', display: true, maxChars: 4000 },
  { open: '\\[', close: '\\]', display: true, maxChars: 4000 },
  { open: '\\(', close: '\\)', display: false, maxChars: 1000 },
];
const single: Delimiters = { open: '$', close: '$', display: false, maxChars: 300 };

/** What may lie between delimiters: something, no blank line, none of its own kind again. */
function between(source: string, { open, close, display, maxChars }: Delimiters): FormulaToken | undefined {
  if (!source.startsWith(open)) return undefined;
  const from = open.length;
  let end = source.slice(0, from + maxChars + close.length).indexOf(close, from);
  // \$ is a sign in the formula, not its end
  while (end > 0 && close.startsWith('$') && source.charAt(end - 1) === '\\') {
    end = source.slice(0, from + maxChars + close.length).indexOf(close, end + 1);
  }
  if (end < 0) return undefined;
  const tex = source.slice(from, end);
  if (tex.trim() === '' || /\n[ \t]*\n/.test(tex)) return undefined;
  return { type: 'formula', raw: source.slice(0, end + close.length), tex: tex.trim(), display };
}

const prose = /(?:^|[^\\\p{L}])\p{L}{2,}[ \t]+\p{L}{2,}/u;
const signs = /[\\^_={}<>+*]/;

/** A formula between single dollars. Prices, names of variables and sentences between two prices are none. */
function betweenDollars(source: string): FormulaToken | undefined {
  const found = /^\$[^\s$]/.test(source) ? between(source, single) : undefined;
  if (found === undefined) return undefined;
  const inner = found.raw.slice(1, -1);
  const after = source.charAt(found.raw.length);
  if (/\s$/.test(inner) || inner.includes('\n') || /[\p{L}\p{N}$]/u.test(after)) return undefined;
  if (!signs.test(inner)) {
    // Without a sign of mathematics only what is short and no sentence: x, f(x), 3, (0, 1).
    if (inner.length > 24 || /\p{L}{3,}/u.test(inner) || /^[\d.,]+\s*\p{L}/u.test(inner) || /\d[ \t]+\p{L}/u.test(inner)) return undefined;
  }
  return prose.test(inner.replace(/\\(?:text|mathrm|textbf|textit|operatorname)\{[^{}]*\}/g, '')) ? undefined : found;
}

function inlineFormula(source: string): FormulaToken | undefined {
  for (const delimiters of always) {
    if (source.startsWith(delimiters.open)) return between(source, delimiters);
  }
  return betweenDollars(source);
}

/** A formula that has its lines for itself: before lists and headings can be read into it. */
function blockFormula(source: string): FormulaToken | undefined {
  const indent = /^ {0,3}/.exec(source)?.[0].length ?? 0;
  const rest = source.slice(indent);
  for (const delimiters of always) {
    if (!delimiters.display || !rest.startsWith(delimiters.open)) continue;
    const found = between(rest, delimiters);
    const tail = found === undefined ? null : /^[ \t]*(?:\n|$)/.exec(rest.slice(found.raw.length));
    if (found === undefined || tail === null) return undefined;
    return { ...found, raw: source.slice(0, indent + found.raw.length + tail[0].length) };
  }
  return undefined;
}

function placeOf(match: RegExpExecArray | null): number | undefined {
  return match === null ? undefined : match.index;
}

type Extensions = NonNullable<Lexer['options']['extensions']>;

/** What the parser is told about formulas. */
export const formulaExtensions: Extensions = {
  renderers: {},
  childTokens: {},
  inline: [(source) => inlineFormula(source)],
  block: [(source) => blockFormula(source)],
  startInline: [(source) => placeOf(/\\[([]|(?<![\p{L}\p{N}\\$])\$/u.exec(source))],
  // A paragraph ends where such a line begins.
  startBlock: [(source) => placeOf(/(?<=^|\n) {0,3}(?:\$\$|\\\[)/.exec(source))],
};
