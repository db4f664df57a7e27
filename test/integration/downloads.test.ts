import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import express from 'express';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createErrorResponder } from '../../src/gateway/http/error-responder.ts';
import { createPortabilityRoutes } from '../../src/gateway/http/portability-routes.ts';
import type { RequestIdentities } from '../../src/gateway/http/request-identity.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const lineLength = 100_000;
/** What the system keeps between two sockets of one machine may be some megabytes. */
const mostAhead = 300;

describe('a download', () => {
  let server: Server;
  let clock: ReturnType<typeof createFakeClock>;
  let made: number;
  let ended: Promise<void>;
  let signedIn: boolean;

  beforeEach(async () => {
    clock = createFakeClock();
    made = 0;
    signedIn = true;
    let end = () => {};
    ended = new Promise((resolve) => {
      end = resolve;
    });
    async function* lines(): AsyncGenerator<string> {
      try {
        for (;;) {
          made += 1;
          yield `${'x'.repeat(lineLength)}\n`;
        }
      } finally {
        end();
      }
    }
    const user = { id: 'ada', name: 'Ada', email: 'ada@example.org', role: 'admin' as const };
    const identity = { user, sid: 's1', expiresAt: '2026-01-08T00:00:00.000Z', via: 'cookie' as const };
    const identities: RequestIdentities = { identify: async () => identity, require: async () => identity, setCookie: () => {} };
    const app = express();
    const accountImport = { take: async () => ({}) };
    app.use(
      createPortabilityRoutes({
        identities,
        accountExport: { lines },
        accountImport,
        backup: { lines },
        checkSession: async () => (signedIn ? identity : null),
        assertRoom: () => {},
        drain: { draining: false },
        clock,
      }),
    );
    app.use(createErrorResponder(silentLogger));
    server = createServer(app).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  async function open() {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    await once(socket, 'connect');
    socket.pause();
    socket.write('GET /api/account/export HTTP/1.1\r\nHost: here\r\n\r\n');
    return socket;
  }

  /** Until the server has made no line for many turns of its loop. */
  async function quiet(): Promise<void> {
    for (let still = 0, before = -1; still < 300; still = made === before ? still + 1 : 0) {
      before = made;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  it('makes no more lines than a reader who stalls has room for, goes on when it reads, and ends when it leaves', async () => {
    const socket = await open();
    await quiet();
    const ahead = made;
    expect(ahead).toBeGreaterThan(0);
    expect(ahead).toBeLessThan(mostAhead);
    let received = 0;
    socket.on('data', (data) => {
      received += data.length;
    });
    socket.resume();
    while (received < 2 * ahead * lineLength) await once(socket, 'data');
    socket.destroy();
    await ended;
    expect(made).toBeGreaterThan(ahead);
  });

  it('is ended when its reader takes nothing for half a minute, and makes place for the next', async () => {
    const socket = await open();
    await quiet();
    const refused = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/api/account/export`);
    expect(refused.status).toBe(429);
    clock.advance(30_000);
    await ended;
    socket.destroy();
    const next = await open();
    next.resume();
    const [data] = (await once(next, 'data')) as [Buffer];
    expect(data.toString()).toContain('HTTP/1.1 200');
    next.destroy();
  });

  it.each(['/api/account/export', '/api/admin/backup'])('of %s goes no further when its session has ended', async (path) => {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    socket.write(`GET ${path} HTTP/1.1\r\nHost: here\r\n\r\n`);
    socket.resume();
    await once(socket, 'data');
    clock.advance(10_000);
    await once(socket, 'data');
    signedIn = false;
    clock.advance(1000);
    await ended;
    await once(socket, 'close');
  });

  it.each(['/api/account/export', '/api/admin/backup'])('of %s does not begin by a link on a foreign page', async (path) => {
    const { port } = server.address() as AddressInfo;
    for (const site of ['cross-site', 'same-site']) {
      const refused = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { 'sec-fetch-site': site } });
      expect(refused.status).toBe(403);
    }
    expect(made).toBe(0);
  });
});
