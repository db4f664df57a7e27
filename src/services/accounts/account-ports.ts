/** What accounts need from outside; `infrastructure/passwords` and `infrastructure/tokens` implement it. */
export interface PasswordHasher {
  /** @throws AppError PASSWORD_TOO_LONG, BAD_REQUEST (a NUL or half a character), OVERLOADED with the seconds to wait */
  hash(password: string): Promise<string>;
  /** The same errors as `hash`. */
  verify(password: string, hash: string): Promise<boolean>;
  /**
   * Keeps a place for a job while the store is asked; refuses at once what would wait too long. @returns gives the place back: right before the job
   * is handed in, or when there is none. @throws AppError OVERLOADED, DRAINING
   */
  reserve(): () => void;
  /** Whether the hash was made with another cost than new ones. */
  isOutdated(hash: string): boolean;
  /** A well-formed hash of the same cost that nothing matches: an unknown account costs the same work as a known one. */
  readonly dummyHash: string;
}

export interface SessionClaims {
  readonly userId: string;
  readonly sid: string;
  /** Milliseconds since the epoch. */
  readonly expiresAtMs: number;
}

export interface SessionTokens {
  sign(claims: SessionClaims): Promise<string>;
  /** @returns null for anything that is not a valid token of this server */
  verify(token: string): Promise<SessionClaims | null>;
}

/** Who asks, as far as limits and the list of sessions care. */
export interface ClientInfo {
  /** The key that limits per client address use, or null where they are off (loopback in development). */
  readonly addressKey: string | null;
  /** Shown in the list of sessions, e.g. the browser's name. At most 120 characters are kept. */
  readonly label?: string;
}
