import { createHash } from 'node:crypto';

/** Begins every stored entry; another form gets another number. */
const magic = Buffer.from('jarvis-cache 1\n');
const HASH_BYTES = 32;

/** What is stored of a value: with its key and a hash over both, so that what is damaged or mistaken is noticed. */
export function sealEntry(key: string, value: Uint8Array): Uint8Array {
  return Buffer.concat([magic, hashOf(key, value), value]);
}

/** @returns the value; null when that is no entry of this key, or not a whole one */
export function openEntry(key: string, stored: Uint8Array): Uint8Array | null {
  const bytes = Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength);
  const start = magic.length + HASH_BYTES;
  if (bytes.length < start || !bytes.subarray(0, magic.length).equals(magic)) return null;
  const value = bytes.subarray(start);
  return bytes.subarray(magic.length, start).equals(hashOf(key, value)) ? value : null;
}

function hashOf(key: string, value: Uint8Array): Buffer {
  return createHash('sha256').update(`${key.length}:${key}`).update(value).digest();
}
