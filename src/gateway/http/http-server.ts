import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { AppError } from '../../lib/app-error.ts';
import { answerRaw, type HeaderList } from './raw-answer.ts';
import { createRawHeaders } from './security-headers.ts';

export interface HttpServerLimits {
  /** Open connections at once; 0 turns it off. */
  readonly connections?: number;
  /** For receiving a whole request, uploads included. Default 120 s. */
  readonly requestTimeoutMs?: number;
  /** For receiving the header. Default 10 s. */
  readonly headersTimeoutMs?: number;
  /** Of answers that are written by hand, for the request if there is one. Default: those of a server without TLS. */
  readonly rawHeaders?: (request?: IncomingMessage) => HeaderList;
}

/** Longer than the 90 s that Heroku's router keeps a connection: it must not find it closed. */
const keepAliveTimeoutMs = 95_000;
const maxHeaderBytes = 16 * 1024;

/** A server that does not listen yet. Requests that are no HTTP get a small JSON answer and a closed connection. */
export function createHttpServer(app: RequestListener, limits: HttpServerLimits = {}): Server {
  const server = createServer(
    {
      maxHeaderSize: maxHeaderBytes,
      headersTimeout: limits.headersTimeoutMs ?? 10_000,
      requestTimeout: limits.requestTimeoutMs ?? 120_000,
      keepAliveTimeout: keepAliveTimeoutMs,
      // Node looks for late requests only this often.
      connectionsCheckingInterval: 2_000,
      // The app looks at the Host itself: Node's answer would have neither our headers nor a body.
      requireHostHeader: false,
    },
    app,
  );
  if (limits.connections !== undefined && limits.connections > 0) server.maxConnections = limits.connections;
  const rawHeaders = limits.rawHeaders ?? createRawHeaders({ isSecure: () => false }, undefined);
  const answers = new WeakMap<Duplex, ServerResponse>();
  server.on('request', (request, response) => answers.set(request.socket, response));
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const answer = answers.get(socket);
    // The body of a request that has its answer already: a second answer would be taken for the next request's.
    if (answer?.headersSent === true && !answer.req.complete) socket.end();
    else refuse(error, socket, rawHeaders());
  });
  // An expectation that nobody knows may be ignored; Node would answer 417 without our headers.
  server.on('checkExpectation', (request, response) => void server.emit('request', request, response));
  server.on('connect', (request: IncomingMessage, socket: Duplex) => {
    socket.on('error', () => {});
    answerRaw(socket, new AppError('BAD_REQUEST', { message: 'This server is no proxy.' }), rawHeaders(request), 405);
  });
  return server;
}

const messages = {
  400: 'This is not a valid HTTP request.',
  408: 'The request did not arrive in time.',
  431: 'The header of the request is too large: 16 KiB at most. Deleting the cookies of this site may help.',
};

function refuse(error: NodeJS.ErrnoException, socket: Duplex, headers: HeaderList): void {
  if (error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const status = error.code === 'HPE_HEADER_OVERFLOW' ? 431 : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
  answerRaw(socket, new AppError(status === 431 ? 'TOO_LARGE' : 'BAD_REQUEST', { message: messages[status] }), headers, status);
}
