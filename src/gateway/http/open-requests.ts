import type { IncomingMessage, Server, ServerResponse } from 'node:http';

export interface OpenRequests {
  readonly size: number;
  /** Resolves when every request that has arrived is answered (or its peer is gone). */
  idle(): Promise<void>;
}

/** Counts the requests that wait for their answer, so that the end of the server can wait for them. */
export function countOpenRequests(server: Server): OpenRequests {
  const open = new Set<ServerResponse>();
  let waiting: (() => void)[] = [];

  server.on('request', (_request: IncomingMessage, response: ServerResponse) => {
    open.add(response);
    response.once('close', () => {
      open.delete(response);
      if (open.size > 0) return;
      for (const resolve of waiting) resolve();
      waiting = [];
    });
  });

  return {
    get size() {
      return open.size;
    },
    idle: () => (open.size === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
  };
}
