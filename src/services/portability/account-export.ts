import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { AppError } from '../../lib/app-error.ts';
import { type Clock, isoTime } from '../../lib/clock.ts';
import type { Document, DocumentStore, FindQuery } from '../../lib/document-store.ts';
import type { Settings, User } from '../../protocol/index.ts';
import { type ConversationRecord, conversationsCollection } from '../conversations/conversation-record.ts';
import { type MessageRecord, messagesCollection } from '../conversations/message-record.ts';
import { type DraftRecord, draftsCollection } from '../drafts/draft-record.ts';
import { type FolderRecord, foldersCollection } from '../library/folder-record.ts';
import { type PromptRecord, promptsCollection } from '../library/prompt-record.ts';
import { type FileReferenceRow, type FileRow, fileReferencesCollection, filesCollection } from '../uploads/upload-rows.ts';
import { type AccountLine, accountVersion, chunkBytes } from './account-lines.ts';
import { cursorFrom, type ExportPosition, type ExportState, stateFrom } from './export-cursor.ts';
import { conversationLine, endLine, fileLine, folderLine, messageLine, promptLine } from './export-lines.ts';
import { chained, emptyChain } from './line-chain.ts';

export interface AccountExportOptions {
  readonly documents: DocumentStore;
  readonly uploads: {
    open(ownerId: string, fileId: string, variant: 'original', range: { start: number; end: number }): Promise<{ stream: Readable }>;
  };
  readonly settings: { get(userId: string, conversationId: null): Promise<Settings> };
  readonly clock: Clock;
  readonly version: string;
}

interface Step {
  readonly line: AccountLine;
  /** What comes after this line. */
  readonly next: ExportPosition;
}

interface MessagesFrom {
  readonly after: string | null;
  /** Whose messages: the place of their conversation. */
  readonly at: 'conversations' | 'archived';
  readonly previous: string | null;
  readonly until: number;
}

/** Documents read ahead of the reader, at most. */
export const exportPage = 25;

/**
 * A person's account as lines, each with its line feed and with a cursor `c` as its last member: `after` that cursor the same
 * bytes follow, as long as nothing was changed. Reads no further than the caller asks for.
 * @throws AppError BAD_REQUEST for a cursor that is none
 */
export class AccountExport {
  readonly #options: AccountExportOptions;

  constructor(options: AccountExportOptions) {
    this.#options = options;
  }

  async *lines(user: User, after?: string): AsyncGenerator<string> {
    const begun = { until: this.#options.clock.now(), position: { at: 'header' } as const, counts: {}, chain: emptyChain };
    let state: ExportState = after === undefined ? begun : stateFrom(after);
    for await (const { line, next } of this.#steps(user, state)) {
      const body = JSON.stringify(line.type === 'end' ? endLine(state) : line);
      const counts = { ...state.counts, [line.type]: (state.counts[line.type] ?? 0) + 1 };
      state = { until: state.until, position: next, counts, chain: chained(state.chain, body) };
      yield `${body.slice(0, -1)},"c":"${cursorFrom(state)}"}\n`;
    }
  }

  async *#steps(user: User, { position, until }: ExportState): AsyncGenerator<Step> {
    let at = position;
    if (at.at === 'header') {
      at = { at: 'settings' };
      yield { line: this.#header(user, until), next: at };
    }
    if (at.at === 'settings') {
      at = { at: 'folders', after: null };
      yield { line: { type: 'settings', settings: await this.#options.settings.get(user.id, null) }, next: at };
    }
    if (at.at === 'folders') {
      for (const record of await this.#few<FolderRecord>(foldersCollection.name, user.id, { after: at.after, until }))
        yield { line: folderLine(record), next: { at: 'folders', after: record.id } };
      at = { at: 'files', after: null };
    }
    if (at.at === 'files') {
      yield* this.#files(user.id, at, until);
      at = { at: 'conversations', after: null };
    }
    if (at.at === 'conversations') {
      yield* this.#conversations(user.id, at, until);
      at = { at: 'archived', after: null };
    }
    yield* this.#ending(user.id, at, until);
  }

  async *#ending(ownerId: string, from: ExportPosition, until: number): AsyncGenerator<Step> {
    let at = from;
    if (at.at === 'archived') {
      yield* this.#conversations(ownerId, at, until);
      at = { at: 'drafts', after: null };
    }
    if (at.at === 'drafts') {
      yield* this.#drafts(ownerId, at.after);
      at = { at: 'prompts', after: null };
    }
    if (at.at === 'prompts') {
      for (const record of await this.#few<PromptRecord>(promptsCollection.name, ownerId, { after: at.after, until }))
        yield { line: promptLine(record), next: { at: 'prompts', after: record.id } };
      at = { at: 'end' };
    }
    if (at.at === 'end') yield { line: { type: 'end', counts: {}, sha256: '' }, next: { at: 'done' } };
  }

  #header({ name, email }: User, until: number): AccountLine {
    const { version: server } = this.#options;
    return { type: 'jarvis-argus.account', version: accountVersion, exportedAt: isoTime(until), server, user: { name, email } };
  }

  async *#files(ownerId: string, from: Extract<ExportPosition, { at: 'files' }>, until: number): AsyncGenerator<Step> {
    if (from.file !== undefined) {
      const row = await this.#options.documents.get<FileRow>(filesCollection.name, from.file.id);
      if (row !== null && row.ownerId === ownerId) yield* this.#data(row, from.after, from.file.offset);
    }
    let previous = from.file?.id ?? from.after;
    const query = { index: 'byOwnerAndId', where: { ownerId } };
    for await (const row of this.#pages<FileRow>(filesCollection.name, query, previous)) {
      if (Date.parse(row.createdAt) <= until && (await this.#isShown(row))) {
        yield { line: fileLine(row), next: { at: 'files', after: previous, file: { id: row.id, offset: 0 } } };
        yield* this.#data(row, previous, 0);
      }
      previous = row.id;
    }
  }

  async *#data(row: FileRow, previous: string | null, from: number): AsyncGenerator<Step> {
    const { size } = row.variants.original;
    for (let offset = from; offset < size; offset += chunkBytes) {
      const end = Math.min(offset + chunkBytes, size);
      const data = await this.#read(row, { start: offset, end: end - 1 });
      // Deleted in the meantime: a reader takes no file without its end.
      if (data === null) return;
      const next: ExportPosition =
        end === size ? { at: 'files', after: row.id } : { at: 'files', after: previous, file: { id: row.id, offset: end } };
      yield { line: { type: 'file.data', id: row.id, offset, data }, next };
    }
  }

  async #read({ ownerId, id }: FileRow, range: { start: number; end: number }): Promise<string | null> {
    try {
      const { stream } = await this.#options.uploads.open(ownerId, id, 'original', range);
      return (await buffer(stream)).toString('base64');
    } catch (error) {
      if (error instanceof AppError && error.code === 'NOT_FOUND') return null;
      throw error;
    }
  }

  /** Not what was never sent, and not what only deleted conversations show. */
  async #isShown(row: FileRow): Promise<boolean> {
    const { documents } = this.#options;
    const query = { index: 'byFile', where: { fileId: row.id }, limit: 200 };
    const { items } = await documents.find<FileReferenceRow>(fileReferencesCollection.name, query);
    if (items.length === 0) return false;
    const ids = items.map(({ referrerId }) => referrerId);
    const conversations = await documents.getMany<ConversationRecord>(conversationsCollection.name, ids);
    return conversations.length === 0 || conversations.some(isExported);
  }

  /** Those of the side bar, or those of the archive. */
  async *#conversations(
    ownerId: string,
    from: Extract<ExportPosition, { at: 'conversations' | 'archived' }>,
    until: number,
  ): AsyncGenerator<Step> {
    const { at } = from;
    const state = at === 'archived' ? 'archived' : 'live';
    let previous = from.after;
    if (from.open !== undefined) {
      const record = await this.#options.documents.get<ConversationRecord>(conversationsCollection.name, from.open.id);
      if (record !== null && record.ownerId === ownerId && record.state === state)
        yield* this.#messages(record, { ...from.open, at, previous, until });
      previous = from.open.id;
    }
    const query = { index: 'byOwnerAndId', where: { ownerId, state } };
    for await (const record of this.#pages<ConversationRecord>(conversationsCollection.name, query, previous)) {
      if (record.createdAt <= until) {
        yield { line: conversationLine(record), next: { at, after: previous, open: { id: record.id, after: null } } };
        yield* this.#messages(record, { after: null, at, previous, until });
      }
      previous = record.id;
    }
  }

  async *#messages(conversation: ConversationRecord, { after, at, previous, until }: MessagesFrom): AsyncGenerator<Step> {
    const { id, ownerId, headId } = conversation;
    const query = { index: 'byConversation', where: { ownerId, conversationId: id } };
    for await (const record of this.#pages<MessageRecord>(messagesCollection.name, query, after)) {
      if (record.createdAt > until) continue;
      const line = messageLine(record, record.id === headId);
      yield { line, next: { at, after: previous, open: { id, after: record.id } } };
    }
  }

  /**
   * Few: one page. In the order of their ids, because a text that is typed on changes its place among the times. What was typed in a
   * conversation that is not exported stays with it.
   */
  async *#drafts(ownerId: string, after: string | null): AsyncGenerator<Step> {
    const query = { index: 'byOwner', where: { ownerId }, limit: 1000 };
    const { items } = await this.#options.documents.find<DraftRecord>(draftsCollection.name, query);
    const left = items.filter(({ id }) => after === null || id > after).sort((a, b) => (a.id < b.id ? -1 : 1));
    const places = left.flatMap(({ conversationId }) => conversationId ?? []);
    const records = await this.#options.documents.getMany<ConversationRecord>(conversationsCollection.name, places);
    const exported = new Set(records.filter((record) => record.ownerId === ownerId && isExported(record)).map(({ id }) => id));
    for (const { id, conversationId, text } of left) {
      if (conversationId !== null && !exported.has(conversationId)) continue;
      yield { line: { type: 'draft', conversationId, text }, next: { at: 'drafts', after: id } };
    }
  }

  /** What a person has few of: one page, in the order of the ids. */
  async #few<T extends Document & { readonly createdAt: number }>(
    collection: string,
    ownerId: string,
    { after, until }: { readonly after: string | null; readonly until: number },
  ): Promise<T[]> {
    const { items } = await this.#options.documents.find<T>(collection, { index: 'byOwner', where: { ownerId }, limit: 1000 });
    return items.filter(({ id, createdAt }) => createdAt <= until && (after === null || id > after)).sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** All documents of an index whose last field is the id, page by page as they are asked for. */
  async *#pages<T extends Document>(collection: string, query: Omit<FindQuery, 'limit'>, from: string | null): AsyncGenerator<T> {
    for (let after = from; ; ) {
      const range = after === null ? {} : { range: { after } };
      const { items } = await this.#options.documents.find<T>(collection, { ...query, ...range, limit: exportPage });
      yield* items;
      const last = items.at(-1);
      if (last === undefined || items.length < exportPage) return;
      after = last.id;
    }
  }
}

/** Neither the trash nor what is to leave no trace. */
function isExported({ state }: ConversationRecord): boolean {
  return state === 'live' || state === 'archived';
}
