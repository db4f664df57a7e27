import type { ClientFrameOf, Message, ServerFrame } from '../../protocol/index.ts';
import type { ChatSettings } from '../../services/conversations/chat-settings.ts';
import { toConversation } from '../../services/conversations/conversation-record.ts';
import type { Conversations } from '../../services/conversations/conversations.ts';
import type { GenerationAttachment } from '../../services/generations/generation-attachment.ts';
import type { GenerationLog } from '../../services/generations/generation-log.ts';
import { type LiveGenerations, runningOf } from '../../services/generations/live-generation.ts';
import type { UserService, UserSession } from '../../services/messaging/user-service.ts';
import type { Presence } from '../../services/surface/presence.ts';

export interface OpenConversationPorts {
  readonly users: Pick<UserService, 'isOpen' | 'openConversation' | 'watchNews'>;
  readonly conversations: Pick<Conversations, 'record' | 'messages'>;
  readonly settings: Pick<ChatSettings, 'forConversation'>;
  readonly live: Pick<LiveGenerations, 'logFor'> & {
    get(generationId: string): object | undefined;
    inConversation(conversationId: string): { readonly log: GenerationLog } | undefined;
  };
  readonly attachment: Pick<GenerationAttachment, 'logOf'>;
  readonly surface: { readonly presence: Pick<Presence, 'opened'> };
}

/** What was read, and what it may miss. */
type ReadConversation = Awaited<ReturnType<typeof readConversation>> & { readonly missed: readonly ServerFrame[] };

/** A conversation that changes at each reading is shown as it was at this one, and what it missed is told behind it. */
const MOST_READS = 4;

/**
 * Answers `conversation.open`: what the conversation holds, and from then on everything that happens in it, with nothing lost in
 * between. What is told while it is read may be missing from what was read: it is read again then.
 */
export async function openConversation(
  ports: OpenConversationPorts,
  session: UserSession,
  frame: ClientFrameOf<'conversation.open'>,
): Promise<void> {
  for (let reads = 1; ; reads += 1) {
    const news = ports.users.watchNews(session.user.id, frame.conversationId);
    try {
      const read = await readConversation(ports, session.user.id, frame.conversationId);
      const missed = news.frames.filter((told) => changes(told, frame.conversationId));
      if (missed.length > 0 && reads < MOST_READS) continue;
      const shown = show(ports, session, frame.id, { ...read, missed });
      for (const told of missed) tellAgain(ports, session, told, shown);
      return;
    } finally {
      news.end();
    }
  }
}

async function readConversation({ conversations, settings, live, attachment }: OpenConversationPorts, userId: string, id: string) {
  const record = await conversations.record(userId, id);
  const [page, held] = await Promise.all([conversations.messages(userId, id, {}), settings.forConversation(userId, record)]);
  const { runningId } = record;
  const remote = runningId !== null && live.get(runningId) === undefined ? await attachment.logOf(userId, runningId) : null;
  return { record, page, held, remote };
}

/**
 * Nothing waits in here: the text that is shown and the seq it includes belong together.
 * @returns the log of the answer that runs
 */
function show(
  ports: OpenConversationPorts,
  session: UserSession,
  replyTo: string | undefined,
  read: ReadConversation,
): GenerationLog | null {
  const { users, live, surface } = ports;
  const { record, page, held, remote, missed } = read;
  surface.presence.opened(record, users.isOpen(record.id));
  users.openConversation(session, record.id);
  const log = live.inConversation(record.id)?.log ?? remote;
  const running = log !== null && log.finished === null ? log : null;
  const messages = page.items.map((message) => shownWith(log, message));
  // An answer that began after the last reading is on no page yet.
  const began = missed.some((told) => told.type === 'generation.started' && told.generationId === running?.ids.generationId);
  const isMissing = running !== null && began && !messages.some(({ id }) => id === running.ids.messageId);
  session.send({
    type: 'conversation.opened',
    ...(replyTo === undefined ? {} : { replyTo }),
    conversation: toConversation(record),
    messages: isMissing ? [running.snapshot().message, ...messages] : messages,
    nextCursor: page.nextCursor,
    running: running === null ? [] : [runningOf(running)],
    settings: held,
  });
  if (running !== null) session.follow(running, running.seq);
  return running;
}

/** With all events of an answer that began, and may have ended, after the last reading. */
function tellAgain({ live }: OpenConversationPorts, session: UserSession, told: ServerFrame, shown: GenerationLog | null): void {
  session.send(told);
  if (told.type !== 'generation.started' || told.generationId === shown?.ids.generationId) return;
  const log = live.logFor(session.user.id, told.generationId);
  if (log !== null) session.follow(log, 0);
}

/** The answer that is being written, as far as it is now. */
function shownWith(log: GenerationLog | null, message: Message): Message {
  return log !== null && log.ids.messageId === message.id ? { ...message, ...log.snapshot().message } : message;
}

/** Whether a frame tells of something that `conversation.opened` holds. */
function changes(frame: ServerFrame, conversationId: string): boolean {
  switch (frame.type) {
    case 'message.created':
    case 'message.updated':
    case 'generation.started':
      return true;
    case 'conversation.updated':
      return frame.conversation.id === conversationId;
    case 'conversation.deleted':
      return frame.conversationId === conversationId;
    case 'settings.updated':
      return frame.conversationId === null || frame.conversationId === conversationId;
    default:
      return false;
  }
}
