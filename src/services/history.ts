import type { ModelTurn } from '../core/index.ts';
import type { DocumentStore } from '../lib/document-store.ts';
import { fileIdsOf, type MessageRecord, messagesCollection, textOf } from './message-record.ts';
import type { Uploads } from './ports/uploads.ts';

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

  /** Messages of the branch that ends in `leafId`, oldest first, at most `maxMessages`. */
  async branch(ownerId: string, conversationId: string, leafId: string | null): Promise<MessageRecord[]> {
    const limit = this.#options.maxMessages === 0 ? 1000 : this.#options.maxMessages;
    const newest = await this.#options.documents.find<MessageRecord>(messagesCollection.name, {
      index: 'byConversation',
      where: { ownerId, conversationId },
      order: 'desc',
      limit: Math.min(1000, limit * 2),
    });
    const known = new Map(newest.items.map((message) => [message.id, message]));
    const path: MessageRecord[] = [];
    let id = leafId;
    while (id !== null && path.length < limit) {
      // An old branch may lie beyond the newest messages: its ancestors are then read one by one.
      const message: MessageRecord | null =
        known.get(id) ?? (await this.#options.documents.get<MessageRecord>(messagesCollection.name, id));
      if (message === null || message.ownerId !== ownerId || message.conversationId !== conversationId) break;
      path.push(message);
      id = message.parentId;
    }
    return path.reverse();
  }

  /** The branch as turns for a model: empty answers are left out, the first turn is a person's. */
  turns(ownerId: string, branch: readonly MessageRecord[]): ModelTurn[] {
    const turns: ModelTurn[] = [];
    let bytes = 0;
    let pictures = 0;
    for (const message of [...branch].reverse()) {
      const text = textOf(message.parts);
      const files = fileIdsOf(message.parts);
      if (text === '' && files.length === 0) continue;
      bytes += Buffer.byteLength(text);
      if (turns.length > 0 && this.#options.maxBytes > 0 && bytes > this.#options.maxBytes) break;
      const sent = files.slice(0, Math.max(0, MAX_PICTURES - pictures));
      pictures += sent.length;
      turns.push({ role: message.role, text, images: sent.map((fileId) => this.#image(ownerId, fileId, message)), ...rawOf(message) });
    }
    turns.reverse();
    while (turns.length > 1 && turns[0]?.role === 'assistant') turns.shift();
    return turns;
  }

  #image(ownerId: string, fileId: string, message: MessageRecord): ModelTurn['images'][number] {
    const part = message.parts.find((known) => known.type === 'image' && known.fileId === fileId);
    const mime = part !== undefined && part.type === 'image' ? part.mime : 'image/png';
    return { mime, load: async () => (await this.#options.uploads.readForModel(ownerId, fileId)).data };
  }
}

function rawOf(message: MessageRecord): Pick<ModelTurn, 'raw' | 'rawProvider' | 'rawModel'> {
  if (message.raw === undefined || message.rawProvider === undefined) return {};
  const raw: unknown = JSON.parse(message.raw);
  if (!Array.isArray(raw)) return {};
  return { raw, rawProvider: message.rawProvider, ...(message.rawModel === undefined ? {} : { rawModel: message.rawModel }) };
}
