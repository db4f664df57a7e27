import { AppError } from '../../lib/app-error.ts';
import type { CollectionSpec, DocumentStore } from '../../lib/document-store.ts';
import { KeyedQueue } from '../../lib/keyed-queue.ts';
import type { Settings } from '../../protocol/index.ts';
import { type ConversationRecord, conversationsCollection, isOpenFor } from './conversation-record.ts';

type SettingsRecord = { readonly id: string; readonly settings: Settings };

export const settingsCollection: CollectionSpec = { name: 'settings', indexes: [] };

const names = ['model', 'level', 'systemInstruction', 'temperature', 'thinking'] as const;

/** What the profile of a conversation has to do with its settings. */
export interface ProfileSettings {
  /** What it sets, below the conversation's own choice and over the person's. */
  settingsOf(conversation: ConversationRecord): Settings;
  /** Values of its fields, defaults included; empty without fields. */
  values(conversation: ConversationRecord): NonNullable<Settings['values']>;
  /** @throws AppError BAD_REQUEST that names the field */
  checkedValues(conversation: ConversationRecord, values: NonNullable<Settings['values']>): NonNullable<Settings['values']>;
  /** Values were changed. */
  changed(conversation: ConversationRecord, values: NonNullable<Settings['values']>): void;
}

/** Chat settings of a person, and those of one conversation over them. */
export class ChatSettings {
  readonly #documents: DocumentStore;
  readonly #profiles: ProfileSettings | undefined;
  /** A change reads before it writes: two at once would lose one. */
  readonly #changes = new KeyedQueue();

  constructor(documents: DocumentStore, profiles?: ProfileSettings) {
    this.#documents = documents;
    this.#profiles = profiles;
  }

  /** What holds: the conversation's own value, else the person's. Values that nobody set are absent. */
  async get(userId: string, conversationId: string | null): Promise<Settings> {
    const own = (await this.#documents.get<SettingsRecord>(settingsCollection.name, userId))?.settings ?? {};
    if (conversationId === null) return withoutNulls(own);
    return this.#held(own, await this.#conversation(userId, conversationId));
  }

  /** The same for a conversation that was read already. */
  async forConversation(userId: string, conversation: ConversationRecord | null): Promise<Settings> {
    const own = (await this.#documents.get<SettingsRecord>(settingsCollection.name, userId))?.settings ?? {};
    return this.#held(own, conversation);
  }

  /** Changes the named values; null takes one back to its default. @returns what holds now */
  update(userId: string, conversationId: string | null, patch: Settings): Promise<Settings> {
    return this.#changes.run(conversationId ?? userId, () => this.#update(userId, conversationId, patch));
  }

  async #update(userId: string, conversationId: string | null, patch: Settings): Promise<Settings> {
    if (conversationId === null) {
      if (patch.values !== undefined) throw new AppError('BAD_REQUEST', { params: { field: 'values' } });
      const stored = await this.#documents.get<SettingsRecord>(settingsCollection.name, userId);
      const settings = merge(stored?.settings ?? {}, patch);
      const record: SettingsRecord = { id: userId, settings };
      await this.#documents.put(settingsCollection.name, record);
      return withoutNulls(settings);
    }
    const conversation = await this.#conversation(userId, conversationId);
    const { values, ...rest } = patch;
    const settings = { ...merge(conversation.settings, rest), ...this.#changedValues(conversation, values) };
    await this.#documents.update(conversationsCollection.name, conversationId, { set: { settings: withoutNulls(settings) } });
    if (values !== undefined) this.#profiles?.changed(conversation, this.#profiles.values({ ...conversation, settings }));
    return this.get(userId, conversationId);
  }

  /** Each one checked against its field; those that are not named stay as they are, null takes one back. */
  #changedValues(conversation: ConversationRecord, values: Settings['values']): Pick<Settings, 'values'> {
    if (values === undefined) return {};
    if (values === null || this.#profiles === undefined) return { values: null };
    const merged = { ...conversation.settings.values, ...this.#profiles.checkedValues(conversation, values) };
    return { values: Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null)) };
  }

  #held(own: Settings, conversation: ConversationRecord | null): Settings {
    if (conversation === null) return withoutNulls(own);
    const { values: _stored, ...chosen } = conversation.settings;
    const values = this.#profiles?.values(conversation) ?? {};
    return {
      ...withoutNulls(own),
      ...this.#profiles?.settingsOf(conversation),
      ...withoutNulls(chosen),
      ...(Object.keys(values).length === 0 ? {} : { values }),
    };
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
