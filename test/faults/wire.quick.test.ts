import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';

/* The wire that breaks on purpose: when the faults are over, none of them may come later. */

const head = 'HTTP/1.1 200 OK\r\n\r\n';
const ends: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** A server that says so much at once and then nothing, behind a wire. */
async function speaking(bytes: number): Promise<{ readonly wire: TcpProxy; readonly call: () => Socket }> {
  const server = createServer((socket) => socket.on('error', () => {}).write(head + 'x'.repeat(bytes)));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  ends.push(() => void server.close());
  // A TCP server has an address of this kind.
  const wire = await createTcpProxy({ host: '127.0.0.1', port: (server.address() as AddressInfo).port });
  ends.push(() => wire.close());
  return { wire, call: () => connect(wire.port, '127.0.0.1') };
}

describe('a wire that is mended', () => {
  it('brings at once what it held back while it was slow', async () => {
    const { wire, call } = await speaking(20_000);
    wire.shape({ bytesPerSecond: 100, pieces: 50 });
    const socket = call();
    await once(socket, 'data');
    wire.mend();
    while (socket.bytesRead < 20_000) await once(socket, 'data');
    expect(socket.bytesRead).toBe(20_000 + head.length);
    socket.destroy();
  });

  it('resets at once a connection whose reset waits behind what is slow', async () => {
    const { wire, call } = await speaking(20_000);
    wire.shape({ bytesPerSecond: 100, pieces: 50 });
    const reached = wire.cut({ afterBytes: 10_000 });
    const socket = call().resume();
    // A reset is an error first; `once` would reject with it.
    const ended = new Promise((resolve) => socket.on('error', () => {}).once('close', resolve));
    await reached;
    wire.mend();
    await ended;
    expect(socket.bytesRead).toBeLessThanOrEqual(10_000);
  });
});
