import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';

/** A frame that many readers get: the first one leaves here what goes onto the wire. */
export interface SharedFrame {
  readonly json: string;
  wire?: string | Uint8Array;
}

/** Writes text frames onto one socket. */
export interface FrameWriter {
  /** Whether anything written now may still arrive. */
  readonly open: boolean;
  /** The socket takes no more for now; `onDrain` tells when it does. */
  readonly full: boolean;
  /** What waits in this process for the other end. */
  readonly bufferedBytes: number;
  /** @param sent called when it left this process, or never will */
  write(json: string, sent?: () => void): void;
  /** One text of which the end is bytes already, such as what many texts end with. */
  writeEnding(start: string, ending: Uint8Array): void;
  /** Several at once are one write. @param sent as with `write`, after the last of them. @returns the bytes on the wire */
  writeShared(frames: readonly SharedFrame[], sent?: () => void): number;
  /** Asked for once, before anything is written. */
  onDrain(resume: () => void): void;
}

/** FIN and the opcode of a text (RFC 6455, 5.2); a server does not mask. */
const TEXT = 0x81;
const LENGTH_IN_16_BITS = 126;
const LENGTH_IN_64_BITS = 127;
const MOST_IN_7_BITS = 125;
const MOST_IN_16_BITS = 0xffff;

/**
 * @param stream the connection below: frames that are bytes already go straight to it. That is what `ws` would do there, which without
 *   compression never holds a frame back, in one write less.
 */
export function createFrameWriter(socket: WebSocket, stream: Duplex): FrameWriter {
  return new SocketFrameWriter(socket, stream);
}

/** A class, as each of ten thousand sockets would keep the functions of a closure. */
class SocketFrameWriter implements FrameWriter {
  readonly #socket: WebSocket;
  readonly #stream: Duplex;
  /** Kept here, since asking a thousand sockets for it costs more than their frames do. */
  #full = false;

  constructor(socket: WebSocket, stream: Duplex) {
    this.#socket = socket;
    this.#stream = stream;
  }

  get open(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  get full(): boolean {
    return this.#full;
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  write(json: string, sent?: () => void): void {
    this.#socket.send(json, sent);
  }

  writeEnding(start: string, ending: Uint8Array): void {
    this.#stream.cork();
    this.#stream.write(wireOf(start, ending.length), 'latin1');
    this.#full = !this.#stream.write(ending);
    this.#stream.uncork();
  }

  writeShared(frames: readonly SharedFrame[], sent?: () => void): number {
    const [only] = frames;
    if (only !== undefined && frames.length === 1) return this.#writeOne(only, sent);
    const last = frames.at(-1);
    let bytes = 0;
    this.#stream.cork();
    for (const frame of frames) bytes += this.#writeOne(frame, frame === last ? sent : undefined);
    this.#stream.uncork();
    return bytes;
  }

  onDrain(resume: () => void): void {
    this.#stream.on('drain', () => {
      this.#full = false;
      resume();
    });
  }

  #writeOne(frame: SharedFrame, sent?: () => void): number {
    frame.wire ??= wireOf(frame.json);
    this.#full = !this.#stream.write(frame.wire, 'latin1', sent);
    return frame.wire.length;
  }
}

/**
 * The whole frame, a string of single bytes where the text has no others: Node writes that without a buffer in between.
 * @param more bytes of it that are written behind
 */
function wireOf(json: string, more = 0): string | Uint8Array {
  const bytes = Buffer.byteLength(json);
  const header = String.fromCharCode(TEXT, ...lengthOf(bytes + more));
  if (bytes === json.length) return header + json;
  const wire = Buffer.allocUnsafe(header.length + bytes);
  wire.write(header, 0, 'latin1');
  wire.write(json, header.length, 'utf8');
  return wire;
}

function lengthOf(bytes: number): number[] {
  if (bytes <= MOST_IN_7_BITS) return [bytes];
  if (bytes <= MOST_IN_16_BITS) return [LENGTH_IN_16_BITS, bytes >>> 8, bytes & 0xff];
  return [LENGTH_IN_64_BITS, 0, 0, 0, 0, bytes >>> 24, (bytes >>> 16) & 0xff, (bytes >>> 8) & 0xff, bytes & 0xff];
}
