import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Scalar } from '../../lib/document-store.ts';
import { BadCursorError } from '../../lib/store-errors.ts';

const tagBytes = 16;
const maxCursorLength = 16 * 1024;

/**
 * A cursor holds where a page ended. It is signed with a key that the database keeps, together with the query that it
 * belongs to: it works for every process of this database, and for no other query or database.
 */
export interface CursorSeal {
  seal(query: string, values: readonly Scalar[]): string;
  /** @throws BadCursorError for anything that `seal` did not make for this query */
  open(query: string, cursor: string): Scalar[];
}

export function createCursorSeal(key: Buffer): CursorSeal {
  function tag(query: string, payload: Buffer): Buffer {
    return createHmac('sha256', key)
      .update(`${Buffer.byteLength(query)}:${query}`)
      .update(payload)
      .digest()
      .subarray(0, tagBytes);
  }

  return {
    seal(query, values) {
      const payload = Buffer.from(JSON.stringify(values));
      return Buffer.concat([tag(query, payload), payload]).toString('base64url');
    },
    open(query, cursor) {
      if (typeof cursor !== 'string' || cursor.length > maxCursorLength) throw new BadCursorError('the cursor is not one of this store');
      const bytes = Buffer.from(cursor, 'base64url');
      const payload = bytes.subarray(tagBytes);
      // The second test refuses other spellings of the same bytes.
      if (
        bytes.length <= tagBytes ||
        bytes.toString('base64url') !== cursor ||
        !timingSafeEqual(bytes.subarray(0, tagBytes), tag(query, payload))
      ) {
        throw new BadCursorError('the cursor is not one of this store or of this query');
      }
      return parseScalars(payload.toString());
    },
  };
}

function parseScalars(text: string): Scalar[] {
  const values: unknown = JSON.parse(text);
  if (!Array.isArray(values)) throw new BadCursorError('the cursor is damaged');
  return values.map((value: unknown) => {
    if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
    throw new BadCursorError('the cursor is damaged');
  });
}
