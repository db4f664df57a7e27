import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { ProxyLink } from './proxy-link.ts';

/** How a wire is slow. All of it holds for what the server sends; the latency for both directions. */
export interface WireShape {
  /** Every chunk is held back so long, in ms. */
  readonly latencyMs?: number;
  readonly bytesPerSecond?: number;
  /** What passes, passes in pieces of at most this many bytes. */
  readonly pieces?: number;
}

/** Where a connection ends, counted in what the server sends on it. */
export interface WireCut {
  /** After so many bytes of one connection. */
  readonly afterBytes?: number;
  /** At the first WebSocket text frame for which this is true. */
  readonly atFrame?: (text: string) => boolean;
  /** How much of that frame passes: 0 nothing, 1 (default) all of it, between: it is torn in the middle. */
  readonly share?: number;
  /** `reset` (default): RST on both sides. `silence`: half-open, nothing passes any more and nobody is told. */
  readonly how?: 'reset' | 'silence';
}

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
  /** Slows all connections, now and later; null: as fast as it goes. */
  shape(shape: WireShape | null): void;
  /** Cuts the first connection that gets there. Resolves, in the same turn, with that frame's text when it is done. */
  cut(cut: WireCut): Promise<string>;
  /** Forgets filter, shape and the cuts that nobody has reached; what is held back arrives now. */
  mend(): void;
  close(): Promise<void>;
}

/** @param target read anew for each connection, so that the server behind it may move to another port */
export async function createTcpProxy(target: { readonly host: string; readonly port: number }): Promise<TcpProxy> {
  const links = new Set<ProxyLink>();
  const control = { shape: {} as WireShape, swallowing: false, pass: null as ((chunk: Buffer) => boolean) | null, cuts: [] as ArmedCut[] };
  let server: Server | null = null;
  let port = 0;

  function join(near: Socket): void {
    const link = new ProxyLink(near, connect(target.port, target.host), control, () => links.delete(link));
    links.add(link);
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
    for (const link of [...links]) link.end();
    await closed;
  }

  await listen();
  return {
    get port() {
      return port;
    },
    refuse,
    drop() {
      for (const link of [...links]) link.reset();
    },
    blackhole() {
      control.swallowing = true;
      for (const link of links) link.silence();
    },
    async resume() {
      control.swallowing = false;
      await listen();
    },
    filter(next) {
      control.pass = next;
    },
    shape(next) {
      control.shape = next ?? {};
    },
    cut(cut) {
      return new Promise((resolve) => control.cuts.push({ ...cut, done: resolve }));
    },
    mend() {
      control.pass = null;
      control.shape = {};
      control.cuts.length = 0;
      for (const link of [...links]) link.hurry();
    },
    close: refuse,
  };
}

export interface ArmedCut extends WireCut {
  readonly done: (text: string) => void;
}
