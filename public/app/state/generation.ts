import { batch, type ReadonlySignal, signal } from '@preact/signals';
import type { ClientFrame } from '../../../src/protocol/client-frames.ts';
import type { Running, ServerFrame, ServerFrameOf } from '../../../src/protocol/server-frames.ts';
import type { Message } from '../../../src/protocol/shapes.ts';
import { emptyFold, type Fold, fit, foldedText, foldPart, foldText } from './fold.ts';
import type { Clock, NextFrame, Sha256 } from './ports.ts';
import type { Thread } from './thread.ts';

export interface GenerationPhase {
  readonly state: 'waiting' | 'thinking' | 'retrying' | 'writing';
  /** When the server tries the model again, in ms since the epoch. */
  readonly retryAt?: number;
}

export interface RunningGeneration {
  readonly generationId: string;
  readonly conversationId: string;
  readonly messageId: string;
  readonly phase: GenerationPhase;
}

export interface GenerationsDeps {
  readonly send: (frame: ClientFrame) => boolean;
  readonly thread: (conversationId: string) => Thread | undefined;
  readonly clock: Clock;
  readonly nextFrame: NextFrame;
  readonly sha256: Sha256;
  /** The server no longer knows the generation: the conversation is to be read again. */
  readonly reload: (conversationId: string) => void;
}

export interface Generations {
  /** Running answers by conversation. */
  readonly running: ReadonlySignal<ReadonlyMap<string, RunningGeneration>>;
  /** For `hello`: where each answer is to go on. */
  resume(): { generationId: string; epoch: string; afterSeq: number }[];
  /** `message.accepted` says which answer opens; its events come after it. */
  begin(generationId: string, answer: Message): void;
  /** What `welcome` or `conversation.opened` says is running. `complete`: answers not named are over. */
  sync(running: readonly Running[], complete: boolean): void;
  /** `conversation.opened` carries the text as of the seq that it names: reading goes on from there. */
  adopt(running: Running, message: Message): void;
  receive(frame: ServerFrame): void;
  /** Writes what was folded into the messages now. */
  flush(): void;
  isFolding(messageId: string): boolean;
  /** A message that the server calls finished: its answer is over, whatever was still on its way. */
  settle(message: Message): void;
  clear(): void;
}

interface Tracked {
  readonly ids: Running | { generationId: string; conversationId: string; messageId: string };
  fold: Fold;
  dirty: boolean;
  /** Cancels the wait for a replay or a snapshot that was asked for; null when none is due. */
  awaiting: (() => void) | null;
}

type LiveFrame = ServerFrameOf<'generation.delta'> | ServerFrameOf<'generation.part'> | ServerFrameOf<'generation.finished'>;

const replayPatienceMs = 5000;
/** No log has this name, so the server answers with a snapshot: cheaper than a replay from the first event. */
const noEpoch = 'none';

/** Folds the events of running answers into their messages. */
export function createGenerations(deps: GenerationsDeps): Generations {
  return new GenerationFolder(deps);
}

class GenerationFolder implements Generations {
  readonly running = signal<ReadonlyMap<string, RunningGeneration>>(new Map());
  readonly #deps: GenerationsDeps;
  readonly #tracked = new Map<string, Tracked>();
  #scheduled = false;

  constructor(deps: GenerationsDeps) {
    this.#deps = deps;
  }

  resume() {
    const list = [];
    for (const [generationId, { fold }] of this.#tracked) {
      if (fold.epoch !== null) list.push({ generationId, epoch: fold.epoch, afterSeq: fold.afterSeq });
    }
    return list.slice(-20);
  }

  begin(generationId: string, answer: Message): void {
    if (answer.status !== 'streaming' || this.#tracked.has(generationId)) return;
    this.#track({ generationId, conversationId: answer.conversationId, messageId: answer.id }, { ...emptyFold, parts: answer.parts });
  }

  sync(running: readonly Running[], complete: boolean): void {
    if (complete) this.#missed(new Set(running.map((one) => one.generationId)));
    for (const one of running) {
      const tracked = this.#tracked.get(one.generationId) ?? this.#track(one, emptyFold);
      if (tracked.fold.afterSeq >= one.seq) continue;
      // What `hello` asked to resume is on its way.
      if (complete && tracked.fold.epoch !== null) this.#await(one.generationId, tracked);
      else if (tracked.awaiting === null) this.#attach(one.generationId, tracked);
    }
  }

  adopt(running: Running, message: Message): void {
    const known = this.#tracked.get(running.generationId);
    if (known !== undefined && known.fold.epoch === running.epoch && known.fold.afterSeq >= running.seq) return;
    const tracked = known ?? this.#track(running, emptyFold);
    tracked.awaiting?.();
    tracked.awaiting = null;
    tracked.fold = { epoch: running.epoch, afterSeq: running.seq, parts: message.parts };
    tracked.dirty = true;
    this.#schedule();
  }

  receive(frame: ServerFrame): void {
    switch (frame.type) {
      case 'generation.started':
        if (!this.#tracked.has(frame.generationId)) this.#track(frame, { ...emptyFold, parts: this.#messageParts(frame) });
        break;
      case 'generation.delta':
      case 'generation.part':
      case 'generation.finished':
        this.#live(frame);
        break;
      case 'generation.status':
        this.#status(frame);
        break;
      case 'generation.snapshot':
        this.#snapshot(frame);
        break;
      case 'error':
        if (frame.replyTo?.startsWith('attach-')) this.#lost(frame.replyTo.slice('attach-'.length), frame.code);
        break;
      default:
    }
  }

  isFolding(messageId: string): boolean {
    for (const { ids } of this.#tracked.values()) if (ids.messageId === messageId) return true;
    return false;
  }

  settle(message: Message): void {
    if (message.status === 'streaming') return;
    for (const [id, { ids }] of this.#tracked) if (ids.messageId === message.id) this.#end(id);
  }

  flush(): void {
    this.#scheduled = false;
    batch(() => {
      for (const tracked of this.#tracked.values()) this.#write(tracked);
    });
  }

  clear(): void {
    for (const tracked of this.#tracked.values()) tracked.awaiting?.();
    this.#tracked.clear();
    this.running.value = new Map();
  }

  #track(ids: Tracked['ids'], fold: Fold): Tracked {
    const tracked: Tracked = { ids, fold, dirty: false, awaiting: null };
    this.#tracked.set(ids.generationId, tracked);
    this.#show(ids, { state: 'waiting' });
    return tracked;
  }

  /** Answers that ended while nobody listened: what is left of them comes by the resume list, else they are asked for. */
  #missed(named: ReadonlySet<string>): void {
    for (const [id, tracked] of this.#tracked) {
      if (named.has(id)) continue;
      if (tracked.fold.epoch === null) this.#end(id);
      else this.#await(id, tracked);
    }
  }

  #live(frame: LiveFrame): void {
    const tracked = this.#tracked.get(frame.generationId) ?? this.#track(frame, { ...emptyFold, parts: this.#messageParts(frame) });
    const how = fit(tracked.fold, frame);
    if (how === 'seen') return;
    if (frame.type === 'generation.finished') this.#finish(frame, tracked, how === 'next');
    else if (how === 'next') this.#fold(frame, tracked);
    else if (tracked.awaiting === null) this.#attach(frame.generationId, tracked);
  }

  #fold(frame: ServerFrameOf<'generation.delta'> | ServerFrameOf<'generation.part'>, tracked: Tracked): void {
    tracked.awaiting?.();
    tracked.awaiting = null;
    tracked.fold = frame.type === 'generation.delta' ? foldText(tracked.fold, frame) : foldPart(tracked.fold, frame);
    tracked.dirty = true;
    this.#show(tracked.ids, { state: frame.type === 'generation.delta' && frame.kind === 'thought' ? 'thinking' : 'writing' });
    this.#schedule();
  }

  #finish(frame: ServerFrameOf<'generation.finished'>, tracked: Tracked, whole: boolean): void {
    const folded = tracked.fold.parts;
    this.#end(frame.generationId);
    const thread = this.#deps.thread(frame.conversationId);
    if (thread === undefined) return;
    if (!whole) {
      thread.upsert([frame.message]);
      return;
    }
    thread.upsert([{ ...frame.message, parts: [...folded] }]);
    void this.#verify(frame, foldedText(folded), thread);
  }

  /** The server's copy wins whenever the folded text is not byte for byte what it counted. */
  async #verify(frame: ServerFrameOf<'generation.finished'>, text: string, thread: Thread): Promise<void> {
    const hash = await this.#deps.sha256(text).catch(() => null);
    if (hash !== frame.textSha256 && !this.isFolding(frame.messageId)) thread.upsert([frame.message]);
  }

  #snapshot(frame: ServerFrameOf<'generation.snapshot'>): void {
    const tracked = this.#tracked.get(frame.generationId);
    if (frame.message.status !== 'streaming') {
      this.#end(frame.generationId);
      this.#deps.thread(frame.conversationId)?.upsert([frame.message]);
      return;
    }
    const target = tracked ?? this.#track(frame, emptyFold);
    target.awaiting?.();
    target.awaiting = null;
    target.fold = { epoch: frame.epoch, afterSeq: frame.seq, parts: frame.message.parts };
    target.dirty = true;
    this.#deps.thread(frame.conversationId)?.upsert([frame.message]);
    this.#show(target.ids, { state: frame.message.parts.length > 0 ? 'writing' : 'waiting' });
    this.#schedule();
  }

  #status(frame: ServerFrameOf<'generation.status'>): void {
    const tracked = this.#tracked.get(frame.generationId);
    if (tracked === undefined) return;
    const retryAt = frame.retryAfter === undefined ? {} : { retryAt: this.#deps.clock.now() + frame.retryAfter * 1000 };
    this.#show(tracked.ids, { state: frame.state, ...retryAt });
  }

  #attach(generationId: string, tracked: Tracked): void {
    const { epoch, afterSeq } = tracked.fold;
    const frame: ClientFrame = { type: 'generation.attach', id: `attach-${generationId}`, generationId, epoch: epoch ?? noEpoch, afterSeq };
    this.#await(generationId, tracked);
    this.#deps.send(frame);
  }

  /** What was asked for may be lost with the socket; then it is asked for again. */
  #await(generationId: string, tracked: Tracked): void {
    tracked.awaiting?.();
    const before = tracked.fold;
    tracked.awaiting = this.#deps.clock.after(replayPatienceMs, () => {
      tracked.awaiting = null;
      if (this.#tracked.get(generationId) === tracked && tracked.fold === before) this.#attach(generationId, tracked);
    });
  }

  #lost(generationId: string, code: string): void {
    const tracked = this.#tracked.get(generationId);
    if (tracked === undefined || code !== 'NOT_FOUND') return;
    this.#end(generationId);
    this.#deps.reload(tracked.ids.conversationId);
  }

  #messageParts(ids: { conversationId: string; messageId: string }): Fold['parts'] {
    return this.#deps.thread(ids.conversationId)?.message(ids.messageId)?.peek().parts ?? [];
  }

  #write(tracked: Tracked): void {
    if (!tracked.dirty) return;
    tracked.dirty = false;
    const target = this.#deps.thread(tracked.ids.conversationId)?.message(tracked.ids.messageId);
    if (target !== undefined) target.value = { ...target.peek(), status: 'streaming', parts: [...tracked.fold.parts] };
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#deps.nextFrame(() => this.flush());
  }

  #end(generationId: string): void {
    const tracked = this.#tracked.get(generationId);
    if (tracked === undefined) return;
    tracked.awaiting?.();
    this.#tracked.delete(generationId);
    if (this.running.peek().get(tracked.ids.conversationId)?.generationId !== generationId) return;
    const rest = new Map(this.running.peek());
    rest.delete(tracked.ids.conversationId);
    this.running.value = rest;
  }

  #show(ids: Tracked['ids'], phase: GenerationPhase): void {
    const { generationId, conversationId, messageId } = ids;
    const shown = this.running.peek().get(conversationId);
    if (shown?.generationId === generationId && shown.phase.state === phase.state && phase.retryAt === shown.phase.retryAt) return;
    this.running.value = new Map(this.running.peek()).set(conversationId, { generationId, conversationId, messageId, phase });
  }
}
