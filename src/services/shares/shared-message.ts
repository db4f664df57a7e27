import { isoTime } from '../../lib/clock.ts';
import type { CustomNode, ElementPart, MediaPart, Message, Part } from '../../protocol/index.ts';
import type { MessageRecord } from '../conversations/message-record.ts';

/** What a copy takes of the messages it is made of. */
export interface SharedMessageRules {
  readonly shareId: string;
  /** Thoughts and steps as well. */
  readonly details: boolean;
  /** @returns the number of the file in the copy, from 1; null for one that is not there any more */
  readonly fileNumber: (fileId: string) => number | null;
}

/** Where the bytes of a shared file are. */
export const sharedFileUrl = (shareId: string, fileId: string): string => `/api/shared/${shareId}/files/${fileId}`;

/** Files that a message shows. */
export function filesShownIn(parts: readonly Part[]): string[] {
  return parts.flatMap((part) => {
    if (part.type === 'image' || part.type === 'file') return [part.fileId];
    if (part.type !== 'element') return [];
    return [...(part.file === undefined ? [] : [part.file.fileId]), ...filesOfTree(part.tree)];
  });
}

/**
 * A message of a copy, made of nothing but what is named here: no id of the owner's, no cost, no feedback, no job, nothing that a
 * reader could press. Questions of plugins stay out: what was answered there was said to one plugin, not to everybody.
 * @param number its place in the copy, from 1
 */
export function sharedMessage(record: MessageRecord, number: number, rules: SharedMessageRules): Message {
  const { role, status, model, finishReason, error, author, createdAt } = record;
  const steps = new Map<string, string>();
  const stepName = (stepId: string) => steps.get(stepId) ?? steps.set(stepId, `s${number}-${steps.size + 1}`).get(stepId) ?? '';
  return {
    id: `m${number}`,
    conversationId: rules.shareId,
    parentId: number === 1 ? null : `m${number - 1}`,
    role,
    status,
    parts: record.parts.flatMap((part, index) => sharedPart(part, { place: `${number}-${index + 1}`, stepName }, rules) ?? []),
    ...(model === undefined ? {} : { model }),
    ...(finishReason === undefined ? {} : { finishReason }),
    ...(error === undefined ? {} : { error: { code: error.code, message: error.message } }),
    ...(author === undefined ? {} : { author }),
    createdAt: isoTime(createdAt),
  };
}

/** What tells the parts of a copy apart. */
interface PartNames {
  readonly place: string;
  readonly stepName: (stepId: string) => string;
}

function sharedPart(part: Part, { place, stepName }: PartNames, rules: SharedMessageRules): Part | null {
  switch (part.type) {
    case 'text':
      return { type: 'text', text: part.text };
    case 'thought':
      return rules.details ? { type: 'thought', text: part.text } : null;
    case 'step':
      return rules.details ? sharedStep(part, stepName) : null;
    case 'source':
      return { type: 'source', url: part.url, ...(part.title === undefined ? {} : { title: part.title }) };
    case 'image':
    case 'file':
      return sharedMedia(part, rules);
    case 'element':
      return sharedElement(part, `e${place}`, rules);
    case 'tasks': {
      const items = part.items.map(({ title, status }, index) => ({ id: `t${index + 1}`, title, status }));
      return { type: 'tasks', tasksId: `t${place}`, ...(part.title === undefined ? {} : { title: part.title }), items };
    }
    // Nothing that works without its owner.
    case 'job':
    case 'actions':
    case 'ask':
    case 'removed':
      return null;
  }
}

function sharedStep(part: Extract<Part, { type: 'step' }>, stepName: PartNames['stepName']): Part {
  const { type, name, stepId, parentStepId } = part;
  return {
    ...{ type, name, stepId: stepName(stepId) },
    ...(parentStepId === undefined ? {} : { parentStepId: stepName(parentStepId) }),
    ...named(part, ['status', 'language', 'input', 'output', 'icon', 'startedAt', 'endedAt', 'open']),
  };
}

function sharedMedia({ type, fileId, mime, name, width, height, provenance }: MediaPart, rules: SharedMessageRules): Part | null {
  const file = sharedFile(fileId, rules);
  if (file === null) return null;
  const made = Object.entries(provenance ?? {}).filter(([key, value]) => toldOfPictures.has(key) && typeof value === 'string');
  return {
    type,
    ...file,
    mime,
    ...(name === undefined ? {} : { name }),
    ...(width === undefined ? {} : { width }),
    ...(height === undefined ? {} : { height }),
    ...(made.length === 0 ? {} : { provenance: Object.fromEntries(made) }),
  };
}

/** Not the job, nor its words and the pictures it was made of. */
const toldOfPictures: ReadonlySet<string> = new Set(['kind', 'model', 'level']);

function sharedFile(fileId: string, { shareId, fileNumber }: SharedMessageRules): { fileId: string; url: string } | null {
  const number = fileNumber(fileId);
  if (number === null) return null;
  return { fileId: `f${number}`, url: sharedFileUrl(shareId, `f${number}`) };
}

function sharedElement(part: ElementPart, elementId: string, rules: SharedMessageRules): Part | null {
  const { type, kind, name, display } = part;
  const file = part.file === undefined ? null : sharedFile(part.file.fileId, rules);
  if (part.file !== undefined && file === null) return null;
  const tree = part.tree === undefined ? null : sharedNode(part.tree, rules);
  return {
    ...{ type, elementId, kind, name, display },
    ...named(part, ['size', 'text', 'language', 'table', 'plot', 'alt']),
    ...(part.file === undefined || file === null
      ? {}
      : { file: { ...file, mime: part.file.mime, size: part.file.size, ...named(part.file, ['width', 'height']) } }),
    ...(tree === null ? {} : { tree }),
  };
}

/** Without buttons and fields, and without what they would send. */
function sharedNode(given: CustomNode, rules: SharedMessageRules): CustomNode | null {
  const { node, children, fileId } = given;
  if (node === 'button' || node === 'field') return null;
  const file = fileId === undefined ? null : sharedFile(fileId, rules);
  if (fileId !== undefined && file === null) return null;
  return {
    node,
    ...named(given, ['text', 'tone', 'value', 'alt', 'url']),
    ...(file === null ? {} : { fileId: file.fileId }),
    ...(children === undefined ? {} : { children: children.flatMap((child) => sharedNode(child, rules) ?? []) }),
  };
}

/** These members, where they are there. */
function named<T extends object, K extends keyof T>(from: T, keys: readonly K[]): Partial<Pick<T, K>> {
  const picked: Partial<Pick<T, K>> = {};
  for (const key of keys) if (from[key] !== undefined) picked[key] = from[key];
  return picked;
}

function filesOfTree(node: CustomNode | undefined): string[] {
  if (node === undefined) return [];
  return [...(node.fileId === undefined ? [] : [node.fileId]), ...(node.children ?? []).flatMap(filesOfTree)];
}
