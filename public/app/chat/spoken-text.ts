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

/** UTF-16 units: a quarter of an hour. The browser lays out what is said, and a megabyte of code at once takes it 0.1 s. */
const mostSpoken = 16_000;

/** Marks of Markdown are noise when they are read aloud. Of more than anybody listens to, the beginning. */
export function spokenText(text: string): string {
  const words = text
    .slice(0, mostSpoken)
    .replace(/[*_`#>|~]+/g, '')
    .trim();
  return text.length > mostSpoken ? `${words.slice(0, sentenceEnd(words, 0) || words.length)} …` : words;
}

/** What is said at the end besides the text; null where nothing is, or where the note under the answer speaks for itself. */
export function endWords(message: Pick<Message, 'status' | 'finishReason' | 'parts'>): string | null {
  const ending = endingOf(message);
  if (ending === 'failed') return null;
  return ending === null ? 'chat.answered' : `finish.${wordsOf(ending, textOf(message.parts) === '')}`;
}
