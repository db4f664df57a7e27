import { addPart, type ForeignConversation, type ForeignMessage, type ForeignPart, type Notes } from './foreign-chat.ts';
import { isRecord, type JsonRecord, listOf, recordOf, textOf, timeOf } from './read-json.ts';

/*
 * The export of chats of Open WebUI: an array of chats. `chat.history.messages` holds those of all branches by id, `currentId` is the leaf
 * that was shown; old ones have `chat.messages` in their order only. Thoughts and calls of tools stand in the text as `<details>`.
 * Times are seconds.
 */

export const isOpenWebUi = (value: JsonRecord): boolean => {
  const chat = recordOf(value['chat']);
  return isRecord(recordOf(chat['history'])['messages']) || Array.isArray(chat['messages']);
};

export function readOpenWebUi(value: JsonRecord, notes: Notes): ForeignConversation {
  const chat = recordOf(value['chat']);
  const history = recordOf(chat['history']);
  const given = isRecord(history['messages']) ? treeOf(history['messages']) : lineOf(listOf(chat['messages']));
  const messages: ForeignMessage[] = [];
  const places = new Map<string, string | null>();
  for (const { id, parent, message } of given) {
    const parentId = parent === null ? null : (places.get(parent) ?? null);
    const parts = partsOf(message, notes);
    if (parts.length > 0) messages.push(messageOf({ id, parentId, parts }, message));
    places.set(id, parts.length > 0 ? id : parentId);
  }
  return {
    id: textOf(value['id']) || textOf(chat['id']),
    ...aboutOf(value, chat),
    messages,
    headId: places.get(textOf(history['currentId'])) ?? messages.at(-1)?.id ?? null,
  };
}

function aboutOf(value: JsonRecord, chat: JsonRecord): Pick<ForeignConversation, 'title' | 'createdAt' | 'updatedAt'> {
  const title = textOf(value['title']) || textOf(chat['title']);
  return { title, createdAt: timeOf(value['created_at']) ?? timeOf(chat['timestamp']), updatedAt: timeOf(value['updated_at']) };
}

interface Given {
  readonly id: string;
  readonly parent: string | null;
  readonly message: JsonRecord;
}

function messageOf(place: Pick<ForeignMessage, 'id' | 'parentId' | 'parts'>, message: JsonRecord): ForeignMessage {
  const role = message['role'] === 'user' ? 'user' : 'assistant';
  const model = textOf(message['model']);
  return { ...place, role, time: timeOf(message['timestamp']), ...(role === 'user' || model === '' ? {} : { model }) };
}

/** Parents before children. */
function treeOf(messages: JsonRecord): Given[] {
  const all = Object.entries(messages).map(([id, value]) => {
    const message = recordOf(value);
    const parent = textOf(message['parentId']);
    return { id, parent: parent === '' || !(parent in messages) ? null : parent, message };
  });
  const children = new Map<string | null, Given[]>();
  for (const each of all) {
    const siblings = children.get(each.parent);
    if (siblings === undefined) children.set(each.parent, [each]);
    else siblings.push(each);
  }
  const ordered: Given[] = [];
  const open = [...(children.get(null) ?? [])];
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    ordered.push(next);
    open.push(...(children.get(next.id) ?? []));
  }
  return ordered;
}

function lineOf(messages: readonly unknown[]): Given[] {
  let parent: string | null = null;
  return messages.map((value, index) => {
    const message = recordOf(value);
    const given = { id: textOf(message['id']) || `message-${index + 1}`, parent, message };
    parent = given.id;
    return given;
  });
}

function partsOf(message: JsonRecord, notes: Notes): ForeignPart[] {
  const parts: ForeignPart[] = [];
  const { content, role } = message;
  // What the program told the model.
  if (role !== 'user' && role !== 'assistant') return parts;
  if (typeof content === 'string') addText(parts, content, notes);
  for (const piece of listOf(content).map(recordOf)) {
    if (piece['type'] === 'text') addText(parts, textOf(piece['text']), notes);
    else addPart(parts, 'text', notes.leave(piece['type'] === 'image_url' ? 'picture' : 'other', textOf(piece['type'])));
  }
  for (const file of listOf(message['files']).map(recordOf)) {
    addPart(parts, 'text', notes.leave(file['type'] === 'image' ? 'picture' : 'file', textOf(file['name'])));
  }
  return parts;
}

const opening = '<details type="';
const closing = '</details>';

/** Text between its folded blocks. */
function addText(parts: ForeignPart[], text: string, notes: Notes): void {
  let at = 0;
  for (let start = text.indexOf(opening); start !== -1; start = text.indexOf(opening, at)) {
    const end = text.indexOf(closing, start);
    if (end === -1) break;
    addPart(parts, 'text', text.slice(at, start));
    const block = text.slice(start + opening.length, end);
    if (block.startsWith('reasoning"')) addPart(parts, 'thought', thoughtOf(block));
    else addPart(parts, 'text', notes.leave('tool', block.slice(0, Math.max(0, block.indexOf('"')))));
    at = end + closing.length;
  }
  addPart(parts, 'text', text.slice(at));
}

/** Behind the summary, without the marks of quotation. */
function thoughtOf(block: string): string {
  const summary = block.indexOf('</summary>');
  const body = summary === -1 ? block.slice(block.indexOf('>') + 1) : block.slice(summary + '</summary>'.length);
  return body
    .split('\n')
    .map((line) => line.replace(/^(?:>|&gt;) ?/, ''))
    .join('\n');
}
