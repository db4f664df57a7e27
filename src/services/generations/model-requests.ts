import type { ModelRequest, ModelTurn } from '../../core/index.ts';
import type { Settings } from '../../protocol/index.ts';
import { textOf } from '../conversations/message-record.ts';
import type { AnswerSurface } from './answer-surface.ts';
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

  readonly #surface: AnswerSurface | undefined;

  /** @param options.maxOutputTokens 0: the model's own limit */
  constructor(options: {
    readonly history: History;
    readonly maxOutputTokens: number;
    readonly surface?: AnswerSurface | undefined;
  }) {
    this.#history = options.history;
    this.#maxOutputTokens = options.maxOutputTokens;
    this.#surface = options.surface;
  }

  /** @param context what plugins tell the model besides; it goes along with the person's own words */
  async build(live: LiveGeneration, settings: Settings, context = ''): Promise<ModelRequest> {
    const { record, conversation, answer, question, model } = live;
    const leaf = live.continued ? answer.id : (question?.id ?? null);
    const branch = await this.#history.branch(record.ownerId, conversation.id, leaf);
    const turns = withContext(this.#history.turns(record.ownerId, branch), context);
    const begun = live.continued ? textOf(answer.parts) : '';
    // An answer that was cut before its first word is simply asked for again.
    const instruction: ModelTurn[] = begun === '' ? [] : [{ role: 'user', text: continueInstruction(begun), images: [] }];
    const { temperature } = settings;
    const { systemInstruction: ofProfile, ...extras } = this.#surface?.extras(conversation) ?? {};
    const systemInstruction = [ofProfile, settings.systemInstruction]
      .filter((text) => typeof text === 'string' && text !== '')
      .join('\n\n');
    return {
      model: model.info.id,
      generationId: record.id,
      turns: [...turns, ...instruction],
      thinking: live.thinking,
      level: record.level,
      ...extras,
      ...(systemInstruction === '' ? {} : { systemInstruction }),
      ...(typeof temperature === 'number' ? { temperature } : {}),
      ...(this.#maxOutputTokens > 0 ? { maxOutputTokens: this.#maxOutputTokens } : {}),
    };
  }
}

function withContext(turns: ModelTurn[], context: string): ModelTurn[] {
  const last = turns.at(-1);
  if (context === '' || last?.role !== 'user') return turns;
  return [...turns.slice(0, -1), { ...last, text: `[Context]\n${context}\n[End of context]\n\n${last.text}` }];
}
