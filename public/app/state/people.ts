import { type ReadonlySignal, signal } from '@preact/signals';
import type { AccountPatchBody, Page } from '../../../src/protocol/rest.ts';
import type { AccountInfo, SessionInfo } from '../../../src/protocol/shapes.ts';
import type { Clock } from './ports.ts';
import { type RequestError, toRequestError } from './request-error.ts';
import type { Rest } from './rest.ts';

export interface PeopleView {
  readonly items: readonly AccountInfo[];
  readonly phase: 'loading' | 'ready' | 'more' | 'error';
  readonly error: RequestError | null;
  readonly nextCursor: string | null;
}

export interface People {
  readonly view: ReadonlySignal<PeopleView>;
  readonly query: ReadonlySignal<string>;
  load(): Promise<void>;
  loadMore(): Promise<void>;
  /** Looks for the beginning of an e-mail address, a moment after the last key. */
  search(query: string): void;
  /** Shows the change at once and takes it back when the server refuses. @throws RequestError */
  change(id: string, patch: AccountPatchBody): Promise<void>;
  /** @throws RequestError */
  sessionsOf(id: string): Promise<readonly SessionInfo[]>;
  /** Ends every session of a person. @throws RequestError */
  signOut(id: string): Promise<void>;
  stop(): void;
}

const searchAfterMs = 250;
const pageSize = 25;

/** The accounts of this server, as its administrator sees them. */
export function createPeople(deps: { rest: Rest; clock: Clock }): People {
  const { rest, clock } = deps;
  const view = signal<PeopleView>({ items: [], phase: 'loading', error: null, nextCursor: null });
  const query = signal('');
  let turn = 0;
  let cancelSearch = () => {};

  const address = (cursor: string | null) => {
    const params = new URLSearchParams({ limit: String(pageSize) });
    const q = query.peek().trim().toLowerCase();
    if (q !== '') params.set('q', q);
    if (cursor !== null) params.set('cursor', cursor);
    return `/api/admin/users?${params}`;
  };

  async function fetchPage(cursor: string | null): Promise<void> {
    const own = ++turn;
    const before = cursor === null ? [] : view.peek().items;
    view.value = { ...view.peek(), phase: cursor === null ? 'loading' : 'more', error: null };
    try {
      const { items, nextCursor } = await rest.get<Page<AccountInfo>>(address(cursor));
      const known = new Set(before.map(({ id }) => id));
      if (own !== turn) return;
      view.value = { items: [...before, ...items.filter(({ id }) => !known.has(id))], phase: 'ready', error: null, nextCursor };
    } catch (cause) {
      if (own === turn) view.value = { ...view.peek(), phase: 'error', error: toRequestError(cause) };
    }
  }

  function put(account: AccountInfo): void {
    view.value = { ...view.peek(), items: view.peek().items.map((one) => (one.id === account.id ? account : one)) };
  }

  const find = (id: string) => view.peek().items.find((one) => one.id === id);

  return {
    view,
    query,
    load: () => fetchPage(null),
    async loadMore() {
      const { nextCursor, phase } = view.peek();
      if (nextCursor !== null && phase !== 'more' && phase !== 'loading') await fetchPage(nextCursor);
    },
    search(next) {
      query.value = next;
      cancelSearch();
      cancelSearch = clock.after(searchAfterMs, () => void fetchPage(null));
    },
    async change(id, patch) {
      const before = find(id);
      const guess = before === undefined ? undefined : changed(before, patch);
      if (guess !== undefined) put(guess);
      try {
        const { account } = await rest.patch<{ account: AccountInfo }>(`/api/admin/users/${id}`, patch);
        put(account);
      } catch (cause) {
        // What came from the server since is newer than what stood here before.
        if (before !== undefined && find(id) === guess) put(before);
        throw cause;
      }
    },
    sessionsOf: async (id) => (await rest.get<Page<SessionInfo>>(`/api/admin/users/${id}/sessions`)).items,
    async signOut(id) {
      await rest.remove(`/api/admin/users/${id}/sessions`);
      const account = find(id);
      if (account !== undefined) put({ ...account, sessions: 0 });
    },
    stop() {
      turn += 1;
      cancelSearch();
    },
  };
}

function changed(account: AccountInfo, { disabled, role, budget }: AccountPatchBody): AccountInfo {
  const { centsPerDay = account.budget.centsPerDay, centsPerMonth = account.budget.centsPerMonth } = budget ?? {};
  return { ...account, disabled: disabled ?? account.disabled, role: role ?? account.role, budget: { centsPerDay, centsPerMonth } };
}
