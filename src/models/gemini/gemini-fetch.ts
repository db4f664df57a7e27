import type { Readable } from 'node:stream';
import { type PostOptions, postStream, readText } from '../shared/post-stream.ts';

type Fetch = typeof globalThis.fetch;

/** Marks our own calls. It is taken off before anything is sent. */
const callHeader = 'x-jarvis-call';
/** Of a refusal, as much as can hold an explanation. */
const MAX_REFUSAL_BYTES = 1024 * 1024;

interface Call {
  readonly signal: AbortSignal;
  body: Readable | undefined;
}

/**
 * The SDK calls the global `fetch` and offers no other way in, so the global one is wrapped: once, and only for the calls of `bodyOf`.
 * Everything else passes through untouched.
 */
const calls = new Map<string, Call>();
let count = 0;
let users = 0;
let original: Fetch | undefined;

/** @returns takes it back; the last one restores the global `fetch` */
export function installGeminiFetch(): () => void {
  users += 1;
  if (original === undefined) {
    original = globalThis.fetch;
    globalThis.fetch = wrappedFetch;
  }
  let installed = true;
  return () => {
    if (!installed) return;
    installed = false;
    users -= 1;
    if (users > 0 || globalThis.fetch !== wrappedFetch || original === undefined) return;
    globalThis.fetch = original;
    original = undefined;
  };
}

/**
 * Lets the SDK send a request and keeps the answer's body from it: its reader parses twice, ignores that nobody reads, and holds every
 * chunk until the end.
 * @param send makes the SDK's call with these headers added
 * @throws what `send` throws
 */
export async function bodyOf(signal: AbortSignal, send: (headers: Record<string, string>) => Promise<unknown>): Promise<Readable> {
  count += 1;
  const id = String(count);
  const call: Call = { signal, body: undefined };
  calls.set(id, call);
  let failure: unknown = new TypeError('The request was not sent.');
  try {
    await send({ [callHeader]: id });
  } catch (error) {
    failure = error;
  } finally {
    calls.delete(id);
  }
  if (call.body === undefined) throw failure;
  return call.body;
}

const wrappedFetch: Fetch = (input, init) => {
  const headers = init?.headers instanceof Headers ? init.headers : undefined;
  const call = calls.get(headers?.get(callHeader) ?? '');
  if (call === undefined || headers === undefined) return (original ?? globalThis.fetch)(input, init);
  headers.delete(callHeader);
  const body = typeof init?.body === 'string' ? init.body : '';
  return answer(call, input instanceof Request ? input.url : String(input), { headers: Object.fromEntries(headers), body });
};

async function answer(call: Call, address: string, sent: Pick<PostOptions, 'headers' | 'body'>): Promise<Response> {
  const { status, statusText, body } = await postStream(address, { ...sent, signal: call.signal }).catch((error: unknown) => {
    throw named(error);
  });
  if (status < 200 || status > 299) return new Response(await readText(body, MAX_REFUSAL_BYTES), { status, statusText });
  call.body = body;
  throw taken;
}

/** What the SDK is told when its part is done. An answer without a body would do too, but costs it a quarter of a millisecond of empty streams. */
const taken = new Error('The answer is read elsewhere.');

/** The SDK keeps only the message of a network error, so the system's code (ECONNREFUSED, ENOTFOUND, ...) goes into it. */
function named(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const code = 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[A-Z0-9_]{2,60}$/.test(code) ? new TypeError(`network error (${code})`, { cause: error }) : error;
}
