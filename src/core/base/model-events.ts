import type { Usage } from '../../protocol/index.ts';
import type { SurfaceEvent } from '../plugins/surface.ts';

/**
 * What a chat model yields, in order. Exactly one `finish` or `failure` ends a stream, as its last event;
 * a stream that ends without one was cut. Errors are values here: a model never throws into its reader.
 */
export type ModelEvent =
  | { readonly type: 'text'; readonly text: string }
  /** A summary of the model's thinking: shown apart, never part of the answer. */
  | { readonly type: 'thought'; readonly text: string }
  | { readonly type: 'media'; readonly mime: string; readonly data: Uint8Array; readonly thought?: boolean }
  | { readonly type: 'source'; readonly url: string; readonly title?: string }
  | { readonly type: 'code'; readonly language: string; readonly code: string }
  | { readonly type: 'code-result'; readonly outcome: string; readonly output: string }
  /** The model's own content part, verbatim, to be replayed to the same provider (signatures, calls). Never shown. */
  | { readonly type: 'raw'; readonly part: unknown }
  /** What really answered, which may differ from the model asked for. */
  | { readonly type: 'version'; readonly modelVersion: string }
  | { readonly type: 'retrying'; readonly attempt: number; readonly delayMs: number; readonly reason: string }
  | { readonly type: 'usage'; readonly usage: Usage }
  | SurfaceModelEvent
  | { readonly type: 'finish'; readonly reason: string; readonly outcome: FinishOutcome; readonly detail?: string }
  | { readonly type: 'failure'; readonly failure: ModelFailure };

/** What a plugin's chat model shows in its answer besides words. A built-in model yields none of these. */
export type SurfaceModelEvent = Extract<
  SurfaceEvent,
  { readonly type: 'step' | 'element' | 'actions' | 'ask' | 'tasks' | 'remove' | 'toast' }
>;

/** `complete`: the answer is whole. `limited`: it ends at a limit (length) and is shown so. `refused`: the model withheld it. */
export type FinishOutcome = 'complete' | 'limited' | 'refused';

export type ModelFailureCode =
  | 'MODEL_REFUSED'
  | 'MODEL_BAD_KEY'
  | 'MODEL_UNAVAILABLE'
  | 'MODEL_TIMEOUT'
  | 'RATE_LIMITED'
  | 'BAD_REQUEST'
  | 'INTERNAL';

export interface ModelFailure {
  readonly code: ModelFailureCode;
  /** One sentence for the person who chats; holds no secret, no URL and no prompt. */
  readonly message: string;
  /** The class of the fault for the operator's log, e.g. `http_503`, `truncated`, `idle_timeout`, `bad_chunk`, `aborted`. */
  readonly class: string;
  readonly retryable: boolean;
  /** Seconds to wait before trying again, where the model service says. */
  readonly retryAfter?: number;
  /** A quota that the service named in a 429, for the limiter to learn from. */
  readonly quota?: { readonly window: 'minute' | 'day'; readonly limit?: number };
}
