import type { ModelSession, Tensor } from '#core';
import type { ClipTokenizer } from './clip-tokenizer.ts';
import { refusal } from './refusal.ts';
import { firstInput, fixedDim, floatsOfTensor, repeated, tensorFor } from './tensor-kinds.ts';

/** What the U-Net hears of a text. */
export interface Condition {
  /** `tokens` rows of `width` numbers. */
  readonly hidden: Float32Array;
  readonly tokens: number;
  readonly width: number;
  /** SDXL: the text as one row of numbers. */
  readonly pooled: Float32Array | null;
}

export interface EncodedText extends Condition {
  /** Tokens of the text that the model cannot hear any more. */
  readonly dropped: number;
}

/** What a text encoder of CLIP hears where its export leaves the length open. */
const clipLength = 77;

interface EncodedOnce {
  readonly outputs: Readonly<Record<string, Tensor>>;
  readonly batch: number;
  readonly dropped: number;
}

async function runEncoder(session: ModelSession, tokenizer: ClipTokenizer, text: string): Promise<EncodedOnce> {
  const input = firstInput(session);
  const length = fixedDim(input, 1) ?? clipLength;
  const batch = fixedDim(input, 0) ?? 1;
  const { ids, dropped } = tokenizer.tokenize(text, length);
  const feed = tensorFor(input, [batch, length], repeated(Float32Array.from(ids), batch));
  return { outputs: await session.run({ [input.name]: feed }), batch, dropped };
}

/** The first of a batch. */
function firstOf(tensor: Tensor | undefined, what: string): Float32Array {
  const values = floatsOfTensor(tensor, what);
  return values.subarray(0, values.length / (tensor?.dims[0] ?? 1));
}

/** Stable Diffusion 1 and 2: the last state of the one encoder. */
export async function encodeText(session: ModelSession, tokenizer: ClipTokenizer, text: string): Promise<EncodedText> {
  const { outputs, dropped } = await runEncoder(session, tokenizer, text);
  const state = outputs['last_hidden_state'] ?? outputs[session.outputs[0]?.name ?? ''];
  return { ...rowsOf(state, session.model), pooled: null, dropped };
}

function rowsOf(state: Tensor | undefined, model: string): Pick<Condition, 'hidden' | 'tokens' | 'width'> {
  const [, tokens = 0, width = 0] = state?.dims ?? [];
  return { hidden: firstOf(state, `the text encoder of ${model}`), tokens, width };
}

/** SDXL hears the last state but one. @throws AppError that says how to export again when it is not among the outputs */
function lastStateButOne(session: ModelSession, outputs: Readonly<Record<string, Tensor>>): Tensor | undefined {
  const count = session.outputs.filter(({ name }) => /^hidden_states\.\d+$/.test(name)).length;
  if (count < 2)
    throw refusal('MODEL_MISSING', {
      en: `The text encoders of ${session.model} were exported without their hidden states. Export the model again with optimum.`,
      fa: `رمزگذارهای متن ${session.model} بی حالت‌های میانی صادر شده‌اند. مدل را دوباره با optimum صادر کنید.`,
      ar: `صُدِّرت مرمّزات النص في ${session.model} دون حالاتها الداخلية. صدّر النموذج من جديد بأداة optimum.`,
    });
  return outputs[`hidden_states.${count - 2}`];
}

/** SDXL: the last states but one of both encoders side by side, and the text embedding of the second. */
export async function encodeTextTwice(
  sessions: readonly [ModelSession, ModelSession],
  tokenizers: readonly [ClipTokenizer, ClipTokenizer],
  text: string,
): Promise<EncodedText> {
  const first = await runEncoder(sessions[0], tokenizers[0], text);
  const second = await runEncoder(sessions[1], tokenizers[1], text);
  const a = rowsOf(lastStateButOne(sessions[0], first.outputs), sessions[0].model);
  const b = rowsOf(lastStateButOne(sessions[1], second.outputs), sessions[1].model);
  const pooled = firstOf(second.outputs['text_embeds'], 'the second text encoder');
  return { ...sideBySide(a, b), pooled, dropped: first.dropped };
}

type Rows = Pick<Condition, 'hidden' | 'tokens' | 'width'>;

function sideBySide(a: Rows, b: Rows): Rows {
  const width = a.width + b.width;
  const hidden = new Float32Array(a.tokens * width);
  for (let row = 0; row < a.tokens; row += 1) {
    hidden.set(a.hidden.subarray(row * a.width, (row + 1) * a.width), row * width);
    hidden.set(b.hidden.subarray(row * b.width, (row + 1) * b.width), row * width + a.width);
  }
  return { hidden, tokens: a.tokens, width };
}

/** Silence: what SDXL hears in place of an empty text to avoid. */
export function silence(like: Condition): Condition {
  return {
    ...like,
    hidden: new Float32Array(like.hidden.length),
    pooled: like.pooled === null ? null : new Float32Array(like.pooled.length),
  };
}
