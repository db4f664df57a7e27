import { AppError } from '../../lib/app-error.ts';
import { isCommonPassword } from './common-passwords.ts';

/** bcrypt reads no more than this; a longer password is refused, never cut. */
export const passwordMaxBytes = 72;
const passwordMinCharacters = 8;

/**
 * No rules of composition: long enough, not among the common ones, not the person's own name or address. The password
 * itself is used exactly as typed.
 * @throws AppError PASSWORD_WEAK, PASSWORD_TOO_LONG
 */
export function assertPasswordAllowed(password: string, person: { readonly name: string; readonly email: string }): void {
  if (Buffer.byteLength(password, 'utf8') > passwordMaxBytes) {
    throw new AppError('PASSWORD_TOO_LONG', { params: { limit: passwordMaxBytes } });
  }
  if ([...password].length < passwordMinCharacters) throw weak('short');
  if (isOwn(password, person)) throw weak('personal');
  if (isCommonPassword(password)) throw weak('common');
}

function isOwn(password: string, person: { readonly name: string; readonly email: string }): boolean {
  const folded = password.toLowerCase().trim();
  const email = person.email.toLowerCase();
  const local = email.split('@')[0] ?? email;
  return [email, local, person.name.toLowerCase(), person.name.toLowerCase().replaceAll(' ', '')].includes(folded);
}

const weaknesses = {
  short: `Choose a longer password: at least ${passwordMinCharacters} characters.`,
  common: 'This password is among the first that are guessed. Choose another one.',
  personal: 'Your name or e-mail address is no password. Choose another one.',
};

function weak(reason: keyof typeof weaknesses): AppError {
  return new AppError('PASSWORD_WEAK', { message: weaknesses[reason], params: { reason, minimum: passwordMinCharacters } });
}
