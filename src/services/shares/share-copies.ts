import { AppError } from '../../lib/app-error.ts';
import { createBreather } from '../../lib/breather.ts';
import type { Clock } from '../../lib/clock.ts';
import type { BatchOperation, DocumentStore } from '../../lib/document-store.ts';
import { newId } from '../../lib/new-id.ts';
import { indexWords } from '../../lib/normalise-words.ts';
import type { Conversation, CustomNode, Message, Part, StoredFile } from '../../protocol/index.ts';
import { createRateBuckets } from '../accounts/rate-buckets.ts';
import { type ConversationRecord, conversationsCollection, toConversation } from '../conversations/conversation-record.ts';
import { type MessageRecord, messagesCollection, textOf } from '../conversations/message-record.ts';
import type { MessagingService } from '../messaging/messaging-service.ts';
import type { Uploads } from '../uploads/uploads.ts';
import type { createFileCopies } from './copy-files.ts';
import type { ShareRecord } from './share-record.ts';
import type { Shares } from './shares.ts';

export interface ShareCopiesOptions {
  readonly documents: DocumentStore;
  readonly shares: Pick<Shares, 'record' | 'page'>;
  readonly uploads: Pick<Uploads, 'refer' | 'release' | 'discard'>;
  readonly copyFile: ReturnType<typeof createFileCopies>;
  readonly messaging: Pick<MessagingService, 'publishEvent'>;
  readonly clock: Clock;
}

/** Each reads a whole copy and writes it again. */
const copiesPerMinute = 10;
const minuteMs = 60_000;
/** A request must not be silent for longer than platforms wait: the newest files come along, and those are what models look at. */
const mostFiles = 100;

/**
 * Makes a shared copy a conversation of its reader, who goes on with it. Nothing ties it to the copy but the id in `forkedFrom`:
 * taking the link back later leaves it alone.
 */
export function createShareCopies(options: ShareCopiesOptions) {
  const { documents, shares, uploads, copyFile, messaging, clock } = options;
  const made = createRateBuckets(clock, 10_000);

  /** @throws AppError NOT_FOUND, RATE_LIMITED, TOO_LARGE when the files do not fit into the person's space */
  return async (user: { readonly id: string }, shareId: string, signal: AbortSignal): Promise<Conversation> => {
    const share = await shares.record(shareId);
    made.take(user.id, copiesPerMinute, minuteMs);
    const conversation = conversationOf(share, user.id, clock.now());
    const files = new Map<string, StoredFile>();
    try {
      const whole = await copyAll(share, conversation, files, signal);
      const shown = toConversation(whole);
      messaging.publishEvent({ to: { user: user.id }, frame: { type: 'conversation.created', conversation: shown } });
      return shown;
    } catch (error) {
      // Their bytes count for the person: a copy that did not come about must not fill the space for a day. The rest is the sweeper's.
      await giveBack(conversation, files).catch(() => {});
      throw error;
    }
  };

  async function copyAll(
    share: ShareRecord,
    conversation: ConversationRecord,
    files: Map<string, StoredFile>,
    signal: AbortSignal,
  ): Promise<ConversationRecord> {
    const { id, ownerId } = conversation;
    await copyFiles(share, ownerId, files, signal);
    await documents.insert(conversationsCollection.name, conversation);
    await uploads.refer(ownerId, idsOf(files), id);
    const headId = await copyMessages(share, conversation, files, signal);
    const set = { state: 'live', deletedAt: null, headId, updatedAt: clock.now() } as const;
    const change = { expect: { state: 'hidden' }, set };
    const whole = await documents.update<ConversationRecord>(conversationsCollection.name, id, change);
    if (whole === null) throw new AppError('NOT_FOUND');
    return whole;
  }

  async function giveBack({ id, ownerId }: ConversationRecord, files: ReadonlyMap<string, StoredFile>): Promise<void> {
    const stored = await documents.get<ConversationRecord>(conversationsCollection.name, id);
    // An answer of the store that was lost: it is whole.
    if (stored !== null && stored.state !== 'hidden') return;
    await uploads.release(ownerId, id);
    await uploads.discard(ownerId, idsOf(files));
  }

  /** @param copies by their names in the shared copy; filled as they come about */
  async function copyFiles(share: ShareRecord, userId: string, copies: Map<string, StoredFile>, signal: AbortSignal): Promise<void> {
    for (const [index, fileId] of share.files.entries()) {
      if (index < share.files.length - mostFiles) continue;
      signal.throwIfAborted();
      const copy = await copyFile(share.ownerId, fileId, userId);
      if (copy !== null) copies.set(`f${index + 1}`, copy);
    }
  }

  /** @returns the id of the last one */
  async function copyMessages(
    share: ShareRecord,
    { id: conversationId, ownerId }: ConversationRecord,
    files: ReadonlyMap<string, StoredFile>,
    signal: AbortSignal,
  ): Promise<string | null> {
    const breathe = createBreather();
    let parentId: string | null = null;
    for (let page = 0; page < share.pages; page += 1) {
      signal.throwIfAborted();
      const operations: BatchOperation[] = [];
      for (const message of await shares.page(share, page)) {
        await breathe();
        const document: MessageRecord = messageOf(message, { conversationId, ownerId, parentId, files });
        operations.push({ type: 'insert', collection: messagesCollection.name, document });
        parentId = document.id;
      }
      await documents.batch(operations);
    }
    return parentId;
  }
}

const idsOf = (files: ReadonlyMap<string, StoredFile>): string[] => [...files.values()].map(({ id }) => id);

/** Not shown until it is whole; what dies half-way is removed by the sweeper. */
function conversationOf(share: ShareRecord, ownerId: string, now: number): ConversationRecord {
  return {
    id: newId(),
    ownerId,
    title: share.title,
    titledBy: 'person',
    headId: null,
    settings: {},
    state: 'hidden',
    deletedAt: now,
    runningId: null,
    words: indexWords(share.title),
    forkedFrom: { shareId: share.id },
    createdAt: now,
    updatedAt: now,
  };
}

interface Place {
  readonly conversationId: string;
  readonly ownerId: string;
  readonly parentId: string | null;
  readonly files: ReadonlyMap<string, StoredFile>;
}

function messageOf(message: Message, { files, ...place }: Place): MessageRecord {
  const { role, status, model, finishReason, error, author, createdAt } = message;
  const parts = message.parts.flatMap((part) => ownPart(part, files) ?? []);
  return {
    id: newId(),
    ...place,
    role,
    status,
    parts,
    ...(model === undefined ? {} : { model }),
    ...(finishReason === undefined ? {} : { finishReason }),
    ...(error === undefined ? {} : { error }),
    ...(author === undefined ? {} : { author: authorOf(author) }),
    createdAt: Date.parse(createdAt),
    words: indexWords(textOf(parts)),
  };
}

const authorOf = ({ name, avatar }: NonNullable<Message['author']>) => ({ name, ...(avatar === undefined ? {} : { avatar }) });

/** A file that was not copied leaves its part out. */
function ownPart(part: Part, files: Place['files']): Part | null {
  if (part.type === 'image' || part.type === 'file') {
    const file = files.get(part.fileId);
    return file === undefined ? null : { ...part, fileId: file.id, url: file.url };
  }
  if (part.type !== 'element') return part;
  const file = part.file === undefined ? undefined : files.get(part.file.fileId);
  if (part.file !== undefined && file === undefined) return null;
  const tree = part.tree === undefined ? null : ownNode(part.tree, files);
  return {
    ...part,
    ...(part.file === undefined || file === undefined ? {} : { file: { ...part.file, fileId: file.id, url: file.url } }),
    ...(tree === null ? {} : { tree }),
  };
}

function ownNode(node: CustomNode, files: Place['files']): CustomNode | null {
  const file = node.fileId === undefined ? undefined : files.get(node.fileId);
  if (node.fileId !== undefined && file === undefined) return null;
  const { children } = node;
  return {
    ...node,
    ...(file === undefined ? {} : { fileId: file.id }),
    ...(children === undefined ? {} : { children: children.flatMap((child) => ownNode(child, files) ?? []) }),
  };
}
