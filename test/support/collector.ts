import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Collector {
  readonly port: number;
  readonly received: readonly Received[];
  /** What it answers from now on. */
  answer: { status: number; headers?: Record<string, string> };
  /** Resolves when so many requests have been answered. */
  until(count: number): Promise<void>;
  /** Leaves the next request without an answer. Resolves when it is there. */
  hold(): Promise<void>;
  close(): Promise<void>;
}

/** A service that takes reports: remembers what it was sent. */
export async function startCollector(): Promise<Collector> {
  const received: Received[] = [];
  let holding: (() => void) | null = null;
  let waiting: { count: number; resolve: () => void }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push({ path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks).toString('utf8') });
      if (holding !== null) {
        holding();
        holding = null;
        return;
      }
      response.writeHead(collector.answer.status, collector.answer.headers).end('{}', () => {
        for (const each of waiting) if (received.length >= each.count) each.resolve();
        waiting = waiting.filter((each) => received.length < each.count);
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const collector: Collector = {
    port: (server.address() as AddressInfo).port,
    received,
    answer: { status: 200 },
    until: (count) => (received.length >= count ? Promise.resolve() : new Promise((resolve) => waiting.push({ count, resolve }))),
    hold: () =>
      new Promise((resolve) => {
        holding = resolve;
      }),
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
  return collector;
}
