import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Duplex } from 'node:stream';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { createFrameWriter, type FrameWriter, type SharedFrame } from '../../../src/gateway/ws/frame-writer.ts';

interface Pair {
  readonly writer: FrameWriter;
  readonly stream: Duplex;
  readonly socket: WebSocket;
  readonly client: WebSocket;
  close(): Promise<void>;
}

async function connect(): Promise<Pair> {
  const server = createServer();
  const wss = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  const upgraded = new Promise<{ socket: WebSocket; stream: Duplex }>((resolve) => {
    server.on('upgrade', (request, stream, head) => wss.handleUpgrade(request, stream, head, (socket) => resolve({ socket, stream })));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const client = new WebSocket(`ws://127.0.0.1:${address.port}`);
  const { socket, stream } = await upgraded;
  await once(client, 'open');
  return {
    writer: createFrameWriter(socket, stream),
    stream,
    socket,
    client,
    async close() {
      client.terminate();
      socket.terminate();
      server.close();
      await once(server, 'close');
    },
  };
}

let pair: Pair;
beforeEach(async () => {
  pair = await connect();
});
afterEach(() => pair.close());

/** @returns the next `count` texts that the client reads */
function received(count: number): Promise<string[]> {
  const texts: string[] = [];
  return new Promise((resolve) => {
    pair.client.on('message', (data, isBinary) => {
      if (isBinary || !Buffer.isBuffer(data)) throw new Error('not a text');
      texts.push(data.toString('utf8'));
      if (texts.length === count) resolve(texts);
    });
  });
}

it('writes texts of every length and script as a client reads them', async () => {
  const lengths = [0, 1, 125, 126, 127, 65_535, 65_536, 300_000];
  const texts = [
    ...lengths.map((length) => 'a'.repeat(length)),
    ...lengths.map((length) => 'ن'.repeat(length)),
    'é',
    '👩‍👩‍👧',
    '\u0000\u007f\u0080',
  ];
  const all = received(texts.length);
  for (const json of texts.slice(0, 9)) pair.writer.writeShared([{ json }]);
  pair.writer.writeShared(texts.slice(9).map((json) => ({ json })));
  expect(await all).toEqual(texts);
});

it('writes a text of which the end is bytes already', async () => {
  const starts = ['', 'a', 'é', 'ن'.repeat(60), 'a'.repeat(130), 'ن'.repeat(70_000)];
  const ending = ' “سلام” ';
  const all = received(starts.length + 1);
  for (const start of starts) pair.writer.writeEnding(start, Buffer.from(ending));
  pair.writer.write('behind them');
  expect(await all).toEqual([...starts.map((start) => start + ending), 'behind them']);
});

it('keeps the order of shared frames, frames for this socket alone and pings', async () => {
  const all = received(30);
  const ponged = once(pair.socket, 'pong');
  for (let count = 0; count < 10; count += 1) {
    pair.writer.writeShared([{ json: `shared ${count}` }]);
    pair.writer.write(`alone ${count}`);
    if (count === 5) pair.socket.ping();
    pair.writer.writeShared([{ json: `again ${count} سلام` }]);
  }
  const expected = Array.from({ length: 10 }, (_, count) => [`shared ${count}`, `alone ${count}`, `again ${count} سلام`]);
  expect(await all).toEqual(expected.flat());
  await ponged;
});

it('frames a text once for all its readers', async () => {
  const shared: SharedFrame = { json: 'for many' };
  const all = received(2);
  pair.writer.writeShared([shared]);
  const { wire } = shared;
  expect(wire).toHaveLength(shared.json.length + 2);
  pair.writer.writeShared([shared]);
  expect(shared.wire).toBe(wire);
  expect(await all).toEqual(['for many', 'for many']);
});

it('is full while the other end does not read, and says when there is room again', async () => {
  pair.client.pause();
  const json = 'x'.repeat(100_000);
  for (let count = 0; count < 1000 && !pair.writer.full; count += 1) pair.writer.writeShared([{ json }]);
  expect(pair.writer.full).toBe(true);
  expect(pair.writer.bufferedBytes).toBeGreaterThan(0);
  const drained = new Promise<void>((resolve) => pair.writer.onDrain(resolve));
  pair.client.resume();
  await drained;
  expect(pair.writer.full).toBe(false);
});

it('is closed as soon as the socket is', async () => {
  expect(pair.writer.open).toBe(true);
  pair.socket.close();
  expect(pair.writer.open).toBe(false);
});
