import { computed, type ReadonlySignal } from '@preact/signals';
import type { ServerFrame } from '../../../src/protocol/server-frames.ts';
import type { Conversation } from '../../../src/protocol/shapes.ts';
import { type ConversationSearch, createConversationSearch } from './conversation-search.ts';
import { type ConversationView, createConversationView } from './conversation-view.ts';
import { createFolders, type Folders } from './folders.ts';
import { createKnownConversations } from './known-conversations.ts';
import type { Clock, KeyValueStore } from './ports.ts';
import type { Rest } from './rest.ts';

/** What a person changes of a conversation from a list. `folderId: null` takes it out of its folder. */
export interface ConversationChange {
  readonly title?: string;
  readonly pinned?: boolean;
  readonly archived?: boolean;
  readonly folderId?: string | null;
}

export interface Conversations {
  /** All of the side bar, whatever section they stand in. */
  readonly main: ConversationView;
  /** Those of `main` that are neither pinned nor in a folder. */
  readonly unfiled: ReadonlySignal<readonly Conversation[]>;
  readonly pinned: ConversationView;
  readonly archived: ConversationView;
  readonly folders: Folders;
  /** What one folder holds. */
  folder(id: string): ConversationView;
  readonly found: ConversationSearch;
  get(id: string): Conversation | undefined;
  /** Everything that was loaded before, from the beginning. */
  load(): Promise<void>;
  upsert(conversation: Conversation): void;
  receive(frame: ServerFrame): void;
  /** Shown at once, taken back when the server refuses. @throws RequestError */
  change(id: string, change: ConversationChange): Promise<void>;
  /** @throws RequestError */
  rename(id: string, title: string): Promise<void>;
  /** Puts it into the trash. @throws RequestError */
  remove(id: string): Promise<void>;
  /** Takes it out of the trash. @throws RequestError */
  restore(conversation: Pick<Conversation, 'id'>): Promise<Conversation>;
  clear(): void;
}

export interface ConversationsDeps {
  readonly rest: Rest;
  readonly clock: Clock;
  readonly store: KeyValueStore;
}

const searchPauseMs = 250;
const listed = ({ archived, temporary }: Conversation) => archived !== true && temporary !== true;

export function createConversations({ rest, clock, store }: ConversationsDeps): Conversations {
  const known = createKnownConversations();
  const view = (query: Readonly<Record<string, string>>, fits: (one: Conversation) => boolean) =>
    createConversationView({ rest, known, query, fits });
  const main = view({}, listed);
  const pinned = view({ view: 'pinned', limit: '100' }, (one) => listed(one) && one.pinned === true);
  const archived = view({ view: 'archived' }, (one) => one.archived === true);
  const folders = createFolders({ rest, store });
  const inFolders = new Map<string, ConversationView>();
  const found = createConversationSearch({ rest, clock, pauseMs: searchPauseMs, limit: 30 });
  const everyView = () => [main, pinned, archived, ...inFolders.values()];

  function upsert(conversation: Conversation): void {
    known.put([conversation]);
    found.update(conversation);
  }

  function drop(id: string): void {
    if (known.all.peek().has(id)) known.drop([id]);
    found.drop(id);
  }

  async function change(id: string, wanted: ConversationChange): Promise<void> {
    const before = known.all.peek().get(id) ?? found.items.peek().find((one) => one.id === id);
    if (before !== undefined) upsert(applied(before, wanted));
    try {
      await rest.patch(`/api/conversations/${id}`, wanted);
    } catch (cause) {
      const now = known.all.peek().get(id);
      if (before !== undefined && now !== undefined) upsert(takenBack(now, before, wanted));
      throw cause;
    }
  }

  return {
    main,
    pinned,
    archived,
    found,
    folders,
    unfiled: computed(() => {
      const there = folders.ids.value;
      return main.items.value.filter(
        (one) => one.pinned !== true && (one.folderId === undefined || (there !== null && !there.has(one.folderId))),
      );
    }),
    folder(id) {
      const made = inFolders.get(id) ?? view({ folder: id }, (one) => listed(one) && one.folderId === id);
      inFolders.set(id, made);
      return made;
    },
    get: known.get,
    async load() {
      const asked = everyView().filter((one) => one === main || one === pinned || one.phase.peek() !== 'idle');
      await Promise.all([folders.load(), ...asked.map((one) => one.load())]);
    },
    upsert,
    receive(frame) {
      folders.receive(frame);
      if (frame.type === 'conversation.created' || frame.type === 'conversation.updated') upsert(frame.conversation);
      else if (frame.type === 'conversation.deleted') drop(frame.conversationId);
      else if (frame.type === 'message.accepted' || frame.type === 'conversation.opened') upsert(frame.conversation);
    },
    change,
    rename: (id, title) => change(id, { title }),
    async remove(id) {
      const before = known.all.peek().get(id) ?? found.items.peek().find((one) => one.id === id);
      drop(id);
      try {
        await rest.remove(`/api/conversations/${id}`);
      } catch (cause) {
        if (before !== undefined) upsert(before);
        throw cause;
      }
    },
    async restore({ id }) {
      const { conversation } = await rest.post<{ conversation: Conversation }>(`/api/conversations/${id}/restore`);
      upsert(conversation);
      return conversation;
    },
    clear() {
      for (const one of everyView()) one.clear();
      inFolders.clear();
      folders.clear();
      found.clear();
      known.clear();
    },
  };
}

function applied(conversation: Conversation, { folderId, ...rest }: ConversationChange): Conversation {
  const changed = { ...conversation, ...rest };
  return folderId === undefined ? changed : { ...changed, folderId: folderId ?? undefined };
}

/** Only what was wished for goes back: the rest may have changed meanwhile. */
function takenBack(now: Conversation, before: Conversation, wanted: ConversationChange): Conversation {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Object.keys forgets the names of the type
  const fields = (Object.keys(wanted) as (keyof ConversationChange)[]).map((name) => [name, before[name]] as const);
  return { ...now, ...Object.fromEntries(fields) };
}
