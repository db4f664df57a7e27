import type { Conversation, Message } from '../../../src/protocol/shapes.ts';
import { textOf } from '../chat/message-parts.ts';
import { createThread } from '../state/thread.ts';

/** A conversation as it is kept in the browser: the words of the shown branch, no pictures, no thoughts. */
export interface KeptChat {
  readonly id: string;
  readonly title: string;
  readonly updatedAt: string;
  readonly messages: readonly KeptMessage[];
  /** Older messages, or the end of a long one, are left out. */
  readonly cut: boolean;
}

export interface KeptMessage {
  readonly id: string;
  readonly role: Message['role'];
  readonly text: string;
  readonly createdAt: string;
}

/** Chats that are kept, newest first; each has at most so many UTF-16 units. */
export const keptChats = 20;
const keptMessages = 60;
const longestChat = 100_000;

/** @param items what the server has of it, newest first */
export function keptChatFrom(conversation: Conversation, items: readonly Message[], more: boolean): KeptChat {
  const { id, title, updatedAt } = conversation;
  const thread = createThread(id);
  thread.upsert(items);
  thread.applyConversation(conversation);
  const branch = thread.branch.peek();
  const kept: KeptMessage[] = [];
  let room = longestChat;
  let cut = more || branch.length > keptMessages;
  for (const messageId of branch.slice(-keptMessages).reverse()) {
    const message = thread.message(messageId)?.peek();
    if (message === undefined || room <= 0) break;
    const whole = textOf(message.parts);
    const text = whole.slice(0, room);
    if (text.length < whole.length) cut = true;
    room -= text.length;
    if (text !== '') kept.unshift({ id: message.id, role: message.role, text, createdAt: message.createdAt });
  }
  return { id, title, updatedAt, messages: kept, cut };
}
