import type { Part } from '../../protocol/index.ts';
import { EventEnds } from './event-ends.ts';
import { type EventRun, type PartRun } from './event-run.ts';

/** A stretch stays short, because reading from a growing string copies it. */
const MAX_RUN_CHARACTERS = 8 * 1024;

export type TextKind = 'text' | 'thought';

/** Consecutive text events of one kind, as the log holds them. */
export interface HeldText {
  readonly kind: TextKind;
  /** Seq of its first event. */
  readonly from: number;
  readonly ends: EventEnds;
  text: string;
}

export type HeldRun = HeldText | PartRun;

function lastSeqOf(run: HeldRun): number {
  return run.kind === 'part' ? run.from : run.from + run.ends.length - 1;
}

/** The events of a log as stretches, oldest first: a token costs its text and two bytes. */
export class EventRuns {
  readonly #runs: HeldRun[] = [];

  get length(): number {
    return this.#runs.length;
  }

  addText(kind: TextKind, text: string, seq: number): void {
    const last = this.#runs.at(-1);
    if (last !== undefined && last.kind === kind && last.text.length < MAX_RUN_CHARACTERS) {
      last.text += text;
      last.ends.push(last.text.length);
    } else this.#runs.push({ kind, from: seq, text, ends: new EventEnds([text.length]) });
  }

  addPart(part: Part, seq: number): void {
    this.#runs.push({ kind: 'part', from: seq, part });
  }

  /** @returns its last seq */
  addStored(run: EventRun): number {
    const held: HeldRun = run.kind === 'part' ? run : { ...run, ends: new EventEnds(run.ends) };
    this.#runs.push(held);
    return lastSeqOf(held);
  }

  /** Those that hold an event after `seq`. */
  *after(seq: number): Generator<HeldRun, void, void> {
    for (let index = this.#firstAfter(seq); index < this.#runs.length; index += 1) {
      const run = this.#runs[index];
      if (run !== undefined) yield run;
    }
  }

  /** What comes after `seq`, as the store keeps it. */
  cutAfter(seq: number): EventRun[] {
    const cut: EventRun[] = [];
    for (const run of this.after(seq)) {
      if (run.kind === 'part') cut.push(run);
      else {
        const skip = Math.max(0, seq - run.from + 1);
        cut.push({ kind: run.kind, from: run.from + skip, text: run.text.slice(run.ends.at(skip - 1)), ends: run.ends.from(skip) });
      }
    }
    return cut;
  }

  /** Characters of text after `seq`. */
  charactersAfter(seq: number): number {
    let characters = 0;
    for (const run of this.after(seq)) {
      if (run.kind !== 'part') characters += run.text.length - run.ends.at(seq - run.from);
    }
    return characters;
  }

  /** The texts of the stretches from this one on, which are all of one kind. */
  textFrom(index: number): string {
    let text = '';
    for (let at = index; at < this.#runs.length; at += 1) {
      const run = this.#runs[at];
      if (run !== undefined && run.kind !== 'part') text += run.text;
    }
    return text;
  }

  /** Index of the first run that holds an event after `seq`. */
  #firstAfter(seq: number): number {
    const newest = this.#runs.at(-1);
    if (newest !== undefined && newest.from <= seq + 1) return lastSeqOf(newest) > seq ? this.#runs.length - 1 : this.#runs.length;
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
}
