import { beforeEach, describe, expect, it } from 'vitest';
import { type OpenConversationPorts, openConversation } from '../../../src/gateway/ws/open-conversation.ts';
import type { Message, ServerFrame } from '../../../src/protocol/index.ts';
import type { ConversationRecord } from '../../../src/services/conversations/conversation-record.ts';
import { GenerationLog } from '../../../src/services/generations/generation-log.ts';
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
let followed: { id: string; afterSeq: number }[];
/** The answer that is being written, or was a moment ago. */
let log: GenerationLog | null;

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
  follow: ({ ids }, afterSeq) => void followed.push({ id: ids.generationId, afterSeq }),
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
    live: { ...live, logFor: () => log },
    attachment: { logOf: () => Promise.resolve(null) },
    surface: { presence: { opened: () => {} } },
  };
}

const live = {
  get: () => undefined,
  inConversation: () => (log === null || log.finished !== null ? undefined : { log }),
};

/** An answer begins, as the server tells it. */
function begin(): GenerationLog {
  const ids = { generationId: 'g1', conversationId: id, messageId: 'answer', epoch: 'e1' };
  const message: Message = { ...messageOf('answer'), status: 'streaming', parts: [] };
  log = new GenerationLog(ids, message);
  users.sendToConversation(id, { type: 'message.created', message });
  users.streamResponse(log, 'model');
  log.appendText('text', 'Good day.');
  return log;
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
  [stored, frames, followed, reads, meanwhile, log] = [[messageOf('first')], [], [], 0, () => {}, null];
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

  it('of one that never rests, an answer that begins after the last reading is shown and followed from there', async () => {
    meanwhile = (read) => (read === 4 ? void begin() : write(`${read}`));
    await open();
    const [opened] = frames;
    expect(opened).toMatchObject({ type: 'conversation.opened', running: [{ generationId: 'g1' }] });
    expect(opened?.type === 'conversation.opened' ? opened.messages[0] : null).toMatchObject({
      ...{ id: 'answer', status: 'streaming', parts: [{ type: 'text', text: 'Good day.' }] },
    });
    expect(followed).toEqual([{ id: 'g1', afterSeq: log?.seq }]);
  });

  it('of one that never rests, an answer that begins and ends after the last reading comes with all its events', async () => {
    meanwhile = (read) => {
      if (read < 4) write(`${read}`);
      else begin().finish({ status: 'complete', textSha256: '', message: messageOf('answer') });
    };
    await open();
    expect(frames.map(({ type }) => type)).toEqual(['conversation.opened', 'message.created', 'generation.started']);
    expect(followed).toEqual([{ id: 'g1', afterSeq: 0 }]);
  });
});
