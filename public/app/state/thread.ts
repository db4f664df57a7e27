import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { Conversation, Message } from '../../../src/protocol/shapes.ts';

/**
 * The messages of one conversation: a tree by `parentId`, each message its own signal, so that a token paints one message.
 */
export interface Thread {
  readonly conversationId: string;
  /** The leaf of the branch that is shown. */
  readonly headId: ReadonlySignal<string | null>;
  /** Ids from the oldest loaded message to the head. */
  readonly branch: ReadonlySignal<readonly string[]>;
  /** Where older messages go on; null when all are here. */
  readonly nextCursor: Signal<string | null>;
  message(id: string): Signal<Message> | undefined;
  /** Ids of the same parent and role, oldest first, with this one among them. Reads the tree as a signal. */
  siblings(id: string): readonly string[];
  /** The newest leaf below a message. */
  leafUnder(id: string): string;
  upsert(messages: readonly Message[]): void;
  setHead(id: string | null): void;
  applyConversation(conversation: Conversation): void;
}

export function createThread(conversationId: string): Thread {
  const byId = new Map<string, Signal<Message>>();
  const children = new Map<string | null, string[]>();
  const version = signal(0);
  const headId = signal<string | null>(null);
  const nextCursor = signal<string | null>(null);

  function insert(message: Message): boolean {
    const known = byId.get(message.id);
    if (known !== undefined) {
      known.value = message;
      return false;
    }
    byId.set(message.id, signal(message));
    const list = children.get(message.parentId) ?? [];
    list.push(message.id);
    list.sort(byAge);
    children.set(message.parentId, list);
    return true;
  }

  const createdAt = (id: string) => byId.get(id)?.peek().createdAt ?? '';
  const byAge = (a: string, b: string) => (createdAt(a) === createdAt(b) ? (a < b ? -1 : 1) : createdAt(a) < createdAt(b) ? -1 : 1);

  function leafUnder(id: string): string {
    let leaf = id;
    for (let next = children.get(leaf)?.at(-1); next !== undefined; next = children.get(leaf)?.at(-1)) leaf = next;
    return leaf;
  }

  function newest(): string | null {
    let found: string | null = null;
    for (const id of byId.keys()) if (found === null || byAge(found, id) < 0) found = id;
    return found;
  }

  const branch = computed(() => {
    void version.value;
    const ids: string[] = [];
    let id: string | null = headId.value !== null && byId.has(headId.value) ? headId.value : newest();
    while (id !== null) {
      const message: Message | undefined = byId.get(id)?.peek();
      if (message === undefined) break;
      ids.push(id);
      id = message.parentId;
    }
    return ids.reverse();
  });

  return {
    conversationId,
    headId,
    branch,
    nextCursor,
    leafUnder,
    message: (id) => byId.get(id),
    siblings(id) {
      void version.value;
      const message = byId.get(id)?.peek();
      if (message === undefined) return [];
      return (children.get(message.parentId) ?? []).filter((other) => byId.get(other)?.peek().role === message.role);
    },
    upsert(messages) {
      let grown = false;
      for (const message of messages) grown = insert(message) || grown;
      if (grown) version.value += 1;
    },
    setHead(id) {
      headId.value = id;
    },
    applyConversation(conversation) {
      if (conversation.headId !== null) headId.value = conversation.headId;
    },
  };
}
