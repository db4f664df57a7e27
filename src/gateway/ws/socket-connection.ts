import type { RawData, WebSocket } from 'ws';
import { AppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import { newId } from '../../lib/new-id.ts';
import { type ClientFrame, type ClientFrameOf, closeCodes, type ServerFrame, type User } from '../../protocol/index.ts';
import type { UserService, UserSession } from '../../services/messaging/user-service.ts';
import { newRequestId } from '../http/request-id.ts';
import { logFailure } from '../log-failure.ts';
import { FrameRate } from './frame-rate.ts';
import type { FrameWriter } from './frame-writer.ts';
import { parseFrame, textOf } from './parse-frame.ts';
import { type OutboundLimits, SocketOutbound } from './socket-outbound.ts';

export interface SocketIdentity {
  readonly user: User;
  readonly sid: string;
}

export interface SocketClient {
  readonly addressKey: string | null;
  readonly label?: string;
}

/** What a connection asks of the gateway. */
export interface ConnectionPorts {
  readonly users: UserService;
  /** A token from `hello`. @returns null when it is not valid */
  authenticate(token: string): Promise<SocketIdentity | null>;
  /** The session as it is now; null when it was ended. */
  checkSession(sid: string): Promise<SocketIdentity | null>;
  /** Of a session that has ended: whether it did because its account was disabled. */
  isDisabled(sid: string): Promise<boolean>;
  welcome(connection: SocketConnection, hello: ClientFrameOf<'hello'>): Promise<void>;
  /** Frames that somebody who is not signed in may send too. */
  anonymousFrame(connection: SocketConnection, frame: ClientFrame): Promise<void>;
}

/** Counts what sockets do. */
export interface SocketObserver {
  /** @param type of a known frame, or `invalid` */
  frameIn(type: string): void;
  socketClosed(code: number): void;
}

/** 0 switches one off. */
export interface ConnectionLimits extends OutboundLimits {
  readonly framesPerMinute: number;
  /** From the handshake to `hello`. */
  readonly helloMs: number;
  /** From a ping to a sign of life. */
  readonly pongMs: number;
  /** Without a frame, while nobody is signed in. */
  readonly anonymousIdleMs: number;
}

export interface ConnectionOptions {
  readonly socket: WebSocket;
  readonly writer: FrameWriter;
  readonly client: SocketClient;
  readonly identity: SocketIdentity | null;
  readonly ports: ConnectionPorts;
  readonly limits: ConnectionLimits;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly observer?: SocketObserver | undefined;
  readonly onClosed: (connection: SocketConnection) => void;
}

/** After a close frame the peer has this long to answer it. */
const CLOSE_MS = 1000;
const nothing = () => {}; // Also in place of what was cancelled: its timer would be kept.

/** One socket from handshake to close: who it is, what it may send, and its only way out. */
export class SocketConnection {
  readonly id = newId();
  readonly client: SocketClient;
  readonly #options: ConnectionOptions;
  readonly #outbound: SocketOutbound;
  readonly #rate: FrameRate;
  #madeGone: AbortController | null = null;
  #isGone = false;
  #identity: SocketIdentity | null;
  #session: UserSession | null = null;
  #greeted = false;
  #alive = true;
  #work: Promise<void> = Promise.resolve();
  #cancelDeadline: () => void;
  #cancelPong: () => void = nothing;
  #closing = false;
  #cancelTerminate: () => void = nothing;

  constructor(options: ConnectionOptions) {
    const { socket, limits } = options;
    this.#options = options;
    this.client = options.client;
    this.#identity = options.identity;
    // Before anything else: a socket without this listener ends the process when its peer misbehaves.
    socket.on('error', (error) => options.logger.debug({ connectionId: this.id, error }, 'socket error'));
    this.#outbound = new SocketOutbound(options.writer, limits, options.clock, () => this.close(closeCodes.tooSlow, 'reader too slow'));
    this.#rate = new FrameRate(limits.framesPerMinute);
    this.#cancelDeadline = this.#after(limits.helloMs, () => this.close(closeCodes.replaced, 'no hello'));
    socket.on('pong', () => this.#heard());
    socket.on('message', (data, isBinary) => this.#receive(data, isBinary));
    socket.on('close', (code) => {
      options.logger.debug({ connectionId: this.id, closeCode: code }, 'socket closed');
      options.observer?.socketClosed(code);
      this.#closed();
    });
  }

  get identity(): SocketIdentity | null {
    return this.#identity;
  }

  /** Aborted when the socket is gone: nobody waits for an answer any more. Made when first asked for, as most sockets only listen. */
  get gone(): AbortController {
    const gone = (this.#madeGone ??= new AbortController());
    if (this.#isGone) gone.abort();
    return gone;
  }

  get session(): UserSession | null {
    return this.#session;
  }

  /** What waits here for a reader that does not read. */
  get bufferedBytes(): number {
    return this.#options.socket.bufferedAmount;
  }

  send(frame: ServerFrame): void {
    this.#outbound.send(frame);
  }

  /** A frame that was written already, its end as bytes. */
  sendText(start: string, ending: Uint8Array): void {
    this.#outbound.sendText(start, ending);
  }

  sendError(error: unknown, replyTo?: string): void {
    const known = AppError.from(error);
    const requestId = newRequestId();
    const logger = this.#options.logger.child({ connectionId: this.id });
    const logged = logFailure(logger, { requestId, known, error }, 'a frame could not be handled');
    // An id that no line has would find nothing.
    const { params, ...shape } = known.toShape(logged ? requestId : undefined);
    this.send({ type: 'error', ...(replyTo === undefined ? {} : { replyTo }), ...shape, params: { ...params } });
  }

  /** From now on this socket is that person's; nothing happens when it is gone or going. */
  signIn(identity: SocketIdentity): void {
    if (this.#closing || this.#isGone) return;
    const { users } = this.#options.ports;
    if (this.#session !== null) {
      users.endUserSession(this.#session.id);
      this.#outbound.unfollow();
    }
    this.#identity = identity;
    this.#cancelDeadline();
    this.#cancelDeadline = nothing;
    this.#session = {
      id: newId(),
      user: identity.user,
      sid: identity.sid,
      send: (frame) => this.send(frame),
      follow: (log, afterSeq) => this.#outbound.follow(log, afterSeq),
      close: (code, reason) => this.close(code, reason),
    };
    users.registerUserSession(this.#session);
  }

  /** Nothing that arrives from now on is handled; the first reason holds. */
  close(code: number, reason: string): void {
    const { socket, clock } = this.#options;
    this.#outbound.close();
    if (this.#closing || socket.readyState === socket.CLOSED) return;
    this.#closing = true;
    socket.close(code, reason);
    this.#cancelTerminate = clock.after(CLOSE_MS, () => socket.terminate());
  }

  /** Asks who this is now, and closes when the session has ended. @returns whether it is good; also true while nobody is signed in */
  async checkSession(sid = this.#session?.sid): Promise<boolean> {
    const { ports } = this.#options;
    if (sid === undefined) return true;
    const current = await ports.checkSession(sid);
    if (current !== null) {
      if (this.#identity?.sid === sid) this.#identity = current;
      return true;
    }
    const disabled = await ports.isDisabled(sid).catch(() => false);
    if (disabled) this.close(closeCodes.disabled, 'account disabled');
    else this.close(closeCodes.signedOut, 'signed out');
    return false;
  }

  /** Asks for a sign of life; a peer that gives none in time is dropped. */
  ping(): void {
    const { socket, limits } = this.#options;
    if (socket.readyState !== socket.OPEN) return;
    this.#alive = false;
    socket.ping();
    this.#cancelPong();
    this.#cancelPong = this.#after(limits.pongMs, () => {
      if (!this.#alive) this.close(closeCodes.noPong, 'no answer to ping');
    });
  }

  #heard(): void {
    this.#alive = true;
    this.#cancelPong();
    this.#cancelPong = nothing;
  }

  #receive(data: RawData, isBinary: boolean): void {
    if (this.#closing) return;
    this.#heard();
    if (isBinary) return this.close(1003, 'text frames only');
    const rate = this.#rate.count(this.#options.clock.now());
    const parsed = parseFrame(textOf(data));
    this.#options.observer?.frameIn('frame' in parsed ? parsed.frame.type : 'invalid');
    const replyTo = 'frame' in parsed ? parsed.frame.id : parsed.replyTo;
    if (rate.state === 'far-over') this.close(closeCodes.tooMany, 'too many frames');
    else if (rate.state === 'over') {
      const { retryAfter } = rate;
      this.sendError(new AppError('RATE_LIMITED', { retryAfter, params: { scope: 'frames', seconds: retryAfter } }), replyTo);
    } else if ('error' in parsed) this.sendError(parsed.error, replyTo);
    else this.#enqueue(parsed.frame);
  }

  /** Frames of a socket are handled in their order, except a stop, which must not wait behind a slow one. */
  #enqueue(frame: ClientFrame): void {
    const handle = () => this.#handle(frame).catch((error: unknown) => this.sendError(error, frame.id));
    if (frame.type === 'generation.stop' && this.#session !== null) void handle();
    else this.#work = this.#work.then(handle);
  }

  async #handle(frame: ClientFrame): Promise<void> {
    const { ports } = this.#options;
    if (this.#closing) return;
    if (frame.type === 'ping') return this.send({ type: 'pong', ...(frame.id === undefined ? {} : { replyTo: frame.id }) });
    if (frame.type === 'hello') return this.#hello(frame);
    if (!this.#greeted) throw new AppError('BAD_FRAME', { message: 'Say hello first.' });
    if (this.#session === null) {
      this.#armIdle();
      return ports.anonymousFrame(this, frame);
    }
    // Rights are checked for each frame against what holds now, not against what held at the handshake.
    const session = this.#session;
    if (!(await this.checkSession(session.sid))) return;
    if (!(await ports.users.receiveUserRequest(session, frame))) throw new AppError('BAD_FRAME');
  }

  async #hello(frame: ClientFrameOf<'hello'>): Promise<void> {
    const { ports } = this.#options;
    if (frame.token !== undefined) {
      const identity = await ports.authenticate(frame.token);
      if (identity === null) {
        this.sendError(new AppError('UNAUTHENTICATED'), frame.id);
        return this.close(closeCodes.signedOut, 'the token is not valid');
      }
      this.#identity = identity;
    } else if (!(await this.checkSession(this.#identity?.sid))) {
      // It ended between the handshake and this frame.
      return;
    }
    this.#cancelDeadline();
    this.#cancelDeadline = nothing;
    const first = !this.#greeted;
    this.#greeted = true;
    if (this.#identity === null) this.#armIdle();
    else if (first || this.#session?.sid !== this.#identity.sid) this.signIn(this.#identity);
    await ports.welcome(this, frame);
  }

  #armIdle(): void {
    this.#cancelDeadline();
    this.#cancelDeadline = this.#after(this.#options.limits.anonymousIdleMs, () =>
      this.close(closeCodes.replaced, 'idle and not signed in'),
    );
  }

  /** @param ms 0: never. @returns cancels it */
  #after(ms: number, run: () => void): () => void {
    return ms === 0 ? nothing : this.#options.clock.after(ms, run);
  }

  #closed(): void {
    this.#cancelDeadline();
    this.#cancelPong();
    this.#cancelTerminate();
    this.#outbound.close();
    this.#isGone = true;
    this.#madeGone?.abort();
    if (this.#session !== null) this.#options.ports.users.endUserSession(this.#session.id);
    this.#session = null;
    this.#options.onClosed(this);
  }
}
