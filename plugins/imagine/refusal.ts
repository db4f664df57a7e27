import { AppError, type Words } from '#core';

type Params = Readonly<Record<string, string | number>>;

/** Why something cannot be painted, in the person's language: the page takes the translation that comes along. */
export function refusal(code: 'BAD_REQUEST' | 'MODEL_MISSING', { en, ...others }: Words, params: Params = {}): AppError {
  return new AppError(code, { message: en, params: { ...params, ...others } });
}

/** Latin words keep their order inside a text from right to left. */
export function isolated(text: string): string {
  return `\u2066${text}\u2069`;
}
