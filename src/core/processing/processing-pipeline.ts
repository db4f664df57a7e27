import type { Level } from '../../protocol/index.ts';
import type { WorkLevel } from '../base/processor-interface.ts';
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

/** Work on pictures whose level is to be decided. */
export interface PictureRequest {
  readonly asked: Level;
  /** What the plugin thinks gives a good result for the least work; it may answer anything. */
  readonly auto: () => WorkLevel;
  /** How long it will take on this machine, in seconds. */
  readonly secondsAt: (level: WorkLevel) => number;
}

export interface ProcessingPlan extends ChosenModel {
  readonly level: WorkLevel;
  readonly thinking: boolean;
}

/** Words that ask for work rather than an answer, in the languages of our users. */
const deepWords =
  /\b(prove|derive|step by step|in detail|compare|analy[sz]e|refactor|debug|architecture|essay|research)\b|گام به گام|با جزئیات|تحلیل|مقایسه|اثبات|مقاله|خطوة بخطوة|بالتفصيل|حلل|قارن|أثبت|مقال/iu;

const levels: readonly WorkLevel[] = ['quick', 'normal', 'deep'];
/** Nobody waits longer for a picture, in seconds, who did not ask for it … */
const PATIENCE_SECONDS = 300;
/** … unless less effort would save less than half of it. */
const WORTH_SAVING = 0.5;

/** Decides how much effort a request gets (`quick | normal | deep`) and which model answers it. */
export class ProcessingPipeline {
  readonly #models: ModelRegistry;

  constructor(models: ModelRegistry) {
    this.#models = models;
  }

  /** The level of work on pictures: what was asked for, or the plugin's choice, lowered where this machine is too slow for it. */
  static levelFor({ asked, auto, secondsAt }: PictureRequest): WorkLevel {
    if (asked !== 'auto') return asked;
    const chosen = auto();
    let level: WorkLevel = levels.includes(chosen) ? chosen : 'normal';
    for (const lower of levels.slice(0, levels.indexOf(level)).reverse()) {
      const seconds = secondsAt(level);
      if (seconds <= PATIENCE_SECONDS || secondsAt(lower) > seconds * WORTH_SAVING) return level;
      level = lower;
    }
    return level;
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
export function complexityOf(request: Pick<ProcessingRequest, 'text' | 'pictures'>): WorkLevel {
  const { text, pictures } = request;
  if (text.length > 4000 || text.includes('```') || deepWords.test(text)) return 'deep';
  if (text.length <= 80 && pictures === 0 && !text.includes('\n')) return 'quick';
  return 'normal';
}
