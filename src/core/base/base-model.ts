import type { JsonValue } from '../../lib/document-store.ts';

export type ModelState = 'created' | 'ready' | 'failed' | 'released';

export interface ModelStatus {
  readonly state: ModelState;
  /** Why it is not ready, in one sentence for the operator. */
  readonly reason?: string;
  readonly requests: number;
  readonly failures: number;
}

/** Who a model is and how it does, for lists and logs. */
export interface ModelDescription extends ModelStatus {
  readonly name: string;
  readonly version: string;
}

/**
 * What everything that answers requests shares, chat models and processors of pictures alike: identity, a frozen
 * configuration, a counted status that never leaves `released`, and a state that can be kept and given back.
 * `Input`, `Options` and `Answer` are those of `process`.
 */
export abstract class BaseModel<Config, Input, Options, Answer> {
  readonly name: string;
  readonly version: string;
  protected readonly config: Config;
  #state: ModelState = 'created';
  #reason: string | undefined;
  #requests = 0;
  #failures = 0;

  /**
   * @param name kebab-case, unique among its kind
   * @param version of this code, not of the service or the weights behind it
   * @param config validated before; frozen here
   */
  constructor(name: string, version: string, config: Config) {
    this.name = name;
    this.version = version;
    this.config = Object.freeze(config);
  }

  abstract process(input: Input, options: Options): Answer;

  /** Gets what the first request would else wait for. Safe to call twice; what fails here fails again with the request. */
  async load(_signal?: AbortSignal): Promise<void> {}

  /** What is worth keeping when the process that holds it is replaced: the counters, and what a subclass has learned. */
  saveState(): { readonly [key: string]: JsonValue } {
    return { requests: this.#requests, failures: this.#failures };
  }

  /** Takes what `saveState` gave, of this or an older version; what it does not know it leaves alone. */
  loadState(state: { readonly [key: string]: JsonValue | undefined }): void {
    this.#requests = countIn(state['requests']) ?? this.#requests;
    this.#failures = countIn(state['failures']) ?? this.#failures;
  }

  status(): ModelStatus {
    return {
      state: this.#state,
      requests: this.#requests,
      failures: this.#failures,
      ...(this.#reason === undefined || this.#state !== 'failed' ? {} : { reason: this.#reason }),
    };
  }

  describe(): ModelDescription {
    return { name: this.name, version: this.version, ...this.status() };
  }

  /** Frees what the model holds; safe to call twice. */
  async release(): Promise<void> {
    this.#state = 'released';
  }

  protected get released(): boolean {
    return this.#state === 'released';
  }

  protected begun(): void {
    this.#requests += 1;
  }

  protected succeeded(): void {
    this.#become('ready');
  }

  /** @param ofRequest the request was at fault: that says nothing about the model's health */
  protected failed(reason: string, ofRequest = false): void {
    this.#failures += 1;
    if (ofRequest) return;
    this.#become('failed');
    this.#reason = reason;
  }

  /** A model that was released stays so, whatever an answer that was still running ends in. */
  #become(state: ModelState): void {
    if (this.#state !== 'released') this.#state = state;
  }
}

function countIn(value: JsonValue | undefined): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
