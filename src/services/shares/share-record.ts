import { randomBytes } from 'node:crypto';
import { isoTime } from '../../lib/clock.ts';
import type { CollectionSpec } from '../../lib/document-store.ts';
import type { Share } from '../../protocol/index.ts';

/** A shared copy as stored; what it says stands in its pages. Times are epoch milliseconds. */
export type ShareRecord = {
  readonly id: string;
  readonly ownerId: string;
  readonly conversationId: string;
  readonly title: string;
  /** Name of the owner as it was; empty where it is not told. */
  readonly by: string;
  /** Only `live` ones are shown. `making`: not whole yet. `revoked`: its pages are being removed. */
  readonly state: 'making' | 'live' | 'revoked';
  readonly messages: number;
  readonly pages: number;
  /** Ids of the owner's files; the copy calls the first one `f1`. */
  readonly files: readonly string[];
  readonly createdAt: number;
};

/** Some messages of a copy, oldest first. `id` is `<share>.<number>`. */
export type SharedPageRecord = {
  readonly id: string;
  readonly shareId: string;
  /** Messages as JSON: keys inside a table or a tree may hold any character, those of documents may not. */
  readonly json: string;
};

export const sharesCollection: CollectionSpec = {
  name: 'shares',
  indexes: [
    { name: 'byOwner', fields: ['ownerId', 'state', 'createdAt'] },
    { name: 'byConversation', fields: ['ownerId', 'conversationId', 'createdAt'] },
    { name: 'byState', fields: ['state', 'createdAt'] },
  ],
};
export const sharedPagesCollection: CollectionSpec = { name: 'sharedPages', indexes: [{ name: 'byShare', fields: ['shareId'] }] };

export const shareCollections: readonly CollectionSpec[] = [sharesCollection, sharedPagesCollection];

/** 192 random bits: the link is all that a reader needs, so nobody may ever find one by trying. */
export function newShareId(): string {
  return randomBytes(24).toString('base64url');
}

export const pageIdOf = (shareId: string, page: number): string => `${shareId}.${page}`;

export function toShare({ id, title, conversationId, messages, createdAt }: ShareRecord): Share {
  return { id, title, conversationId, path: `/s/${id}`, messages, createdAt: isoTime(createdAt) };
}
