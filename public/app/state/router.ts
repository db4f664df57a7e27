import { type ReadonlySignal, signal } from '@preact/signals';

export interface Route {
  /** Null: the page of a new conversation. */
  readonly conversationId: string | null;
}

export interface ShownRoute extends Route {
  /** The same while a new conversation gets its address, so that the page (and what is typed in it) stays. */
  readonly viewKey: number;
}

export interface Router {
  readonly route: ReadonlySignal<ShownRoute>;
  go(conversationId: string | null, how?: 'push' | 'replace'): void;
  /** Back or forward was pressed. */
  sync(): void;
}

export interface RouterDeps {
  readonly path: () => string;
  readonly write: (path: string, how: 'push' | 'replace') => void;
}

export function parsePath(path: string): Route {
  const match = /^\/c\/([A-Za-z0-9_-]{1,64})\/?$/.exec(path);
  return { conversationId: match?.[1] ?? null };
}

export function createRouter(deps: RouterDeps): Router {
  let views = 0;
  const route = signal<ShownRoute>({ ...parsePath(deps.path()), viewKey: views });
  return {
    route,
    go(conversationId, how = 'push') {
      if (route.peek().conversationId === conversationId) return;
      deps.write(conversationId === null ? '/' : `/c/${conversationId}`, how);
      route.value = { conversationId, viewKey: how === 'push' ? ++views : views };
    },
    sync() {
      route.value = { ...parsePath(deps.path()), viewKey: ++views };
    },
  };
}
