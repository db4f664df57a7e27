import { type IncomingMessage, type Server, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { AppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import { closeCodes } from '../../protocol/index.ts';
import { authenticateRequest, type SessionVerifier } from '../authenticate-request.ts';
import type { ClientAddress } from '../http/client-address.ts';
import type { HostGuard } from '../http/host-guard.ts';
import type { OriginPolicy } from '../http/origin-policy.ts';
import { answerRaw, type HeaderList } from '../http/raw-answer.ts';
import { logFailure } from '../log-failure.ts';
import { createFrameWriter } from './frame-writer.ts';
import {
  type ConnectionLimits,
  type ConnectionPorts,
  SocketConnection,
  type SocketIdentity,
  type SocketObserver,
} from './socket-connection.ts';

export interface WsGatewayOptions {
  readonly server: Server;
  readonly sessions: SessionVerifier;
  readonly origins: OriginPolicy;
  readonly hosts: HostGuard;
  /** Of the answers to refused upgrades. */
  readonly rawHeaders: (request?: IncomingMessage) => HeaderList;
  readonly address: ClientAddress;
  readonly ports: ConnectionPorts;
  readonly limits: ConnectionLimits & {
    readonly frameBytes: number;
    readonly sockets: number;
    readonly socketsPerIp: number;
    /** Between two pings. Proxies drop a silent connection after 55 to 60 s (Heroku, NAT). */
    readonly pingMs: number;
  };
  readonly drain: { readonly draining: boolean };
  readonly observer?: SocketObserver | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface WsGateway {
  readonly size: number;
  /** Tells every socket that the server goes away; idle ones are closed at once, spread by `afterMs` for their return. */
  drain(isBusy: (connection: SocketConnection) => boolean): void;
  /** Closes with 4001 those that `drain` left open and that are not busy any more. */
  closeIdle(isBusy: (connection: SocketConnection) => boolean): void;
  /** Closes the readers that hold the most memory, the worst first. @returns how many */
  shedSlow(): number;
  /** Closes what is left with 4001 and waits until all sockets are gone, by force if need be. */
  close(): Promise<void>;
}

const PATH = '/ws';
/** With what a check may know from before (10 s) an end in another process is noticed within 30 s: PROMISES G18. */
const SESSION_CHECK_MS = 15_000;
/** Reconnects after a restart are spread over this time. */
const RECONNECT_SPREAD_MS = 5000;
/** PROMISES 8.9: a thousand sockets hold this much each when memory is scarce. */
const SHED_BYTES = 64 * 1024;
const UNLIMITED_FRAME_BYTES = 16 * 1024 * 1024;

/** The socket edge: who may connect, from where, how many; everything after the handshake is the connection's. */
export function createWsGateway(options: WsGatewayOptions): WsGateway {
  const { server, limits, clock, logger, address, drain: drainState } = options;
  const connections = new Set<SocketConnection>();
  const perAddress = new Map<string, number>();
  const wss = new WebSocketServer({
    noServer: true,
    maxPayload: limits.frameBytes === 0 ? UNLIMITED_FRAME_BYTES : limits.frameBytes,
    perMessageDeflate: false,
    maxFragments: 64,
    maxBufferedChunks: 1024,
  });
  const refuse = (socket: Duplex, error: AppError, request?: IncomingMessage) => answerRaw(socket, error, options.rawHeaders(request));
  wss.on('wsClientError', (error, socket, request) => {
    logger.debug({ error }, 'bad websocket handshake');
    refuse(socket, new AppError('BAD_REQUEST'), request);
  });

  // One for all sockets, as each keeps it to its end: made anew, it would keep the request as well.
  const onRawError = (error: Error): void => logger.debug({ error }, 'socket error during upgrade');

  function onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // First of all: a peer that resets while we look up its session would end the process.
    socket.on('error', onRawError);
    if (request.headers.upgrade?.toLowerCase() !== 'websocket') {
      answerAsHttp(server, request, socket, refuse);
      return;
    }
    upgrade(request, socket, head).catch((error: unknown) => {
      const known = AppError.from(error);
      logFailure(logger, { requestId: refuse(socket, known, request), known, error }, 'an upgrade failed');
    });
  }

  async function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    options.hosts.assertPlain(request);
    options.hosts.assertKnown(request);
    const path = (request.url ?? '').split('?', 1)[0];
    if (path !== PATH) throw new AppError('NOT_FOUND');
    if (drainState.draining) throw new AppError('DRAINING', { retryAfter: 5 });
    const { origin } = request.headers;
    if (origin !== undefined && !options.origins.isAllowed(origin, request)) throw new AppError('ORIGIN_REFUSED');
    const addressKey = address.keyOf(request);
    checkRoom(addressKey);
    const identity = await authenticateRequest(request, options.sessions, { ignoreCookie: origin === undefined });
    if (socket.destroyed) return;
    // Others may have come in meanwhile.
    checkRoom(addressKey);
    wss.handleUpgrade(request, socket, head, (webSocket) => {
      const client = { addressKey, ...labelOf(request) };
      const known: SocketIdentity | null = identity === null ? null : { user: identity.user, sid: identity.sid };
      const { ports, observer } = options;
      const writer = createFrameWriter(webSocket, socket);
      const base = { socket: webSocket, writer, client, identity: known };
      connections.add(new SocketConnection({ ...base, ports, limits, clock, logger, observer, onClosed: forget }));
      if (addressKey !== null) perAddress.set(addressKey, (perAddress.get(addressKey) ?? 0) + 1);
    });
  }

  function checkRoom(addressKey: string | null): void {
    if (limits.sockets > 0 && connections.size >= limits.sockets) throw new AppError('OVERLOADED', { retryAfter: 10 });
    const open = addressKey === null ? 0 : (perAddress.get(addressKey) ?? 0);
    if (limits.socketsPerIp > 0 && open >= limits.socketsPerIp) throw new AppError('RATE_LIMITED', { retryAfter: 30 });
  }

  function forget(connection: SocketConnection): void {
    connections.delete(connection);
    const { addressKey } = connection.client;
    if (addressKey === null) return;
    const left = (perAddress.get(addressKey) ?? 1) - 1;
    if (left > 0) perAddress.set(addressKey, left);
    else perAddress.delete(addressKey);
  }

  async function checkSessions(): Promise<void> {
    for (const connection of connections) await connection.checkSession();
  }

  const pingAll = () => {
    for (const connection of connections) connection.ping();
  };
  const stopPing = limits.pingMs === 0 ? () => {} : clock.every(limits.pingMs, pingAll);
  const stopChecks = clock.every(SESSION_CHECK_MS, () => {
    checkSessions().catch((error: unknown) => logger.warn({ error }, 'sessions could not be checked'));
  });
  server.on('upgrade', onUpgrade);

  return {
    get size() {
      return connections.size;
    },
    drain(isBusy) {
      for (const connection of connections) {
        connection.send({ type: 'draining', afterMs: Math.floor(Math.random() * RECONNECT_SPREAD_MS) });
        if (!isBusy(connection)) connection.close(closeCodes.goingAway, 'server restarting');
      }
    },
    closeIdle(isBusy) {
      for (const connection of connections) if (!isBusy(connection)) connection.close(closeCodes.goingAway, 'server restarting');
    },
    shedSlow() {
      const slow = [...connections].filter((connection) => connection.bufferedBytes > SHED_BYTES);
      slow.sort((a, b) => b.bufferedBytes - a.bufferedBytes);
      for (const connection of slow) connection.close(closeCodes.tooSlow, 'memory is scarce and this reader slow');
      if (slow.length > 0) logger.warn({ count: slow.length, closeCode: closeCodes.tooSlow }, 'slow sockets were closed to free memory');
      return slow.length;
    },
    async close() {
      stopPing();
      stopChecks();
      server.off('upgrade', onUpgrade);
      const gone = [...connections].map(
        (connection) => new Promise((resolve) => connection.gone.signal.addEventListener('abort', resolve, { once: true })),
      );
      for (const connection of connections) connection.close(closeCodes.goingAway, 'server restarting');
      await Promise.all(gone);
      wss.close();
    },
  };
}

/** What to call this client in a list of sessions: the browser's own words, cut. */
function labelOf(request: IncomingMessage): { label?: string } {
  const agent = request.headers['user-agent'];
  return agent === undefined ? {} : { label: agent.slice(0, 120) };
}

/**
 * Some HTTP clients offer HTTP/2 (`Upgrade: h2c`) with a plain request. The offer may be ignored, so the request is answered as if
 * it were not there; only without a body, because Node has stopped reading one.
 */
function answerAsHttp(
  server: Server,
  request: IncomingMessage,
  socket: Duplex,
  refuse: (socket: Duplex, error: AppError, request: IncomingMessage) => string,
): void {
  const bodiless = request.method === 'GET' || request.method === 'HEAD';
  if (!bodiless || !(socket instanceof Socket)) {
    refuse(
      socket,
      new AppError('BAD_REQUEST', { message: 'Only WebSocket can be upgraded to. Send the request without Upgrade.' }),
      request,
    );
    return;
  }
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.once('finish', () => socket.end());
  server.emit('request', request, response);
}
