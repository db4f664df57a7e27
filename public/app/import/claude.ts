import { addPart, type ForeignConversation, type ForeignMessage, type ForeignPart, fenced, type Notes } from './foreign-chat.ts';
import { type JsonRecord, listOf, recordOf, textOf, timeOf } from './read-json.ts';

/*
 * `conversations.json` of a Claude export: an array of conversations with `chat_messages` in their order. Newer ones name the parent of each
 * message, older ones are one line. What was attached as text stands in the export, pictures and other files only by name. Times are ISO.
 */

export const isClaude = (value: JsonRecord): boolean => Array.isArray(value['chat_messages']);

export function readClaude(value: JsonRecord, notes: Notes): ForeignConversation {
  const messages: ForeignMessage[] = [];
  /** By the id of each message of the file: that of the one that was kept, or of what stands before. */
  const places = new Map<string, string | null>();
  let previous: string | null = null;
  for (const [index, each] of listOf(value['chat_messages']).entries()) {
    const message = recordOf(each);
    const id = textOf(message['uuid']) || `message-${index + 1}`;
    const parentId = parentOf(textOf(message['parent_message_uuid']), places, previous);
    const role = textOf(message['sender']) === 'human' ? 'user' : 'assistant';
    const parts = partsOf(message, notes);
    if (parts.length > 0) messages.push({ id, parentId, role, parts, time: timeOf(message['created_at']) });
    previous = parts.length > 0 ? id : parentId;
    places.set(id, previous);
  }
  const leaf = textOf(value['current_leaf_message_uuid']);
  return {
    id: textOf(value['uuid']),
    title: textOf(value['name']),
    createdAt: timeOf(value['created_at']),
    updatedAt: timeOf(value['updated_at']),
    messages,
    headId: places.get(leaf) ?? messages.at(-1)?.id ?? null,
  };
}

/** What stands for "no parent". */
const root = '00000000-0000-4000-8000-000000000000';

function parentOf(named: string, places: ReadonlyMap<string, string | null>, previous: string | null): string | null {
  if (named === root) return null;
  return places.has(named) ? (places.get(named) ?? null) : previous;
}

function partsOf(message: JsonRecord, notes: Notes): ForeignPart[] {
  const parts: ForeignPart[] = [];
  const content = listOf(message['content']);
  if (content.length === 0) addPart(parts, 'text', textOf(message['text']));
  for (const each of content) addContent(parts, recordOf(each), notes);
  for (const each of listOf(message['attachments'])) {
    const { file_name: name, extracted_content: text } = recordOf(each);
    if (textOf(text) === '') addPart(parts, 'text', notes.leave('file', textOf(name)));
    else addPart(parts, 'text', `${textOf(name)}\n\n${fenced(textOf(text))}`);
  }
  for (const each of listOf(message['files'])) {
    const { file_kind: kind, file_name: name } = recordOf(each);
    addPart(parts, 'text', notes.leave(kind === 'image' ? 'picture' : 'file', textOf(name)));
  }
  return parts;
}

function addContent(parts: ForeignPart[], content: JsonRecord, notes: Notes): void {
  const type = textOf(content['type']);
  switch (type) {
    case 'text':
      addPart(parts, 'text', textOf(content['text']));
      return;
    case 'thinking':
      addPart(parts, 'thought', textOf(content['thinking']));
      return;
    case 'tool_use':
      addToolUse(parts, content, notes);
      return;
    // It was counted with the call.
    case 'tool_result':
    case 'token_budget':
      return;
    case 'image':
      addPart(parts, 'text', notes.leave('picture'));
      return;
    default:
      addPart(parts, 'text', notes.leave('other', type));
  }
}

/** Documents that the model wrote beside the conversation are calls of a tool: their text is kept. */
function addToolUse(parts: ForeignPart[], content: JsonRecord, notes: Notes): void {
  const input = recordOf(content['input']);
  const text = textOf(input['content']);
  if (content['name'] === 'artifacts' && text !== '') {
    const title = textOf(input['title']);
    addPart(parts, 'text', `${title === '' ? '' : `**${title}**\n\n`}${fenced(text, textOf(input['language']))}`);
  } else addPart(parts, 'text', notes.leave('tool', textOf(content['name'])));
}
