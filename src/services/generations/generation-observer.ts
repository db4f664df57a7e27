import type { FinalStatus, Usage } from '../../protocol/index.ts';

/** Looks on while answers are written, to count them. Costs next to nothing for each token and never throws. */
export interface GenerationObserver {
  /** An accepted generation begins. @param model id of the model that answers */
  started(model: string): GenerationWatch;
}

/** Follows one generation. */
export interface GenerationWatch {
  /** A piece of the answer has come. @param characters 0 for what is no text, such as a picture */
  piece(characters: number): void;
  /** The model is asked again, before its first piece. */
  retrying(): void;
  /** The end is stored and told. Called once. */
  ended(end: GenerationEnd): void;
}

export interface GenerationEnd {
  readonly status: FinalStatus;
  readonly usage?: Usage | undefined;
  /** The class of the model's fault, such as `http_503`; undefined when the model was not to blame. */
  readonly faultClass?: string | undefined;
}

/** For who does not count. */
export const noGenerationObserver: GenerationObserver = { started: () => ({ piece() {}, retrying() {}, ended() {} }) };
