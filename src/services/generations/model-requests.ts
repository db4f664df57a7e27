import type { ModelRequest, ModelTurn } from '../../core/index.ts';
import type { Settings } from '../../protocol/index.ts';
import { textOf } from '../conversations/message-record.ts';
import type { History } from './history.ts';
import type { LiveGeneration } from './live-generation.ts';

/** How much of the end is quoted, in characters: enough to find the place. */
const QUOTED_END = 60;

/** Told to the model after the answer so far, which goes along as its own turn. */
function continueInstruction(text: string): string {
  return (
    'Continue your previous answer exactly where it stops. Do not repeat anything, do not introduce or comment, do not open a block of ' +
    'code again that is open; begin with the very next character, a space or line break included if one comes next. ' +
    `Its last characters are ${JSON.stringify(text.slice(-QUOTED_END))}.`
  );
}

/** Builds what a model is asked: the branch of the conversation and the settings that hold. */
export class ModelRequests {
  readonly #history: History;
  readonly #maxOutputTokens: number;

  /** @param options.maxOutputTokens 0: the model's own limit */
  constructor(options: { readonly history: History; readonly maxOutputTokens: number }) {
    this.#history = options.history;
    this.#maxOutputTokens = options.maxOutputTokens;
  }

  async build(live: LiveGeneration, settings: Settings): Promise<ModelRequest> {
    const { record, conversation, answer, question, model } = live;
    const leaf = live.continued ? answer.id : (question?.id ?? null);
    const turns = this.#history.turns(record.ownerId, await this.#history.branch(record.ownerId, conversation.id, leaf));
    const begun = live.continued ? textOf(answer.parts) : '';
    // An answer that was cut before its first word is simply asked for again.
    const instruction: ModelTurn[] = begun === '' ? [] : [{ role: 'user', text: continueInstruction(begun), images: [] }];
    const { systemInstruction, temperature } = settings;
    return {
      model: model.info.id,
      generationId: record.id,
      turns: [...turns, ...instruction],
      thinking: live.thinking,
      level: record.level,
      ...(typeof systemInstruction === 'string' && systemInstruction !== '' ? { systemInstruction } : {}),
      ...(typeof temperature === 'number' ? { temperature } : {}),
      ...(this.#maxOutputTokens > 0 ? { maxOutputTokens: this.#maxOutputTokens } : {}),
    };
  }
}
