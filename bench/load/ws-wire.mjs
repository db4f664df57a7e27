// WebSocket of a client at the least cost: no checks, no allocation but the text. For load, not for use.
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';

const mask = Buffer.from([1, 2, 3, 4]);

function frameOf(text) {
  const payload = Buffer.from(text);
  const length = payload.length;
  const head = length < 126 ? Buffer.from([0x81, 0x80 | length]) : Buffer.from([0x81, 0xfe, length >> 8, length & 255]);
  for (let index = 0; index < length; index += 1) payload[index] ^= mask[index & 3];
  return Buffer.concat([head, mask, payload]);
}

/** @returns length of the head and of the payload at `at`, or null while they are not whole */
function sizeAt(bytes, at) {
  if (bytes.length - at < 2) return null;
  const short = bytes[at + 1] & 127;
  if (short < 126) return { head: 2, payload: short };
  if (short === 126) return bytes.length - at < 4 ? null : { head: 4, payload: bytes.readUInt16BE(at + 2) };
  return bytes.length - at < 10 ? null : { head: 10, payload: Number(bytes.readBigUInt64BE(at + 2)) };
}

/**
 * @param onFrame called with each text; pings are answered
 * @returns resolves when the upgrade was answered with 101
 */
export function openWire(port, { path = '/ws', onFrame, onClose = () => {} }) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  let rest = Buffer.alloc(0);
  let open = false;
  const wire = {
    socket,
    send: (frame) => socket.write(frameOf(typeof frame === 'string' ? frame : JSON.stringify(frame))),
    close: () => socket.destroy(),
  };
  return new Promise((resolve, reject) => {
    socket.on('connect', () =>
      socket.write(
        `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
      ),
    );
    socket.on('error', reject);
    socket.on('close', () => {
      reject(new Error('closed before it was open'));
      onClose();
    });
    socket.on('data', (data) => {
      let bytes = rest.length === 0 ? data : Buffer.concat([rest, data]);
      if (!open) {
        const end = bytes.indexOf('\r\n\r\n');
        if (end === -1) {
          rest = bytes;
          return;
        }
        const status = bytes.toString('latin1', 9, 12);
        if (status !== '101') return reject(new Error(`the upgrade was answered with ${status}`));
        open = true;
        bytes = bytes.subarray(end + 4);
        resolve(wire);
      }
      let at = 0;
      for (let size = sizeAt(bytes, at); size !== null && bytes.length - at >= size.head + size.payload; size = sizeAt(bytes, at)) {
        const opcode = bytes[at] & 15;
        const begin = at + size.head;
        at = begin + size.payload;
        if (opcode === 1) onFrame(bytes.toString('utf8', begin, at));
        else if (opcode === 9) socket.write(Buffer.concat([Buffer.from([0x8a, 0x80]), mask]));
      }
      rest = at === bytes.length ? Buffer.alloc(0) : bytes.subarray(at);
    });
  });
}
