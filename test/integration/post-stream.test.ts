import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { brotliCompressSync, createGzip, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { postStream, readText } from '../../src/models/shared/post-stream.ts';

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

/** A service that answers so. @returns its address */
async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/path?alt=sse`;
}

const send = (address: string, signal = new AbortController().signal) =>
  postStream(address, { headers: { 'x-key': 'k' }, body: '{"سلام":1}', signal });

describe('a request whose answer is streamed', () => {
  it('sends path, headers and the body with its length, and keeps the connection for the next one', async () => {
    const seen: unknown[] = [];
    const address = await serve((request, response) => {
      seen.push([request.method, request.url, request.headers['x-key'], request.headers['content-length'], request.socket.remotePort]);
      request.resume().on('end', () => response.end('ok'));
    });
    for (let count = 0; count < 2; count += 1) {
      const { status, body } = await send(address);
      expect([status, await readText(body, 100)]).toEqual([200, 'ok']);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(seen[0]).toEqual(['POST', '/path?alt=sse', 'k', '14', expect.any(Number)]);
    expect(seen[1]).toEqual(seen[0]);
  });

  it.each([
    ['gzip', gzipSync('packed')],
    ['deflate', deflateSync('packed')],
    ['br', brotliCompressSync('packed')],
    ['deflate, gzip', gzipSync(deflateSync('packed'))],
    ['identity', Buffer.from('packed')],
  ])('unpacks %s, though it asks for none', async (encoding, bytes) => {
    let asked: unknown;
    const address = await serve((request, response) => {
      asked = request.headers['accept-encoding'];
      response.writeHead(200, { 'content-encoding': encoding }).end(bytes);
    });
    expect(await readText((await send(address)).body, 100)).toBe('packed');
    expect(asked).toBe('identity');
  });

  it('hands packed pieces on as they come', async () => {
    const address = await serve((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      const packed = createGzip();
      packed.pipe(response);
      packed.write('first');
      packed.flush();
    });
    const { body } = await send(address);
    const [piece] = await once(body, 'data');
    expect(String(piece)).toBe('first');
    body.destroy();
  });

  it('does not follow a redirect, which would carry the key away', async () => {
    let followed = false;
    const away = await serve((_request, response) => {
      followed = true;
      response.end();
    });
    for (const status of [301, 302, 303, 307, 308]) {
      const address = await serve((_request, response) => response.writeHead(status, { location: away }).end());
      await expect(send(address)).rejects.toThrow('redirect');
    }
    expect(followed).toBe(false);
  });

  it('keeps the code of what the system reports', async () => {
    const address = await serve((request) => request.socket.destroy());
    await expect(send(address)).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it('hangs up when its signal is aborted, in the middle as well, and sends nothing when it was before', async () => {
    let hungUp = (): void => {};
    const gone = new Promise<void>((resolve) => (hungUp = resolve));
    let calls = 0;
    const address = await serve((_request, response) => {
      calls += 1;
      response.on('close', hungUp);
      response.write('first');
    });
    const controller = new AbortController();
    const { body } = await send(address, controller.signal);
    const closed = new Promise((resolve) => body.on('error', () => {}).on('close', resolve));
    await once(body, 'data');
    controller.abort();
    await Promise.all([closed, gone]);
    await expect(send(address, controller.signal)).rejects.toThrow('aborted');
    expect(calls).toBe(1);
  });

  it('reads of a refusal only so much, and what came when it breaks', async () => {
    const long = await serve((_request, response) => void response.writeHead(500).write('x'.repeat(5000)));
    expect(await readText((await send(long)).body, 1000)).toBe('x'.repeat(1000));
    const broken = await serve((_request, response) => {
      response.writeHead(500).write('part');
      setImmediate(() => response.destroy());
    });
    expect(await readText((await send(broken)).body, 1000)).toBe('part');
  });
});
