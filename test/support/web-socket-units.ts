/** A stretch of what a server sends that must not be torn by accident: a handshake, a WebSocket frame, or bytes of another protocol. */
export interface WireUnit {
  readonly bytes: Buffer;
  /** Of a text frame; null for everything else. */
  readonly text: string | null;
}

/** Cuts the bytes of one connection, server to client, into units. Other protocols pass as they come. */
export class WebSocketUnits {
  #state: 'new' | 'frames' | 'raw' = 'new';
  #rest: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): WireUnit[] {
    if (this.#state === 'raw') return [{ bytes: chunk, text: null }];
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const units: WireUnit[] = [];
    if (this.#state === 'new') {
      const upgraded = 'HTTP/1.1 101'.startsWith(this.#rest.subarray(0, 12).toString('latin1'));
      if (!upgraded) {
        this.#state = 'raw';
        return [this.#take(this.#rest.length)];
      }
      const end = this.#rest.indexOf('\r\n\r\n');
      if (end === -1) return units;
      this.#state = 'frames';
      units.push(this.#take(end + 4));
    }
    for (let length = frameLength(this.#rest); length <= this.#rest.length; length = frameLength(this.#rest))
      units.push(this.#frame(length));
    return units;
  }

  #frame(length: number): WireUnit {
    const isText = ((this.#rest[0] ?? 0) & 15) === 1;
    const { bytes } = this.#take(length);
    return { bytes, text: isText ? bytes.subarray(headerLength(bytes)).toString('utf8') : null };
  }

  #take(length: number): WireUnit {
    const bytes = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(length);
    return { bytes, text: null };
  }
}

/** Servers do not mask. */
function headerLength(bytes: Buffer): number {
  const short = (bytes[1] ?? 0) & 127;
  return short === 126 ? 4 : short === 127 ? 10 : 2;
}

/** Of the frame that begins here; more than there is when its header is not whole. */
function frameLength(bytes: Buffer): number {
  const header = bytes.length < 2 ? 2 : headerLength(bytes);
  if (bytes.length < header) return Number.POSITIVE_INFINITY;
  const short = (bytes[1] ?? 0) & 127;
  const payload = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
  return header + payload;
}
