import type { ModelEvent } from './model-events.ts';
import type { ModelInfo, ModelInterface, ModelRequest, ModelStatus, ModelStreamOptions } from './model-interface.ts';

/**
 * What every chat model shares: identity, validated configuration, counted status, and the promise that a stream ends in
 * exactly one terminal event and never throws. A model implements `generate` and `list`.
 */
export abstract class BaseModel<Config> implements ModelInterface {
  readonly name: string;
  readonly version: string;
  protected readonly config: Config;
  #state: ModelStatus['state'] = 'created';
  #reason: string | undefined;
  #requests = 0;
  #failures = 0;

  /**
   * @param name provider name, kebab-case, unique among the models
   * @param version of this adapter, not of the service behind it
   */
  constructor(name: string, version: string, config: Config) {
    this.name = name;
    this.version = version;
    this.config = Object.freeze(config);
  }

  abstract list(signal?: AbortSignal): Promise<readonly ModelInfo[]>;

  /** Yields the events of one answer. May throw; `process` turns that into a `failure`. */
  protected abstract generate(request: ModelRequest, options: ModelStreamOptions): AsyncIterable<ModelEvent>;

  async *process(request: ModelRequest, options: ModelStreamOptions): AsyncGenerator<ModelEvent, void, void> {
    if (options.signal.aborted) return;
    if (this.#state === 'released') {
      yield failure('INTERNAL', 'This model was shut down.', 'released');
      return;
    }
    this.#requests += 1;
    try {
      for await (const event of this.generate(request, options)) {
        if (options.signal.aborted) return;
        // Counted first: a reader may leave with the last event.
        const last = this.#count(event);
        yield event;
        if (last) return;
      }
      if (options.signal.aborted) return;
      this.#failed('The answer was cut off.');
      yield failure('MODEL_UNAVAILABLE', 'The answer was cut off.', 'truncated');
    } catch (error) {
      if (options.signal.aborted) return;
      this.#failed(error instanceof Error ? error.name : 'unknown');
      yield failure('INTERNAL', 'The model adapter failed.', error instanceof Error ? error.name : 'unknown');
    }
  }

  status(): ModelStatus {
    return {
      state: this.#state,
      requests: this.#requests,
      failures: this.#failures,
      ...(this.#reason === undefined || this.#state !== 'failed' ? {} : { reason: this.#reason }),
    };
  }

  async release(): Promise<void> {
    this.#state = 'released';
  }

  /** @returns whether the event ends the stream */
  #count(event: ModelEvent): boolean {
    if (event.type === 'failure') this.#failed(event.failure.message, event.failure.code === 'BAD_REQUEST');
    if (event.type === 'finish') this.#become('ready');
    return event.type === 'failure' || event.type === 'finish';
  }

  /** A model that was released stays so, whatever an answer that was still running ends in. */
  #become(state: ModelStatus['state']): void {
    if (this.#state !== 'released') this.#state = state;
  }

  /** @param ofRequest the request was at fault: that says nothing about the model's health */
  #failed(reason: string, ofRequest = false): void {
    this.#failures += 1;
    if (ofRequest) return;
    this.#become('failed');
    this.#reason = reason;
  }
}

function failure(code: 'INTERNAL' | 'MODEL_UNAVAILABLE', message: string, cls: string): ModelEvent {
  return { type: 'failure', failure: { code, message, class: cls, retryable: true } };
}
