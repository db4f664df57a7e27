import { createHash } from 'node:crypto';

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** Ids of conversations and messages, as `newId` makes them. */
export const ulidPattern = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

/**
 * The id that a document of a file gets here: always the same for the same person, so that an import can be repeated, and
 * never one of the file's own, which may be somebody else's. It keeps the time, and the place among those that one process
 * made in the same millisecond: such ids count up in their last digits alone.
 * @param scope whose and what: the user, and for a message the file's conversation
 * @param oldId a ULID
 */
export function derivedId(scope: string, oldId: string): string {
  return `${oldId.slice(0, 10)}${digits(`${scope}\n${oldId.slice(0, 18)}`, 8)}${oldId.slice(18)}`;
}

/** 128 bits, as ids of files are. */
export function derivedFileId(userId: string, oldId: string): string {
  return createHash('sha256').update(`${userId}\nfile\n${oldId}`).digest().subarray(0, 16).toString('base64url');
}

/** Milliseconds since the epoch that a ULID tells. */
export function timeOfId(id: string): number {
  return [...id.slice(0, 10)].reduce((time, digit) => time * 32 + alphabet.indexOf(digit), 0);
}

function digits(text: string, count: number): string {
  const hash = createHash('sha256').update(text).digest();
  return Array.from(hash.subarray(0, count), (byte) => alphabet[byte & 31]).join('');
}
