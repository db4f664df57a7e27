import { BaseChatModel, type ModelEvent, type ModelRequest, type ModelStreamOptions } from '../../src/core/index.ts';
import { AsyncQueue } from '../../src/lib/async-queue.ts';
import type { ModelInfo } from '../../src/protocol/index.ts';

/** One request to the model, which a test answers event by event. */
export class ScriptedCall {
  readonly request: ModelRequest;
  readonly signal: AbortSignal;
  readonly #events = new AsyncQueue<ModelEvent>({ highWaterMark: 100_000 });

  constructor(request: ModelRequest, signal: AbortSignal) {
    this.request = request;
    this.signal = signal;
    signal.addEventListener('abort', () => this.#events.end(), { once: true });
  }

  text(...texts: string[]): this {
    for (const text of texts) this.emit({ type: 'text', text });
    return this;
  }

  emit(event: ModelEvent): this {
    this.#events.push(event);
    return this;
  }

  finish(): void {
    this.emit({ type: 'finish', reason: 'STOP', outcome: 'complete' });
  }

  /** Ends without a word, as a cut connection does. */
  cut(): void {
    this.#events.end();
  }

  get events(): AsyncIterable<ModelEvent> {
    return this.#events;
  }
}

/** A model that a test drives: each request waits to be answered. */
export class ScriptedModel extends BaseChatModel<object> {
  readonly calls: ScriptedCall[] = [];
  readonly #arrivals = new AsyncQueue<ScriptedCall>({ highWaterMark: 100_000 });
  readonly #ids: readonly string[];

  constructor(ids: readonly string[] = ['scripted']) {
    super('scripted', '1', {});
    this.#ids = ids;
  }

  async list(): Promise<readonly ModelInfo[]> {
    return this.#ids.map((id) => ({ id, label: id, provider: 'scripted', thinking: true, images: true }));
  }

  /** The next request that nobody has taken yet. */
  async nextCall(): Promise<ScriptedCall> {
    const arrived = await this.#arrivals.next();
    if (arrived.done === true) throw new Error('no more calls');
    return arrived.value;
  }

  protected async *generate(request: ModelRequest, { signal }: ModelStreamOptions): AsyncGenerator<ModelEvent> {
    const call = new ScriptedCall(request, signal);
    this.calls.push(call);
    this.#arrivals.push(call);
    yield* call.events;
  }
}
