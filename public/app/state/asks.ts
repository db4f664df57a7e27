import { computed, type ReadonlySignal, signal } from '@preact/signals';
import type { ServerFrame, ServerFrameOf } from '../../../src/protocol/server-frames.ts';
import type { AskPart } from '../../../src/protocol/surface-shapes.ts';
import type { Connection } from './connection.ts';
import type { KeyValueStore } from './ports.ts';

export type AskEnding = Exclude<AskPart['status'], 'open'>;

export interface OpenAsk {
  readonly askId: string;
  readonly conversationId: string;
  readonly messageId: string;
}

/** Questions of plugins: which wait, how they ended, and what was typed as an answer and not sent. */
export interface Asks {
  readonly open: ReadonlySignal<readonly OpenAsk[]>;
  /** Conversations in which one waits. */
  readonly waiting: ReadonlySignal<ReadonlySet<string>>;
  /** How a question ended, as soon as that is known; its message says so a moment later. */
  ending(askId: string): AskEnding | null;
  /** True once for each question: it is announced when it comes, not each time it is painted. */
  announce(askId: string): boolean;
  readDraft(askId: string): unknown;
  keepDraft(askId: string, value: unknown): void;
  /** @throws RequestError */
  reply(askId: string, value: unknown): Promise<void>;
  /** The person does not want to answer. @throws RequestError */
  cancel(askId: string): Promise<void>;
  welcome(frame: ServerFrameOf<'welcome'>): void;
  receive(frame: ServerFrame): void;
}

/** As many as `welcome` names at most: a full list says nothing of the others. */
const mostNamed = 50;

export function createAsks(deps: { connection: Pick<Connection, 'request'>; store: KeyValueStore }): Asks {
  return new AskStore(deps);
}

class AskStore implements Asks {
  readonly open = signal<readonly OpenAsk[]>([]);
  readonly waiting = computed(() => new Set(this.open.value.map(({ conversationId }) => conversationId)));
  readonly #deps: { connection: Pick<Connection, 'request'>; store: KeyValueStore };
  readonly #endings = signal<ReadonlyMap<string, AskEnding>>(new Map());
  readonly #announced = new Set<string>();
  #userId: string | null = null;

  constructor(deps: { connection: Pick<Connection, 'request'>; store: KeyValueStore }) {
    this.#deps = deps;
  }

  ending(askId: string): AskEnding | null {
    return this.#endings.value.get(askId) ?? null;
  }

  announce(askId: string): boolean {
    if (this.#announced.has(askId)) return false;
    this.#announced.add(askId);
    return true;
  }

  readDraft(askId: string): unknown {
    const kept = this.#deps.store.get(this.#key(askId));
    if (kept === null) return undefined;
    try {
      return JSON.parse(kept);
    } catch {
      return undefined;
    }
  }

  keepDraft(askId: string, value: unknown): void {
    if (value === undefined || value === '') this.#deps.store.remove(this.#key(askId));
    else this.#deps.store.set(this.#key(askId), JSON.stringify(value));
  }

  async reply(askId: string, value: unknown): Promise<void> {
    await this.#deps.connection.request({ type: 'ask.reply', askId, value });
    this.#end(askId, 'answered');
  }

  async cancel(askId: string): Promise<void> {
    await this.#deps.connection.request({ type: 'ask.reply', askId, value: null, cancel: true });
    this.#end(askId, 'cancelled');
  }

  welcome({ user, asks }: ServerFrameOf<'welcome'>): void {
    if (user?.id !== this.#userId) {
      this.#userId = user?.id ?? null;
      this.#endings.value = new Map();
      this.#announced.clear();
    }
    this.open.value = (asks ?? []).map(({ askId, conversationId, messageId }) => ({ askId, conversationId, messageId }));
    if (asks !== undefined && asks.length < mostNamed) this.#prune();
  }

  receive(frame: ServerFrame): void {
    if (frame.type === 'ask.ended') this.#end(frame.askId, frame.status);
    else if (frame.type === 'conversation.deleted')
      this.open.value = this.open.peek().filter(({ conversationId }) => conversationId !== frame.conversationId);
    else if (
      frame.type === 'ask' &&
      !this.#endings.peek().has(frame.askId) &&
      frame.conversationId !== undefined &&
      frame.messageId !== undefined
    ) {
      const { askId, conversationId, messageId } = frame;
      this.open.value = [{ askId, conversationId, messageId }, ...this.open.peek().filter((one) => one.askId !== askId)];
    }
  }

  #end(askId: string, status: AskEnding): void {
    this.open.value = this.open.peek().filter((one) => one.askId !== askId);
    // The first ending counts: what another tab answered is not cancelled by this one.
    if (!this.#endings.peek().has(askId)) this.#endings.value = new Map(this.#endings.peek()).set(askId, status);
    this.#deps.store.remove(this.#key(askId));
  }

  /** Answers that were begun to questions that do not wait any more. */
  #prune(): void {
    const kept = new Set(this.open.peek().map(({ askId }) => this.#key(askId)));
    for (const key of this.#deps.store.keys()) {
      if (key.startsWith(this.#key('')) && !kept.has(key)) this.#deps.store.remove(key);
    }
  }

  #key(askId: string): string {
    return `jarvis.ask.${this.#userId ?? ''}.${askId}`;
  }
}
