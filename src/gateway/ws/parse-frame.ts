import type { RawData } from 'ws';
import { AppError } from '../../lib/app-error.ts';
import { type ClientFrame, clientFrameSchema } from '../../protocol/index.ts';
import { forbiddenKeys } from '../forbidden-keys.ts';

export type ParsedFrame = { readonly frame: ClientFrame } | { readonly error: AppError; readonly replyTo: string | undefined };

const MAX_DEPTH = 32;

/** Text to a known frame. Never throws: what cannot be read is answered with the id it carried, if it had one. */
export function parseFrame(text: string): ParsedFrame {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { error: new AppError('BAD_FRAME', { cause: error }), replyTo: undefined };
  }
  const replyTo = idOf(value);
  if (isUnfit(value, MAX_DEPTH)) return { error: new AppError('BAD_FRAME'), replyTo };
  const parsed = clientFrameSchema.safeParse(value);
  if (parsed.success) return { frame: parsed.data };
  const issue = parsed.error.issues[0];
  const field = issue === undefined ? '' : issue.path.join('.').slice(0, 64);
  return { error: new AppError('BAD_FRAME', field === '' ? {} : { params: { field } }), replyTo };
}

function idOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'id') || !('id' in value)) return undefined;
  return typeof value.id === 'string' && value.id.length <= 64 ? value.id : undefined;
}

/** Too deep, or with a key that would reach every object. */
function isUnfit(value: unknown, left: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (left === 0) return true;
  return Object.entries(value).some(([key, member]) => forbiddenKeys.has(key) || isUnfit(member, left - 1));
}

/** What a frame says, however ws handed it over. */
export function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8');
  return Buffer.isBuffer(data) ? data.toString('utf8') : Buffer.from(data).toString('utf8');
}
