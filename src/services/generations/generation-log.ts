import { type FinalStatus, foldPart, type Message, type Part, type ServerFrame, type ServerFrameOf } from '../../protocol/index.ts';
import { type EventRun, lastSeqOf, type TextRun, textAfter } from './event-run.ts';

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
/** A stretch stays short, because reading from a growing string copies it. */
const MAX_RUN_CHARACTERS = 8 * 1024;

/**
 * The events of one generation, in memory: each gets its `seq` here, contiguous from 1. Readers hold a cursor and read from
 * it, so that a slow reader costs nothing and gets what it missed joined into few frames.
 */
export class GenerationLog {
  readonly ids: GenerationIds;
  readonly #runs: EventRun[] = [];
  readonly #parts: Part[];
  readonly #listeners = new Set<() => void>();
  readonly #message: Message;
  /** Events up to here are not in this log: a reader before it needs a snapshot. */
  readonly baseSeq: number;
  #seq: number;
  #finished: ServerFrameOf<'generation.finished'> | null = null;
  #partCharacters = 0;
  #wakeScheduled = false;

  /**
   * @param message the answer as it was before the first event of this log
   * @param baseSeq the last event that `message` includes: 0 unless another process began to write it
   */
  constructor(ids: GenerationIds, message: Message, baseSeq = 0) {
    this.ids = ids;
    this.#message = message;
    this.#parts = [...message.parts];
    this.baseSeq = baseSeq;
    this.#seq = baseSeq;
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
    return [...this.#parts];
  }

  /** The answer so far and the seq that it includes: a reader replaces what it has. */
  snapshot(): ServerFrameOf<'generation.snapshot'> {
    const finished = this.#finished;
    const seq = finished === null ? this.#seq : this.#seq - 1;
    const message = finished?.message ?? { ...this.#message, status: 'streaming', parts: this.parts() };
    return { type: 'generation.snapshot', ...this.ids, seq, message };
  }

  appendText(kind: 'text' | 'thought', text: string): void {
    if (this.#finished !== null || text === '') return;
    this.#seq += 1;
    const last = this.#runs.at(-1);
    if (last !== undefined && last.kind === kind && last.text.length < MAX_RUN_CHARACTERS) {
      last.text += text;
      last.ends.push(last.text.length);
    } else this.#runs.push({ kind, from: this.#seq, text, ends: [text.length] });
    foldPart(this.#parts, { type: kind, text });
    this.#wake();
  }

  appendPart(part: Part): void {
    if (this.#finished !== null) return;
    this.#seq += 1;
    this.#runs.push({ kind: 'part', from: this.#seq, part });
    this.#partCharacters += JSON.stringify(part).length;
    foldPart(this.#parts, part);
    this.#wake();
  }

  /** Takes a stored stretch over as it is (an answer that another process writes). Ignored unless it is the next one. */
  appendStored(run: EventRun): void {
    if (this.#finished !== null || run.from !== this.#seq + 1) return;
    this.#runs.push(run);
    this.#seq = lastSeqOf(run);
    if (run.kind === 'part') this.#partCharacters += JSON.stringify(run.part).length;
    foldPart(this.#parts, run.kind === 'part' ? run.part : { type: run.kind, text: run.text });
    this.#wake();
  }

  /** The last event. Its frame carries the whole message, so that every reader ends with the same. */
  finish(event: FinishedEvent): void {
    if (this.#finished !== null) return;
    this.#seq += 1;
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
    const frames: ServerFrame[] = [];
    for (let index = this.#firstRunAfter(afterSeq); index < this.#runs.length; index += 1) {
      const run = this.#runs[index];
      if (run === undefined) break;
      if (frames.length >= maxFrames) return frames;
      if (run.kind === 'part') frames.push({ type: 'generation.part', ...this.ids, seq: run.from, count: 1, part: run.part });
      else this.#readText(run, { afterSeq, splitAt }, frames);
    }
    if (this.#finished !== null && this.#finished.seq > afterSeq) frames.push(this.#finished);
    return frames;
  }

  /** Characters that a reader at `seq` has not been given yet: how far it lags. */
  lagAfter(afterSeq: number): { events: number; characters: number } {
    let characters = 0;
    for (let index = this.#firstRunAfter(afterSeq); index < this.#runs.length; index += 1) {
      const run = this.#runs[index];
      if (run !== undefined && run.kind !== 'part') characters += textAfter(run, afterSeq)?.text.length ?? 0;
    }
    return { events: Math.max(0, this.#seq - afterSeq), characters };
  }

  /** Stretches after `seq`, for the store. */
  runsAfter(afterSeq: number): EventRun[] {
    const runs: EventRun[] = [];
    for (let index = this.#firstRunAfter(afterSeq); index < this.#runs.length; index += 1) {
      const run = this.#runs[index];
      if (run === undefined) break;
      if (run.kind === 'part') runs.push(run);
      else {
        const skip = Math.max(0, afterSeq - run.from + 1);
        const start = skip === 0 ? 0 : (run.ends[skip - 1] ?? 0);
        const ends = run.ends.slice(skip).map((end) => end - start);
        if (ends.length > 0) runs.push({ kind: run.kind, from: run.from + skip, text: run.text.slice(start), ends });
      }
    }
    return runs;
  }

  /** Calls back, once per turn of the event loop at most, after events were added; the first and the last are told at once. @returns how to stop */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #readText(run: TextRun, place: { readonly afterSeq: number; readonly splitAt: number }, frames: ServerFrame[]): void {
    let after = Math.max(place.afterSeq, run.from - 1);
    const last = lastSeqOf(run);
    while (after < last) {
      const first = after - run.from + 1;
      const start = first === 0 ? 0 : (run.ends[first - 1] ?? 0);
      let until = first;
      while (
        run.from + until !== place.splitAt &&
        until + 1 < run.ends.length &&
        (run.ends[until + 1] ?? 0) - start <= MAX_FRAME_CHARACTERS
      ) {
        until += 1;
      }
      const seq = run.from + until;
      const text = run.text.slice(start, run.ends[until]);
      frames.push({ type: 'generation.delta', ...this.ids, seq, count: until - first + 1, kind: run.kind, text });
      after = seq;
    }
  }

  /** Index of the first run that holds an event after `seq`. */
  #firstRunAfter(seq: number): number {
    let low = 0;
    let high = this.#runs.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const run = this.#runs[middle];
      if (run !== undefined && lastSeqOf(run) <= seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #wake(): void {
    if (this.#seq === this.baseSeq + 1) {
      this.#tell();
      return;
    }
    if (this.#wakeScheduled) return;
    this.#wakeScheduled = true;
    // One turn of the loop joins the tokens of one upstream read and delays nothing that a person could notice.
    setImmediate(() => {
      this.#wakeScheduled = false;
      this.#tell();
    });
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
