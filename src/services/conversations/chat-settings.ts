import { AppError } from '../../lib/app-error.ts';
import type { CollectionSpec, DocumentStore } from '../../lib/document-store.ts';
import { KeyedQueue } from '../../lib/keyed-queue.ts';
import type { Settings } from '../../protocol/index.ts';
import { type ConversationRecord, conversationsCollection, isOpenFor } from './conversation-record.ts';

type SettingsRecord = { readonly id: string; readonly settings: Settings };

export const settingsCollection: CollectionSpec = { name: 'settings', indexes: [] };

const names = ['model', 'level', 'systemInstruction', 'temperature', 'thinking'] as const;

/** Chat settings of a person, and those of one conversation over them. */
export class ChatSettings {
  readonly #documents: DocumentStore;
  /** A change reads before it writes: two at once would lose one. */
  readonly #changes = new KeyedQueue();

  constructor(documents: DocumentStore) {
    this.#documents = documents;
  }

  /** What holds: the conversation's own value, else the person's. Values that nobody set are absent. */
  async get(userId: string, conversationId: string | null): Promise<Settings> {
    const own = (await this.#documents.get<SettingsRecord>(settingsCollection.name, userId))?.settings ?? {};
    if (conversationId === null) return withoutNulls(own);
    return this.resolve(own, (await this.#conversation(userId, conversationId)).settings);
  }

  /** The same for a conversation that was read already. */
  async forConversation(userId: string, conversation: ConversationRecord | null): Promise<Settings> {
    const own = (await this.#documents.get<SettingsRecord>(settingsCollection.name, userId))?.settings ?? {};
    return this.resolve(own, conversation?.settings ?? {});
  }

  /** Changes the named values; null takes one back to its default. @returns what holds now */
  update(userId: string, conversationId: string | null, patch: Settings): Promise<Settings> {
    return this.#changes.run(conversationId ?? userId, () => this.#update(userId, conversationId, patch));
  }

  async #update(userId: string, conversationId: string | null, patch: Settings): Promise<Settings> {
    if (conversationId === null) {
      const stored = await this.#documents.get<SettingsRecord>(settingsCollection.name, userId);
      const settings = merge(stored?.settings ?? {}, patch);
      const record: SettingsRecord = { id: userId, settings };
      await this.#documents.put(settingsCollection.name, record);
      return withoutNulls(settings);
    }
    const conversation = await this.#conversation(userId, conversationId);
    await this.#documents.update(conversationsCollection.name, conversationId, { set: { settings: merge(conversation.settings, patch) } });
    return this.get(userId, conversationId);
  }

  resolve(own: Settings, conversation: Settings): Settings {
    return withoutNulls({ ...withoutNulls(own), ...withoutNulls(conversation) });
  }

  async #conversation(userId: string, conversationId: string): Promise<ConversationRecord> {
    const conversation = await this.#documents.get<ConversationRecord>(conversationsCollection.name, conversationId);
    if (!isOpenFor(userId, conversation)) throw new AppError('NOT_FOUND');
    return conversation;
  }
}

/** Only known names pass: a patch cannot bring a foreign key into the store. */
function merge(settings: Settings, patch: Settings): Settings {
  const merged: Settings = { ...settings };
  for (const name of names) if (patch[name] !== undefined) Object.assign(merged, { [name]: patch[name] });
  return withoutNulls(merged);
}

function withoutNulls(settings: Settings): Settings {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== null && value !== undefined));
}
