import type { Clock } from '../../lib/clock.ts';
import type { BatchOperation, DocumentStore } from '../../lib/document-store.ts';
import { newId } from '../../lib/new-id.ts';
import { normaliseWords } from '../../lib/normalise-words.ts';
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
  readonly uploads: Pick<Uploads, 'refer'>;
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
    const files = await copyFiles(share, user.id, signal);
    const conversation = conversationOf(share, user.id, clock.now());
    await documents.insert(conversationsCollection.name, conversation);
    await uploads.refer(
      user.id,
      [...files.values()].map(({ id }) => id),
      conversation.id,
    );
    const headId = await copyMessages(share, conversation, files, signal);
    const set = { state: 'live', deletedAt: null, headId, updatedAt: clock.now() } as const;
    const whole = await documents.update<ConversationRecord>(conversationsCollection.name, conversation.id, { set });
    const shown = toConversation(whole ?? { ...conversation, ...set });
    messaging.publishEvent({ to: { user: user.id }, frame: { type: 'conversation.created', conversation: shown } });
    return shown;
  };

  async function copyFiles(share: ShareRecord, userId: string, signal: AbortSignal): Promise<Map<string, StoredFile>> {
    const copies = new Map<string, StoredFile>();
    for (const [index, fileId] of share.files.entries()) {
      if (index < share.files.length - mostFiles) continue;
      signal.throwIfAborted();
      const copy = await copyFile(share.ownerId, fileId, userId);
      if (copy !== null) copies.set(`f${index + 1}`, copy);
    }
    return copies;
  }

  /** @returns the id of the last one */
  async function copyMessages(
    share: ShareRecord,
    { id: conversationId, ownerId }: ConversationRecord,
    files: ReadonlyMap<string, StoredFile>,
    signal: AbortSignal,
  ): Promise<string | null> {
    let parentId: string | null = null;
    for (let page = 0; page < share.pages; page += 1) {
      signal.throwIfAborted();
      const operations: BatchOperation[] = [];
      for (const message of await shares.page(share, page)) {
        const document: MessageRecord = messageOf(message, { conversationId, ownerId, parentId, files });
        operations.push({ type: 'insert', collection: messagesCollection.name, document });
        parentId = document.id;
      }
      await documents.batch(operations);
    }
    return parentId;
  }
}

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
    words: normaliseWords(share.title),
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
    words: normaliseWords(textOf(parts)),
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
