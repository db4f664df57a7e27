import type { ChosenModel } from '../../core/index.ts';
import type { Running } from '../../protocol/index.ts';
import type { ConversationRecord } from '../conversations/conversation-record.ts';
import type { MessageRecord } from '../conversations/message-record.ts';
import type { EndReason } from './answer-run.ts';
import type { GenerationLog } from './generation-log.ts';
import type { GenerationRecord } from './generation-record.ts';

/** A generation that this process runs. */
export interface LiveGeneration {
  readonly record: GenerationRecord;
  readonly conversation: ConversationRecord;
  readonly question: MessageRecord | null;
  readonly answer: MessageRecord;
  readonly log: GenerationLog;
  readonly model: ChosenModel;
  readonly thinking: boolean;
  /** It appends to an answer that was cut, which is `answer` as it was. */
  readonly continued: boolean;
  readonly controller: AbortController;
  /** How long what the model was told is; set when it was asked. */
  promptCharacters?: number;
  /** Resolves when the end is stored and told. */
  done: Promise<void>;
}

/** How long the events of a finished answer stay in memory for readers that reconnect (G4). */
const KEEP_MS = 10 * 60 * 1000;
const KEEP_COUNT = 200;
const KEEP_CHARACTERS = 32 * 1024 * 1024;

/** The generations of this process: those that run, and the events of those that ended a short time ago. */
export class LiveGenerations {
  readonly #live = new Map<string, LiveGeneration>();
  readonly #ended = new Map<string, { log: GenerationLog; ownerId: string; at: number; characters: number }>();
  readonly #unstored = new Map<string, GenerationRecord>();
  #characters = 0;

  add(live: LiveGeneration): void {
    this.#live.set(live.record.id, live);
  }

  get(generationId: string): LiveGeneration | undefined {
    return this.#live.get(generationId);
  }

  /** The log of a running or just ended generation of this person. */
  logFor(ownerId: string, generationId: string): GenerationLog | null {
    const live = this.#live.get(generationId);
    if (live !== undefined) return live.record.ownerId === ownerId ? live.log : null;
    const ended = this.#ended.get(generationId);
    return ended !== undefined && ended.ownerId === ownerId ? ended.log : null;
  }

  end(generationId: string, now: number): void {
    const live = this.#live.get(generationId);
    if (live === undefined) return;
    this.#live.delete(generationId);
    const characters = live.log.lagAfter(0).characters + live.log.partCharacters;
    this.#ended.set(generationId, { log: live.log, ownerId: live.record.ownerId, at: now, characters });
    this.#characters += characters;
    for (const [id, ended] of this.#ended) {
      const old = ended.at + KEEP_MS < now;
      if (!old && this.#ended.size <= KEEP_COUNT && this.#characters <= KEEP_CHARACTERS) break;
      this.#ended.delete(id);
      this.#characters -= ended.characters;
    }
  }

  /** People were told the end, the store was not yet: this process still owns the generation. */
  holdUnstored(record: GenerationRecord): void {
    this.#unstored.set(record.id, record);
  }

  releaseUnstored(generationId: string): void {
    this.#unstored.delete(generationId);
  }

  /** Every generation whose lease this process keeps. */
  leased(): readonly GenerationRecord[] {
    return [...this.all().map((live) => live.record), ...this.#unstored.values()];
  }

  holds(generationId: string): boolean {
    return this.#live.has(generationId) || this.#unstored.has(generationId);
  }

  /** How many run. */
  get size(): number {
    return this.#live.size;
  }

  all(): readonly LiveGeneration[] {
    return [...this.#live.values()];
  }

  inConversation(conversationId: string): LiveGeneration | undefined {
    return this.all().find((live) => live.record.conversationId === conversationId);
  }

  runningFor(ownerId: string): Running[] {
    return this.all()
      .filter((live) => live.record.ownerId === ownerId)
      .map((live) => runningOf(live.log));
  }

  abort(generationId: string, reason: EndReason): void {
    this.#live.get(generationId)?.controller.abort(reason);
  }
}

export function runningOf(log: GenerationLog): Running {
  return { ...log.ids, seq: log.seq };
}
