import { type ReadonlySignal, signal } from '@preact/signals';
import type { Conversation } from '../../../src/protocol/shapes.ts';

/** Every conversation that the page has heard of, once, whichever list brought it. */
export interface KnownConversations {
  readonly all: ReadonlySignal<ReadonlyMap<string, Conversation>>;
  get(id: string): Conversation | undefined;
  put(conversations: readonly Conversation[]): void;
  drop(ids: readonly string[]): void;
  /** A moment; `changedSince` tells whether a conversation changed after it. */
  moment(): number;
  changedSince(id: string, moment: number): boolean;
  clear(): void;
}

export function createKnownConversations(): KnownConversations {
  const all = signal<ReadonlyMap<string, Conversation>>(new Map());
  const changes = new Map<string, number>();
  let moment = 0;

  function edit(ids: readonly string[], by: (items: Map<string, Conversation>) => void): void {
    if (ids.length === 0) return;
    moment += 1;
    for (const id of ids) changes.set(id, moment);
    const items = new Map(all.peek());
    by(items);
    all.value = items;
  }

  return {
    all,
    get: (id) => all.value.get(id),
    put(conversations) {
      edit(
        conversations.map(({ id }) => id),
        (items) => {
          for (const one of conversations) items.set(one.id, one);
        },
      );
    },
    drop(ids) {
      edit(ids, (items) => {
        for (const id of ids) items.delete(id);
      });
    },
    moment: () => moment,
    changedSince: (id, earlier) => (changes.get(id) ?? 0) > earlier,
    clear() {
      changes.clear();
      all.value = new Map();
    },
  };
}
