import type { Message } from '../../../src/protocol/shapes.ts';
import { endingOf, wordsOf } from './ending-of.ts';
import { textOf } from './message-parts.ts';

/** Where the last finished sentence of a text ends, after `from`. */
export function sentenceEnd(text: string, from: number): number {
  const pattern = /[.!?؟。！？…](?=\s|$)|\n/gu;
  pattern.lastIndex = from;
  let end = from;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) end = match.index + match[0].length;
  return end;
}

/** Marks of Markdown are noise when they are read aloud. */
export function spokenText(text: string): string {
  return text.replace(/[*_`#>|~]+/g, '').trim();
}

/** What is said at the end besides the text; null where nothing is, or where the note under the answer speaks for itself. */
export function endWords(message: Pick<Message, 'status' | 'finishReason' | 'parts'>): string | null {
  const ending = endingOf(message);
  if (ending === 'failed') return null;
  return ending === null ? 'chat.answered' : `finish.${wordsOf(ending, textOf(message.parts) === '')}`;
}
