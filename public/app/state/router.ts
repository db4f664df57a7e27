import { type ReadonlySignal, signal } from '@preact/signals';
import { pageAddresses } from '../../../src/protocol/page-addresses.ts';

export type SidePage = keyof typeof pageAddresses;

export interface Route {
  /** `missing`: no page has this address. */
  readonly page: 'chat' | 'missing' | SidePage;
  /** Null: the page of a new conversation, or no conversation at all. */
  readonly conversationId: string | null;
}

export interface ShownRoute extends Route {
  /** The same while a new conversation gets its address, so that the page (and what is typed in it) stays. */
  readonly viewKey: number;
}

export interface Router {
  readonly route: ReadonlySignal<ShownRoute>;
  go(conversationId: string | null, how?: 'push' | 'replace'): void;
  /** Shows a page that is no conversation. */
  open(page: SidePage): void;
  /** Leaves such a page for the conversation that was shown before it. */
  leave(): void;
  /** Back or forward was pressed. */
  sync(): void;
  /** What the address (`/?prompt=…`) puts into the composer, once; empty when there is nothing. It is never sent by itself. */
  takePrompt(): string;
}

export interface RouterDeps {
  readonly path: () => string;
  readonly write: (path: string, how: 'push' | 'replace') => void;
  /** Of the address with which the page was opened. */
  readonly prompt?: string | undefined;
}

/** Of a prompt in an address, in characters: beyond it, it is a file and no link. */
const longestPrompt = 2000;

export const addressOf = (page: SidePage): string => pageAddresses[page];

export function parsePath(path: string): Route {
  const plain = path.replace(/\/$/, '');
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Object.keys forgets the names of a constant table
  const page = (Object.keys(pageAddresses) as SidePage[]).find((name) => pageAddresses[name] === plain);
  if (page !== undefined) return { page, conversationId: null };
  const match = /^\/c\/([A-Za-z0-9_-]{1,64})$/.exec(plain);
  if (match?.[1] !== undefined) return { page: 'chat', conversationId: match[1] };
  return { page: plain === '' || plain === '/index.html' ? 'chat' : 'missing', conversationId: null };
}

export function createRouter(deps: RouterDeps): Router {
  let views = 0;
  const route = signal<ShownRoute>({ ...parsePath(deps.path()), viewKey: views });
  let lastChat = route.peek().conversationId;
  let prompt = (deps.prompt ?? '').slice(0, longestPrompt).trim();

  function show(next: Route, viewKey: number): void {
    if (next.page === 'chat') lastChat = next.conversationId;
    route.value = { ...next, viewKey };
  }

  function go(conversationId: string | null, how: 'push' | 'replace' = 'push'): void {
    const { page, conversationId: shown } = route.peek();
    if (page === 'chat' && shown === conversationId) return;
    deps.write(conversationId === null ? '/' : `/c/${conversationId}`, how);
    show({ page: 'chat', conversationId }, how === 'push' ? ++views : views);
  }

  return {
    route,
    go,
    leave: () => go(lastChat),
    open(page) {
      if (route.peek().page === page) return;
      deps.write(pageAddresses[page], 'push');
      show({ page, conversationId: null }, ++views);
    },
    takePrompt() {
      const taken = prompt;
      prompt = '';
      // A reload must not bring back what was changed or sent.
      if (taken !== '') deps.write(deps.path(), 'replace');
      return taken;
    },
    sync() {
      show(parsePath(deps.path()), ++views);
    },
  };
}
