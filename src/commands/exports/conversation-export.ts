import { AppError } from '../../lib/app-error.ts';
import type { Conversation, Message, Part } from '../../protocol/index.ts';
import type { ConversationsPort } from '../ports.ts';

/** A conversation with all that was written in it. */
export interface ConversationExport {
  readonly conversation: Conversation;
  /** All branches, oldest first. */
  readonly messages: readonly Message[];
}

const PAGE = 200;
/** Characters of JSON: an export travels in one frame and is held in memory. */
const MAX_CHARACTERS = 16 * 1024 * 1024;

/**
 * Reads a whole conversation, page by page.
 * @throws AppError NOT_FOUND; TOO_LARGE beyond 16 Mi characters; the signal's reason when it is aborted
 */
export async function readConversationExport(
  conversations: Pick<ConversationsPort, 'get' | 'messages'>,
  userId: string,
  conversationId: string,
  signal: AbortSignal,
): Promise<ConversationExport> {
  const conversation = await conversations.get(userId, conversationId);
  const newestFirst: Message[] = [];
  let characters = 0;
  let before: string | null = null;
  do {
    signal.throwIfAborted();
    const page = await conversations.messages(userId, conversationId, { limit: PAGE, ...(before === null ? {} : { before }) });
    for (const message of page.items) {
      characters += JSON.stringify(message).length;
      newestFirst.push(message);
    }
    if (characters > MAX_CHARACTERS) throw new AppError('TOO_LARGE', { message: 'This conversation is too large to export in one piece.' });
    before = page.items.length === 0 ? null : page.nextCursor;
  } while (before !== null);
  return { conversation, messages: newestFirst.reverse() };
}

/** The branch that is shown, from the first message to the head; all messages where the head is not known. */
export function shownBranch({ conversation, messages }: ConversationExport): readonly Message[] {
  const byId = new Map(messages.map((message) => [message.id, message]));
  const branch: Message[] = [];
  let id = conversation.headId;
  while (id !== null) {
    const message = byId.get(id);
    if (message === undefined) break;
    branch.push(message);
    byId.delete(id);
    id = message.parentId;
  }
  return branch.length === 0 ? messages : branch.reverse();
}

/** Only what a reader may safely follow. */
export function isWebAddress(url: string): boolean {
  return /^https?:\/\//i.test(url);
}

/** Who speaks, e.g. `You` or `Answer (gemini-2.5-flash)`. */
export function speakerOf(message: Message): string {
  if (message.role === 'user') return 'You';
  return message.model === undefined ? 'Answer' : `Answer (${message.model})`;
}

/** What made a picture, in one line: the kind of work, its model, level and seed; null for a picture that nobody worked on. */
export function madeBy(part: Part): string | null {
  if (part.type !== 'image') return null;
  const { kind, model, level, seed } = part.provenance ?? {};
  if (typeof kind !== 'string') return null;
  const more = [
    typeof model === 'string' ? model : '',
    typeof level === 'string' ? level : '',
    typeof seed === 'number' ? `seed ${seed}` : '',
  ];
  const said = more.filter((word) => word !== '').join(', ');
  return `Made by ${kind}${said === '' ? '' : ` (${said})`}`;
}
