import type { ModelRequest, SurfaceModelEvent } from '../../core/index.ts';
import type { ConversationRecord } from '../conversations/conversation-record.ts';
import type { LiveGeneration } from './live-generation.ts';

/** What a profile and plugins bring to what a model is asked. */
export interface AskedExtras extends Pick<ModelRequest, 'profile' | 'modes' | 'values'> {
  /** Of the profile: before the person's own. */
  readonly systemInstruction?: string;
}

/** What plugins have to do with an answer; absent where there are none. */
export interface AnswerSurface {
  /**
   * Before the model is asked: what plugins show stands at the beginning of the answer. Ends within its own time and never rejects.
   * @returns what the model is told besides, empty for nothing
   */
  before(live: LiveGeneration): Promise<string>;
  extras(conversation: ConversationRecord): AskedExtras;
  /**
   * Something that a plugin's chat model shows.
   * @returns how much it adds to the answer, in characters of JSON
   * @throws AppError what cannot be shown ends the answer
   */
  take(live: LiveGeneration, event: SurfaceModelEvent): Promise<number>;
  /** The end is stored and told. */
  ended(live: LiveGeneration, status: 'complete' | 'stopped' | 'interrupted' | 'failed'): void;
  /** A new conversation began with an accepted message. */
  began(conversation: ConversationRecord): void;
}
