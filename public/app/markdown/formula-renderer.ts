import temml from 'temml';

/** A formula as elements of MathML, all of them from the closed lists below. Plain data. */
export interface FormulaElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly styles: Readonly<Record<string, string>>;
  readonly children: readonly (FormulaElement | string)[];
}

const names: ReadonlySet<string> = new Set(
  'math mrow mi mn mo ms mtext mspace msub msup msubsup munder mover munderover mmultiscripts mprescripts none mfrac msqrt mroot mtable mtr mtd mstyle mpadded mphantom menclose semantics'.split(
    ' ',
  ),
);
const attributes: ReadonlySet<string> = new Set(
  'display displaystyle scriptlevel mathvariant mathcolor mathbackground mathsize stretchy symmetric fence form separator accent accentunder lspace rspace width height depth voffset linethickness columnalign rowspacing columnspacing columnspan minsize maxsize movablelimits largeop notation linebreak'.split(
    ' ',
  ),
);
const styles: ReadonlySet<string> = new Set(
  'padding paddingLeft paddingRight paddingTop paddingBottom width height color backgroundColor background border borderTop borderRight borderBottom borderLeft textAlign fontWeight fontStyle mathDepth mathStyle display whiteSpace marginLeft justifyContent'.split(
    ' ',
  ),
);
/** Lengths, colours and words: nothing that names a resource. */
const value = /^[\w\s.#%+-]{1,60}$/;
/** Deeper ones are no formulas that anybody reads. */
const maxDepth = 60;
const maxElements = 4000;

/** What temml builds: elements with these members, texts with `text`. */
interface TemmlNode {
  readonly type?: unknown;
  readonly text?: unknown;
  readonly attributes?: Readonly<Record<string, unknown>>;
  readonly classes?: readonly unknown[];
  readonly style?: Readonly<Record<string, unknown>>;
  readonly children?: readonly TemmlNode[];
}

class TooLarge extends Error {}

function kept(given: Readonly<Record<string, unknown>> | undefined, allowed: ReadonlySet<string>): Record<string, string> {
  const camel = (name: string) => name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
  const found = Object.entries(given ?? {}).map(([name, text]): [string, string] => [camel(name), String(text)]);
  return Object.fromEntries(found.filter(([name, text]) => allowed.has(name) && value.test(text)));
}

/** One letter is a variable. Its italic form of Unicode is in few fonts, and would be blank without them: the styles slant the letter. */
function isLetter(children: readonly (FormulaElement | string)[]): boolean {
  return children.length === 1 && typeof children[0] === 'string' && /^\p{L}$/u.test(children[0]);
}

function convert(node: TemmlNode, depth: number, count: { left: number }): readonly (FormulaElement | string)[] {
  count.left -= 1;
  if (depth > maxDepth || count.left < 0) throw new TooLarge();
  if (typeof node.text === 'string') return [node.text];
  const children = (node.children ?? []).flatMap((child) => convert(child, depth + 1, count));
  const name = typeof node.type === 'string' ? node.type : '';
  // What is no element of a formula leaves its content.
  if (!names.has(name)) return children;
  const own = kept(node.attributes, attributes);
  const classes = (node.classes ?? []).filter((one): one is string => typeof one === 'string' && /^[\w-]{1,40}$/.test(one));
  if (name === 'mi' && own['mathvariant'] === undefined && isLetter(children)) classes.push('md-variable');
  return [
    {
      name,
      attributes: classes.length === 0 ? own : { ...own, class: classes.join(' ') },
      styles: kept(node.style, styles),
      children,
    },
  ];
}

/** Its types differ with who resolves them; the member is the same. */
const toTree: (...given: never[]) => unknown = Reflect.get(temml, '__renderToMathMLTree');

/** @returns undefined for what is no formula, or one that is too large: it stays as it was written */
export function renderFormula(tex: string, display: boolean): FormulaElement | undefined {
  try {
    // Fresh macros: what one formula defines is nothing to the next. Nothing is trusted: no links, no pictures, no classes.
    const options = { displayMode: display, throwOnError: true, trust: false, strict: false, maxExpand: 200, macros: {} };
    const size: [number, number] = [10, 20];
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- temml gives its tree out as any; every member is looked at above
    const tree = Reflect.apply(toTree, temml, [tex, { ...options, maxSize: size }]) as TemmlNode;
    const [root] = convert(tree, 0, { left: maxElements });
    return typeof root === 'object' && root.name === 'math' ? root : undefined;
  } catch {
    return undefined; // TeX that cannot be read is shown as it was written
  }
}
