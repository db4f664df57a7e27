import { addPart, type ForeignConversation, type ForeignMessage, type ForeignPart, fenced, type Notes } from './foreign-chat.ts';
import { isRecord, type JsonRecord, listOf, recordOf, textOf, timeOf } from './read-json.ts';

/*
 * `conversations.json` of a ChatGPT export: an array of conversations. `mapping` holds the messages of all branches as nodes with
 * `parent` and `children`; `current_node` is the leaf that was shown. One answer may be a chain of nodes: calls of tools, their
 * results, thoughts, the text. Times are seconds.
 */

interface Node {
  readonly id: string;
  readonly parent: string | null;
  readonly message: JsonRecord | null;
  readonly children: string[];
}

interface Draft extends Omit<ForeignMessage, 'parts'> {
  readonly parts: ForeignPart[];
}

export const isChatGpt = (value: JsonRecord): boolean => isRecord(value['mapping']);

export function readChatGpt(value: JsonRecord, notes: Notes): ForeignConversation {
  const { drafts, places } = draftsOf(nodesOf(recordOf(value['mapping'])), notes);
  return {
    id: textOf(value['conversation_id']) || textOf(value['id']),
    title: textOf(value['title']),
    createdAt: timeOf(value['create_time']),
    updatedAt: timeOf(value['update_time']),
    messages: drafts,
    headId: places.get(textOf(value['current_node']))?.id ?? drafts.at(-1)?.id ?? null,
  };
}

function draftsOf(nodes: ReadonlyMap<string, Node>, notes: Notes): { drafts: Draft[]; places: Map<string, Draft> } {
  const drafts: Draft[] = [];
  /** Where what a node says stands; of a node that says nothing: what stands before it. */
  const places = new Map<string, Draft>();
  for (const node of inOrder(nodes)) {
    const before = node.parent === null ? undefined : places.get(node.parent);
    const draft = draftOf(node, before, notes);
    if (draft === null) {
      if (before !== undefined) places.set(node.id, before);
    } else if (before !== undefined && goesOn(node, before, draft, nodes)) {
      for (const part of draft.parts) addPart(before.parts, part.type, part.text);
      places.set(node.id, before);
    } else {
      drafts.push(draft);
      places.set(node.id, draft);
    }
  }
  return { drafts, places };
}

function nodesOf(mapping: JsonRecord): Map<string, Node> {
  const nodes = new Map<string, Node>();
  for (const [id, value] of Object.entries(mapping)) {
    const { parent, message } = recordOf(value);
    nodes.set(id, { id, parent: typeof parent === 'string' ? parent : null, message: isRecord(message) ? message : null, children: [] });
  }
  for (const node of nodes.values()) nodes.get(node.parent ?? '')?.children.push(node.id);
  return nodes;
}

/** Parents before children; what hangs in a circle is in no conversation. */
function* inOrder(nodes: ReadonlyMap<string, Node>): Generator<Node> {
  const open = [...nodes.values()].filter(({ parent }) => parent === null || !nodes.has(parent));
  for (let node = open.shift(); node !== undefined; node = open.shift()) {
    yield node;
    for (const id of node.children) {
      const child = nodes.get(id);
      if (child !== undefined) open.push(child);
    }
  }
}

/** A piece of the same answer: one after the other without a choice between them. */
function goesOn(node: Node, before: Draft, draft: Draft, nodes: ReadonlyMap<string, Node>): boolean {
  if (before.role !== 'assistant' || draft.role !== 'assistant') return false;
  for (let id = node.parent; id !== null; id = nodes.get(id)?.parent ?? null) {
    if ((nodes.get(id)?.children.length ?? 0) !== 1) return false;
    if (id === before.id) return true;
  }
  return false;
}

function draftOf({ id, message }: Node, before: Draft | undefined, notes: Notes): Draft | null {
  if (message === null || isHidden(message)) return null;
  const said = speakerOf(message);
  const role = said === 'user' ? 'user' : 'assistant';
  const parts: ForeignPart[] = [];
  addContent(parts, recordOf(message['content']), said === 'tool' ? textOf(recordOf(message['author'])['name']) : null, notes);
  const metadata = recordOf(message['metadata']);
  if (role === 'user') for (const name of attachmentsOf(metadata)) addPart(parts, 'text', notes.leave('file', name));
  if (parts.length === 0) return null;
  const model = role === 'user' ? '' : textOf(metadata['model_slug']);
  const time = timeOf(message['create_time']);
  return { id, parentId: before?.id ?? null, role, parts, time, ...(model === '' ? {} : { model }) };
}

const speakerOf = (message: JsonRecord): string => textOf(recordOf(message['author'])['role']);

/** What the program itself does not show. */
function isHidden(message: JsonRecord): boolean {
  const hidden = recordOf(message['metadata'])['is_visually_hidden_from_conversation'] === true;
  return hidden || message['weight'] === 0 || speakerOf(message) === 'system';
}

/** @param tool its name, where a tool speaks */
function addContent(parts: ForeignPart[], content: JsonRecord, tool: string | null, notes: Notes): void {
  const type = textOf(content['content_type']);
  switch (type) {
    case 'text':
      if (tool === null)
        addPart(
          parts,
          'text',
          plain(
            listOf(content['parts'])
              .filter((part) => typeof part === 'string')
              .join('\n\n'),
          ),
        );
      else addPart(parts, 'text', notes.leave('tool', tool));
      return;
    case 'multimodal_text':
      for (const part of listOf(content['parts'])) addPiece(parts, part, notes);
      return;
    case 'code':
      addPart(parts, 'text', fenced(textOf(content['text']), textOf(content['language']).replace('unknown', '')));
      return;
    case 'execution_output':
      addPart(parts, 'text', fenced(textOf(content['text'])));
      return;
    case 'thoughts':
      for (const thought of listOf(content['thoughts']).map(recordOf)) {
        addPart(parts, 'thought', [textOf(thought['summary']), textOf(thought['content'])].filter((text) => text !== '').join('\n\n'));
      }
      return;
    case 'tether_quote':
      addPart(parts, 'text', quoted(`${textOf(content['title'])}\n${textOf(content['text'])}\n${textOf(content['url'])}`));
      return;
    // What the program told the model about the person, and how long it thought.
    case 'user_editable_context':
    case 'model_editable_context':
    case 'reasoning_recap':
    case '':
      return;
    default:
      addPart(parts, 'text', notes.leave(tool === null ? 'other' : 'tool', tool ?? type));
  }
}

function addPiece(parts: ForeignPart[], piece: unknown, notes: Notes): void {
  if (typeof piece === 'string') return addPart(parts, 'text', plain(piece));
  const record = recordOf(piece);
  const type = textOf(record['content_type']);
  if (type === 'image_asset_pointer') addPart(parts, 'text', notes.leave('picture'));
  else if (type === 'audio_transcription') addPart(parts, 'text', textOf(record['text']));
  else if (type.endsWith('_asset_pointer')) addPart(parts, 'text', notes.leave('file'));
  else addPart(parts, 'text', notes.leave('other', type));
}

/** Pictures stand in the content as well. */
function attachmentsOf(metadata: JsonRecord): string[] {
  const attachments = listOf(metadata['attachments']).map(recordOf);
  return attachments.filter((each) => !textOf(each['mime_type']).startsWith('image/')).map((each) => textOf(each['name']));
}

/** Without the marks that the program puts in for its own links: they are characters that mean nothing elsewhere. */
function plain(text: string): string {
  return text.replaceAll(/\ue200[^\ue200\ue201]*\ue201/g, '').replaceAll(/[\ue200-\ue206]/g, '');
}

const quoted = (text: string): string =>
  text
    .trim()
    .split('\n')
    .map((line) => `> ${line}`)
    .join('\n');
