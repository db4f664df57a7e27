import type { ModelTurn } from '../../core/index.ts';
import type { DocumentStore } from '../../lib/document-store.ts';
import type { MediaPart } from '../../protocol/index.ts';
import { charactersOf, type MessageRecord, messagesCollection, textOf } from '../conversations/message-record.ts';
import type { Uploads } from '../ports/uploads.ts';
import { foldResults } from './fold-results.ts';

export interface HistoryOptions {
  readonly documents: DocumentStore;
  readonly uploads: Uploads;
  /** How many messages and how many bytes of text are sent to a model; the newest win. 0: no limit. */
  readonly maxMessages: number;
  readonly maxBytes: number;
}

/** How many pictures of earlier turns are sent again: the newest ones, because each costs bandwidth and tokens. */
const MAX_PICTURES = 8;

/** Builds what a model is told: the branch from the first message to one message, within limits. */
export class History {
  readonly #options: HistoryOptions;

  constructor(options: HistoryOptions) {
    this.#options = options;
  }

  /** Messages of the branch that ends in `leafId`, oldest first: at most `maxMessages`, and not much more than `maxBytes` of text. */
  async branch(ownerId: string, conversationId: string, leafId: string | null): Promise<MessageRecord[]> {
    const { maxMessages, maxBytes } = this.#options;
    const limit = maxMessages === 0 ? Number.POSITIVE_INFINITY : maxMessages;
    const ancestors = new AncestorReader(this.#options.documents, ownerId, conversationId);
    const path: MessageRecord[] = [];
    let bytes = 0;
    for (let id = leafId; id !== null && path.length < limit; ) {
      const message = await ancestors.read(id);
      if (message === null) break;
      path.push(message);
      bytes += Buffer.byteLength(textOf(message.parts));
      if (maxBytes > 0 && bytes > maxBytes) break;
      id = message.parentId;
    }
    return path.reverse();
  }

  /** The branch as turns for a model: empty answers are left out, the first turn is a person's. */
  turns(ownerId: string, branch: readonly MessageRecord[]): ModelTurn[] {
    const turns: ModelTurn[] = [];
    let bytes = 0;
    let pictures = 0;
    for (const { message, text, files } of foldResults(branch).toReversed()) {
      if (text === '' && files.length === 0) continue;
      bytes += Buffer.byteLength(text);
      if (turns.length > 0 && this.#options.maxBytes > 0 && bytes > this.#options.maxBytes) break;
      const sent = files.slice(0, Math.max(0, MAX_PICTURES - pictures));
      pictures += sent.length;
      turns.push({ role: message.role, text, images: sent.map((file) => this.#image(ownerId, file)), ...rawOf(message) });
    }
    turns.reverse();
    while (turns.length > 1 && turns[0]?.role === 'assistant') turns.shift();
    return turns;
  }

  #image(ownerId: string, { fileId, mime }: MediaPart): ModelTurn['images'][number] {
    return { mime, load: async () => (await this.#options.uploads.readForModel(ownerId, fileId)).data };
  }
}

/** Messages a page: a short conversation is read in one go, a long one only as far as it is sent. */
const PAGE = 20;
/** An old branch may lie far back: beyond this many pages, or characters, its ancestors are read one by one. */
const MAX_PAGES = 20;
const MAX_CHARACTERS = 4 * 1024 * 1024;

/** Reads messages by id on the way up a branch, newest pages first, because parents are mostly near. */
class AncestorReader {
  readonly #documents: DocumentStore;
  readonly #where: { readonly ownerId: string; readonly conversationId: string };
  readonly #known = new Map<string, MessageRecord>();
  #cursor: string | null | undefined;
  #pages = 0;
  #characters = 0;

  constructor(documents: DocumentStore, ownerId: string, conversationId: string) {
    this.#documents = documents;
    this.#where = { ownerId, conversationId };
  }

  async read(id: string): Promise<MessageRecord | null> {
    while (!this.#known.has(id) && this.#cursor !== null && this.#pages < MAX_PAGES && this.#characters < MAX_CHARACTERS)
      await this.#readPage();
    const message = this.#known.get(id) ?? (await this.#documents.get<MessageRecord>(messagesCollection.name, id));
    const { ownerId, conversationId } = this.#where;
    return message !== null && message.ownerId === ownerId && message.conversationId === conversationId ? message : null;
  }

  async #readPage(): Promise<void> {
    this.#pages += 1;
    const from = this.#cursor === undefined || this.#cursor === null ? {} : { cursor: this.#cursor };
    const query = { index: 'byConversation', where: this.#where, order: 'desc' as const, limit: PAGE, ...from };
    const page = await this.#documents.find<MessageRecord>(messagesCollection.name, query);
    this.#cursor = page.nextCursor;
    for (const message of page.items) {
      this.#known.set(message.id, message);
      this.#characters += charactersOf(message.parts);
    }
  }
}

function rawOf(message: MessageRecord): Pick<ModelTurn, 'raw' | 'rawProvider' | 'rawModel'> {
  if (message.raw === undefined || message.rawProvider === undefined) return {};
  const raw: unknown = JSON.parse(message.raw);
  if (!Array.isArray(raw)) return {};
  return { raw, rawProvider: message.rawProvider, ...(message.rawModel === undefined ? {} : { rawModel: message.rawModel }) };
}
