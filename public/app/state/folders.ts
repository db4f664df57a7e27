import { computed, type ReadonlySignal, signal } from '@preact/signals';
import type { Folder } from '../../../src/protocol/library-shapes.ts';
import type { Page } from '../../../src/protocol/rest.ts';
import type { ServerFrame } from '../../../src/protocol/server-frames.ts';
import type { KeyValueStore } from './ports.ts';
import type { Rest } from './rest.ts';

export interface Folders {
  /** In the person's order; empty while they are not known. */
  readonly items: ReadonlySignal<readonly Folder[]>;
  /** Null while they are not known. */
  readonly ids: ReadonlySignal<ReadonlySet<string> | null>;
  /** Those that show what they hold; kept in this browser. */
  readonly open: ReadonlySignal<ReadonlySet<string>>;
  toggle(id: string, open: boolean): void;
  load(): Promise<void>;
  /** @throws RequestError */
  create(name: string): Promise<Folder>;
  /** Shown at once, taken back when the server refuses. @throws RequestError */
  rename(id: string, name: string): Promise<void>;
  /** @param position its new place, counted from 0. @throws RequestError */
  move(id: string, position: number): Promise<void>;
  /** Its conversations stay, without a folder. @throws RequestError */
  remove(id: string): Promise<void>;
  receive(frame: ServerFrame): void;
  clear(): void;
}

const openKey = 'jarvis.folders.open';

export function createFolders({ rest, store }: { readonly rest: Rest; readonly store: KeyValueStore }): Folders {
  const known = signal<readonly Folder[] | null>(null);
  const open = signal<ReadonlySet<string>>(new Set((store.get(openKey) ?? '').split(' ').filter((id) => id !== '')));
  let turn = 0;
  const items = computed(() => known.value ?? []);

  async function load(): Promise<void> {
    const own = ++turn;
    const page = await rest.get<Page<Folder>>('/api/folders').catch(() => null);
    if (own !== turn) return;
    // Without an answer the list of the conversations goes on as if there were none.
    if (page !== null) known.value = ordered(page.items);
    else if (known.peek() === null) known.value = [];
  }

  /** Shows a change before the server has it. */
  async function optimistic(next: readonly Folder[], ask: () => Promise<unknown>): Promise<void> {
    const before = known.peek();
    turn += 1;
    known.value = next;
    try {
      await ask();
    } catch (cause) {
      if (known.peek() === next) known.value = before;
      else await load();
      throw cause;
    }
  }

  return {
    items,
    ids: computed(() => (known.value === null ? null : new Set(known.value.map(({ id }) => id)))),
    open,
    toggle(id, shown) {
      const next = new Set(open.peek());
      if (shown) next.add(id);
      else next.delete(id);
      open.value = next;
      store.set(openKey, [...next].join(' '));
    },
    load,
    async create(name) {
      const { folder } = await rest.post<{ folder: Folder }>('/api/folders', { name });
      if (!items.peek().some(({ id }) => id === folder.id)) known.value = ordered([...items.peek(), folder]);
      return folder;
    },
    rename: (id, name) =>
      optimistic(
        items.peek().map((folder) => (folder.id === id ? { ...folder, name } : folder)),
        () => rest.patch(`/api/folders/${id}`, { name }),
      ),
    async move(id, position) {
      const moved = items.peek().find((folder) => folder.id === id);
      if (moved === undefined) return;
      const next = items.peek().filter((folder) => folder !== moved);
      next.splice(position, 0, moved);
      await optimistic(
        next.map((folder, index) => ({ ...folder, position: index })),
        () => rest.patch(`/api/folders/${id}`, { position }),
      );
    },
    remove: (id) =>
      optimistic(
        items.peek().filter((folder) => folder.id !== id),
        () => rest.remove(`/api/folders/${id}`),
      ),
    receive(frame) {
      if (frame.type === 'library.updated' && frame.what === 'folders') void load();
    },
    clear() {
      turn += 1;
      known.value = null;
    },
  };
}

const ordered = (folders: readonly Folder[]) => [...folders].sort((one, other) => one.position - other.position);
