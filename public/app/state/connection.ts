import { type ReadonlySignal, signal } from '@preact/signals';
import type { ClientFrame, ClientFrameOf } from '../../../src/protocol/client-frames.ts';
import type { ServerFrame, ServerFrameOf } from '../../../src/protocol/server-frames.ts';
import { backoffMs } from './backoff.ts';
import { parseServerFrame } from './parse-server-frame.ts';
import type { Clock, OpenSocket, SocketLink } from './ports.ts';
import { RequestError } from './request-error.ts';

/**
 * `waking`: the server has not answered for 5 s, as a sleeping host does; `unreachable`: nor for 90 s, though it is tried on.
 * `stopped`: the server said not to come back.
 */
export type LinkState = 'closed' | 'connecting' | 'online' | 'reconnecting' | 'waking' | 'unreachable' | 'offline' | 'stopped';
export interface LinkStatus {
  readonly state: LinkState;
  /** The close code that stopped it: 4401, 4403 or 4429. */
  readonly stopCode?: number;
}

export interface ConnectionDeps {
  readonly openSocket: OpenSocket;
  readonly clock: Clock;
  readonly random: () => number;
  readonly isOnline: () => boolean;
  /** What `hello` says besides its version; `fresh` is true when the server asked to forget the running answers. */
  readonly hello: (fresh: boolean) => Omit<ClientFrameOf<'hello'>, 'type' | 'version'>;
}

export interface Connection {
  readonly status: ReadonlySignal<LinkStatus>;
  start(): void;
  stop(): void;
  /** Closes and opens again at once, for example after sign-in. */
  restart(): void;
  /** The network or the tab came back: try now, or find out whether the socket still lives. */
  nudge(): void;
  /** @returns false when not connected; nothing is queued. */
  send(frame: ClientFrame): boolean;
  /** Sends with a request id and waits for what answers it. @throws RequestError */
  request(frame: ClientFrame): Promise<ServerFrame>;
  onFrame(listener: (frame: ServerFrame) => void): () => void;
  onWelcome(listener: (welcome: ServerFrameOf<'welcome'>) => void): () => void;
}

const wakingAfterMs = 5000;
/** No host takes longer to wake (PROMISES 8.10): something else is wrong. */
const unreachableAfterMs = 90_000;
const openTimeoutMs = 30_000;
const requestTimeoutMs = 30_000;
const silenceMs = 40_000;
const pongMs = 10_000;

interface Pending {
  resolve(frame: ServerFrame): void;
  reject(error: RequestError): void;
}

/** One WebSocket that comes back by itself. */
export function createConnection(deps: ConnectionDeps): Connection {
  return new SocketConnection(deps);
}

class SocketConnection implements Connection {
  readonly status = signal<LinkStatus>({ state: 'closed' });
  readonly #deps: ConnectionDeps;
  readonly #frameListeners = new Set<(frame: ServerFrame) => void>();
  readonly #welcomeListeners = new Set<(welcome: ServerFrameOf<'welcome'>) => void>();
  readonly #pending = new Map<string, Pending>();
  #link: SocketLink | null = null;
  /** Grows with each socket, so that a late callback of an old one is ignored. */
  #turn = 0;
  #attempt = 0;
  #fresh = false;
  #drainMs: number | null = null;
  #nextRequest = 0;
  #running = false;
  #lastSeen = 0;
  #cancelRetry = () => {};
  #cancelWaking: (() => void) | null = null;
  #cancelWatch = () => {};

  constructor(deps: ConnectionDeps) {
    this.#deps = deps;
  }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#attempt = 0;
    this.#connect();
  }

  stop(): void {
    this.#running = false;
    this.#drop();
    this.#clearTimers();
    this.status.value = { state: 'closed' };
  }

  restart(): void {
    this.stop();
    this.#fresh = true;
    this.start();
  }

  nudge(): void {
    if (!this.#running) return;
    if (this.status.value.state === 'online') this.#probe();
    else if (this.#link === null) {
      this.#attempt = 0;
      this.#cancelRetry();
      this.#connect();
    }
  }

  send(frame: ClientFrame): boolean {
    if (this.status.value.state !== 'online' || this.#link === null) return false;
    this.#link.send(JSON.stringify(frame));
    return true;
  }

  request(frame: ClientFrame): Promise<ServerFrame> {
    const id = frame.id ?? `r${++this.#nextRequest}`;
    return new Promise((resolve, reject) => {
      const cancel = this.#deps.clock.after(requestTimeoutMs, () => settle.reject(new RequestError('CONNECTION_LOST')));
      const settle: Pending = {
        resolve: (answer) => {
          cancel();
          this.#pending.delete(id);
          resolve(answer);
        },
        reject: (error) => {
          cancel();
          this.#pending.delete(id);
          reject(error);
        },
      };
      this.#pending.set(id, settle);
      if (!this.send({ ...frame, id })) settle.reject(new RequestError('CONNECTION_LOST'));
    });
  }

  onFrame(listener: (frame: ServerFrame) => void): () => void {
    this.#frameListeners.add(listener);
    return () => this.#frameListeners.delete(listener);
  }

  onWelcome(listener: (welcome: ServerFrameOf<'welcome'>) => void): () => void {
    this.#welcomeListeners.add(listener);
    return () => this.#welcomeListeners.delete(listener);
  }

  #connect(): void {
    const turn = ++this.#turn;
    this.#startWakingTimer();
    if (this.status.value.state === 'closed') this.status.value = { state: 'connecting' };
    const link = this.#deps.openSocket({
      open: () => {
        if (turn !== this.#turn) return;
        link.send(JSON.stringify({ type: 'hello', version: 1, ...this.#deps.hello(this.#fresh) } satisfies ClientFrame));
      },
      message: (data) => {
        if (turn === this.#turn) this.#receive(data);
      },
      close: (code) => {
        if (turn === this.#turn) this.#closed(code);
      },
    });
    this.#link = link;
    this.#cancelWatch = this.#deps.clock.after(openTimeoutMs, () => this.#abandon());
  }

  #receive(data: string): void {
    this.#lastSeen = this.#deps.clock.now();
    const frame = parseServerFrame(data);
    if (frame === null) return;
    if (frame.type === 'welcome') this.#welcomed(frame);
    if (frame.type === 'draining') this.#drainMs = frame.afterMs;
    for (const listener of this.#frameListeners) listener(frame);
    this.#answer(frame);
  }

  #welcomed(frame: ServerFrameOf<'welcome'>): void {
    this.#attempt = 0;
    this.#fresh = false;
    this.#drainMs = null;
    this.#cancelWaking?.();
    this.#cancelWaking = null;
    this.#watch();
    this.status.value = { state: 'online' };
    for (const listener of this.#welcomeListeners) listener(frame);
  }

  #answer(frame: ServerFrame): void {
    if (!('replyTo' in frame) || frame.replyTo === undefined) return;
    const pending = this.#pending.get(frame.replyTo);
    if (pending === undefined) return;
    if (frame.type !== 'error') return pending.resolve(frame);
    const { params, requestId, retryAfter } = frame;
    pending.reject(new RequestError(frame.code, frame.message, { params, requestId, retryAfter }));
  }

  #closed(code: number): void {
    this.#drop();
    if (code >= 4400 && code < 4500) {
      this.#running = false;
      this.#clearTimers();
      this.status.value = { state: 'stopped', stopCode: code };
      return;
    }
    if (code >= 4100 && code < 4200) this.#fresh = true;
    this.#retry();
  }

  #retry(): void {
    if (!this.#running) return;
    this.#attempt += 1;
    this.#startWakingTimer();
    const { state } = this.status.value;
    if (state !== 'waking' && state !== 'unreachable') this.status.value = { state: this.#deps.isOnline() ? 'reconnecting' : 'offline' };
    const wait = this.#drainMs ?? backoffMs(this.#attempt, this.#deps.random);
    this.#drainMs = null;
    this.#cancelRetry = this.#deps.clock.after(wait, () => this.#connect());
  }

  /** A socket that gives no sign of life is left to itself: waiting for its close event can take minutes. */
  #abandon(): void {
    this.#drop();
    this.#retry();
  }

  #drop(): void {
    this.#turn += 1;
    this.#cancelWatch();
    const link = this.#link;
    this.#link = null;
    link?.close();
    for (const pending of [...this.#pending.values()]) pending.reject(new RequestError('CONNECTION_LOST'));
  }

  #startWakingTimer(): void {
    if (this.#cancelWaking !== null) return;
    const { clock, isOnline } = this.#deps;
    const say = (state: LinkState) => {
      this.status.value = { state: isOnline() ? state : 'offline' };
    };
    this.#cancelWaking = clock.after(wakingAfterMs, () => {
      say('waking');
      this.#cancelWaking = clock.after(unreachableAfterMs - wakingAfterMs, () => say('unreachable'));
    });
  }

  #watch(): void {
    this.#cancelWatch();
    this.#cancelWatch = this.#deps.clock.after(silenceMs, () => {
      const silent = this.#deps.clock.now() - this.#lastSeen;
      if (silent >= silenceMs) this.#probe();
      else this.#watch();
    });
  }

  #probe(): void {
    const asked = this.#deps.clock.now();
    this.send({ type: 'ping' });
    this.#cancelWatch();
    this.#cancelWatch = this.#deps.clock.after(pongMs, () => {
      if (this.#lastSeen > asked) this.#watch();
      else this.#abandon();
    });
  }

  #clearTimers(): void {
    this.#cancelRetry();
    this.#cancelWatch();
    this.#cancelWaking?.();
    this.#cancelWaking = null;
  }
}
