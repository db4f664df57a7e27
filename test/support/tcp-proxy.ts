import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A wire in front of a server that a test can break in every way a network does. */
export interface TcpProxy {
  readonly port: number;
  /** Ends every connection and refuses new ones. */
  refuse(): Promise<void>;
  /** Ends every connection with a reset; new ones are let through. */
  drop(): void;
  /** Accepts and keeps connections, but nothing passes in either direction, ever: what was sent meanwhile is lost. */
  blackhole(): void;
  /** Lets new connections through again. Those that went through a blackhole stay silent, as a stateful firewall leaves them. */
  resume(): Promise<void>;
  /** Calls back before each chunk that the near side sends; what it resolves to false for is swallowed, and all that follows. */
  filter(pass: ((chunk: Buffer) => boolean) | null): void;
  close(): Promise<void>;
}

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
  swallowing: boolean;
}

export async function createTcpProxy(target: { readonly host: string; readonly port: number }): Promise<TcpProxy> {
  const pairs = new Set<Pair>();
  let swallowing = false;
  let pass: ((chunk: Buffer) => boolean) | null = null;
  let server: Server | null = null;
  let port = 0;

  function join(near: Socket): void {
    const far = connect(target.port, target.host);
    const pair: Pair = { near, far, swallowing };
    pairs.add(pair);
    const end = () => {
      pairs.delete(pair);
      near.destroy();
      far.destroy();
    };
    for (const socket of [near, far]) {
      socket.setNoDelay(true);
      socket.on('error', end);
      socket.on('close', end);
    }
    near.on('data', (chunk) => {
      if (!pair.swallowing && pass?.(chunk) === false) pair.swallowing = true;
      if (!pair.swallowing) far.write(chunk);
    });
    far.on('data', (chunk) => pair.swallowing || near.write(chunk));
  }

  async function listen(): Promise<void> {
    if (server !== null) return;
    server = createServer(join);
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    // A TCP server has an address of this kind.
    port = (server.address() as AddressInfo).port;
  }

  async function refuse(): Promise<void> {
    const closing = server;
    server = null;
    const closed = closing === null ? null : new Promise((resolve) => closing.close(resolve));
    for (const { near, far } of [...pairs]) {
      near.destroy();
      far.destroy();
    }
    await closed;
  }

  await listen();
  return {
    get port() {
      return port;
    },
    refuse,
    drop() {
      for (const { near } of [...pairs]) near.resetAndDestroy();
    },
    blackhole() {
      swallowing = true;
      for (const pair of pairs) pair.swallowing = true;
    },
    async resume() {
      swallowing = false;
      await listen();
    },
    filter(next) {
      pass = next;
    },
    close: refuse,
  };
}
