import type { FinishOutcome } from '../../core/base/model-events.ts';

export interface FinishMeaning {
  readonly outcome: FinishOutcome;
  /** One sentence for the person; absent where there is nothing to explain. */
  readonly detail?: string;
}

const refused = (detail: string): FinishMeaning => ({ outcome: 'refused', detail });
const limited = (detail: string): FinishMeaning => ({ outcome: 'limited', detail });

/** Why the service ends an answer. The set is open: a reason that is not here is handled by `finishMeaning`. */
const finishReasons: ReadonlyMap<string, FinishMeaning> = new Map([
  ['STOP', { outcome: 'complete' }],
  ['MAX_TOKENS', limited('The answer reached its length limit.')],
  ['CONTINUATION', limited('The model had more to say than this server asks for in one answer.')],
  ['SIZE_LIMIT', limited('The answer was larger than this server accepts.')],
  ['SAFETY', refused('The model withheld the answer for safety reasons.')],
  ['RECITATION', refused('The model stopped because the answer came too close to a published text.')],
  ['LANGUAGE', refused('The model does not support the language of this request.')],
  ['OTHER', refused('The model stopped without naming a reason.')],
  ['BLOCKLIST', refused('The model stopped because of a forbidden term.')],
  ['PROHIBITED_CONTENT', refused('The model stopped because of prohibited content.')],
  ['SPII', refused('The model stopped because the answer would hold sensitive personal data.')],
  ['MALFORMED_FUNCTION_CALL', refused('The model tried to use a tool and failed.')],
  ['UNEXPECTED_TOOL_CALL', refused('The model tried to use a tool that it does not have here.')],
  ['TOO_MANY_TOOL_CALLS', refused('The model used its tools too often and was stopped.')],
  ['MALFORMED_RESPONSE', refused('The model made an answer that could not be read.')],
  ['IMAGE_SAFETY', refused('The model withheld the picture for safety reasons.')],
  ['IMAGE_PROHIBITED_CONTENT', refused('The model withheld the picture because of prohibited content.')],
  ['IMAGE_RECITATION', refused('The model withheld the picture because it came too close to a published one.')],
  ['IMAGE_OTHER', refused('The model could not make the picture and named no reason.')],
  ['NO_IMAGE', refused('The model made no picture.')],
]);

const blockReasons: ReadonlyMap<string, string> = new Map([
  ['SAFETY', 'The model refused the message for safety reasons.'],
  ['OTHER', 'The model refused the message without naming a reason.'],
  ['BLOCKLIST', 'The model refused the message because of a forbidden term.'],
  ['PROHIBITED_CONTENT', 'The model refused the message because of prohibited content.'],
  ['IMAGE_SAFETY', 'The model refused a picture in the message for safety reasons.'],
  ['MODEL_ARMOR', 'A filter of the model service refused the message.'],
  ['JAILBREAK', 'The model service took the message for an attempt to get around its rules.'],
]);

/**
 * @param reason the service's word, any string
 * @param sentText whether the person saw any text or picture of this answer
 */
export function finishMeaning(reason: string, sentText: boolean): FinishMeaning {
  if (reason === 'MAX_TOKENS' && !sentText) return limited('Thinking used up the whole length limit; no text was left for the answer.');
  const known = finishReasons.get(reason);
  if (known !== undefined) return known;
  return sentText
    ? limited('The model stopped for a reason this server does not know.')
    : refused('The model gave no answer, for a reason this server does not know.');
}

/** @param reason why the service refused the prompt, any string */
export function blockMeaning(reason: string): FinishMeaning {
  return refused(blockReasons.get(reason) ?? 'The model refused the message for a reason this server does not know.');
}
