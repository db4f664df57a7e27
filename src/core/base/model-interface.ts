import type { JsonValue } from '../../lib/document-store.ts';
import type { ModelInfo } from '../../protocol/index.ts';
import type { ModelStatus } from './base-model.ts';
import type { ModelEvent } from './model-events.ts';
import type { ModelPrices } from './model-prices.ts';

/** One turn of the history as a model gets it. `raw` are the provider's own parts of an earlier answer, replayed verbatim when `rawProvider` matches. */
export interface ModelTurn {
  readonly role: 'user' | 'assistant';
  readonly text: string;
  readonly images: readonly ModelImage[];
  readonly raw?: readonly unknown[];
  readonly rawProvider?: string;
  readonly rawModel?: string;
}

export interface ModelImage {
  readonly mime: string;
  /** Loads the bytes at a size that suits a model (longest side at most 1536 px). Called once, right before the request. */
  readonly load: () => Promise<Uint8Array>;
}

export interface ModelRequest {
  readonly model: string;
  /** Oldest first; the last one is the user's. */
  readonly turns: readonly ModelTurn[];
  readonly systemInstruction?: string;
  /** 0 to 2; omitted: the model's own default. */
  readonly temperature?: number;
  readonly thinking: boolean;
  /** How much effort the pipeline decided on. */
  readonly level: 'quick' | 'normal' | 'deep';
  readonly maxOutputTokens?: number;
  /** For the log: which answer this is. */
  readonly generationId?: string;
  /** The profile of the conversation; a plugin's model is told its own without the plugin's name, and no other. */
  readonly profile?: string;
  /** Chosen option by mode: `<plugin>.<mode>`, for a plugin's model its own without the plugin's name. */
  readonly modes?: Readonly<Record<string, string>>;
  /** Values of the profile's fields, defaults included. */
  readonly values?: Readonly<Record<string, JsonValue>>;
}

export interface ModelStreamOptions {
  /** Aborting it closes the upstream request within milliseconds; the stream then ends without a further event. */
  readonly signal: AbortSignal;
}

/** A chat model provider: one object serves every model id it lists. */
export interface ModelInterface {
  readonly name: string;
  readonly version: string;
  /** Models that can be chosen now; never throws (falls back to what it knows). */
  list(signal?: AbortSignal): Promise<readonly ModelInfo[]>;
  /** Streams an answer. Never throws: failures are the last event. */
  process(request: ModelRequest, options: ModelStreamOptions): AsyncIterable<ModelEvent>;
  /** Asks the service whether it can be reached and takes the key; costs nothing and never throws. A provider without a service leaves it out. */
  check?(): Promise<ModelHealth>;
  /** The first day (UTC, ISO 8601) on which a model is gone: null where it stays, undefined where nobody knows. */
  endsOn?(model: string): string | null | undefined;
  /** What a model of this provider costs; a provider without prices leaves it out. */
  prices?(model: string): ModelPrices | undefined;
  status(): ModelStatus;
  /** Frees what the model holds; safe to call twice. */
  release(): Promise<void>;
}

export type ModelHealth = 'ok' | 'bad_key' | 'unreachable';

export type { ModelInfo };
