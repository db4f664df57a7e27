import { AppError } from '../../lib/app-error.ts';
import { createBreather } from '../../lib/breather.ts';
import type { Clock } from '../../lib/clock.ts';
import type { BatchOperation, DocumentStore } from '../../lib/document-store.ts';
import { normaliseWords } from '../../lib/normalise-words.ts';
import { ExpectationError } from '../../lib/store-errors.ts';
import type { Part } from '../../protocol/index.ts';
import { type ConversationRecord, conversationsCollection } from '../conversations/conversation-record.ts';
import { fileIdsOf, type MessageRecord, messagesCollection, textOf } from '../conversations/message-record.ts';
import type { FileRow } from '../uploads/upload-rows.ts';
import { toStoredFile } from '../uploads/upload-rows.ts';
import type { Uploads } from '../uploads/uploads.ts';
import type { LineOf } from './account-lines.ts';
import { derivedId, timeOfId } from './derived-id.ts';

export interface ImportConversationsOptions {
  readonly documents: DocumentStore;
  readonly uploads: Pick<Uploads, 'refer'>;
  readonly findFile: (userId: string, oldId: string) => Promise<FileRow | null>;
  readonly clock: Clock;
  /** Bytes of UTF-8 in a person's message; 0: no limit. */
  readonly textBytes: number;
}

/** A conversation here, and the name that it has in the file. */
export interface Target {
  readonly oldId: string;
  readonly record: ConversationRecord;
}

/** Clocks of two servers may differ by this much, in ms. */
const toleranceMs = 60_000;

/** Conversations and messages of an import. Whatever is here already stays as it is. */
export class ImportConversations {
  readonly #options: ImportConversationsOptions;

  constructor(options: ImportConversationsOptions) {
    this.#options = options;
  }

  /** What was imported before, or the person's own: an account that gets its own export has no copies. */
  async find(userId: string, oldId: string): Promise<Target | null> {
    const ids = [derivedId(userId, oldId), oldId];
    const records = await this.#options.documents.getMany<ConversationRecord>(conversationsCollection.name, ids);
    const record = records.find(({ ownerId, state }) => ownerId === userId && state === 'live');
    return record === undefined ? null : { oldId, record };
  }

  /** @returns whether it was not here, or only among the deleted ones */
  async add(userId: string, line: LineOf<'conversation'>): Promise<boolean> {
    if ((await this.find(userId, line.id)) !== null) return false;
    const { documents } = this.#options;
    const record = this.#record(userId, line);
    await documents.batch([{ type: 'insertIfAbsent', collection: conversationsCollection.name, document: record }]);
    // Imported once and deleted since: who imports it again wants it back.
    const expect = { ownerId: userId, state: 'deleted' };
    await documents.update(conversationsCollection.name, record.id, { expect, set: { state: 'live', deletedAt: null } });
    return true;
  }

  /** Messages of one conversation, in the order of the file. @returns how many were not here */
  async addMessages(userId: string, target: Target, lines: readonly LineOf<'message'>[]): Promise<number> {
    const { documents, uploads } = this.#options;
    const { record: conversation, oldId } = target;
    const known = await this.#known(userId, target, lines);
    const operations: BatchOperation[] = [];
    let headId = conversation.headId;
    const breathe = createBreather();
    for (const line of lines) {
      await breathe();
      const id = derivedId(scopeOf(userId, oldId), line.id);
      if (known.has(line.id) || known.has(id)) continue;
      const parentId = line.parentId === null ? null : (known.get(line.parentId) ?? null);
      const parts = await this.#parts(userId, line.parts);
      const document = messageRecord(line, { id, ownerId: userId, conversationId: conversation.id, parentId, parts });
      await uploads.refer(userId, fileIdsOf(parts), conversation.id);
      operations.push({ type: 'insertIfAbsent', collection: messagesCollection.name, document });
      known.set(line.id, id);
      if (line.head === true || headId === null) headId = id;
    }
    if (operations.length === 0) return 0;
    const change = { expect: { state: 'live' }, set: { headId } };
    const update: BatchOperation = { type: 'update', collection: conversationsCollection.name, id: conversation.id, change };
    try {
      await documents.batch([...operations, update]);
    } catch (error) {
      if (!(error instanceof ExpectationError)) throw error;
      throw new AppError('NOT_FOUND', { message: 'The conversation was deleted while it was imported.', cause: error });
    }
    return operations.length;
  }

  /** Ids of messages of this conversation that exist, by their id in the file and by their own. */
  async #known(userId: string, { oldId, record }: Target, lines: readonly LineOf<'message'>[]): Promise<Map<string, string>> {
    const scope = scopeOf(userId, oldId);
    const names = new Map<string, string>();
    for (const { id, parentId } of lines) {
      names.set(id, derivedId(scope, id));
      if (parentId !== null) names.set(parentId, derivedId(scope, parentId));
    }
    const ids = [...new Set([...names.values(), ...(record.id === oldId ? names.keys() : [])])];
    const found = await this.#options.documents.getMany<MessageRecord>(messagesCollection.name, ids);
    const own = new Set(found.filter((each) => each.ownerId === userId && each.conversationId === record.id).map(({ id }) => id));
    const known = new Map<string, string>([...own].map((id) => [id, id]));
    for (const [name, id] of names) if (own.has(id)) known.set(name, id);
    return known;
  }

  /** Pictures by what is stored here; what is not here, and jobs of another server, fall away. */
  async #parts(userId: string, parts: readonly Part[]): Promise<Part[]> {
    const kept: Part[] = [];
    for (const part of parts) {
      if (part.type === 'job') continue;
      if (part.type !== 'image' && part.type !== 'file') kept.push(part);
      else {
        const row = await this.#options.findFile(userId, part.fileId);
        if (row !== null) kept.push(mediaPart(part, row));
      }
    }
    return kept;
  }

  /** @throws AppError TOO_LARGE, BAD_REQUEST for what this person could not have written here */
  check(line: LineOf<'message'>): void {
    const { textBytes } = this.#options;
    this.#checkTime(line.createdAt, line.id);
    const bytes = Buffer.byteLength(textOf(line.parts));
    if (line.role === 'user' && textBytes > 0 && bytes > textBytes)
      throw new AppError('TOO_LARGE', { params: { limit: textBytes, bytes } });
  }

  /** What is dated later than now would stand behind everything that is written from now on. */
  #checkTime(time: string, id?: string): number {
    const ms = Date.parse(time);
    const latest = this.#options.clock.now() + toleranceMs;
    if (!(ms >= 0 && ms <= latest && (id === undefined || timeOfId(id) <= latest))) {
      throw new AppError('BAD_REQUEST', {
        message: 'A date in the file lies in the future, or long before its time.',
        params: { reason: 'time' },
      });
    }
    return ms;
  }

  #record(userId: string, line: LineOf<'conversation'>): ConversationRecord {
    const createdAt = this.#checkTime(line.createdAt, line.id);
    return {
      id: derivedId(userId, line.id),
      ownerId: userId,
      title: line.title,
      titledBy: line.titledBy,
      headId: null,
      settings: line.settings,
      state: 'live',
      deletedAt: null,
      runningId: null,
      words: normaliseWords(line.title),
      createdAt,
      updatedAt: this.#checkTime(line.updatedAt),
    };
  }
}

function scopeOf(userId: string, conversation: string): string {
  return `${userId}\n${conversation}`;
}

function mediaPart(part: Extract<Part, { type: 'image' | 'file' }>, row: FileRow): Part {
  const { id: fileId, url, mime, width, height, name } = toStoredFile(row);
  const size = { ...(width === undefined ? {} : { width }), ...(height === undefined ? {} : { height }) };
  const { provenance } = part;
  return {
    type: part.type,
    fileId,
    url,
    mime,
    ...size,
    ...(name === undefined ? {} : { name }),
    ...(provenance === undefined ? {} : { provenance }),
  };
}

type Place = Pick<MessageRecord, 'id' | 'ownerId' | 'conversationId' | 'parentId' | 'parts'>;

function messageRecord(line: LineOf<'message'>, place: Place): MessageRecord {
  const { role, status, model, usage, finishReason, error, feedback, createdAt } = line;
  return {
    ...place,
    role,
    status: status === 'streaming' ? 'interrupted' : status,
    ...(model === undefined ? {} : { model }),
    ...(usage === undefined ? {} : { usage }),
    ...(finishReason === undefined ? {} : { finishReason }),
    ...(error === undefined ? {} : { error: { code: error.code, message: error.message.slice(0, 500) } }),
    ...(feedback === undefined ? {} : { feedback: plainFeedback(feedback) }),
    createdAt: Date.parse(createdAt),
    words: normaliseWords(textOf(place.parts)),
  };
}

function plainFeedback({ value, comment }: NonNullable<LineOf<'message'>['feedback']>): NonNullable<MessageRecord['feedback']> {
  return { value, ...(comment === undefined ? {} : { comment }) };
}
