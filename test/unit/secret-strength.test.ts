import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { weaknessOf } from '../../src/lib/secret-strength.ts';

it('accepts what common generators make', () => {
  for (let round = 0; round < 2000; round += 1) {
    const bytes = randomBytes(48);
    expect(weaknessOf(bytes.toString('base64url'))).toBeUndefined();
    expect(weaknessOf(bytes.toString('hex'))).toBeUndefined();
    expect(weaknessOf(bytes.subarray(0, 32).toString('base64'))).toBeUndefined();
  }
});

it('names what is wrong and never the key', () => {
  expect(weaknessOf('ChangeMe')).toBe('is a well-known default');
  expect(weaknessOf('Xq7Vd0uJxLmZ4rT9')).toBe('is shorter than 32 bytes');
  expect(weaknessOf('abcabcabcabcabcabcabcabcabcabcabcabc')).toBe('has too few different characters');
});
