import { connect } from 'node:net';
import type { ServerFrame } from '../../../src/protocol/index.ts';
import { RawSocket } from '../../support/raw-socket.ts';
import type { Victim } from './victim.ts';

/**
 * One bad input. `run` sends it and says in one line what came back: `400 BAD_REQUEST` over HTTP, `error BAD_FRAME` or
 * `close 1007` over a socket, `cut` for a connection that was ended without a word.
 */
export interface Attack {
  readonly name: string;
  readonly run: (victim: Victim) => Promise<Seen>;
  /** What may come back. */
  readonly expected: readonly string[];
}

export interface Seen {
  readonly outcome: string;
  /** All that the server said: looked through for stacks and paths. */
  readonly text: string;
}

/** How long the server may be silent before the attack counts as a hang. */
const SILENCE_MS = 30_000;

/** A request through `fetch`, as the attacker unless `init` says otherwise. */
export async function call(victim: Victim, path: string, init: RequestInit = {}): Promise<Seen> {
  const headers = new Headers(init.headers);
  if (!headers.has('authorization')) headers.set('authorization', `Bearer ${victim.attacker.token}`);
  if (headers.get('authorization') === 'none') headers.delete('authorization');
  if (typeof init.body === 'string' && !headers.has('content-type')) headers.set('content-type', 'application/json');
  const response = await fetch(`${victim.origin}${path}`, { redirect: 'manual', ...init, headers });
  return seen(response.status, await response.text());
}

/** A request byte for byte. `{host}` and `{token}` stand for the server's own. */
export function raw(victim: Victim, request: string | Buffer, options: { readonly end?: boolean } = {}): Promise<Seen> {
  return new Promise((resolve, reject) => {
    const socket = connect(victim.port, '127.0.0.1');
    const chunks: Buffer[] = [];
    const silence = setTimeout(() => reject(new Error(`no answer in ${SILENCE_MS} ms`)), SILENCE_MS);
    const finish = () => {
      clearTimeout(silence);
      socket.destroy();
      resolve(readAnswer(Buffer.concat(chunks).toString('latin1')));
    };
    socket.on('error', finish);
    socket.on('close', finish);
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      if (isWhole(Buffer.concat(chunks).toString('latin1'))) finish();
    });
    const bytes = typeof request === 'string' ? Buffer.from(fill(victim, request), 'latin1') : request;
    socket.write(bytes, () => {
      if (options.end === true) socket.end();
    });
  });
}

export function fill(victim: Victim, text: string): string {
  return text.replaceAll('{host}', `127.0.0.1:${victim.port}`).replaceAll('{token}', victim.attacker.token);
}

/** A frame on a socket of the attacker that has said hello; the first `error`, other answer or close is what counts. */
export async function frame(victim: Victim, payload: string | Buffer | Record<string, unknown>): Promise<Seen> {
  const client = await victim.socket();
  const known = client.frames.length;
  const answered = client.wait((candidate) => client.frames.indexOf(candidate) >= known && isAnswer(candidate));
  const isText = typeof payload === 'string' || Buffer.isBuffer(payload);
  client.sendRaw(isText ? payload : JSON.stringify({ id: 'abuse', ...payload }));
  const ended = await Promise.race([answered.then(describeFrame), client.closed.then(({ code, reason }) => seenClose(code, reason))]).catch(
    async () => {
      const { code, reason } = await client.closed;
      return seenClose(code, reason);
    },
  );
  // Its rejection when the socket is ended here concerns nobody.
  answered.catch(() => {});
  client.terminate();
  return ended;
}

/** A WebSocket handshake with headers of choice. */
export async function handshake(victim: Victim, options: { path?: string; headers?: Readonly<Record<string, string>> }): Promise<Seen> {
  const socket = new RawSocket(victim.port, options);
  const head = await socket.head;
  socket.socket.destroy();
  return { outcome: /^HTTP\/1\.1 (\d+)/.exec(head)?.[1] ?? 'cut', text: head };
}

/** Bytes of a frame as they are, after a good handshake and hello. */
export async function bytes(victim: Victim, send: (socket: RawSocket) => void): Promise<Seen> {
  const socket = new RawSocket(victim.port);
  await socket.head;
  socket.frame(JSON.stringify({ type: 'hello', version: 1, token: victim.attacker.token }));
  send(socket);
  const code = await socket.closeCode();
  return { outcome: code === null ? 'cut' : `close ${code}`, text: '' };
}

export function seen(status: number, text: string): Seen {
  return { outcome: `${status} ${codeIn(text)}`.trim(), text };
}

function seenClose(code: number, reason: string): Seen {
  return { outcome: `close ${code}`, text: reason };
}

function isAnswer(candidate: ServerFrame): boolean {
  return candidate.type === 'error' || ('replyTo' in candidate && candidate.replyTo === 'abuse');
}

function describeFrame(answer: ServerFrame): Seen {
  const outcome = answer.type === 'error' ? `error ${answer.code}` : answer.type;
  return { outcome, text: JSON.stringify(answer) };
}

function codeIn(text: string): string {
  return /"error":\{"code":"([A-Z_]+)"/.exec(text)?.[1] ?? '';
}

function readAnswer(text: string): Seen {
  const status = /^HTTP\/1\.1 (\d+)/.exec(text)?.[1];
  return status === undefined ? { outcome: 'cut', text } : seen(Number(status), text);
}

function isWhole(text: string): boolean {
  const end = text.indexOf('\r\n\r\n');
  const length = /\r\ncontent-length: (\d+)/i.exec(text)?.[1];
  return end >= 0 && length !== undefined && text.length >= end + 4 + Number(length);
}
