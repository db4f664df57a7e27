import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer, request as httpRequest, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express, { type Response as ExpressResponse, type NextFunction, type Request } from 'express';
import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createUploadRoutes } from '../../src/gateway/http/upload-routes.ts';
import { createLocalBlobs } from '../../src/infrastructure/blobs/local-blobs.ts';
import { createSqliteDatabase } from '../../src/infrastructure/database/sqlite-database.ts';
import { createInferenceClient, type InferenceClient } from '../../src/infrastructure/inference/inference-client.ts';
import { AppError } from '../../src/lib/app-error.ts';
import { type Clock, systemClock } from '../../src/lib/clock.ts';
import type { DocumentDatabase } from '../../src/lib/document-store.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import type { StoredFile } from '../../src/protocol/index.ts';
import { uploadCollections } from '../../src/services/uploads/upload-rows.ts';
import { createUploads, defaultUploadLimits, type Uploads } from '../../src/services/uploads/uploads.ts';
import { flat, htmlPage, noise, photo, svgPicture } from '../fixtures/images/make-images.ts';

const maxBytes = 2 * 1024 * 1024;
let root: string;
let temporaryDirectory: string;
let blobs: ReturnType<typeof createLocalBlobs>;
let database: DocumentDatabase;
let images: InferenceClient;
let server: Server;
let base: string;
let picture: Buffer;
/** Timers of the routes; a test lets one run out instead of waiting. */
const timers: { ms: number; run: () => void }[] = [];

const clock: Clock = {
  ...systemClock,
  after(ms, run) {
    const timer = { ms, run };
    timers.push(timer);
    return () => {
      if (timers.includes(timer)) timers.splice(timers.indexOf(timer), 1);
    };
  },
};

function build(itsClock: Clock): Uploads {
  return createUploads({
    documents: database.documents,
    blobs,
    images,
    clock: itsClock,
    logger: silentLogger,
    limits: { ...defaultUploadLimits, maxBytes },
    temporaryDirectory,
  });
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'argus-upload-routes-'));
  temporaryDirectory = join(root, 'tmp');
  await mkdir(temporaryDirectory);
  picture = await flat(640, 480).png().toBuffer();
  images = createInferenceClient({ logger: silentLogger, clock: systemClock });
  blobs = createLocalBlobs({ directory: join(root, 'blobs') });
  database = createSqliteDatabase({ directory: join(root, 'data'), collections: uploadCollections, logger: silentLogger });
  await database.start();
  const uploads = build(systemClock);
  const app = express();
  app.use(
    createUploadRoutes({
      uploads,
      limits: { maxBytes, timeoutMs: 77_000 },
      temporaryDirectory,
      clock,
      currentUser(request) {
        const id = request.headers.authorization;
        if (id === undefined) throw new AppError('UNAUTHENTICATED');
        return { id };
      },
    }),
  );
  app.use((error: unknown, _request: Request, response: ExpressResponse, _next: NextFunction) => {
    const known = AppError.from(error);
    response.status(known.status).json({ error: known.toShape() });
  });
  server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await images.close();
  await database.close();
  await rm(root, { recursive: true });
});
beforeEach(() => {
  timers.length = 0;
});

function form(data: Uint8Array, name = 'cat.png', field = 'file'): FormData {
  const body = new FormData();
  body.append(field, new Blob([new Uint8Array(data)], { type: 'image/png' }), name);
  return body;
}

function post(body: FormData | string | Buffer, headers: Record<string, string> = {}): Promise<Response> {
  const sent = Buffer.isBuffer(body) ? new Uint8Array(body) : body;
  return fetch(`${base}/api/uploads`, { method: 'POST', body: sent, headers: { authorization: 'anna', ...headers } });
}

async function upload(data: Uint8Array = picture, name?: string): Promise<StoredFile> {
  const response = await post(form(data, name));
  expect(response.status).toBe(201);
  return ((await response.json()) as { file: StoredFile }).file;
}

function get(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Response> {
  return fetch(`${base}${path}`, { method, headers: { authorization: 'anna', ...headers } });
}

async function codeOf(response: Response): Promise<string> {
  return ((await response.json()) as { error: { code: string } }).error.code;
}

const boundary = 'xxBOUNDARYxx';
const multipartType = `multipart/form-data; boundary=${boundary}`;
const partHead = (name: string, file?: string) =>
  `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${file === undefined ? '' : `; filename="${file}"`}\r\n\r\n`;
const tail = `\r\n--${boundary}--\r\n`;

async function nothingTemporary(): Promise<void> {
  await expect.poll(() => readdir(temporaryDirectory), { interval: 10 }).toEqual([]);
}

async function blobCount(): Promise<number> {
  let count = 0;
  for await (const _ of blobs.list()) count += 1;
  return count;
}

describe('POST /api/uploads', () => {
  it('stores a picture and answers 201 with its file', async () => {
    const file = await upload(picture, 'گربه من.png');
    expect(file).toMatchObject({ mime: 'image/png', width: 640, height: 480, name: 'گربه من.png' });
    await nothingTemporary();
  });

  it('refuses whoever is not signed in', async () => {
    const response = await fetch(`${base}/api/uploads`, { method: 'POST', body: form(picture) });
    expect([response.status, await codeOf(response)]).toEqual([401, 'UNAUTHENTICATED']);
  });

  it.each([
    ['HTML named .png', htmlPage],
    ['SVG', svgPicture],
    ['one byte', Buffer.from('x')],
    ['an empty file', Buffer.alloc(0)],
  ])('refuses %s with 415 and keeps nothing', async (_name, data) => {
    const before = await blobCount();
    const response = await post(form(data));
    expect([response.status, await codeOf(response)]).toEqual([415, 'UNSUPPORTED_MEDIA']);
    expect(await blobCount()).toBe(before);
    await nothingTemporary();
  });

  it('refuses more bytes than allowed with 413, with and without a declared length', async () => {
    const declared = await post(form(Buffer.alloc(maxBytes + 1)));
    expect([declared.status, await codeOf(declared)]).toEqual([413, 'TOO_LARGE']);
    const far = await post(form(Buffer.alloc(maxBytes * 2)));
    expect([far.status, await codeOf(far)]).toEqual([413, 'TOO_LARGE']);
    await nothingTemporary();
  });

  it('reads on after a refusal, so that a client that is still sending gets the answer', async () => {
    const length = 24 * 1024 * 1024;
    const client = httpRequest(`${base}/api/uploads`, {
      method: 'POST',
      headers: { authorization: 'anna', 'content-type': multipartType, 'content-length': String(length) },
    });
    const answered = once(client, 'response');
    client.write(Buffer.alloc(length / 2));
    const [response] = await answered;
    response.resume();
    const ended = once(response, 'end');
    await new Promise<void>((resolve, reject) => {
      client.once('error', reject);
      client.end(Buffer.alloc(length / 2), resolve);
    });
    await ended;
    expect(response.statusCode).toBe(413);
    await expect.poll(() => timers, { interval: 5 }).toEqual([]);
  });

  it('cuts a refused body that goes on for too long', async () => {
    const client = httpRequest(`${base}/api/uploads`, {
      method: 'POST',
      headers: { authorization: 'anna', 'content-type': multipartType, 'content-length': String(maxBytes * 2) },
    });
    client.on('error', () => {});
    const [answered, closed] = [once(client, 'response'), once(client, 'close')];
    client.write(partHead('file', 'a.png'));
    const [response] = await answered;
    response.on('error', () => {});
    response.resume();
    expect(response.statusCode).toBe(413);
    timers.find(({ ms }) => ms === 10_000)?.run();
    await closed;
  });

  it('ends an endless body of unknown length', async () => {
    const client = httpRequest(`${base}/api/uploads`, {
      method: 'POST',
      headers: { authorization: 'anna', 'content-type': multipartType },
    });
    client.on('error', () => {});
    client.write(partHead('file', 'a.png'));
    const answered = once(client, 'response');
    const block = Buffer.alloc(256 * 1024);
    let sending = true;
    const send = () => {
      while (sending && client.write(block));
      if (sending) client.once('drain', send);
    };
    send();
    const [response] = await answered;
    sending = false;
    expect(response.statusCode).toBe(413);
    client.destroy();
    await nothingTemporary();
  });

  it.each([
    ['a text field with an array index', `${partHead('a[49999999]')}x${tail}`],
    ['a text field beside the file', `${partHead('file', 'a.png')}x\r\n${partHead('note')}y${tail}`],
    ['two files', `${partHead('file', 'a.png')}x\r\n${partHead('file', 'b.png')}y${tail}`],
    ['2,000 parts', `${`${partHead('file', 'a.png')}x\r\n`.repeat(2000)}${tail.slice(2)}`],
    ['a file in another field', `${partHead('avatar', 'a.png')}x${tail}`],
    ['a file in a nested field', `${partHead('file[0]', 'a.png')}x${tail}`],
    ['a file in __proto__', `${partHead('__proto__', 'a.png')}x${tail}`],
    ['text where the file belongs', `${partHead('file')}x${tail}`],
    ['a part without a name', `--${boundary}\r\nContent-Disposition: form-data; filename="a.png"\r\n\r\nx${tail}`],
    ['a part with an empty name', `${partHead('', 'a.png')}x${tail}`],
    ['no part at all', `--${boundary}--\r\n`],
    ['an empty body', ''],
    ['no end', `${partHead('file', 'a.png')}x`],
    ['a header that never ends', `--${boundary}\r\n${'X: y\r\n'.repeat(5000)}`],
  ])('refuses %s with 400 and keeps nothing', async (_name, body) => {
    const response = await post(body, { 'content-type': multipartType });
    expect([response.status, await codeOf(response)]).toEqual([400, 'BAD_REQUEST']);
    await nothingTemporary();
  });

  it.each(['multipart/form-data', `multipart/form-data; boundary=${'b'.repeat(10_000)}`, 'application/json', 'text/plain'])(
    'refuses the content type %.40s with 400',
    async (type) => {
      const response = await post('{}', { 'content-type': type });
      expect([response.status, await codeOf(response)]).toEqual([400, 'BAD_REQUEST']);
    },
  );

  it.each([0.01, 0.5, 0.99])('keeps nothing of an upload that is cut off after %d of its bytes', async (share) => {
    const before = await blobCount();
    const data = await noise(400, 400).png().toBuffer();
    const body = Buffer.concat([Buffer.from(partHead('file', 'a.png')), data, Buffer.from(tail)]);
    const socket = connect(Number(new URL(base).port), '127.0.0.1');
    socket.on('error', () => {});
    socket.write(
      `POST /api/uploads HTTP/1.1\r\nHost: x\r\nAuthorization: anna\r\nContent-Type: ${multipartType}\r\nContent-Length: ${body.length}\r\n\r\n`,
    );
    const arrived = once(server, 'request');
    socket.write(body.subarray(0, Math.floor(body.length * share)));
    const [open] = await arrived;
    socket.resetAndDestroy();
    await new Promise<void>((resolve) => (open.destroyed ? resolve() : open.once('close', resolve)));
    await nothingTemporary();
    expect(await blobCount()).toBe(before);
  });

  it('gives up on a body that takes too long and keeps nothing', async () => {
    const client = httpRequest(`${base}/api/uploads`, {
      method: 'POST',
      headers: { authorization: 'anna', 'content-type': multipartType, 'content-length': '5000' },
    });
    client.on('error', () => {});
    client.write(`${partHead('file', 'a.png')}${'x'.repeat(500)}`);
    const answered = once(client, 'response');
    await expect.poll(() => readdir(temporaryDirectory), { interval: 5 }).toHaveLength(1);
    timers.find(({ ms }) => ms === 77_000)?.run();
    const [response] = await answered;
    expect([response.statusCode, response.headers.connection]).toEqual([400, 'close']);
    client.destroy();
    await nothingTemporary();
  });

  it('works again after the decoding process was killed', async () => {
    await upload();
    process.kill(images.state().pid ?? 0, 'SIGKILL');
    await upload();
    const running = upload(await noise(700, 700).png().toBuffer());
    await expect.poll(() => images.state().status, { interval: 1 }).toBe('busy');
    process.kill(images.state().pid ?? 0, 'SIGKILL');
    expect((await running).width).toBe(700);
    await upload();
  });

  it('lets one person send only a few at once', async () => {
    const results = await Promise.all(Array.from({ length: 24 }, () => post(form(picture), { authorization: 'eager' })));
    const statuses = results.map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([201, 429]));
    expect((await post(form(picture), { authorization: 'eager' })).status).toBe(201);
  });
});

describe('GET /api/files/:id', () => {
  it('serves the stored bytes with headers that leave nothing to guess', async () => {
    const file = await upload(Buffer.concat([picture, htmlPage]), 'a "quoted" گربه.html');
    const response = await get(file.url);
    expect(response.status).toBe(200);
    const bytes = Buffer.from(await response.arrayBuffer());
    expect([bytes.length, bytes.includes('CANARY')]).toEqual([file.size, false]);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'image/png',
      'content-length': String(file.size),
      'x-content-type-options': 'nosniff',
      'content-security-policy': "sandbox; default-src 'none'",
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'private, max-age=31536000, immutable',
      'accept-ranges': 'bytes',
      'content-disposition': `inline; filename="a _quoted_ ____.png"; filename*=UTF-8''a%20%22quoted%22%20${encodeURIComponent('گربه')}.png`,
    });
  });

  it('serves the upright picture without position or camera, in every variant', async () => {
    const file = await upload(await photo(60, 40, 6));
    for (const variant of ['original', 'thumb', 'model']) {
      const bytes = Buffer.from(await (await get(`${file.url}?variant=${variant}`)).arrayBuffer());
      const metadata = await sharp(bytes).metadata();
      expect([metadata.width, metadata.height, metadata.exif, bytes.includes('CanaryCam')]).toEqual([40, 60, undefined, false]);
    }
  });

  it('answers HEAD like GET without a body', async () => {
    const file = await upload();
    const [head, whole] = [await get(file.url, {}, 'HEAD'), await get(file.url)];
    const without = (headers: Headers) => [...headers].filter(([name]) => !['date', 'connection', 'keep-alive'].includes(name));
    expect([head.status, await head.text()]).toEqual([200, '']);
    expect(without(head.headers)).toEqual(without(whole.headers));
    await whole.arrayBuffer();
  });

  it('answers 304 for the tag that it gave, and gives each variant another', async () => {
    const file = await upload();
    const first = await get(file.url);
    const tag = first.headers.get('etag') ?? '';
    await first.arrayBuffer();
    expect(tag).toMatch(/^"[0-9a-f]{32}"$/);
    for (const header of [tag, `W/${tag}`, `"x", ${tag}`, '*']) expect((await get(file.url, { 'if-none-match': header })).status).toBe(304);
    const other = await get(`${file.url}?variant=thumb`, { 'if-none-match': tag });
    expect(other.status).toBe(200);
    await other.arrayBuffer();
  });

  it.each([
    ['bytes=0-7', 206, 'bytes 0-7', 8],
    ['bytes=8-', 206, 'bytes 8-', null],
    ['bytes=-4', 206, null, 4],
    ['bytes=0-999999999', 206, 'bytes 0-', null],
    ['bytes=0-1,4-5', 200, null, null],
    ['bytes=5-2', 200, null, null],
    ['lines=0-1', 200, null, null],
    ['bytes=-0', 416, 'bytes */', 0],
    ['bytes=99999999-', 416, 'bytes */', 0],
  ])('answers Range %s with %d', async (range, status, contentRange, length) => {
    const file = await upload();
    const response = await get(file.url, { range });
    const bytes = await response.arrayBuffer();
    expect(response.status).toBe(status);
    if (contentRange !== null) expect(response.headers.get('content-range')).toContain(contentRange);
    if (length !== null) expect(bytes.byteLength).toBe(length);
    if (status === 200) expect(bytes.byteLength).toBe(file.size);
  });

  it('ignores the range when the file is not the one that If-Range names', async () => {
    const file = await upload();
    const response = await get(file.url, { range: 'bytes=0-1', 'if-range': '"other"' });
    expect([response.status, (await response.arrayBuffer()).byteLength]).toEqual([200, file.size]);
  });

  it('answers a stranger, an unknown id and a path alike', async () => {
    const file = await upload();
    const answers = await Promise.all([
      get(file.url, { authorization: 'boris' }),
      get('/api/files/AAAAAAAAAAAAAAAAAAAAAA'),
      get('/api/files/..%2f..%2fetc%2fpasswd'),
      get('/api/files/%00'),
      get(`${file.url}?variant=raw`),
      get(`${file.url}?variant=thumb&variant=thumb`),
    ]);
    const bodies = await Promise.all(answers.map((answer) => answer.text()));
    expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(404));
    expect(new Set(bodies).size).toBe(1);
    expect((await fetch(`${base}${file.url}`)).status).toBe(401);
  });
});

describe('time', () => {
  it('takes away what nobody has used for a day, and nothing else', async () => {
    const [used, unused] = [await upload(), await upload()];
    const later = build({ ...systemClock, now: () => Date.now() + 25 * 3_600_000 });
    await later.refer('anna', [used.id], 'conversation');
    expect((await later.sweep()).files).toBeGreaterThan(0);
    expect((await get(unused.url)).status).toBe(404);
    expect((await get(used.url)).status).toBe(200);
    expect(await blobCount()).toBe(3);
    await later.release('anna', 'conversation');
    await build({ ...systemClock, now: () => Date.now() + 51 * 3_600_000 }).sweep();
    expect(await blobCount()).toBe(0);
    expect(await database.documents.get('fileQuotas', 'anna')).toMatchObject({ bytes: 0 });
  });
});
