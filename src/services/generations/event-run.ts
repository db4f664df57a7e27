import type { Part } from '../../protocol/index.ts';

/**
 * Consecutive events of one kind, held as one text with the places where each event ends, so that a token costs its text and
 * one small number, and a reader may resume between any two.
 */
export interface TextRun {
  readonly kind: 'text' | 'thought';
  /** Seq of its first event. */
  readonly from: number;
  readonly ends: number[];
  text: string;
}

export interface PartRun {
  readonly kind: 'part';
  readonly from: number;
  readonly part: Part;
}

export type EventRun = TextRun | PartRun;

export function lastSeqOf(run: EventRun): number {
  return run.kind === 'part' ? run.from : run.from + run.ends.length - 1;
}

/** @returns the text of the events after `seq`, or null when nothing of the run comes after it */
export function textAfter(run: TextRun, seq: number): { text: string; count: number } | null {
  const skip = Math.max(0, seq - run.from + 1);
  if (skip >= run.ends.length) return null;
  const start = skip === 0 ? 0 : (run.ends[skip - 1] ?? 0);
  return { text: run.text.slice(start), count: run.ends.length - skip };
}
