import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { type Attack, fill, raw } from '../support/attack.ts';
import type { Victim } from '../support/victim.ts';

const boundary = 'abuse';
const head = `POST /api/uploads HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n`;

interface Piece {
  readonly name?: string;
  readonly filename?: string;
  readonly type?: string;
  readonly data: Buffer | string;
}

function pieces(parts: readonly Piece[]): Buffer {
  const chunks = parts.flatMap(({ name = 'file', filename = 'a.png', type = 'image/png', data }) => [
    Buffer.from(
      `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${filename === '' ? '' : `; filename="${filename}"`}\r\nContent-Type: ${type}\r\n\r\n`,
      'latin1',
    ),
    Buffer.from(data),
    Buffer.from('\r\n'),
  ]);
  return Buffer.concat([...chunks, Buffer.from(`--${boundary}--\r\n`)]);
}

function send(victim: Victim, body: Buffer, type = `multipart/form-data; boundary=${boundary}`) {
  const lines = fill(victim, `${head}Content-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n`);
  return raw(victim, Buffer.concat([Buffer.from(lines, 'latin1'), body]));
}

function upload(name: string, make: () => Promise<Piece> | Piece, ...expected: string[]): Attack {
  return { name, expected, run: async (victim) => send(victim, pieces([await make()])) };
}

function chunkOf(type: string, data: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  return Buffer.concat([length, Buffer.from(type), data, Buffer.alloc(4)]);
}

/** A PNG whose header claims a size; its checksums are not right, which is part of the point. */
function pngClaiming(width: number, height: number, extra: readonly Buffer[] = []): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 6, 0, 0, 0], 8);
  const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
  return Buffer.concat([
    signature,
    chunkOf('IHDR', header),
    ...extra,
    chunkOf('IDAT', deflateSync(Buffer.alloc(64))),
    chunkOf('IEND', Buffer.alloc(0)),
  ]);
}

const refused = ['415 UNSUPPORTED_MEDIA', '415 IMAGE_UNREADABLE'];
const small = () => sharp({ create: { width: 4, height: 4, channels: 3, background: 'red' } });

/** M-UP: files that are not what they say, and forms that are not forms. */
export const uploads: readonly Attack[] = [
  upload('HTML called .png', () => ({ data: '<!doctype html><script>alert(1)</script>' }), ...refused),
  upload(
    'an SVG with a script',
    () => ({ filename: 'a.svg', type: 'image/svg+xml', data: '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>' }),
    ...refused,
  ),
  upload(
    'an SVG that says it is a PNG',
    () => ({ data: '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>' }),
    ...refused,
  ),
  upload(
    'a GIF header before a script',
    () => ({ filename: 'a.gif', type: 'image/gif', data: 'GIF89a/*<script>*/=1;alert(1)//' }),
    ...refused,
  ),
  upload('a PDF', () => ({ filename: 'a.pdf', type: 'application/pdf', data: '%PDF-1.7\n1 0 obj<<>>endobj' }), ...refused),
  upload('a WAV with HTML', () => ({ filename: 'a.wav', type: 'audio/wav', data: 'RIFF\x24\x00\x00\x00WAVEfmt <html>' }), ...refused),
  upload('nothing', () => ({ data: '' }), ...refused, '400 BAD_REQUEST'),
  upload('65,535 x 65,535 in a kilobyte', () => ({ data: pngClaiming(65_535, 65_535) }), '413 TOO_LARGE', ...refused),
  upload('a header that lies', () => ({ data: pngClaiming(100, 100) }), ...refused),
  upload('half a picture', async () => ({ data: (await small().png().toBuffer()).subarray(0, 40) }), ...refused),
  upload('a TIFF', async () => ({ filename: 'a.tiff', type: 'image/tiff', data: await small().tiff().toBuffer() }), ...refused),
  upload('an AVIF', async () => ({ filename: 'a.avif', type: 'image/avif', data: await small().avif().toBuffer() }), ...refused),
  upload('11 MiB', () => ({ data: Buffer.alloc(11 * 1024 * 1024) }), '413 TOO_LARGE', 'cut'),
  upload(
    'a compressed comment that grows to 64 MB',
    () => ({ data: pngClaiming(4, 4, [chunkOf('zTXt', Buffer.concat([Buffer.from('a\0\0'), deflateSync(Buffer.alloc(64_000_000))]))]) }),
    ...refused,
    '201',
    '413 TOO_LARGE',
  ),
  upload('a field name with a path', async () => ({ name: '../../x', data: await small().png().toBuffer() }), '400 BAD_REQUEST'),
  upload(
    'a field name that builds a list of 50 million',
    async () => ({ name: 'a[49999999]', data: await small().png().toBuffer() }),
    '400 BAD_REQUEST',
  ),
  upload('a field called __proto__[x]', () => ({ name: '__proto__[x]', filename: '', data: 'y' }), '400 BAD_REQUEST'),
  upload(
    'a field called constructor[prototype][x]',
    () => ({ name: 'constructor[prototype][x]', filename: '', data: 'y' }),
    '400 BAD_REQUEST',
  ),
  upload('an empty field name', async () => ({ name: '', data: await small().png().toBuffer() }), '400 BAD_REQUEST'),
  upload('a text where the file belongs', () => ({ filename: '', type: 'text/plain', data: 'x' }), '400 BAD_REQUEST'),
  {
    name: 'two files',
    expected: ['400 BAD_REQUEST'],
    run: async (victim) => {
      const data = await small().png().toBuffer();
      return send(victim, pieces([{ data }, { data }]));
    },
  },
  {
    name: '2,000 parts',
    expected: ['400 BAD_REQUEST', 'cut'],
    run: (victim) => send(victim, pieces(Array.from({ length: 2000 }, (_, index) => ({ name: `f${index}`, filename: '', data: 'x' })))),
  },
  {
    name: 'no boundary',
    expected: ['400 BAD_REQUEST', '415 UNSUPPORTED_MEDIA'],
    run: (victim) => send(victim, pieces([{ data: 'x' }]), 'multipart/form-data'),
  },
  {
    name: 'a boundary of 10 KB',
    expected: ['400 BAD_REQUEST'],
    run: (victim) => send(victim, pieces([{ data: 'x' }]), `multipart/form-data; boundary=${'b'.repeat(10_000)}`),
  },
  { name: 'no end', expected: ['400 BAD_REQUEST'], run: (victim) => send(victim, pieces([{ data: 'x' }]).subarray(0, 60)) },
  {
    name: 'a body that is no form',
    expected: ['400 BAD_REQUEST', '415 UNSUPPORTED_MEDIA'],
    run: (victim) => send(victim, Buffer.from('{}'), 'application/json'),
  },
  {
    name: 'chunks without a length, over the limit',
    expected: ['413 TOO_LARGE', 'cut'],
    run: (victim) => {
      const start = Buffer.from(
        fill(victim, `${head}Content-Type: multipart/form-data; boundary=${boundary}\r\nTransfer-Encoding: chunked\r\n\r\n`),
        'latin1',
      );
      const body = pieces([{ data: Buffer.alloc(11 * 1024 * 1024, 1) }]);
      return raw(victim, Buffer.concat([start, Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n0\r\n\r\n')]));
    },
  },
  {
    name: 'a connection that is cut in the middle',
    expected: ['400 BAD_REQUEST', 'cut'],
    run: (victim) => {
      const lines = fill(victim, `${head}Content-Type: multipart/form-data; boundary=${boundary}\r\nContent-Length: 100000\r\n\r\n`);
      const begun = pieces([{ data: Buffer.alloc(5000) }]).subarray(0, 3000);
      return raw(victim, Buffer.concat([Buffer.from(lines, 'latin1'), begun]), { end: true });
    },
  },
];
