import type { ComponentChildren, JSX } from 'preact';
import { useContext } from 'preact/hooks';
import { Icon } from '../ui/icon.tsx';
import { CodeBlock } from './code-block.tsx';
import { Formula } from './formula.tsx';
import { MarkdownLabels } from './markdown-labels.ts';
import type { BlockNode, CellAlign, InlineNode, LinkNode, ListItem, ListNode, TableNode } from './nodes.ts';
import { References } from './references.ts';
import { directionOf } from './text-direction.ts';
import { InvisibleMarker } from './visible-text-view.tsx';

function Link({ node }: { readonly node: LinkNode }) {
  const labels = useContext(MarkdownLabels);
  const empty = node.children.length === 0;
  return (
    <>
      <a href={node.href} target="_blank" rel="noopener noreferrer nofollow" class={node.image ? 'md-remote-image' : undefined}>
        {node.image ? <Icon name="image" /> : null}
        {empty ? labels.image : inline(node.children)}
      </a>
      {node.host === undefined ? null : (
        <span class="md-host">
          <bdi dir="ltr">{`(${node.host})`}</bdi>
        </span>
      )}
    </>
  );
}

function Reference({ id, words }: { readonly id: string; readonly words: string }) {
  const open = useContext(References);
  return (
    <button type="button" class="md-reference" dir="auto" onClick={(event) => open(id, event.currentTarget)}>
      {words}
    </button>
  );
}

function inlineView(node: InlineNode): ComponentChildren {
  switch (node.type) {
    case 'text':
      return node.text;
    case 'invisible':
      return <InvisibleMarker node={node} />;
    case 'strong':
      return <strong>{inline(node.children)}</strong>;
    case 'emphasis':
      return <em>{inline(node.children)}</em>;
    case 'strike':
      return <del>{inline(node.children)}</del>;
    case 'code-span':
      return <code dir="ltr">{inline(node.children)}</code>;
    case 'break':
      return <br />;
    case 'link':
      return <Link node={node} />;
    case 'reference':
      return <Reference id={node.id} words={node.children.map(({ text }) => text).join('')} />;
    case 'formula':
      return <Formula tex={node.tex} raw={node.raw} display={node.display} />;
    case 'image':
      return <img class="md-image" src={node.src} alt={node.alt} loading="lazy" decoding="async" />;
    default:
      return node satisfies never;
  }
}

function inline(nodes: readonly InlineNode[]): ComponentChildren[] {
  return nodes.map(inlineView);
}

function TaskBox({ checked }: { readonly checked: boolean }) {
  const labels = useContext(MarkdownLabels);
  return (
    <span class="md-check" role="img" aria-label={checked ? labels.done : labels.open} data-checked={checked ? '' : undefined}>
      {checked ? <Icon name="check" /> : null}
    </span>
  );
}

type Direction = ReturnType<typeof directionOf>;

function Item({ item, listDirection }: { readonly item: ListItem; readonly listDirection: Direction }) {
  const task = item.checked !== undefined;
  const direction = directionOf(item.children) ?? listDirection;
  const classes = [task ? 'md-task' : '', direction === listDirection ? '' : 'md-turned'].filter(Boolean).join(' ');
  return (
    <li dir={direction ?? 'auto'} class={classes === '' ? undefined : classes}>
      {item.checked === undefined ? null : <TaskBox checked={item.checked} />}
      {item.children.map((child, index) => (
        <BlockView key={index} node={child} />
      ))}
    </li>
  );
}

function List({ node }: { readonly node: ListNode }) {
  const direction = directionOf([node]);
  const items = node.items.map((item, index) => <Item key={index} item={item} listDirection={direction} />);
  if (node.start === undefined) return <ul dir={direction ?? 'auto'}>{items}</ul>;
  return (
    <ol dir={direction ?? 'auto'} start={node.start === 1 ? undefined : node.start}>
      {items}
    </ol>
  );
}

function Table({ node }: { readonly node: TableNode }) {
  const alignOf = (column: number): string | undefined => {
    const align: CellAlign = node.align[column] ?? null;
    return align === null ? undefined : `md-align-${align}`;
  };
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <div class="md-table" tabIndex={0} dir={directionOf([node]) ?? 'auto'}>
      <table>
        <thead>
          <tr>
            {node.header.map((cell, column) => (
              <th key={column} scope="col" dir="auto" class={alignOf(column)}>
                {inline(cell)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {node.rows.map((row, index) => (
            <tr key={index}>
              {row.map((cell, column) => (
                <td key={column} dir="auto" class={alignOf(column)}>
                  {inline(cell)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const headings = { 1: 'h1', 2: 'h2', 3: 'h3', 4: 'h4', 5: 'h5', 6: 'h6' } as const;

/** One block of the tree as elements. Each block takes its direction from its own text, code is always left to right. */
export function BlockView({ node }: { readonly node: BlockNode }): JSX.Element {
  switch (node.type) {
    case 'paragraph':
      return <p dir="auto">{inline(node.children)}</p>;
    case 'text':
      return <span class="md-text">{inline(node.children)}</span>;
    case 'heading': {
      const Heading = headings[node.level];
      return <Heading dir="auto">{inline(node.children)}</Heading>;
    }
    case 'quote':
      return (
        <blockquote dir={directionOf(node.children) ?? 'auto'}>
          {node.children.map((child, index) => (
            <BlockView key={index} node={child} />
          ))}
        </blockquote>
      );
    case 'rule':
      return <hr />;
    case 'formula-block': {
      const { tex, raw } = node.formula;
      return (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
        <div class="md-formula-block" tabIndex={0} dir="ltr">
          <Formula tex={tex} raw={raw} display />
        </div>
      );
    }
    case 'code':
      return <CodeBlock node={node} />;
    case 'list':
      return <List node={node} />;
    case 'table':
      return <Table node={node} />;
    case 'plain':
      return (
        <p class="md-plain" dir="auto">
          {inline(node.children)}
        </p>
      );
    default:
      return node satisfies never;
  }
}
