import { normaliseText } from '../lib/normalise-words.ts';

/** A plain decimal number in ASCII, Persian or Arabic digits, with any of the three decimal marks; null for anything else. */
export function readNumber(text: string): number | null {
  const plain = normaliseText(text.slice(0, 20)).replace(/[٫,]/, '.');
  return text.length <= 20 && /^\d{1,9}(?:\.\d{1,9})?$/.test(plain) ? Number(plain) : null;
}
