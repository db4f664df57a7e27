import { beforeEach, describe, expect, it } from 'vitest';
import { type OpenConversationPorts, openConversation } from '../../../src/gateway/ws/open-conversation.ts';
import type { Message, ServerFrame } from '../../../src/protocol/index.ts';
import type { ConversationRecord } from '../../../src/services/conversations/conversation-record.ts';
import { UserService, type UserSession } from '../../../src/services/messaging/user-service.ts';

const ownerId = 'ada';
const id = 'conversation-1';
const at = new Date(0).toISOString();

let users: UserService;
let stored: Message[];
let reads: number;
/** What happens right after the messages were read, and before anybody looks at them. */
let meanwhile: (read: number) => void;
let frames: ServerFrame[];

const messageOf = (name: string): Message => ({
  ...{ id: name, conversationId: id, parentId: null, role: 'assistant', status: 'complete' },
  ...{ parts: [{ type: 'text', text: name }], createdAt: at },
});
const record: ConversationRecord = {
  ...{ id, ownerId, title: 'Tea', state: 'live', headId: null, runningId: null, settings: {} },
  ...{ titledBy: 'person', deletedAt: null, words: [] },
  ...{ createdAt: 0, updatedAt: 0 },
};
const session: UserSession = {
  ...{ id: 'session-1', sid: 'sid', user: { id: ownerId, name: 'Ada', email: 'ada@example.org', role: 'user' } },
  send: (frame) => void frames.push(frame),
  follow: () => {},
  close: () => {},
};

function portsOf(): OpenConversationPorts {
  return {
    users,
    conversations: {
      record: () => Promise.resolve(record),
      messages: async () => {
        reads += 1;
        const items = [...stored];
        await Promise.resolve();
        meanwhile(reads);
        return { items, nextCursor: null };
      },
    },
    settings: { forConversation: () => Promise.resolve({}) },
    live: { get: () => undefined, inConversation: () => undefined },
    attachment: { logOf: () => Promise.resolve(null) },
    surface: { presence: { opened: () => {} } },
  };
}

/** As whoever writes a message does: it is stored, and then told to those who look. */
function write(name: string): void {
  const message = messageOf(name);
  stored.push(message);
  users.sendToConversation(id, { type: 'message.created', message });
}

const open = () => openConversation(portsOf(), session, { type: 'conversation.open', id: 'r1', conversationId: id });
/** The messages that a page would show after all that it was sent. */
function shown(): string[] {
  const names = new Set<string>();
  for (const frame of frames) {
    if (frame.type === 'conversation.opened') for (const message of frame.messages) names.add(message.id);
    else if (frame.type === 'message.created') names.add(frame.message.id);
  }
  return [...names];
}

beforeEach(() => {
  users = new UserService({ maxSessionsPerUser: 0 });
  users.registerUserSession(session);
  [stored, frames, reads, meanwhile] = [[messageOf('first')], [], 0, () => {}];
});

describe('opening a conversation', () => {
  it('reads it once where nothing happens meanwhile', async () => {
    await open();
    expect(reads).toBe(1);
    expect(frames.map(({ type }) => type)).toEqual(['conversation.opened']);
  });

  it('shows what was written while it was read', async () => {
    meanwhile = (read) => {
      if (read === 1) write('second');
    };
    await open();
    expect(frames).toHaveLength(1);
    expect(shown()).toEqual(['first', 'second']);
  });

  it('loses nothing of one that changes faster than it can be read', async () => {
    meanwhile = (read) => write(`while it was read the ${read}. time`);
    await open();
    write('afterwards');
    expect(shown()).toEqual(stored.map((message) => message.id));
    expect(frames[0]?.type).toBe('conversation.opened');
  });

  it('is not held up by what happens elsewhere, or by what it does not hold', async () => {
    meanwhile = () => {
      users.sendToConversation('another', { type: 'message.created', message: messageOf('elsewhere') });
      users.sendToUser(ownerId, { type: 'toast', level: 'info', text: 'Hello' });
      users.sendToUser(ownerId, { type: 'settings.updated', conversationId: 'another', settings: {} });
    };
    await open();
    expect(reads).toBe(1);
  });

  it('has the settings that were chosen while it was read', async () => {
    meanwhile = (read) => {
      if (read === 1) users.sendToUser(ownerId, { type: 'settings.updated', conversationId: id, settings: { level: 'deep' } });
    };
    await open();
    expect(reads).toBe(2);
  });
});
