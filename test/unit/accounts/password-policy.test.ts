import { describe, expect, it } from 'vitest';
import { assertPasswordAllowed } from '../../../src/services/accounts/password-policy.ts';

const person = { name: 'Sara Ahmadi', email: 'sara.ahmadi@example.org' };

describe('a password', () => {
  it.each([
    ['short', 'abc1234'],
    ['short', '😀😀😀😀😀😀😀'],
    ['common', 'password'],
    ['common', 'password1'],
    ['common', 'Password1!'],
    ['common', 'p@ssw0rd'],
    ['common', 'P@$$w0rd123'],
    ['common', '12345678'],
    ['common', '987654321'],
    ['common', 'qwertyui'],
    ['common', 'asdfghjkl'],
    ['common', '1q2w3e4r'],
    ['common', '1qaz2wsx'],
    ['common', 'abcabcabc'],
    ['common', '11111111'],
    ['common', 'iloveyou'],
    ['common', 'superman1'],
    ['common', 'letmein123'],
    ['common', 'mohammad1'],
    ['common', 'alireza1380'],
    ['common', 'salam123'],
    ['common', 'changeme'],
    ['common', 'dragon2024'],
    ['common', 'P@ssw0rd2026'],
    ['personal', 'sara ahmadi'],
    ['personal', 'SaraAhmadi'],
    ['personal', 'sara.ahmadi'],
    ['personal', 'sara.ahmadi@example.org'],
  ])('is refused as %s: %s', (reason, password) => {
    expect(() => assertPasswordAllowed(password, person)).toThrow(
      expect.objectContaining({ code: 'PASSWORD_WEAK', params: { reason, minimum: 8 } }),
    );
  });

  it.each([
    'correct horse 9',
    'gizmo-trailer-17',
    'کتاب‌خانهٔ من',
    '😀😃😄😁😆😅😂🤣',
    'x7Kq!m2zP',
    'tr0ub4dor&3',
    'blue violet sky over tehran',
  ])('is taken without rules of composition: %s', (password) => {
    expect(() => assertPasswordAllowed(password, person)).not.toThrow();
  });

  it.each([
    ['abc', /at least 8 characters/],
    ['password1', /first that are guessed/],
    ['SaraAhmadi', /name or e-mail address/],
  ])('is refused with words that say what to do: %s', (password, words) => {
    expect(() => assertPasswordAllowed(password, person)).toThrow(words);
  });

  it('may have 64 characters, and no more than 72 bytes', () => {
    expect(() => assertPasswordAllowed('correct horse '.repeat(5).slice(0, 64), person)).not.toThrow();
    expect(() => assertPasswordAllowed('😀😃'.repeat(10), person)).toThrow(expect.objectContaining({ code: 'PASSWORD_TOO_LONG' }));
  });

  it('of a hundred thousand characters is refused for its length, before anything looks at its letters', () => {
    expect(() => assertPasswordAllowed('a'.repeat(100_000), person)).toThrow(expect.objectContaining({ code: 'PASSWORD_TOO_LONG' }));
  });
});
