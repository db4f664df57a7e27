import { type FinalStatus, foldPart, type Message, type Part, type ServerFrame, type ServerFrameOf } from '../../protocol/index.ts';
import type { EncodedFrame } from './encoded-frame.ts';
import type { EventRun } from './event-run.ts';
import { EventRuns, type HeldText, type TextKind } from './event-runs.ts';
import { everyTurn, type LogPace } from './log-pace.ts';

export interface GenerationIds {
  readonly generationId: string;
  readonly conversationId: string;
  readonly messageId: string;
  readonly epoch: string;
}

export interface FinishedEvent {
  readonly status: FinalStatus;
  readonly textSha256: string;
  readonly message: Message;
}

/** A replayed frame holds at most about this much text, so that one reader's catching up delays nobody. */
const MAX_FRAME_CHARACTERS = 32 * 1024;

/** Text of one kind that readers have not been told of yet. */
interface Fresh {
  readonly after: number;
  readonly kind: TextKind;
  text: string;
}

/**
 * The events of one generation, in memory: each gets its `seq` here, contiguous from 1. Readers hold a cursor and read from
 * it, so that a slow reader costs nothing and gets what it missed joined into few frames.
 */
export class GenerationLog {
  readonly ids: GenerationIds;
  readonly #runs = new EventRuns();
  /** The answer up to the text that is still growing. */
  readonly #parts: Part[];
  /** That text, from which stretch on; it is joined only when somebody asks. */
  #open: { readonly kind: TextKind; readonly run: number } | null = null;
  readonly #listeners = new Set<() => void>();
  readonly #message: Message;
  readonly #soon: () => void;
  /** Every text frame begins with it. */
  readonly #head: string;
  /** Events up to here are not in this log: a reader before it needs a snapshot. */
  readonly baseSeq: number;
  #seq: number;
  #finished: ServerFrameOf<'generation.finished'> | null = null;
  #partCharacters = 0;
  /** The last event that readers were told of. */
  #toldSeq: number;
  /** What came after it; null when that is nothing, or more than one kind of event. */
  #fresh: Fresh | null = null;
  #telling = false;
  /** What a reader was just told, for the next one at the same place. */
  #newest: { readonly after: number; readonly frames: readonly EncodedFrame[] } | null = null;

  /**
   * @param message the answer as it was before the first event of this log
   * @param baseSeq the last event that `message` includes: 0 unless another process began to write it
   */
  constructor(ids: GenerationIds, message: Message, { baseSeq = 0, pace = everyTurn }: { baseSeq?: number; pace?: LogPace } = {}) {
    this.ids = ids;
    this.#message = message;
    this.#parts = [...message.parts];
    this.baseSeq = baseSeq;
    this.#seq = baseSeq;
    this.#toldSeq = baseSeq;
    this.#head = `${JSON.stringify({ type: 'generation.delta', ...ids }).slice(0, -1)},"seq":`;
    this.#soon = pace.of(() => this.#tell());
  }

  /** Id of the model that writes it. */
  get model(): string {
    return this.#message.model ?? '';
  }

  /** Seq of the newest event. */
  get seq(): number {
    return this.#seq;
  }

  get finished(): ServerFrameOf<'generation.finished'> | null {
    return this.#finished;
  }

  /** Of all that was appended as parts, as JSON. */
  get partCharacters(): number {
    return this.#partCharacters;
  }

  /** The answer as of `seq`; a copy. */
  parts(): Part[] {
    const parts = [...this.#parts];
    if (this.#open !== null) foldPart(parts, { type: this.#open.kind, text: this.#runs.textFrom(this.#open.run) });
    return parts;
  }

  /** The answer so far and the seq that it includes: a reader replaces what it has. */
  snapshot(): ServerFrameOf<'generation.snapshot'> {
    const finished = this.#finished;
    const seq = finished === null ? this.#seq : this.#seq - 1;
    const message = finished?.message ?? { ...this.#message, status: 'streaming', parts: this.parts() };
    return { type: 'generation.snapshot', ...this.ids, seq, message };
  }

  appendText(kind: TextKind, text: string): void {
    if (this.#finished !== null || text === '') return;
    this.#openText(kind);
    this.#seq += 1;
    this.#runs.addText(kind, text, this.#seq);
    this.#addFresh(kind, text);
    this.#wake();
  }

  appendPart(part: Part): void {
    if (this.#finished !== null) return;
    this.#closeText();
    this.#seq += 1;
    this.#runs.addPart(part, this.#seq);
    this.#partCharacters += JSON.stringify(part).length;
    foldPart(this.#parts, part);
    this.#dropFresh();
    this.#wake();
  }

  /** Takes a stored stretch over as it is (an answer that another process writes). Ignored unless it is the next one. */
  appendStored(run: EventRun): void {
    if (this.#finished !== null || run.from !== this.#seq + 1) return;
    if (run.kind === 'part') {
      this.appendPart(run.part);
      return;
    }
    this.#openText(run.kind);
    this.#seq = this.#runs.addStored(run);
    this.#dropFresh();
    this.#wake();
  }

  /** The last event. Its frame carries the whole message, so that every reader ends with the same. */
  finish(event: FinishedEvent): void {
    if (this.#finished !== null) return;
    this.#seq += 1;
    this.#dropFresh();
    const { message } = event;
    this.#finished = {
      type: 'generation.finished',
      ...this.ids,
      seq: this.#seq,
      count: 1,
      status: event.status,
      textSha256: event.textSha256,
      message,
      ...(message.finishReason === undefined ? {} : { finishReason: message.finishReason }),
      ...(message.usage === undefined ? {} : { usage: message.usage }),
      ...(message.error === undefined ? {} : { error: message.error }),
    };
    // At once: what is told after the end (and the close of a socket by a draining server) must not overtake it.
    this.#tell();
  }

  /**
   * Frames for the events after `afterSeq`, tokens joined; empty when there are none. Ends after `maxFrames`, or a little more.
   * @param splitAt no frame covers both this event and the next: a reader may have all events up to it already
   */
  read(afterSeq: number, maxFrames = Number.POSITIVE_INFINITY, splitAt = Number.POSITIVE_INFINITY): ServerFrame[] {
    return this.#framesAfter(afterSeq, maxFrames, splitAt).map(({ frame }) => frame);
  }

  /** The frames of `read` as JSON. Readers at the same place share them: almost always the newest, which no reader has yet. */
  readEncoded(afterSeq: number, maxFrames: number, splitAt = Number.POSITIVE_INFINITY): readonly EncodedFrame[] {
    if (afterSeq >= this.#seq) return [];
    const split = splitAt > afterSeq && splitAt <= this.#seq;
    if (split) return this.#encodedAfter(afterSeq, maxFrames, splitAt);
    if (this.#newest?.after === afterSeq) return this.#newest.frames;
    const fresh = this.#fresh;
    const frames =
      fresh?.after === afterSeq ? [{ seq: this.#seq, json: this.#encode(fresh) }] : this.#encodedAfter(afterSeq, maxFrames, splitAt);
    if (this.#telling && frames.at(-1)?.seq === this.#seq) this.#newest = { after: afterSeq, frames };
    return frames;
  }

  /** What a reader at `seq` has not been given yet: how far it lags. */
  lagAfter(afterSeq: number): { events: number; characters: number } {
    return { events: Math.max(0, this.#seq - afterSeq), characters: this.#runs.charactersAfter(afterSeq) };
  }

  /** Stretches after `seq`, for the store. */
  runsAfter(afterSeq: number): EventRun[] {
    return this.#runs.cutAfter(afterSeq);
  }

  /** Calls back, once per turn of the event loop at most, after events were added; the first and the last are told at once. @returns how to stop */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #encodedAfter(afterSeq: number, maxFrames: number, splitAt: number): EncodedFrame[] {
    return this.#framesAfter(afterSeq, maxFrames, splitAt).map(({ seq, frame }) => ({ seq, json: JSON.stringify(frame) }));
  }

  #framesAfter(afterSeq: number, maxFrames: number, splitAt: number): { seq: number; frame: ServerFrame }[] {
    const frames: { seq: number; frame: ServerFrame }[] = [];
    for (const run of this.#runs.after(afterSeq)) {
      if (frames.length >= maxFrames) return frames;
      if (run.kind === 'part') {
        frames.push({ seq: run.from, frame: { type: 'generation.part', ...this.ids, seq: run.from, count: 1, part: run.part } });
      } else for (const frame of this.#textFrames(run, afterSeq, splitAt)) frames.push({ seq: frame.seq, frame });
    }
    const end = this.#finished;
    if (end !== null && end.seq > afterSeq) frames.push({ seq: end.seq, frame: end });
    return frames;
  }

  *#textFrames(run: HeldText, afterSeq: number, splitAt: number): Generator<ServerFrameOf<'generation.delta'>, void, void> {
    const { ends, from, kind } = run;
    let first = Math.max(0, afterSeq - from + 1);
    while (first < ends.length) {
      const start = ends.at(first - 1);
      let until = first;
      while (from + until !== splitAt && until + 1 < ends.length && ends.at(until + 1) - start <= MAX_FRAME_CHARACTERS) until += 1;
      const text = run.text.slice(start, ends.at(until));
      yield { type: 'generation.delta', ...this.ids, seq: from + until, count: until - first + 1, kind, text };
      first = until + 1;
    }
  }

  /** As `JSON.stringify` writes the frame. */
  #encode({ after, kind, text }: Fresh): string {
    return `${this.#head}${this.#seq},"count":${this.#seq - after},"kind":"${kind}","text":${JSON.stringify(text)}}`;
  }

  #openText(kind: TextKind): void {
    if (this.#open?.kind === kind) return;
    this.#closeText();
    this.#open = { kind, run: this.#runs.length };
  }

  #closeText(): void {
    if (this.#open !== null) foldPart(this.#parts, { type: this.#open.kind, text: this.#runs.textFrom(this.#open.run) });
    this.#open = null;
  }

  #addFresh(kind: TextKind, text: string): void {
    const fresh = this.#fresh;
    if (this.#toldSeq === this.#seq - 1) this.#fresh = { after: this.#seq - 1, kind, text };
    else if (fresh !== null && fresh.kind === kind && fresh.text.length + text.length <= MAX_FRAME_CHARACTERS) fresh.text += text;
    else this.#fresh = null;
  }

  #dropFresh(): void {
    this.#newest = null;
    this.#fresh = null;
  }

  #wake(): void {
    if (this.#seq === this.baseSeq + 1) this.#tell();
    else this.#soon();
  }

  #tell(): void {
    this.#telling = true;
    for (const listener of this.#listeners) listener();
    this.#telling = false;
    this.#toldSeq = this.#seq;
    this.#dropFresh();
  }
}
