import { AppError } from '../../lib/app-error.ts';
import { createBreather } from '../../lib/breather.ts';
import type { Clock } from '../../lib/clock.ts';
import type { BatchOperation, DocumentStore } from '../../lib/document-store.ts';
import { indexWords } from '../../lib/normalise-words.ts';
import { ExpectationError } from '../../lib/store-errors.ts';
import { type ConversationRecord, conversationsCollection, modePairs } from '../conversations/conversation-record.ts';
import { type MessageRecord, messagesCollection, textOf } from '../conversations/message-record.ts';
import { type FavouriteRecord, favouritesCollection, favouriteText } from '../library/favourite-record.ts';
import { filesShownIn } from '../shares/shared-message.ts';
import type { FileRow } from '../uploads/upload-rows.ts';
import type { Uploads } from '../uploads/uploads.ts';
import type { LineOf } from './account-lines.ts';
import { derivedId, timeOfId } from './derived-id.ts';
import type { ImportLibrary } from './import-library.ts';
import { importedParts } from './import-parts.ts';

export interface ImportConversationsOptions {
  readonly documents: DocumentStore;
  readonly uploads: Pick<Uploads, 'refer' | 'release'>;
  readonly findFile: (userId: string, oldId: string) => Promise<FileRow | null>;
  readonly library: Pick<ImportLibrary, 'folderOf' | 'hasRoomForPin' | 'roomForFavourites'>;
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
    const record = records.find(({ ownerId, state }) => ownerId === userId && (state === 'live' || state === 'archived'));
    return record === undefined ? null : { oldId, record };
  }

  /** @returns whether it was not here, or only among the deleted ones */
  async add(userId: string, line: LineOf<'conversation'>): Promise<boolean> {
    if ((await this.find(userId, line.id)) !== null) return false;
    const { documents } = this.#options;
    const record = await this.#record(userId, line);
    await documents.batch([{ type: 'insertIfAbsent', collection: conversationsCollection.name, document: record }]);
    // Imported once and deleted since: who imports it again wants it back, under the name that it has by now.
    const known = await documents.get<ConversationRecord>(conversationsCollection.name, record.id);
    if (known?.state !== 'deleted') return true;
    const expect = { ownerId: userId, state: 'deleted' };
    const set = { state: record.state, words: indexWords(known.title), deletedAt: null };
    await documents.update(conversationsCollection.name, record.id, { expect, set });
    return true;
  }

  /** Messages of one conversation, in the order of the file. @returns how many were not here */
  async addMessages(userId: string, target: Target, lines: readonly LineOf<'message'>[]): Promise<number> {
    const { record: conversation } = target;
    const { messages, headId } = await this.#newMessages(userId, target, lines);
    if (messages.length === 0) return 0;
    const change = { expect: { state: conversation.state }, set: { headId } };
    try {
      await this.#options.documents.batch([
        ...messages.map((document) => ({ type: 'insertIfAbsent' as const, collection: messagesCollection.name, document })),
        ...messages.filter(({ favourite }) => favourite).map(importedFavourite),
        { type: 'update', collection: conversationsCollection.name, id: conversation.id, change },
      ]);
    } catch (error) {
      if (!(error instanceof ExpectationError)) throw error;
      const gone = (await this.#options.documents.get(conversationsCollection.name, conversation.id)) === null;
      // Who removed it for good has released its files already: these came after.
      if (gone) await this.#options.uploads.release(userId, conversation.id);
      throw new AppError('NOT_FOUND', { message: 'The conversation was deleted while it was imported.', cause: error });
    }
    return messages.length;
  }

  /** Those that are not here yet, with their files kept alive, and the head that comes of them. */
  async #newMessages(
    userId: string,
    target: Target,
    lines: readonly LineOf<'message'>[],
  ): Promise<{ readonly messages: MessageRecord[]; readonly headId: string | null }> {
    const { record: conversation, oldId } = target;
    const known = await this.#known(userId, target, lines);
    let stars = lines.some(isFavourite) ? await this.#options.library.roomForFavourites(userId) : 0;
    const messages: MessageRecord[] = [];
    let { headId } = conversation;
    const breathe = createBreather();
    for (const line of lines) {
      await breathe();
      const id = derivedId(scopeOf(userId, oldId), line.id);
      if (known.has(line.id) || known.has(id)) continue;
      const parentId = known.get(line.parentId ?? '') ?? null;
      const parts = await importedParts(line.parts, (fileId) => this.#options.findFile(userId, fileId));
      const starred = stars > 0 && isFavourite(line);
      if (starred) stars -= 1;
      const place = { id, ownerId: userId, conversationId: conversation.id, parentId, parts, ...(starred ? { favourite: starred } : {}) };
      messages.push(messageRecord(line, place));
      await this.#options.uploads.refer(userId, filesShownIn(parts), conversation.id);
      known.set(line.id, id);
      if (line.head === true || headId === null) headId = id;
    }
    return { messages, headId };
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

  async #record(userId: string, line: LineOf<'conversation'>): Promise<ConversationRecord> {
    const { library } = this.#options;
    const { profile, modes } = line;
    const folderId = await library.folderOf(userId, line.folderId);
    const pinned = line.pinned === true && line.archived !== true && (await library.hasRoomForPin(userId));
    const createdAt = this.#checkTime(line.createdAt, line.id);
    return {
      id: derivedId(userId, line.id),
      ownerId: userId,
      title: line.title,
      titledBy: line.titledBy,
      headId: null,
      settings: line.settings,
      state: line.archived === true ? 'archived' : 'live',
      deletedAt: null,
      runningId: null,
      words: indexWords(line.title),
      ...(pinned ? { pinned } : {}),
      ...(folderId === undefined ? {} : { folderId }),
      ...(profile === undefined ? {} : { profile }),
      ...(modes === undefined ? {} : { modes: modePairs(modes) }),
      createdAt,
      updatedAt: this.#checkTime(line.updatedAt),
    };
  }
}

function scopeOf(userId: string, conversation: string): string {
  return `${userId}\n${conversation}`;
}

/** A favourite is kept with its text. */
function isFavourite({ favourite, parts }: LineOf<'message'>): boolean {
  return favourite === true && textOf(parts).trim() !== '';
}

type Place = Pick<MessageRecord, 'id' | 'ownerId' | 'conversationId' | 'parentId' | 'parts' | 'favourite'>;

function messageRecord(line: LineOf<'message'>, place: Place): MessageRecord {
  const { role, status, model, usage, finishReason, error, feedback, author, createdAt } = line;
  return {
    ...place,
    role,
    status: status === 'streaming' ? 'interrupted' : status,
    ...(model === undefined ? {} : { model }),
    ...(usage === undefined ? {} : { usage }),
    ...(finishReason === undefined ? {} : { finishReason }),
    ...(error === undefined ? {} : { error: { code: error.code, message: error.message.slice(0, 500) } }),
    ...(feedback === undefined ? {} : { feedback: plainFeedback(feedback) }),
    ...(author === undefined ? {} : { author: plainAuthor(author) }),
    createdAt: Date.parse(createdAt),
    words: indexWords(textOf(place.parts)),
  };
}

function plainFeedback({ value, comment }: NonNullable<LineOf<'message'>['feedback']>): NonNullable<MessageRecord['feedback']> {
  return { value, ...(comment === undefined ? {} : { comment }) };
}

function plainAuthor({ name, avatar }: NonNullable<LineOf<'message'>['author']>): NonNullable<MessageRecord['author']> {
  return { name, ...(avatar === undefined ? {} : { avatar }) };
}

function importedFavourite({ id, ownerId, conversationId, parts, createdAt }: MessageRecord): BatchOperation {
  const document: FavouriteRecord = { id, ownerId, conversationId, text: favouriteText(textOf(parts)), createdAt };
  return { type: 'insertIfAbsent', collection: favouritesCollection.name, document };
}
