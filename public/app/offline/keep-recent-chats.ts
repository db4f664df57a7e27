import { effect, type ReadonlySignal, untracked } from '@preact/signals';
import type { Page } from '../../../src/protocol/rest.ts';
import type { Conversation, Message } from '../../../src/protocol/shapes.ts';
import type { Clock } from '../state/ports.ts';
import type { Rest } from '../state/rest.ts';
import type { SessionState } from '../state/session.ts';
import type { ChatShelf } from './chat-shelf.ts';
import { type KeptChat, keptChatFrom, keptChats } from './kept-chat.ts';

export interface KeepRecentChatsDeps {
  readonly shelf: ChatShelf;
  readonly rest: Pick<Rest, 'get'>;
  readonly clock: Clock;
  readonly session: ReadonlySignal<SessionState>;
  /** The person wants it on this device; null: not known yet. */
  readonly wanted: ReadonlySignal<boolean | null>;
  /** Changes when something may be new: an answer ended, a conversation came or went. */
  readonly news: ReadonlySignal<unknown>;
}

/** Not with each word: what is read offline may be half a minute old. */
const quietMs = 30_000;
const firstMs = 1500;

/**
 * Keeps the most recent chats in this browser while the person wants that, and removes them as soon as they do not,
 * nobody is signed in, or somebody else is. @returns how to end it; what is kept stays
 */
export function keepRecentChats(deps: KeepRecentChatsDeps): () => void {
  /** Cancels the copy that is to come; null when none is. */
  let cancel: (() => void) | null = null;
  let run: { readonly userId: string; live: boolean } | null = null;
  /** One after the other: a copy that is being written must not come after its removal. */
  let queue: Promise<void> = Promise.resolve();

  function enqueue(work: () => Promise<void>): void {
    // Storage that is refused is no copy, and nothing that the person has to know.
    queue = queue.then(work).catch(() => {});
  }

  function end(): void {
    cancel?.();
    cancel = null;
    if (run !== null) run.live = false;
    run = null;
  }

  const stopFollowing = effect(() => {
    const session = deps.session.value;
    const wanted = deps.wanted.value;
    // Who was signed in is not known yet: what is kept may be theirs.
    if (session.state === 'checking') return;
    const userId = session.state === 'signed-in' ? session.user.id : null;
    if (userId !== null && wanted === null) return;
    end();
    if (userId === null || wanted !== true) {
      enqueue(() => deps.shelf.clear());
      return;
    }
    const mine = { userId, live: true };
    run = mine;
    enqueue(async () => {
      const owner = await deps.shelf.owner();
      if (owner !== null && owner !== userId) await deps.shelf.clear();
    });
    untracked(() => schedule(mine, firstMs));
  });
  const stopListening = effect(() => {
    void deps.news.value;
    untracked(() => {
      if (run !== null) schedule(run, quietMs);
    });
  });

  function schedule(mine: { readonly userId: string; live: boolean }, ms: number): void {
    // One that is to come sooner sees the news, too.
    cancel ??= deps.clock.after(ms, () => {
      cancel = null;
      enqueue(() => copy(mine));
    });
  }

  async function copy(mine: { readonly userId: string; live: boolean }): Promise<void> {
    if (!mine.live) return;
    const known = new Map((await deps.shelf.all()).map((chat) => [chat.id, chat]));
    const { items } = await deps.rest.get<Page<Conversation>>(`/api/conversations?limit=${keptChats}`);
    const chats: KeptChat[] = [];
    for (const conversation of items) {
      if (!mine.live) return;
      if (conversation.temporary === true) continue;
      const held = known.get(conversation.id);
      const same = held?.updatedAt === conversation.updatedAt && held.title === conversation.title;
      chats.push(held !== undefined && same ? held : await fetched(conversation));
    }
    // Looked at once more: the person may have signed out while the last one was read.
    if (mine.live) await deps.shelf.replace(mine.userId, chats);
  }

  async function fetched(conversation: Conversation): Promise<KeptChat> {
    const page = await deps.rest.get<Page<Message>>(`/api/conversations/${conversation.id}/messages?limit=100`);
    return keptChatFrom(conversation, page.items, page.nextCursor !== null);
  }

  return () => {
    end();
    stopFollowing();
    stopListening();
  };
}
