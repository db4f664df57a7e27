import type { Message } from '../../../src/protocol/shapes.ts';

export type Ending = 'stopped' | 'interrupted' | 'failed' | 'length' | 'refused' | 'unknown';

const refusedReasons = /^(safety|recitation|blocklist|prohibited_content|spii|image_safety|content_filter|refusal|other_refusal)$/i;

/** How an answer ended when it is not simply complete. */
export function endingOf(message: Pick<Message, 'status' | 'finishReason'>): Ending | null {
  if (message.status === 'stopped' || message.status === 'interrupted' || message.status === 'failed') return message.status;
  const reason = message.finishReason ?? 'STOP';
  if (/^(max_tokens|length|continuation|size_limit)$/i.test(reason)) return 'length';
  if (refusedReasons.test(reason)) return 'refused';
  return /^(stop|end_turn|complete|finish_reason_unspecified)$/i.test(reason) ? null : 'unknown';
}

/** The key of its words, behind `finish.`. @param empty there is no text */
export function wordsOf(ending: Ending, empty: boolean): string {
  if (!empty) return ending;
  if (ending === 'length') return 'lengthNoText';
  return ending === 'interrupted' ? 'interruptedNoText' : ending;
}
