import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';

/** A WebSocket client without manners: it sends what a test says, byte by byte. */
export class RawSocket {
  readonly socket: Socket;
  /** The answer to the handshake, up to the empty line. */
  readonly head: Promise<string>;
  readonly closed: Promise<void>;
  #received: Buffer[] = [];
  #bytes = 0;

  constructor(port: number, options: { readonly path?: string; readonly headers?: Readonly<Record<string, string>> } = {}) {
    const { path = '/ws', headers = {} } = options;
    this.socket = connect(port, '127.0.0.1');
    this.socket.on('error', () => {});
    this.closed = new Promise((resolve) => this.socket.once('close', () => resolve()));
    this.head = new Promise((resolve) => {
      this.socket.on('data', (data) => {
        this.#received.push(data);
        this.#bytes += data.length;
        const text = this.#bytes < 100_000 ? this.received().toString('latin1') : '';
        if (text.includes('\r\n\r\n')) resolve(text.slice(0, text.indexOf('\r\n\r\n')));
      });
      this.socket.once('close', () => resolve(this.received().toString('latin1')));
    });
    const sent: Record<string, string> = {
      Host: `127.0.0.1:${port}`,
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
      ...headers,
    };
    const lines = Object.entries(sent).map(([name, value]) => `${name}: ${value}`);
    this.socket.write(`GET ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
  }

  get bytes(): number {
    return this.#bytes;
  }

  received(): Buffer {
    return Buffer.concat(this.#received);
  }

  /** A frame as a client sends it. @param first its first byte: FIN, reserved bits and opcode */
  frame(payload: string | Buffer, options: { readonly first?: number; readonly masked?: boolean } = {}): void {
    const { first = 0x81, masked = true } = options;
    const data = Buffer.from(payload);
    const mask = randomBytes(4);
    const length = data.length < 126 ? Buffer.from([data.length]) : Buffer.from([126, data.length >> 8, data.length & 255]);
    if (masked) length[0] = (length[0] ?? 0) | 0x80;
    const body = masked ? Buffer.concat([mask, data.map((byte, at) => byte ^ (mask[at % 4] ?? 0))]) : data;
    this.socket.write(Buffer.concat([Buffer.from([first]), length, body]));
  }

  /** The close code in what was received; null when the connection ended without one. Waits for the end. */
  async closeCode(): Promise<number | null> {
    await this.closed;
    const bytes = this.received();
    let at = bytes.indexOf('\r\n\r\n') + 4;
    while (at + 2 <= bytes.length) {
      const opcode = (bytes[at] ?? 0) & 15;
      const short = (bytes[at + 1] ?? 0) & 127;
      const [head, length] =
        short === 126 ? [4, bytes.readUInt16BE(at + 2)] : short === 127 ? [10, Number(bytes.readBigUInt64BE(at + 2))] : [2, short];
      if (opcode === 8) return bytes.readUInt16BE(at + head);
      at += head + length;
    }
    return null;
  }
}
