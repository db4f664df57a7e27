import { useState } from 'preact/hooks';
import type { CustomNode, Field } from '../../../src/protocol/surface-shapes.ts';
import { useApp } from '../app-context.ts';
import { isOwn } from '../chat/pictures.tsx';
import { Markdown } from '../markdown/markdown.tsx';
import { safeLink } from '../markdown/safe-link.ts';
import { type FieldProblem, type FieldValue, type FieldValues, problemsOf, sentOf, startOf } from '../state/surface-fields.ts';
import { Button } from '../ui/button.tsx';
import type { ElementViewProps } from './element-view.tsx';
import { FieldView } from './field-view.tsx';
import { invokeAction } from './invoke-action.ts';

export interface CustomViewProps extends ElementViewProps {
  readonly tree: CustomNode;
}

/** What the nodes of one element share. */
interface Shared {
  readonly props: CustomViewProps;
  readonly values: FieldValues;
  readonly problems: ReadonlyMap<string, FieldProblem>;
  readonly busy: CustomNode | null;
  readonly set: (id: string, value: FieldValue | null) => void;
  readonly press: (node: CustomNode) => void;
}

const none: ReadonlyMap<string, FieldProblem> = new Map();

/** A tree of known nodes, drawn by this page: no code of a plugin runs here. */
export function CustomView(props: CustomViewProps) {
  const app = useApp();
  const { tree, conversationId, messageId } = props;
  const [changed, setChanged] = useState<FieldValues>({});
  const [problems, setProblems] = useState(none);
  const [busy, setBusy] = useState<CustomNode | null>(null);
  const fields = fieldsIn(tree);
  const values = startOf(fields, changed);
  const press = (node: CustomNode) => {
    if (node.actionId === undefined || busy !== null) return;
    const found = problemsOf(fields, values);
    setProblems(found);
    if (found.size > 0) return;
    setBusy(node);
    const call = { actionId: node.actionId, label: node.text ?? '', data: node.payload, message: { id: messageId, conversationId } };
    void invokeAction(app, { ...call, values: sentOf(fields, values) }).finally(() => setBusy(null));
  };
  const set = (id: string, value: FieldValue | null) => {
    setChanged({ ...changed, [id]: value });
    setProblems(none);
  };
  return (
    <div class="custom">
      <Node node={tree} shared={{ props, values, problems, busy, set, press }} />
    </div>
  );
}

function fieldsIn(node: CustomNode): readonly Field[] {
  return [...(node.field === undefined ? [] : [node.field]), ...(node.children ?? []).flatMap(fieldsIn)];
}

interface NodeProps {
  readonly node: CustomNode;
  readonly shared: Shared;
}

function Children({ node, shared }: NodeProps) {
  return (
    <>
      {(node.children ?? []).map((child, index) => (
        <Node key={index} node={child} shared={shared} />
      ))}
    </>
  );
}

function Node({ node, shared }: NodeProps) {
  const { text = '', tone = 'plain' } = node;
  switch (node.node) {
    case 'stack':
    case 'row':
    case 'card':
      return (
        <div class={`custom-${node.node}`} data-tone={tone}>
          <Children node={node} shared={shared} />
        </div>
      );
    case 'heading':
      return (
        <h4 class="custom-heading" dir="auto">
          {text}
        </h4>
      );
    case 'text':
      return (
        <div class="custom-text" data-tone={tone}>
          <Markdown source={text} streaming={false} />
        </div>
      );
    case 'badge':
      return (
        <span class="custom-badge" data-tone={tone}>
          <bdi>{text}</bdi>
        </span>
      );
    case 'divider':
      return <hr class="custom-divider" />;
    case 'list':
      return (
        <ul class="custom-list">
          {(node.children ?? []).map((child, index) => (
            <li key={index}>
              <Node node={child} shared={shared} />
            </li>
          ))}
        </ul>
      );
    default:
      return <ActiveNode node={node} shared={shared} />;
  }
}

/** Nodes that show a value, or that something can be done with. */
function ActiveNode({ node, shared }: NodeProps) {
  const { text = '', tone = 'plain' } = node;
  switch (node.node) {
    case 'progress':
      return (
        <label class="custom-progress">
          <span dir="auto">{text}</span>
          <progress class="progress" max={100} {...(node.value === undefined ? {} : { value: node.value })} />
        </label>
      );
    case 'image':
      return <CustomImage node={node} shared={shared} />;
    case 'button':
      return (
        <Button
          variant={tone === 'danger' ? 'danger' : tone === 'plain' ? 'secondary' : 'primary'}
          busy={shared.busy === node}
          disabled={node.actionId === undefined}
          onClick={() => shared.press(node)}
        >
          <bdi>{text}</bdi>
        </Button>
      );
    case 'field': {
      const { field } = node;
      if (field === undefined) return null;
      const value = shared.values[field.id] ?? null;
      return (
        <FieldView field={field} value={value} problem={shared.problems.get(field.id)} onChange={(next) => shared.set(field.id, next)} />
      );
    }
    case 'link':
      return <CustomLink node={node} />;
    default:
      return null;
  }
}

function CustomImage({ node: { fileId, alt = '' }, shared }: NodeProps) {
  const { file } = shared.props.part;
  const url = fileId === undefined || fileId === file?.fileId ? file?.url : `/api/files/${encodeURIComponent(fileId)}`;
  return url === undefined || !isOwn({ url }) ? null : <img class="custom-image" src={url} alt={alt} loading="lazy" decoding="async" />;
}

function CustomLink({ node: { text = '', url = '' } }: { readonly node: CustomNode }) {
  const link = safeLink(url);
  if (link === undefined) return <bdi>{text}</bdi>;
  return (
    <a class="custom-link" href={link.href} target="_blank" rel="noopener noreferrer nofollow">
      <bdi>{text === '' ? link.host : text}</bdi> <small dir="ltr">({link.host})</small>
    </a>
  );
}
