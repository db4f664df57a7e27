/** What a Markdown source becomes: the closed list of things that may reach the page. Plain data, no markup. */

/** Characters that cannot be seen but change or hide what is read, replaced by their names. */
export interface InvisibleNode {
  readonly type: 'invisible';
  /** the first code point of the run, such as `U+202E` */
  readonly name: string;
  /** how many followed each other */
  readonly count: number;
}

export interface TextNode {
  readonly type: 'text';
  readonly text: string;
}

export interface LinkNode {
  readonly type: 'link';
  /** absolute http, https or mailto URL */
  readonly href: string;
  /** shown beside the link because its words do not say where it leads */
  readonly host?: string;
  /** a remote picture, which is not loaded: the children are its description */
  readonly image?: true;
  readonly children: readonly InlineNode[];
}

/** TeX, drawn as a formula where that can be done, else shown as it was written. */
export interface FormulaNode {
  readonly type: 'formula';
  readonly tex: string;
  /** with its delimiters */
  readonly raw: string;
  /** on a line of its own */
  readonly display: boolean;
}

export type InlineNode =
  | TextNode
  | InvisibleNode
  | LinkNode
  | { readonly type: 'strong' | 'emphasis' | 'strike'; readonly children: readonly InlineNode[] }
  | { readonly type: 'code-span'; readonly children: readonly (TextNode | InvisibleNode)[] }
  | { readonly type: 'break' }
  | FormulaNode
  /** leads to an element of the same message; `id` is its own */
  | { readonly type: 'reference'; readonly id: string; readonly children: readonly TextNode[] }
  /** a picture of this server's own storage */
  | { readonly type: 'image'; readonly src: string; readonly alt: string };

export interface CodeNode {
  readonly type: 'code';
  /** first word of the info string, at most 40 characters of `[\w+#.-]`; empty when there is none */
  readonly language: string;
  readonly text: string;
  /** false while the fence is still being written */
  readonly closed: boolean;
}

export interface ListItem {
  /** undefined: not a task */
  readonly checked?: boolean;
  readonly children: readonly BlockNode[];
}

export interface ListNode {
  readonly type: 'list';
  /** undefined: not numbered */
  readonly start?: number;
  readonly items: readonly ListItem[];
}

export type CellAlign = 'left' | 'center' | 'right' | null;

export interface TableNode {
  readonly type: 'table';
  readonly align: readonly CellAlign[];
  readonly header: readonly (readonly InlineNode[])[];
  readonly rows: readonly (readonly (readonly InlineNode[])[])[];
}

export type BlockNode =
  | { readonly type: 'paragraph' | 'text'; readonly children: readonly InlineNode[] }
  | { readonly type: 'heading'; readonly level: 1 | 2 | 3 | 4 | 5 | 6; readonly children: readonly InlineNode[] }
  | { readonly type: 'quote'; readonly children: readonly BlockNode[] }
  | { readonly type: 'rule' }
  | CodeNode
  | { readonly type: 'formula-block'; readonly formula: FormulaNode }
  | ListNode
  | TableNode
  /** shown as it was written, because it is too long or too deep to be parsed in time */
  | { readonly type: 'plain'; readonly children: readonly (TextNode | InvisibleNode)[] };

/** A block at the top level with the source it came from. */
export interface TopBlock {
  readonly raw: string;
  readonly node: BlockNode;
}
