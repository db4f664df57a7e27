import { BaseModel } from './base-model.ts';
import type { ModelEvent } from './model-events.ts';
import type { ModelInfo, ModelInterface, ModelRequest, ModelStreamOptions } from './model-interface.ts';

/**
 * A chat model on the common base, with the promise that a stream ends in exactly one terminal event and never throws.
 * A model implements `generate` and `list`.
 */
export abstract class BaseChatModel<Config>
  extends BaseModel<Config, ModelRequest, ModelStreamOptions, AsyncGenerator<ModelEvent, void, void>>
  implements ModelInterface
{
  abstract list(signal?: AbortSignal): Promise<readonly ModelInfo[]>;

  /** Yields the events of one answer. May throw; `process` turns that into a `failure`. */
  protected abstract generate(request: ModelRequest, options: ModelStreamOptions): AsyncIterable<ModelEvent>;

  async *process(request: ModelRequest, options: ModelStreamOptions): AsyncGenerator<ModelEvent, void, void> {
    if (options.signal.aborted) return;
    if (this.released) {
      yield failure('INTERNAL', 'This model was shut down.', 'released');
      return;
    }
    this.begun();
    try {
      for await (const event of this.generate(request, options)) {
        if (options.signal.aborted) return;
        // Counted first: a reader may leave with the last event.
        const last = this.#count(event);
        yield event;
        if (last) return;
      }
      if (options.signal.aborted) return;
      this.failed('The answer was cut off.');
      yield failure('MODEL_UNAVAILABLE', 'The answer was cut off.', 'truncated');
    } catch (error) {
      if (options.signal.aborted) return;
      this.failed(error instanceof Error ? error.name : 'unknown');
      yield failure('INTERNAL', 'The model adapter failed.', error instanceof Error ? error.name : 'unknown');
    }
  }

  /** @returns whether the event ends the stream */
  #count(event: ModelEvent): boolean {
    if (event.type === 'failure') this.failed(event.failure.message, event.failure.code === 'BAD_REQUEST');
    if (event.type === 'finish') this.succeeded();
    return event.type === 'failure' || event.type === 'finish';
  }
}

function failure(code: 'INTERNAL' | 'MODEL_UNAVAILABLE', message: string, cls: string): ModelEvent {
  return { type: 'failure', failure: { code, message, class: cls, retryable: true } };
}
