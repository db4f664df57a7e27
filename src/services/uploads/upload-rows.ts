import { randomBytes } from 'node:crypto';
import type { CollectionSpec, Document } from '../../lib/document-store.ts';
import type { StoredFile } from '../../protocol/index.ts';

/** What the uploads service keeps: which picture belongs to whom, who still needs it, how much a person stores. */

export const variants = ['original', 'model', 'thumb'] as const;
export type FileVariant = (typeof variants)[number];

export interface VariantRow {
  readonly mime: string;
  readonly size: number;
  readonly width: number;
  readonly height: number;
  /** Hex, of the stored bytes. */
  readonly sha256: string;
}

/** As a mapped type it counts as JSON. */
type StoredVariant = { readonly [field in keyof VariantRow]: VariantRow[field] };

export interface FileRow extends Document {
  readonly ownerId: string;
  readonly name?: string;
  /** A picture has all three; plain bytes have the original alone. */
  readonly variants: { readonly original: StoredVariant } & { readonly [variant in Exclude<FileVariant, 'original'>]?: StoredVariant };
  /** Bytes that nobody decoded, from a plugin or for one: their type is what somebody said, and no size in pixels is known. */
  readonly plain?: true;
  /** Of all variants together: what counts against the quota. */
  readonly bytes: number;
  /** Since when nothing refers to the file, in milliseconds; null while something does. */
  readonly unusedSince: number | null;
  readonly createdAt: string;
}

/** One row for each pair of a file and what shows it, so that referring twice is the same as once. */
export interface FileReferenceRow extends Document {
  readonly fileId: string;
  readonly referrerId: string;
}

/** `id` is the owner's. */
export interface FileQuotaRow extends Document {
  readonly bytes: number;
}

export const filesCollection: CollectionSpec = {
  name: 'files',
  indexes: [
    { name: 'byOwner', fields: ['ownerId', 'createdAt'] },
    { name: 'byOwnerAndId', fields: ['ownerId', 'id'] },
    { name: 'byUnused', fields: ['unusedSince'] },
  ],
};

export const fileReferencesCollection: CollectionSpec = {
  name: 'fileReferences',
  indexes: [
    { name: 'byFile', fields: ['fileId'] },
    { name: 'byReferrer', fields: ['referrerId'] },
  ],
};

export const fileQuotasCollection: CollectionSpec = { name: 'fileQuotas', indexes: [] };

/** All that the uploads service needs of the store. */
export const uploadCollections: readonly CollectionSpec[] = [filesCollection, fileReferencesCollection, fileQuotasCollection];

/** 128 random bits: who has not been told the id cannot find it. */
export function newFileId(): string {
  return randomBytes(16).toString('base64url');
}

/** Keys are lower case because some file systems do not tell cases apart; ids are not, so the key spells the id's bytes in hex. */
export function blobKey(fileId: string, variant: FileVariant): string {
  return `pictures/${Buffer.from(fileId, 'base64url').toString('hex')}-${variant}`;
}

/** @returns the file that a blob belongs to, or null for a blob that is not one of ours */
export function fileIdOfBlob(key: string): string | null {
  const hex = /^pictures\/([0-9a-f]{32})-(?:original|model|thumb)$/.exec(key)?.[1];
  return hex === undefined ? null : Buffer.from(hex, 'hex').toString('base64url');
}

export function toStoredFile(row: FileRow): StoredFile {
  const { mime, size, width, height } = row.variants.original;
  const pixels = row.plain === true ? {} : { width, height };
  return { id: row.id, url: `/api/files/${row.id}`, mime, size, ...pixels, ...(row.name === undefined ? {} : { name: row.name }) };
}
