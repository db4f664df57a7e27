import type { KeyValueStore } from './ports.ts';

export interface Drafts {
  read(userId: string, conversationId: string | null): string;
  write(userId: string, conversationId: string | null, text: string): void;
}

/** What was typed and not sent, for each conversation. `secret` texts are never kept. */
export function createDrafts(deps: { store: KeyValueStore; secret: (text: string) => boolean }): Drafts {
  const key = (userId: string, conversationId: string | null) => `jarvis.draft.${userId}.${conversationId ?? 'new'}`;
  return {
    read: (userId, conversationId) => deps.store.get(key(userId, conversationId)) ?? '',
    write(userId, conversationId, text) {
      const name = key(userId, conversationId);
      if (text === '' || deps.secret(text)) deps.store.remove(name);
      else deps.store.set(name, text);
    },
  };
}
