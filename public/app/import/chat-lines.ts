import type { ForeignConversation, ForeignFormat, ForeignMessage, ForeignPart } from './foreign-chat.ts';
import { importedId } from './imported-id.ts';
import { jsonBytes, splitText } from './split-text.ts';

export interface LineLimits {
  /** Bytes of UTF-8 in what a person says; 0: no limit. */
  readonly textBytes: number;
  /** Milliseconds since the epoch: nothing may be dated later. */
  readonly now: number;
}

/** Half of what a line of an import may have; there are names and ids around it. */
const mostBytes = 256 * 1024;
const titleCharacters = 200;

/**
 * The lines of an account's export that say the same, as `POST /api/account/import` takes them. A message that is longer than
 * one may be goes on in the next one. Ids depend on the file's own ids and times alone.
 */
export function linesOf(format: ForeignFormat, conversation: ForeignConversation, limits: LineLimits): string[] {
  const begun = conversation.createdAt ?? conversation.messages.find(({ time }) => time !== null)?.time ?? 0;
  const createdAt = Math.min(begun, limits.now);
  const group = `${format}\n${conversation.id}`;
  const id = importedId(createdAt, group, group);
  const updatedAt = Math.min(Math.max(conversation.updatedAt ?? createdAt, createdAt), limits.now);
  const title = clean(conversation.title)
    .replaceAll(/\s+/g, ' ')
    .trim()
    .slice(0, titleCharacters)
    .replace(/[\ud800-\udbff]$/, '');
  const head = {
    ...{ type: 'conversation', id, title, titledBy: title === '' ? 'automatic' : 'person', settings: {} },
    ...{ createdAt: new Date(createdAt).toISOString(), updatedAt: new Date(updatedAt).toISOString() },
  };
  const placed = new Map<string, Placed>();
  const lines: object[] = [head];
  for (const message of conversation.messages) {
    const parent = message.parentId === null ? undefined : placed.get(message.parentId);
    const made = messageLines(message, { group, conversationId: id, createdAt, parent, limits });
    lines.push(...made.lines);
    placed.set(message.id, made.last);
    if (message.id === conversation.headId) Object.assign(made.lines.at(-1) ?? {}, { head: true });
  }
  return lines.map((line) => JSON.stringify(line));
}

interface Placed {
  readonly id: string;
  readonly time: number;
}

interface Around {
  readonly group: string;
  readonly conversationId: string;
  readonly createdAt: number;
  readonly parent: Placed | undefined;
  readonly limits: LineLimits;
}

function messageLines(message: ForeignMessage, around: Around): { lines: object[]; last: Placed } {
  const { role, model } = message;
  const limit = role === 'user' && around.limits.textBytes > 0 ? Math.min(mostBytes, around.limits.textBytes) : mostBytes;
  let parent = around.parent;
  const lines = pieces(message.parts, limit).map((parts, index): object => {
    // Ids sort by time: a message never stands before the one that it answers.
    const own = Math.min(message.time ?? parent?.time ?? around.createdAt, around.limits.now);
    const time = parent === undefined ? own : Math.max(own, parent.time + 1);
    const id = importedId(time, around.group, index === 0 ? message.id : `${message.id}\n${index}`);
    const parentId = parent?.id ?? null;
    parent = { id, time };
    return {
      ...{ type: 'message', id, conversationId: around.conversationId, parentId, role, status: 'complete', parts },
      ...(model === undefined ? {} : { model: clean(model).slice(0, 128) }),
      createdAt: new Date(time).toISOString(),
    };
  });
  return { lines, last: parent ?? { id: '', time: around.createdAt } };
}

/** Parts of one message after the other, each with at most so many bytes. */
function pieces(given: readonly ForeignPart[], limit: number): ForeignPart[][] {
  const messages: ForeignPart[][] = [];
  let open: ForeignPart[] = [];
  let left = limit;
  for (const { type, text } of given) {
    for (const piece of splitText(clean(text), limit)) {
      const bytes = jsonBytes(piece);
      if (open.length > 0 && bytes > left) {
        messages.push(open);
        open = [];
        left = limit;
      }
      open.push({ type, text: piece });
      left -= bytes;
    }
  }
  return [...messages, open];
}

/** Without halves of characters and characters that no text has; JSON of the server takes neither. */
function clean(text: string): string {
  // oxlint-disable-next-line no-control-regex -- these are what is taken out
  return text.replaceAll(/\p{Surrogate}/gu, '\ufffd').replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '');
}
