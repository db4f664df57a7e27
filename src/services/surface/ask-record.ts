import type { CollectionSpec, JsonValue } from '../../lib/document-store.ts';
import type { AskPart, AskSpec } from '../../protocol/index.ts';

/** A question that a plugin put to a person. It is stored before anybody sees it, and its answer before the plugin hears of it. */
export type AskRecord = {
  readonly id: string;
  readonly ownerId: string;
  readonly plugin: string;
  /** Of the question, in the plugin. */
  readonly name: string;
  readonly conversationId: string;
  /** The message in which it stands. */
  readonly messageId: string;
  readonly spec: AskSpec;
  /** What the plugin wants back with the answer, as JSON text: its keys may hold any character. */
  readonly state: string;
  readonly status: AskPart['status'];
  /** What was answered, for the plugin and for the message, as JSON texts. */
  readonly value?: string;
  readonly shown?: string;
  readonly fileIds?: readonly string[];
  /** In the language of the person, for what the plugin says then. */
  readonly locale: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
  readonly createdAt: number;
  /** The plugin has to be told how it ended; absent once it was. */
  readonly owed?: true;
  /** When it is told, and how often that was tried. */
  readonly dueAt?: number;
  readonly tries?: number;
  /** Ids of the messages that it wrote on hearing so: told again, it writes the same ones. */
  readonly written?: readonly string[];
};

export const asksCollection: CollectionSpec = {
  name: 'asks',
  indexes: [
    { name: 'byOwner', fields: ['ownerId', 'status', 'id'] },
    { name: 'byConversation', fields: ['ownerId', 'conversationId', 'id'] },
    { name: 'byExpiry', fields: ['status', 'expiresAt'] },
    { name: 'byDelivery', fields: ['owed', 'dueAt'] },
  ],
};

export function jsonOf(text: string | undefined): JsonValue {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by this server with JSON.stringify
  return text === undefined ? null : (JSON.parse(text) as JsonValue);
}
