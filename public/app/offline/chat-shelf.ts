import type { KeptChat } from './kept-chat.ts';

/** Where the copies lie. All belong to one person; for another one everything is removed first. */
export interface ChatShelf {
  /** @returns null when nothing is kept */
  owner(): Promise<string | null>;
  all(): Promise<readonly KeptChat[]>;
  /** Takes the place of everything that was there. */
  replace(owner: string, chats: readonly KeptChat[]): Promise<void>;
  clear(): Promise<void>;
}
