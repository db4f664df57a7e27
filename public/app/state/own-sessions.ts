import { type ReadonlySignal, signal } from '@preact/signals';
import type { Page } from '../../../src/protocol/rest.ts';
import type { SessionInfo } from '../../../src/protocol/shapes.ts';
import { type RequestError, toRequestError } from './request-error.ts';
import type { Rest } from './rest.ts';

export interface OwnSessions {
  /** Null until the server has answered. */
  readonly items: ReadonlySignal<readonly SessionInfo[] | null>;
  readonly error: ReadonlySignal<RequestError | null>;
  load(): Promise<void>;
  /** Takes the row away at once and brings it back when the server refuses. @throws RequestError */
  end(id: string): Promise<void>;
  /** Ends all but this one. @throws RequestError */
  endOthers(): Promise<void>;
}

/** Where I am signed in. */
export function createOwnSessions(deps: { rest: Rest }): OwnSessions {
  const { rest } = deps;
  const items = signal<readonly SessionInfo[] | null>(null);
  const error = signal<RequestError | null>(null);

  async function without(gone: (session: SessionInfo) => boolean, path: string): Promise<void> {
    const before = items.peek();
    items.value = before?.filter((session) => !gone(session)) ?? null;
    try {
      await rest.remove(path);
    } catch (cause) {
      // One that had ended by itself is as gone as was wished.
      if (toRequestError(cause).code === 'NOT_FOUND') return;
      items.value = before;
      throw cause;
    }
  }

  return {
    items,
    error,
    async load() {
      error.value = null;
      try {
        const page = await rest.get<Page<SessionInfo>>('/api/auth/sessions');
        items.value = [...page.items].sort((a, b) => Number(b.current) - Number(a.current) || b.lastSeenAt.localeCompare(a.lastSeenAt));
      } catch (cause) {
        error.value = toRequestError(cause);
      }
    },
    end: (id) => without((session) => session.id === id, `/api/auth/sessions/${id}`),
    endOthers: () => without((session) => !session.current, '/api/auth/sessions'),
  };
}
