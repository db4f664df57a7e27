import type { Logger } from '../../lib/logger.ts';

/** `signed-out` closes sockets with 4401, `disabled` with 4403, `rights-changed` with 4100. */
export type RevocationReason = 'signed-out' | 'disabled' | 'rights-changed';
export type SessionsRevokedListener = (userId: string, sids: readonly string[], reason: RevocationReason) => void;

export interface SessionEvents {
  /** @returns a function that ends the subscription */
  onSessionsRevoked(listener: SessionsRevokedListener): () => void;
  emitSessionsRevoked: SessionsRevokedListener;
}

/** Tells the socket gateway at once which sessions ended. A listener that throws does not stop the others. */
export function createSessionEvents(logger: Logger): SessionEvents {
  const listeners = new Set<SessionsRevokedListener>();
  return {
    onSessionsRevoked(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    emitSessionsRevoked(userId, sids, reason) {
      if (sids.length === 0) return;
      for (const listener of listeners) {
        try {
          listener(userId, sids, reason);
        } catch (error) {
          logger.error({ error, userId }, 'a listener for ended sessions failed');
        }
      }
    },
  };
}
