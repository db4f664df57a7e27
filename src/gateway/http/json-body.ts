import express, { type RequestHandler } from 'express';
import type { z } from 'zod';
import { AppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import { forbiddenKeys } from '../forbidden-keys.ts';
import { sendError } from './error-responder.ts';

const limitBytes = 64 * 1024;
const tooLarge = 'The body of a request may have at most 64 KiB.';
/** For the whole body to arrive. */
const arrivalMs = 30_000;
const maxDepth = 32;
const maxKeys = 1000;
const halfACharacter = /\p{Surrogate}/u;
const jsonType = /^application\/json(?:\s*;\s*charset=(?:utf-8|"utf-8"))?\s*$/i;

/** Reads a JSON body of at most 64 KiB. Any other type of body, a packed one, and keys that reach for prototypes are refused. */
export function createJsonBody(clock: Clock): RequestHandler[] {
  return [
    assertJsonType,
    createDeadline(clock),
    sayWhatIsWrong(express.json({ limit: limitBytes, inflate: false, type: () => true })),
    assertPlainBody,
  ];
}

/** The parser's own errors say nothing that a person may see. */
function sayWhatIsWrong(parser: RequestHandler): RequestHandler {
  return (request, response, next) =>
    parser(request, response, (error?: unknown) => {
      const type = error instanceof Error && 'type' in error ? error.type : undefined;
      if (type === 'entity.too.large') next(new AppError('TOO_LARGE', { message: tooLarge, params: { limitBytes }, cause: error }));
      else if (type === 'entity.parse.failed') next(new AppError('BAD_REQUEST', { message: 'The body is not valid JSON.', cause: error }));
      else next(error);
    });
}

/** The server's own limit is made for uploads; a small body that drips in must not hold a connection that long. */
function createDeadline(clock: Clock): RequestHandler {
  return (request, response, next) => {
    const cancel = clock.after(arrivalMs, () => {
      if (request.complete || response.headersSent) return;
      response.setHeader('Connection', 'close');
      response.once('finish', () => request.destroy());
      sendError(response, new AppError('BAD_REQUEST', { message: 'The request did not arrive in time.' }), 408);
    });
    request.once('end', cancel);
    response.once('close', cancel);
    next();
  };
}

const assertJsonType: RequestHandler = (request, _response, next) => {
  const hasBody = request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0;
  if (hasBody && !jsonType.test(request.headers['content-type'] ?? '')) {
    throw new AppError('BAD_REQUEST', { message: 'Send the body as application/json in UTF-8.', params: { header: 'content-type' } });
  }
  next();
};

const assertPlainBody: RequestHandler = (request, _response, next) => {
  assertPlain(request.body);
  next();
};

/** Walks without recursion: depth, number of keys, no key that could change a prototype, no half characters. */
export function assertPlain(body: unknown, mostKeys = maxKeys): void {
  let keys = 0;
  const open: { value: unknown; depth: number }[] = [{ value: body, depth: 1 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, depth } = next;
    if (typeof value === 'string' && halfACharacter.test(value)) throw refused('text');
    if (typeof value !== 'object' || value === null) continue;
    if (depth > maxDepth) throw refused('depth');
    for (const [key, child] of Object.entries(value)) {
      keys += 1;
      if (keys > mostKeys) throw refused('keys');
      if (forbiddenKeys.has(key)) throw refused('key');
      open.push({ value: child, depth: depth + 1 });
    }
  }
}

const reasons = {
  text: 'The body holds half a character (a lone surrogate).',
  depth: `The body is nested more than ${maxDepth} levels deep.`,
  keys: `The body has more than ${maxKeys} fields.`,
  key: 'The body has a field whose name is not allowed: __proto__, constructor or prototype.',
};

function refused(reason: keyof typeof reasons): AppError {
  return new AppError('BAD_REQUEST', { message: reasons[reason], params: { reason } });
}

/** Parses a body at the edge. @throws AppError BAD_REQUEST that names the first wrong field */
export function parse<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value ?? {});
  if (result.success) return result.data;
  const field = result.error.issues[0]?.path.join('.') ?? '';
  if (field === '') throw new AppError('BAD_REQUEST', { message: 'The body must be a JSON object.' });
  throw new AppError('BAD_REQUEST', { params: { field: field.slice(0, 64) } });
}

/** Parses a query; `?cursor=&q=` says the same as nothing. @throws as `parse` */
export function parseQuery<S extends z.ZodType>(schema: S, query: Readonly<Record<string, unknown>>): z.output<S> {
  return parse(schema, Object.fromEntries(Object.entries(query).filter(([, value]) => value !== '')));
}
