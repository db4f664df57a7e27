import { AnswerEvents } from './answer-events.ts';
import { BaseModel } from './base-model.ts';
import type { ModelEvent } from './model-events.ts';
import type { ModelInfo, ModelInterface, ModelRequest, ModelStreamOptions } from './model-interface.ts';

/**
 * A chat model on the common base, with the promise that a stream ends in exactly one terminal event and never throws.
 * A model implements `generate` and `list`.
 */
export abstract class BaseChatModel<Config>
  extends BaseModel<Config, ModelRequest, ModelStreamOptions, AsyncIterableIterator<ModelEvent, undefined>>
  implements ModelInterface
{
  abstract list(signal?: AbortSignal): Promise<readonly ModelInfo[]>;

  /** Yields the events of one answer. May throw; `process` turns that into a `failure`. */
  protected abstract generate(request: ModelRequest, options: ModelStreamOptions): AsyncIterable<ModelEvent>;

  process(request: ModelRequest, options: ModelStreamOptions): AsyncIterableIterator<ModelEvent, undefined> {
    const { signal } = options;
    return new AnswerEvents({
      signal,
      open: () => {
        if (this.released) return undefined;
        this.begun();
        return this.generate(request, options);
      },
      seen: (event) => this.#count(event),
      broke: (reason) => this.failed(reason),
    });
  }

  /** @returns whether the event ends the stream */
  #count(event: ModelEvent): boolean {
    if (event.type === 'failure') this.failed(event.failure.message, event.failure.code === 'BAD_REQUEST');
    if (event.type === 'finish') this.succeeded();
    return event.type === 'failure' || event.type === 'finish';
  }
}
