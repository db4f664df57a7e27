import { foldPart as addPart } from '../../../src/protocol/fold-part.ts';
import type { Part } from '../../../src/protocol/shapes.ts';

export interface Sequenced {
  readonly epoch: string;
  readonly seq: number;
  readonly count: number;
}

/** What a frame is to this reader: `next` may be folded in, `seen` is ignored, `gap` and `epoch` mean: ask the server again. */
export type FrameFit = 'next' | 'seen' | 'gap' | 'epoch';

/** The text of one answer as far as it was read: which events it holds and what they make. */
export interface Fold {
  readonly epoch: string | null;
  readonly afterSeq: number;
  readonly parts: readonly Part[];
}

export const emptyFold: Fold = { epoch: null, afterSeq: 0, parts: [] };

/** A frame covers events seq - count + 1 .. seq. */
export function fit(fold: Fold, frame: Sequenced): FrameFit {
  if (fold.epoch !== null && fold.epoch !== frame.epoch) return 'epoch';
  if (frame.seq <= fold.afterSeq) return 'seen';
  return frame.seq - frame.count === fold.afterSeq ? 'next' : 'gap';
}

export function foldText(fold: Fold, frame: Sequenced & { readonly kind: 'text' | 'thought'; readonly text: string }): Fold {
  return { epoch: frame.epoch, afterSeq: frame.seq, parts: appendText(fold.parts, frame.kind, frame.text) };
}

export function foldPart(fold: Fold, frame: Sequenced & { readonly part: Part }): Fold {
  return { epoch: frame.epoch, afterSeq: frame.seq, parts: appendPart(fold.parts, frame.part) };
}

/** All text, without thoughts: what `textSha256` is made of. */
export function foldedText(parts: readonly Part[]): string {
  return parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
}

function appendText(parts: readonly Part[], kind: 'text' | 'thought', text: string): readonly Part[] {
  const last = parts.at(-1);
  if (last?.type === kind) return [...parts.slice(0, -1), { type: kind, text: last.text + text }];
  return [...parts, { type: kind, text }];
}

/** By the one rule of server and page: a part with a key replaces its earlier state where that stands. */
function appendPart(parts: readonly Part[], part: Part): readonly Part[] {
  const next = [...parts];
  addPart(next, part);
  return next;
}
