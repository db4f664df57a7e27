import { expect, test } from 'vitest';
import { fieldDirection } from '../../../public/app/composer/field-direction.ts';

test('a short text has the direction of each paragraph, a long one that of its first letter', () => {
  expect(fieldDirection('')).toBe('auto');
  expect(fieldDirection('سلام')).toBe('auto');
  const long = ' words'.repeat(5000);
  expect(fieldDirection(`12: سلام${long}`)).toBe('rtl');
  expect(fieldDirection(`- a سلام${long}`)).toBe('ltr');
  expect(fieldDirection('7'.repeat(30_000))).toBe('ltr');
});
