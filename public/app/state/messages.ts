import { batch, effect, type ReadonlySignal, signal } from '@preact/signals';
import type { Page } from '../../../src/protocol/rest.ts';
import type { ServerFrame, ServerFrameOf } from '../../../src/protocol/server-frames.ts';
import type { Conversation, Message, Settings } from '../../../src/protocol/shapes.ts';
import type { Connection } from './connection.ts';
import type { Generations } from './generation.ts';
import { type RequestError, toRequestError } from './request-error.ts';
import type { Rest } from './rest.ts';
import { createThread, type Thread } from './thread.ts';

export type ThreadPhase = 'none' | 'loading' | 'ready' | 'missing' | 'error';

export interface MessagesDeps {
  readonly connection: Pick<Connection, 'request' | 'status'>;
  readonly rest: Rest;
  readonly onOpened: (conversation: Conversation, settings: Settings) => void;
}

export interface Messages {
  /** The conversation that is shown, null on the page of a new one. */
  readonly current: ReadonlySignal<Thread | null>;
  readonly phase: ReadonlySignal<ThreadPhase>;
  readonly error: ReadonlySignal<RequestError | null>;
  readonly loadingOlder: ReadonlySignal<boolean>;
  thread(conversationId: string): Thread | undefined;
  /** Shows a conversation and reads it afresh; null shows none. */
  open(conversationId: string | null): Promise<void>;
  /** Reads the shown conversation again: after each reconnect and where events were lost. */
  refresh(conversationId?: string): Promise<void>;
  loadOlder(): Promise<void>;
  /** Reads the shown conversation back to its first message, in large pages. @param onPage called after each; false ends it */
  loadAll(onPage?: () => boolean): Promise<void>;
  /**
   * Shows a conversation, reads back until a message of it is here, and shows the branch that the message is on.
   * @returns false where the conversation does not hold it, or where the person has gone elsewhere meanwhile
   */
  reach(conversationId: string, messageId: string): Promise<boolean>;
  /** Another branch: shown at once, kept by the server. @throws RequestError */
  switchTo(messageId: string): Promise<void>;
  accept(frame: ServerFrameOf<'message.accepted'>): void;
  receive(frame: ServerFrame): void;
  useGenerations(generations: Generations): void;
  /** The id under which a message was first painted, so that accepting it does not build it anew. */
  paintKey(messageId: string): string;
  clear(): void;
}

const keptThreads = 5;
const pageSize = 50;
/** The most that the server gives at once: for who reads back a long way. */
const largePageSize = 200;

export function createMessages(deps: MessagesDeps): Messages {
  return new MessageStore(deps);
}

class MessageStore implements Messages {
  readonly current = signal<Thread | null>(null);
  readonly phase = signal<ThreadPhase>('none');
  readonly error = signal<RequestError | null>(null);
  readonly loadingOlder = signal(false);
  readonly #deps: MessagesDeps;
  readonly #threads = new Map<string, Thread>();
  readonly #paintKeys = new Map<string, string>();
  readonly #older = new Map<Thread, Promise<void>>();
  /** What was told since a page was asked for: it is newer than the page. */
  readonly #told = new Set<Set<string>>();
  #generations: Generations | null = null;

  constructor(deps: MessagesDeps) {
    this.#deps = deps;
  }

  useGenerations(generations: Generations): void {
    this.#generations = generations;
  }

  thread(conversationId: string): Thread | undefined {
    return this.#threads.get(conversationId);
  }

  async open(conversationId: string | null): Promise<void> {
    if (conversationId === null) {
      this.current.value = null;
      this.phase.value = 'none';
      return;
    }
    if (this.current.peek()?.conversationId === conversationId) return;
    const known = this.#threads.get(conversationId);
    batch(() => {
      this.current.value = this.#keep(known ?? createThread(conversationId));
      this.phase.value = known === undefined ? 'loading' : 'ready';
      this.error.value = null;
    });
    await this.refresh();
  }

  async refresh(conversationId = this.current.peek()?.conversationId): Promise<void> {
    if (conversationId === undefined || this.#deps.connection.status.peek().state !== 'online') return;
    try {
      const answer = await this.#deps.connection.request({ type: 'conversation.open', conversationId });
      if (answer.type === 'conversation.opened') await this.#findHead(conversationId);
    } catch (cause) {
      this.#failed(conversationId, toRequestError(cause));
    }
  }

  async loadOlder(): Promise<void> {
    const thread = this.current.peek();
    if (thread === null || this.loadingOlder.peek()) return;
    await this.#loadPage(thread, pageSize);
  }

  async loadAll(onPage: () => boolean = () => true): Promise<void> {
    const thread = this.current.peek();
    while (thread !== null && thread === this.current.peek() && thread.nextCursor.peek() !== null) {
      await this.#loadPage(thread, largePageSize);
      if (!onPage()) return;
    }
  }

  async reach(conversationId: string, messageId: string): Promise<boolean> {
    await this.open(conversationId);
    if (!(await this.#opened(conversationId))) return false;
    const thread = this.current.peek();
    if (thread === null) return false;
    const known = () => thread.message(messageId) !== undefined;
    // What was written elsewhere a moment ago is newer than what was read here.
    if (!known()) await this.refresh();
    if (!known()) await this.loadAll(() => !known());
    if (!known() || this.current.peek() !== thread) return false;
    if (!thread.branch.peek().includes(messageId)) await this.switchTo(messageId);
    return true;
  }

  async switchTo(messageId: string): Promise<void> {
    const thread = this.current.peek();
    if (thread === null) return;
    const before = thread.headId.peek();
    const headId = thread.leafUnder(messageId);
    thread.setHead(headId);
    try {
      await this.#deps.rest.patch(`/api/conversations/${thread.conversationId}`, { headId });
    } catch (cause) {
      thread.setHead(before);
      throw cause;
    }
  }

  accept(frame: ServerFrameOf<'message.accepted'>): void {
    const { conversation, message, answer } = frame;
    batch(() => {
      const thread = this.#threads.get(conversation.id) ?? this.#keep(createThread(conversation.id));
      if (!this.#paintKeys.has(message.id)) this.#paintKeys.set(message.id, frame.clientMessageId);
      thread.upsert(this.#generations?.isFolding(answer.id) ? [message] : [message, answer]);
      thread.setHead(answer.id);
    });
  }

  receive(frame: ServerFrame): void {
    if (frame.type === 'conversation.opened') this.#readOpened(frame);
    else if (frame.type === 'message.created' || frame.type === 'message.updated') this.#merge(frame.message, frame.type);
    else if (frame.type === 'conversation.updated') this.#moveHead(frame.conversation);
    else if (frame.type === 'conversation.deleted') this.#threads.delete(frame.conversationId);
  }

  paintKey(messageId: string): string {
    return this.#paintKeys.get(messageId) ?? messageId;
  }

  clear(): void {
    this.#threads.clear();
    this.#paintKeys.clear();
    this.current.value = null;
    this.phase.value = 'none';
  }

  /** Waits until the conversation that was asked for is here. False: it is not to be had, or another one is shown by now. */
  #opened(conversationId: string): Promise<boolean> {
    return new Promise((resolve) => {
      const stop = effect(() => {
        const phase = this.phase.value;
        const here = this.current.value?.conversationId === conversationId;
        if (here && phase === 'loading') return;
        // Not before `stop` is there to be called.
        queueMicrotask(() => {
          stop();
          resolve(here && phase === 'ready');
        });
      });
    });
  }

  #readOpened(frame: ServerFrameOf<'conversation.opened'>): void {
    const { conversation } = frame;
    batch(() => {
      const thread = this.#threads.get(conversation.id) ?? this.#keep(createThread(conversation.id));
      const first = thread.branch.peek().length === 0;
      const running = new Map(frame.running.map((one) => [one.messageId, one]));
      for (const message of frame.messages) {
        const one = running.get(message.id);
        if (one === undefined) this.#generations?.settle(message);
        else this.#generations?.adopt(one, message);
      }
      thread.upsert(
        frame.messages.filter((message) => thread.message(message.id) === undefined || !this.#generations?.isFolding(message.id)),
      );
      // More may have come meanwhile than this page holds, or only what was just sent is known: it is read back from here.
      const cut = frame.messages.some(({ parentId }) => parentId !== null && thread.message(parentId) === undefined);
      if (first || cut) thread.nextCursor.value = frame.nextCursor;
      thread.applyConversation(conversation);
      if (this.current.peek()?.conversationId === conversation.id) {
        this.phase.value = 'ready';
        this.error.value = null;
      }
      this.#deps.onOpened(conversation, frame.settings);
    });
    this.#generations?.sync(frame.running, false);
  }

  #merge(message: Message, type: 'message.created' | 'message.updated'): void {
    const thread = this.#threads.get(message.conversationId);
    if (thread === undefined || (this.#generations?.isFolding(message.id) && message.status === 'streaming')) return;
    const follows = type === 'message.created' && message.parentId === (thread.branch.peek().at(-1) ?? null);
    thread.upsert([message]);
    for (const ids of this.#told) ids.add(message.id);
    if (follows) thread.setHead(message.id);
  }

  #moveHead(conversation: Conversation): void {
    const thread = this.#threads.get(conversation.id);
    if (thread !== undefined && conversation.headId !== null && thread.message(conversation.headId) !== undefined) {
      thread.setHead(conversation.headId);
    }
  }

  /** The head may be older than the newest page where another branch was written last. */
  async #findHead(conversationId: string): Promise<void> {
    const thread = this.#threads.get(conversationId);
    if (thread === undefined) return;
    for (let pages = 0; pages < 10 && thread.nextCursor.peek() !== null; pages += 1) {
      const head = thread.headId.peek();
      if (head === null || thread.message(head) !== undefined) return;
      await this.#loadPage(thread, pageSize);
    }
  }

  /** Whoever asks while a page is on its way waits for that one. */
  #loadPage(thread: Thread, limit: number): Promise<void> {
    const work = this.#older.get(thread) ?? this.#readPage(thread, limit).finally(() => this.#older.delete(thread));
    this.#older.set(thread, work);
    return work;
  }

  async #readPage(thread: Thread, limit: number): Promise<void> {
    const before = thread.nextCursor.peek();
    if (before === null) return;
    this.loadingOlder.value = true;
    const told = new Set<string>();
    this.#told.add(told);
    try {
      const search = new URLSearchParams({ before, limit: String(limit) });
      const page = await this.#deps.rest.get<Page<Message>>(`/api/conversations/${thread.conversationId}/messages?${search.toString()}`);
      batch(() => {
        thread.upsert(
          page.items.filter(({ id, status }) => !told.has(id) && !(status === 'streaming' && thread.message(id) !== undefined)),
        );
        thread.nextCursor.value = page.nextCursor;
      });
    } finally {
      this.#told.delete(told);
      this.loadingOlder.value = false;
    }
  }

  #failed(conversationId: string, error: RequestError): void {
    if (this.current.peek()?.conversationId !== conversationId) return;
    // A lost connection is not the conversation's fault: the next welcome reads it again.
    if (error.code === 'CONNECTION_LOST') return;
    this.error.value = error;
    this.phase.value = error.code === 'NOT_FOUND' ? 'missing' : 'error';
  }

  #keep(thread: Thread): Thread {
    this.#threads.delete(thread.conversationId);
    this.#threads.set(thread.conversationId, thread);
    for (const id of this.#threads.keys()) {
      if (this.#threads.size <= keptThreads) break;
      if (!this.#generations?.running.peek().has(id)) this.#threads.delete(id);
    }
    return thread;
  }
}
