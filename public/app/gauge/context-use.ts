import type { Message, ModelInfo } from '../../../src/protocol/shapes.ts';

export interface ContextUse {
  /** Tokens that the conversation takes of the model's window, as the model counted them at its last answer. */
  readonly used: number;
  /** Tokens of the text that is being written, guessed by its length. */
  readonly draft: number;
  /** Tokens that the model can look at; null where nobody says. */
  readonly window: number | null;
  /** 0..1 of the window, with the draft; null where the window is not known. */
  readonly share: number | null;
  /** What the answers have cost in millionths of a US dollar; null for models without prices. */
  readonly costMicroUsd: number | null;
  /** Some answers have no price: the cost is of the others. */
  readonly unpriced: boolean;
}

/** From here on the ring asks for attention. */
export const nearlyFull = 0.8;

/** @param branch oldest first; null before the model has answered */
export function contextUse(branch: readonly Message[], model: ModelInfo | undefined, draftText: string): ContextUse | null {
  const counted = branch.filter(({ role, usage }) => role === 'assistant' && usage !== undefined);
  const last = counted.at(-1)?.usage;
  if (last === undefined) return null;
  const draft = guessTokens(draftText);
  const window = model?.contextTokens ?? null;
  const prices = counted.flatMap(({ usage }) => (usage?.costMicroUsd === undefined ? [] : [usage.costMicroUsd]));
  return {
    used: last.totalTokens,
    draft,
    window,
    share: window === null || window <= 0 ? null : Math.min(1, (last.totalTokens + draft) / window),
    costMicroUsd: prices.length === 0 ? null : prices.reduce((sum, price) => sum + price, 0),
    unpriced: prices.length < counted.length,
  };
}

/** Latin text has about four characters a token, other scripts about two. */
export function guessTokens(text: string): number {
  let narrow = 0;
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) < 0x80) narrow += 1;
  return Math.ceil(narrow / 4 + (text.length - narrow) / 2);
}
