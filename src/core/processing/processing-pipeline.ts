import type { Level } from '../../protocol/index.ts';
import type { ChosenModel, ModelRegistry } from './model-registry.ts';

export interface ProcessingRequest {
  readonly text: string;
  readonly pictures: number;
  /** Model id the person chose; undefined: the server's default. */
  readonly model: string | undefined;
  readonly level: Level;
  /** null: as the level says. */
  readonly thinking: boolean | null;
}

export interface ProcessingPlan extends ChosenModel {
  readonly level: 'quick' | 'normal' | 'deep';
  readonly thinking: boolean;
}

/** Words that ask for work rather than an answer, in the languages of our users. */
const deepWords =
  /\b(prove|derive|step by step|in detail|compare|analy[sz]e|refactor|debug|architecture|essay|research)\b|گام به گام|با جزئیات|تحلیل|مقایسه|اثبات|مقاله|خطوة بخطوة|بالتفصيل|حلل|قارن|أثبت|مقال/iu;

/** Decides how much effort a request gets (`quick | normal | deep`) and which model answers it. */
export class ProcessingPipeline {
  readonly #models: ModelRegistry;

  constructor(models: ModelRegistry) {
    this.#models = models;
  }

  /** @returns null when the chosen model does not exist on this server */
  async processRequest(request: ProcessingRequest): Promise<ProcessingPlan | null> {
    const chosen = request.model === undefined ? await this.#models.default() : await this.#models.find(request.model);
    if (chosen === null) return null;
    const level = request.level === 'auto' ? complexityOf(request) : request.level;
    const thinking = chosen.info.thinking && (request.thinking ?? level !== 'quick');
    return { ...chosen, level, thinking };
  }
}

/** A first, cheap estimate by length, code, pictures and wording; thresholds are a judgement, not a measurement. */
export function complexityOf(request: Pick<ProcessingRequest, 'text' | 'pictures'>): 'quick' | 'normal' | 'deep' {
  const { text, pictures } = request;
  if (text.length > 4000 || text.includes('```') || deepWords.test(text)) return 'deep';
  if (text.length <= 80 && pictures === 0 && !text.includes('\n')) return 'quick';
  return 'normal';
}
