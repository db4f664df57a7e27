import { z } from 'zod';
import { AppError } from '../../lib/app-error.ts';
import { idSchema } from '../../protocol/index.ts';

/** What comes next in an export. An `after` of null is the beginning of its section. */
const conversations = {
  after: idSchema.nullable(),
  open: z.object({ id: idSchema, after: idSchema.nullable() }).optional(),
};
const positionSchema = z.discriminatedUnion('at', [
  z.object({ at: z.literal('header') }),
  z.object({ at: z.literal('settings') }),
  z.object({ at: z.literal('folders'), after: idSchema.nullable() }),
  z.object({
    at: z.literal('files'),
    after: idSchema.nullable(),
    file: z.object({ id: idSchema, offset: z.number().int().min(0) }).optional(),
  }),
  z.object({ at: z.literal('conversations'), ...conversations }),
  z.object({ at: z.literal('archived'), ...conversations }),
  z.object({ at: z.literal('drafts'), after: z.string().max(160).nullable() }),
  z.object({ at: z.literal('prompts'), after: idSchema.nullable() }),
  z.object({ at: z.literal('end') }),
  z.object({ at: z.literal('done') }),
]);
export type ExportPosition = z.infer<typeof positionSchema>;

/** All that an export needs to go on: the server keeps nothing of it. */
export interface ExportState {
  /** When the export began, in milliseconds: what came later is not in it. */
  readonly until: number;
  readonly position: ExportPosition;
  /** Lines so far, by type. */
  readonly counts: Readonly<Record<string, number>>;
  /** See `line-chain`. Hex. */
  readonly chain: string;
}

/** A cursor stands in every line, so it is kept short: no names, and the counts in this order. New ones come last: cursors of version 1 have the first eight. */
const counted = [
  ...(['jarvis-argus.account', 'settings', 'file', 'file.data', 'conversation', 'message', 'draft', 'end'] as const),
  ...(['folder', 'prompt'] as const),
];
const cursorSchema = z.tuple([
  z.number().int().nonnegative().max(8.64e15),
  positionSchema,
  z.array(z.number().int().nonnegative()).min(8).max(counted.length),
  z.string().regex(/^[A-Za-z0-9_-]{43}$/),
]);

export function cursorFrom({ until, position, counts, chain }: ExportState): string {
  const values = [until, position, counted.map((type) => counts[type] ?? 0), Buffer.from(chain, 'hex').toString('base64url')];
  return Buffer.from(JSON.stringify(values)).toString('base64url');
}

/** A cursor is no secret and no right: every query names the owner. @throws AppError BAD_REQUEST */
export function stateFrom(cursor: string): ExportState {
  const values = cursorSchema.safeParse(jsonFrom(Buffer.from(cursor, 'base64url').toString('utf8')));
  if (!values.success) throw new AppError('BAD_REQUEST', { params: { field: 'after' } });
  const [until, position, numbers, chain] = values.data;
  const counts = Object.fromEntries(counted.map((type, at) => [type, numbers[at] ?? 0]));
  return { until, position, counts: countsInOrder(counts), chain: Buffer.from(chain, 'base64url').toString('hex') };
}

/** Of the types that there are, always in the same order: the last line of an export holds them. */
export function countsInOrder(counts: ExportState['counts']): Record<string, number> {
  return Object.fromEntries(counted.map((type) => [type, counts[type] ?? 0] as const).filter(([, count]) => count > 0));
}

function jsonFrom(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
