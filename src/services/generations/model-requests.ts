import type { ModelRequest, ModelTurn } from '../../core/index.ts';
import type { Settings } from '../../protocol/index.ts';
import type { History } from './history.ts';
import type { LiveGeneration } from './live-generation.ts';

/** Told to the model after the answer so far, which goes along as its own turn. */
const CONTINUE_INSTRUCTION =
  'Continue your previous answer exactly where it stops. Do not repeat anything, do not introduce or comment; begin with the very next character.';

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
    const instruction: ModelTurn = { role: 'user', text: CONTINUE_INSTRUCTION, images: [] };
    const { systemInstruction, temperature } = settings;
    return {
      model: model.info.id,
      turns: live.continued ? [...turns, instruction] : turns,
      thinking: live.thinking,
      level: record.level,
      ...(typeof systemInstruction === 'string' && systemInstruction !== '' ? { systemInstruction } : {}),
      ...(typeof temperature === 'number' ? { temperature } : {}),
      ...(this.#maxOutputTokens > 0 ? { maxOutputTokens: this.#maxOutputTokens } : {}),
    };
  }
}
