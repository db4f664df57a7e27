import type { Clock } from '../../lib/clock.ts';
import type { Document, DocumentStore } from '../../lib/document-store.ts';
import type { SurfaceHooks } from './hooks.ts';

/** A session that is older than this when its first client comes was not opened by a sign-in of this moment. */
const NEWS_MS = 2 * 60_000;
const MOST = 10_000;

type SessionTime = Document & { readonly createdAt: number };

export interface LoginNewsOptions {
  readonly documents: DocumentStore;
  readonly hooks: SurfaceHooks;
  readonly wanted: () => boolean;
  readonly clock: Clock;
}

/** Tells plugins of a sign-in when the first client of its session is there to be shown something. @returns called at each welcome; never throws */
export function createLoginNews({ documents, hooks, wanted, clock }: LoginNewsOptions) {
  const told = new Set<string>();
  return (userId: string, sid: string): void => {
    if (told.has(sid) || !wanted()) return;
    told.add(sid);
    const [oldest] = told;
    if (told.size > MOST && oldest !== undefined) told.delete(oldest);
    documents
      .get<SessionTime>('sessions', sid)
      .then((session) => {
        if (session === null || clock.now() - session.createdAt > NEWS_MS) return;
        hooks.fire('login', { userId, conversationId: null, event: {} });
      })
      // It is only a greeting.
      .catch(() => {});
  };
}
