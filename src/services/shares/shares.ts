import { AppError } from '../../lib/app-error.ts';
import { createBreather } from '../../lib/breather.ts';
import { type Clock, isoTime } from '../../lib/clock.ts';
import type { DocumentStore } from '../../lib/document-store.ts';
import type { Message, Page, Share, ShareBody, SharedView, User } from '../../protocol/index.ts';
import type { UserRow } from '../accounts/account-collections.ts';
import { createRateBuckets } from '../accounts/rate-buckets.ts';
import { type ConversationRecord, conversationsCollection, isOpenFor } from '../conversations/conversation-record.ts';
import type { MessageRecord } from '../conversations/message-record.ts';
import type { Uploads } from '../uploads/uploads.ts';
import { readBranch } from './read-branch.ts';
import {
  newShareId,
  pageIdOf,
  type SharedPageRecord,
  type ShareRecord,
  sharedPagesCollection,
  sharesCollection,
  toShare,
} from './share-record.ts';
import { filesShownIn, sharedMessage } from './shared-message.ts';

export interface SharesOptions {
  readonly documents: DocumentStore;
  readonly uploads: Pick<Uploads, 'find' | 'refer' | 'release'>;
  readonly clock: Clock;
  readonly limits: {
    /** Live copies of one person; 0: no limit. */
    readonly sharesPerUser: number;
    /** Requests to shared copies from one address; 0: no limit. */
    readonly sharedReadsPerMinutePerIp: number;
  };
}

/** Whose file is behind a shared one. */
export interface SharedFile {
  readonly ownerId: string;
  readonly fileId: string;
}

/** A page ends behind this many characters or messages: it is one document, and one answer. */
const pageCharacters = 256 * 1024;
const pageMessages = 50;
const mostFiles = 2000;
/** Copies of one conversation that are read at once. */
const mostOfOne = 1000;
/** Making one reads a whole branch: a person makes a few in a minute, a script hundreds. */
const madePerMinute = 20;
const minuteMs = 60_000;
/** What was begun and never ended, or is still being removed, is looked at again after this long. */
const unfinishedMs = 3_600_000;
const shares = sharesCollection.name;
const sharedPages = sharedPagesCollection.name;

/**
 * Copies of branches that anybody with the link can read. A copy is frozen: it stands in documents of its own and refers to its
 * files itself. Taking it back is one write, and every read asks the store, so nothing of it is shown from that moment on.
 */
export class Shares {
  readonly #options: SharesOptions;
  readonly #made: ReturnType<typeof createRateBuckets>;
  readonly #reads: ReturnType<typeof createRateBuckets>;

  constructor(options: SharesOptions) {
    this.#options = options;
    this.#made = createRateBuckets(options.clock, 10_000);
    this.#reads = createRateBuckets(options.clock, 10_000);
  }

  /** @throws AppError NOT_FOUND, GENERATION_RUNNING, TOO_LARGE, RATE_LIMITED, BAD_REQUEST for a temporary or an empty conversation */
  async create(user: Pick<User, 'id' | 'name'>, conversationId: string, body: ShareBody): Promise<Share> {
    const { documents, clock } = this.#options;
    const conversation = await documents.get<ConversationRecord>(conversationsCollection.name, conversationId);
    if (!isOpenFor(user.id, conversation)) throw new AppError('NOT_FOUND');
    if (conversation.state === 'temporary')
      throw new AppError('BAD_REQUEST', { message: 'A temporary chat cannot be shared.', params: { reason: 'temporary' } });
    const leafId = body.messageId ?? conversation.headId;
    if (leafId === null) throw new AppError('BAD_REQUEST', { message: 'There is nothing to share yet.', params: { reason: 'empty' } });
    await this.#assertRoom(user.id);
    this.#made.take(user.id, madePerMinute, minuteMs);
    const branch = await readBranch(documents, conversation, leafId);
    const files = await this.#filesOf(user.id, branch);
    const record: ShareRecord = {
      id: newShareId(),
      ownerId: user.id,
      conversationId,
      title: body.title ?? conversation.title,
      by: body.named === true ? user.name : '',
      state: 'making',
      messages: branch.length,
      pages: 0,
      files,
      createdAt: clock.now(),
    };
    await documents.insert(shares, record);
    return this.#fill(record, branch, body.details === true);
  }

  /** Newest first. */
  async list(ownerId: string, { cursor, limit = 50 }: { cursor?: string | undefined; limit?: number | undefined }): Promise<Page<Share>> {
    const query = { index: 'byOwner', where: { ownerId, state: 'live' }, order: 'desc', limit } as const;
    const page = await this.#options.documents.find<ShareRecord>(shares, { ...query, ...(cursor === undefined ? {} : { cursor }) });
    return { items: page.items.map(toShare), nextCursor: page.nextCursor };
  }

  /** Those of one conversation, also of one in the trash, newest first. */
  async listOf(ownerId: string, conversationId: string): Promise<Share[]> {
    return (await this.#recordsOf(ownerId, conversationId)).filter(({ state }) => state === 'live').map(toShare);
  }

  /** @throws AppError NOT_FOUND, also for one that was revoked before */
  async revoke(ownerId: string, id: string): Promise<void> {
    const { documents } = this.#options;
    const revoked = await documents.update<ShareRecord>(shares, id, { expect: { ownerId, state: 'live' }, set: { state: 'revoked' } });
    if (revoked === null) throw new AppError('NOT_FOUND');
    await this.#remove(revoked);
  }

  /** A conversation is gone for good: its copies go with it. @returns how many there were */
  async revokeOf(ownerId: string, conversationId: string): Promise<number> {
    let live = 0;
    for (;;) {
      const records = await this.#recordsOf(ownerId, conversationId);
      for (const { id, state } of records) {
        const set = { state: 'revoked' } as const;
        const revoked = await this.#options.documents.update<ShareRecord>(shares, id, { expect: { ownerId }, set });
        if (revoked !== null) await this.#remove(revoked);
        if (state === 'live') live += 1;
      }
      if (records.length < mostOfOne) return live;
    }
  }

  /** Before anything is looked up, so that trying ids costs the same as knowing one. @throws AppError RATE_LIMITED */
  admit(addressKey: string | null): void {
    if (addressKey !== null) this.#reads.take(addressKey, this.#options.limits.sharedReadsPerMinutePerIp, minuteMs);
  }

  /** For anybody. @param page from 0 @throws AppError NOT_FOUND, the same for what never was and what is revoked */
  async view(id: string, page: number): Promise<SharedView> {
    const record = await this.#shown(id);
    const messages = await this.page(record, page);
    const { title, by, pages, createdAt } = record;
    const nextCursor = page + 1 < pages ? String(page + 1) : null;
    return { id, title, by, createdAt: isoTime(createdAt), messages, nextCursor };
  }

  /** For anybody. @param name as the copy calls it, `f1` @throws AppError NOT_FOUND */
  async file(id: string, name: string): Promise<SharedFile> {
    const { ownerId, files } = await this.#shown(id);
    const number = /^f([1-9]\d{0,4})$/.exec(name)?.[1];
    const fileId = number === undefined ? undefined : files[Number(number) - 1];
    if (fileId === undefined) throw new AppError('NOT_FOUND');
    return { ownerId, fileId };
  }

  /** For whoever copies it. @throws AppError NOT_FOUND */
  async record(id: string): Promise<ShareRecord> {
    return this.#shown(id);
  }

  /** @throws AppError NOT_FOUND for a page that is not there, or no more */
  async page({ id }: Pick<ShareRecord, 'id'>, page: number): Promise<Message[]> {
    const stored = await this.#options.documents.get<SharedPageRecord>(sharedPages, pageIdOf(id, page));
    if (stored === null) throw new AppError('NOT_FOUND');
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by `#fill` from messages, by nobody else
    return JSON.parse(stored.json) as Message[];
  }

  /** Ends what a process left that died in the middle. */
  async sweep(): Promise<number> {
    const { documents, clock } = this.#options;
    let swept = 0;
    for (const state of ['making', 'revoked']) {
      const query = { index: 'byState', where: { state }, range: { before: clock.now() - unfinishedMs }, limit: 100 };
      const { items } = await documents.find<ShareRecord>(shares, query);
      for (const record of items) await this.#remove(record);
      swept += items.length;
    }
    return swept;
  }

  async #assertRoom(ownerId: string): Promise<void> {
    const limit = this.#options.limits.sharesPerUser;
    if (limit === 0) return;
    const count = await this.#options.documents.count(shares, { index: 'byOwner', where: { ownerId, state: 'live' }, limit });
    if (count < limit) return;
    const message = 'You share too many conversations. Take one of the links back first.';
    throw new AppError('TOO_LARGE', { message, params: { limit, reason: 'shares' } });
  }

  /** Those that are still there, each once, in the order in which they are shown. */
  async #filesOf(ownerId: string, branch: readonly MessageRecord[]): Promise<string[]> {
    const ids = [...new Set(branch.flatMap(({ parts }) => filesShownIn(parts)))];
    if (ids.length > mostFiles) throw new AppError('TOO_LARGE', { message: 'This conversation has too many files to share.' });
    const found = await this.#options.uploads.find(ownerId, ids);
    return ids.filter((id) => found.has(id));
  }

  async #fill(record: ShareRecord, branch: readonly MessageRecord[], details: boolean): Promise<Share> {
    const { documents, uploads } = this.#options;
    const { id, ownerId, files } = record;
    const numbers = new Map(files.map((fileId, index) => [fileId, index + 1]));
    const rules = { shareId: id, details, fileNumber: (fileId: string) => numbers.get(fileId) ?? null };
    try {
      await uploads.refer(ownerId, files, id);
      let pages = 0;
      for await (const json of pagesOf(branch.map((message, index) => () => sharedMessage(message, index + 1, rules)))) {
        const page: SharedPageRecord = { id: pageIdOf(id, pages), shareId: id, json };
        await documents.insert(sharedPages, page);
        pages += 1;
      }
      // Whoever removes a conversation for good hides it first and looks for its copies afterwards: this one was seen then, or is not shown.
      const conversation = await documents.get<ConversationRecord>(conversationsCollection.name, record.conversationId);
      if (!isOpenFor(ownerId, conversation)) throw new AppError('NOT_FOUND');
      const live = await documents.update<ShareRecord>(shares, id, { expect: { state: 'making' }, set: { state: 'live', pages } });
      if (live === null) throw new AppError('NOT_FOUND');
      return toShare(live);
    } catch (error) {
      // What cannot be removed now is found by the sweeper.
      await this.#remove(record).catch(() => {});
      throw error;
    }
  }

  async #recordsOf(ownerId: string, conversationId: string): Promise<ShareRecord[]> {
    const query = { index: 'byConversation', where: { ownerId, conversationId }, order: 'desc', limit: mostOfOne } as const;
    return (await this.#options.documents.find<ShareRecord>(shares, query)).items;
  }

  /** A copy goes dark with the account of its owner. */
  async #shown(id: string): Promise<ShareRecord> {
    const { documents } = this.#options;
    const record = await documents.get<ShareRecord>(shares, id);
    if (record === null || record.state !== 'live') throw new AppError('NOT_FOUND');
    const owner = await documents.get<UserRow>('users', record.ownerId);
    if (owner === null || owner.disabled) throw new AppError('NOT_FOUND');
    return record;
  }

  /** The row goes last: a crash in between leaves what the sweeper finds. */
  async #remove({ id, ownerId }: ShareRecord): Promise<void> {
    const { documents, uploads } = this.#options;
    const query = { index: 'byShare', where: { shareId: id }, limit: 100 };
    while ((await documents.deleteMany(sharedPages, query)) === 100);
    await uploads.release(ownerId, id);

    await documents.delete(shares, id);
  }
}

async function* pagesOf(messages: readonly (() => Message)[]): AsyncGenerator<string> {
  const breathe = createBreather();
  let page: string[] = [];
  let characters = 0;
  for (const make of messages) {
    await breathe();
    const json = JSON.stringify(make());
    if (page.length > 0 && (page.length >= pageMessages || characters + json.length > pageCharacters)) {
      yield `[${page.join(',')}]`;
      page = [];
      characters = 0;
    }
    page.push(json);
    characters += json.length;
  }
  yield `[${page.join(',')}]`;
}
