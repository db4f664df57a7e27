import { AppError } from '../../lib/app-error.ts';
import { type Clock, isoTime } from '../../lib/clock.ts';
import type { DocumentStore } from '../../lib/document-store.ts';
import { newId } from '../../lib/new-id.ts';
import { type AskPart, askPartSchema, askSpecSchema, idSchema, type ServerFrameOf, type StoredFile } from '../../protocol/index.ts';
import { type ConversationRecord, conversationsCollection, isOpen } from '../conversations/conversation-record.ts';
import { type MessageRecord, messagesCollection } from '../conversations/message-record.ts';
import type { UserService, UserSession } from '../messaging/user-service.ts';
import { type AskRecord, asksCollection, jsonOf } from './ask-record.ts';
import { type CheckedAnswer, checkedAnswer, checkFile } from './ask-values.ts';
import type { MessageParts } from './message-parts.ts';
import type { NewQuestion } from './surface-parts.ts';
import type { PartPlace, SurfaceFiles } from './surface-ports.ts';

const WEEK_S = 7 * 24 * 3600;
const YEAR_S = 365 * 24 * 3600;
/** Questions of one person that may be open at a time. */
const MOST_OPEN = 100;
const MOST_LISTED = 50;
const MAX_STATE = 8 * 1024;
/** Of one question, and of all that a client is told of when it comes, in characters of JSON. */
const MAX_SPEC = 64 * 1024;
const MAX_LISTED = 256 * 1024;
const PAGE = 200;

export type OpenAsk = NonNullable<ServerFrameOf<'welcome'>['asks']>[number];
type Ending = Exclude<AskPart['status'], 'open'>;

export interface AsksOptions {
  readonly documents: DocumentStore;
  readonly files: SurfaceFiles;
  readonly messages: MessageParts;
  readonly users: Pick<UserService, 'sendToUser'>;
  readonly clock: Clock;
  /** A question has ended and its plugin has to hear of it; never rejects, nobody waits. */
  readonly owed: (ask: AskRecord) => void;
}

/** Questions of plugins as stored state: put once, answered once, from whichever client is first. */
export class Asks {
  readonly #options: AsksOptions;

  constructor(options: AsksOptions) {
    this.#options = options;
  }

  /** Stores a question, before anybody sees it. @throws AppError PLUGIN_FAILED for one that cannot be asked, or for too many of them */
  async put(place: PartPlace, { name, spec, state, expiresInSeconds = WEEK_S }: NewQuestion): Promise<AskPart> {
    const { documents, clock } = this.#options;
    const failed = new AppError('PLUGIN_FAILED', { params: { plugin: place.plugin } });
    const checked = askSpecSchema.safeParse(spec);
    const stateText = JSON.stringify(state);
    if (!checked.success || stateText.length > MAX_STATE || JSON.stringify(checked.data).length > MAX_SPEC) throw failed;
    const { ownerId, plugin, conversationId, messageId, locale } = place;
    const open = { index: 'byOwner', where: { ownerId, status: 'open' }, limit: MOST_OPEN };
    if ((await documents.count(asksCollection.name, open)) >= MOST_OPEN) throw failed;
    const now = clock.now();
    const expiresAt = now + Math.min(Math.max(1, expiresInSeconds), YEAR_S) * 1000;
    const common = { ownerId, plugin, conversationId, messageId, locale };
    const record: AskRecord = {
      id: newId(),
      ...common,
      name,
      spec: checked.data,
      state: stateText,
      status: 'open',
      expiresAt,
      createdAt: now,
    };
    await documents.insert(asksCollection.name, record);
    return partOf(record);
  }

  /** Tells every client of the person that a question waits. */
  announce({ ownerId, conversationId, messageId }: PartPlace, { askId, spec }: AskPart): void {
    this.#options.users.sendToUser(ownerId, { type: 'ask', askId, conversationId, messageId, spec: { ...spec } });
  }

  /** Those that wait for the person, newest first; none of conversations in the trash, and none that no message shows. */
  async open(userId: string): Promise<OpenAsk[]> {
    const { documents } = this.#options;
    const query = { index: 'byOwner', where: { ownerId: userId, status: 'open' }, order: 'desc' as const, limit: MOST_LISTED };
    const { items } = await documents.find<AskRecord>(asksCollection.name, query);
    if (items.length === 0) return [];
    const ids = [...new Set(items.map(({ conversationId }) => conversationId))];
    const messageIds = [...new Set(items.map(({ messageId }) => messageId))];
    const [conversations, messages] = await Promise.all([
      documents.getMany<ConversationRecord>(conversationsCollection.name, ids),
      documents.getMany<MessageRecord>(messagesCollection.name, messageIds),
    ]);
    const live = new Set(conversations.filter(isOpen).map(({ id }) => id));
    const shown = new Set(messages.flatMap(asksIn));
    // A process that ended between a question and its message left one that nobody can see.
    const streaming = new Set(messages.filter(({ status }) => status === 'streaming').map(({ id }) => id));
    let room = MAX_LISTED;
    return items
      .filter(({ id, conversationId, messageId }) => live.has(conversationId) && (shown.has(id) || streaming.has(messageId)))
      .map(({ id: askId, conversationId, messageId, spec }) => ({ askId, conversationId, messageId, spec }))
      .filter(({ spec }) => {
        room -= JSON.stringify(spec).length;
        return room >= 0;
      });
  }

  /**
   * Answers a question, or says that the person does not want to. The first answer wins; who comes later is told how it ended.
   * @param except the client that is answered with the result
   * @throws AppError NOT_FOUND, also for somebody else's; BAD_REQUEST that names what does not fit, TOO_LARGE, UNSUPPORTED_MEDIA
   */
  async reply(
    userId: string,
    { askId, value, cancel = false }: { readonly askId: string; readonly value: unknown; readonly cancel?: boolean | undefined },
    except?: UserSession,
  ): Promise<ServerFrameOf<'ask.ended'>> {
    const { files, clock } = this.#options;
    const ask = await this.#own(userId, askId);
    if (ask.status === 'open' && ask.expiresAt <= clock.now()) await this.end(ask, 'expired', { told: true });
    else if (ask.status === 'open' && cancel) await this.end(ask, 'cancelled', { told: true, except });
    else if (ask.status === 'open') {
      const answer = await checkedAnswer(ask.spec, value, (ids) => files.find(userId, ids));
      await this.end(ask, 'answered', { told: true, except, answer });
    } else await this.show(ask);
    const { status, conversationId } = await this.#own(userId, askId);
    return { type: 'ask.ended', askId, conversationId, status: status === 'open' ? 'cancelled' : status };
  }

  /** Keeps a file for a question that wants some; it is swept a day later unless the answer names it. @throws AppError as `reply` */
  async addFile(
    userId: string,
    askId: string,
    file: { readonly path: string; readonly name: string; readonly mime: string; readonly size: number },
  ): Promise<StoredFile> {
    const spec = await this.fileSpec(userId, askId);
    checkFile(spec, file);
    return this.#options.files.storePlain(userId, { mime: file.mime, name: file.name, source: { path: file.path } });
  }

  /** What an open question for files wants. @throws AppError NOT_FOUND, BAD_REQUEST when it is not open or wants no files */
  async fileSpec(userId: string, askId: string): Promise<Extract<AskRecord['spec'], { kind: 'file' }>> {
    const { spec, status } = await this.#own(userId, askId);
    if (spec.kind !== 'file' || status !== 'open') throw new AppError('BAD_REQUEST', { params: { field: 'askId' } });
    return spec;
  }

  /**
   * Ends a question by compare-and-set.
   * @param how.told its plugin hears of it; not where that one is gone
   * @returns false when it had ended already
   */
  async end(
    ask: AskRecord,
    status: Ending,
    how: {
      readonly told: boolean;
      readonly except?: UserSession | undefined;
      readonly answer?: CheckedAnswer;
    },
  ): Promise<boolean> {
    const { documents, clock, messages, users, owed } = this.#options;
    const { answer } = how;
    const set = {
      status,
      ...(answer === undefined
        ? {}
        : { value: JSON.stringify(answer.value), shown: JSON.stringify(answer.shown), fileIds: answer.fileIds }),
      ...(how.told ? { owed: true, dueAt: clock.now() } : {}),
    };
    const ended = await documents.update<AskRecord>(asksCollection.name, ask.id, { expect: { status: 'open' }, set });
    if (ended === null) return false;
    const { ownerId, id: askId, conversationId, messageId } = ended;
    await messages.apply({ ownerId, messageId }, [partOf(ended)]);
    users.sendToUser(ownerId, { type: 'ask.ended', askId, conversationId, status }, how.except);
    if (how.told) owed(ended);
    return true;
  }

  /** Shows in its message how a question stands, where that was not done. */
  async show(ask: AskRecord): Promise<void> {
    await this.#options.messages.apply({ ownerId: ask.ownerId, messageId: ask.messageId }, [partOf(ask)]);
  }

  /** Ends the questions whose time is over. */
  async expire(): Promise<void> {
    const { documents, clock } = this.#options;
    const query = { index: 'byExpiry', where: { status: 'open' }, range: { before: clock.now() }, limit: PAGE };
    for (;;) {
      const { items } = await documents.find<AskRecord>(asksCollection.name, query);
      for (const ask of items) await this.end(ask, 'expired', { told: true });
      if (items.length < PAGE) return;
    }
  }

  /** Ends open questions of plugins that are switched off or not there any more. @param isGone by the name of the plugin */
  async cancelOf(isGone: (plugin: string) => boolean): Promise<void> {
    const { documents } = this.#options;
    let cursor: string | null = null;
    do {
      const from: { cursor?: string } = cursor === null ? {} : { cursor };
      const query = { index: 'byExpiry', where: { status: 'open' }, limit: PAGE, ...from };
      const page: { items: AskRecord[]; nextCursor: string | null } = await documents.find<AskRecord>(asksCollection.name, query);
      for (const ask of page.items) if (isGone(ask.plugin)) await this.end(ask, 'cancelled', { told: false });
      cursor = page.nextCursor;
    } while (cursor !== null);
  }

  /** A conversation is deleted for good. */
  async release(ownerId: string, conversationId: string): Promise<void> {
    const query = { index: 'byConversation', where: { ownerId, conversationId }, limit: PAGE };
    while ((await this.#options.documents.deleteMany(asksCollection.name, query)) === PAGE);
  }

  async #own(userId: string, askId: string): Promise<AskRecord> {
    const known = idSchema.safeParse(askId).success;
    const ask = known ? await this.#options.documents.get<AskRecord>(asksCollection.name, askId) : null;
    if (ask === null || ask.ownerId !== userId) throw new AppError('NOT_FOUND');
    return ask;
  }
}

function asksIn({ parts }: MessageRecord): string[] {
  return parts.flatMap((part) => (part.type === 'ask' ? [part.askId] : []));
}

/** As its message shows it. */
export function partOf({ id, spec, status, shown, expiresAt }: AskRecord): AskPart {
  const answer = shown === undefined ? {} : { answer: jsonOf(shown) };
  return askPartSchema.parse({ type: 'ask', askId: id, spec, status, ...answer, expiresAt: isoTime(expiresAt) });
}
