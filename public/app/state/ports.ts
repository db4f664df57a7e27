/** What the state needs from the browser, in its own words, so that it runs in a test without one. */

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Runs once after `ms`. @returns a function that cancels it. */
  after(ms: number, run: () => void): () => void;
}

export interface SocketHandlers {
  open(): void;
  message(data: string): void;
  close(code: number): void;
}

export interface SocketLink {
  send(data: string): void;
  close(code?: number): void;
}

/** Opens one WebSocket. `close` is called once, also when it never opened. */
export type OpenSocket = (handlers: SocketHandlers) => SocketLink;

/** localStorage, or memory where that is refused. `set` is false when nothing was kept. */
export interface KeyValueStore {
  get(key: string): string | null;
  set(key: string, value: string): boolean;
  remove(key: string): void;
  keys(): string[];
}

/** Runs once before the next paint. */
export type NextFrame = (run: () => void) => void;

/** SHA-256 in lower-case hex, or null where the browser has none (a page without TLS). */
export type Sha256 = (text: string) => Promise<string | null>;
