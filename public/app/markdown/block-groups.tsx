import { Component, type JSX } from 'preact';
import { BlockView } from './block-view.tsx';
import type { BlockNode, TopBlock } from './nodes.ts';

/** Blocks at the beginning that stand alone: a short answer is nothing but them. */
const aloneBlocks = 32;
/** Those behind them stand in groups, which the browser skips as one: at the end of a book, too, a drawing looks at some dozens of boxes. */
const groupBlocks = 32;

/** Changes a block that is closed. */
export type Refine = ((node: BlockNode) => BlockNode) | undefined;

interface BlockProps {
  readonly node: BlockNode;
  readonly refine: Refine;
}

/**
 * Draws a block once for each node. Not by keeping what was drawn: a vnode knows its parent, and with it every earlier state of the
 * whole text.
 */
class Block extends Component<BlockProps> {
  override shouldComponentUpdate({ node, refine }: BlockProps): boolean {
    return node !== this.props.node || refine !== this.props.refine;
  }

  override render({ node, refine }: BlockProps): JSX.Element {
    return <BlockView node={refine === undefined ? node : refine(node)} />;
  }
}

interface GroupProps {
  readonly blocks: readonly TopBlock[];
  /** Place of the first of them in the text. */
  readonly from: number;
  /** What stands above them: some blocks decide the distance to the next. */
  readonly under: BlockNode['type'] | undefined;
  readonly refine: Refine;
  /** Place of a block that may still grow, which is not refined yet; -1 for none. */
  readonly open: number;
}

class Group extends Component<GroupProps> {
  override shouldComponentUpdate(next: GroupProps): boolean {
    const { blocks, under, refine, open } = this.props;
    if (next.blocks.length !== blocks.length || next.under !== under || next.refine !== refine || next.open !== open) return true;
    return next.blocks.some((block, index) => block.node !== blocks[index]?.node);
  }

  override render({ blocks, from, under, refine, open }: GroupProps): JSX.Element {
    return (
      <div class="md-group" data-under={under === 'heading' || under === 'rule' ? under : undefined}>
        {blocks.map(({ node }, index) => (
          <Block key={from + index} node={node} refine={from + index === open ? undefined : refine} />
        ))}
      </div>
    );
  }
}

export interface BlockGroupsProps {
  readonly blocks: readonly TopBlock[];
  readonly refine: Refine;
  /** The last block may still grow. */
  readonly open: boolean;
}

/** The blocks of a text: alone at the beginning, in groups behind it. A block stays under the same parent while others follow it. */
export function BlockGroups({ blocks, refine, open }: BlockGroupsProps) {
  const last = open ? blocks.length - 1 : -1;
  const groups: JSX.Element[] = [];
  for (let from = aloneBlocks; from < blocks.length; from += groupBlocks) {
    const inside = blocks.slice(from, from + groupBlocks);
    const place = last >= from && last < from + groupBlocks ? last : -1;
    groups.push(
      <Group key={`from ${from}`} blocks={inside} from={from} under={blocks[from - 1]?.node.type} refine={refine} open={place} />,
    );
  }
  return (
    <>
      {blocks.slice(0, aloneBlocks).map(({ node }, index) => (
        <Block key={index} node={node} refine={index === last ? undefined : refine} />
      ))}
      {groups}
    </>
  );
}
