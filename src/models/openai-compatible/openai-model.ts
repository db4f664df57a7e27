import { BaseChatModel } from '../../core/base/base-chat-model.ts';
import type { ModelEvent } from '../../core/base/model-events.ts';
import type { ModelHealth, ModelInfo, ModelInterface, ModelRequest, ModelStreamOptions } from '../../core/base/model-interface.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import { AnswerQueue } from '../shared/answer-queue.ts';
import { type AnswerTimeouts, CallWatch } from '../shared/call-watch.ts';
import { streamOpenAiAnswer } from './openai-answer.ts';
import { createOpenAiModelList, type OpenAiModelList } from './openai-model-list.ts';

const CHECK_TIMEOUT_MS = 5000;

export interface OpenAiModelOptions {
  /** Up to and with the version, e.g. `http://127.0.0.1:11434/v1`. */
  readonly baseUrl: string;
  readonly apiKey?: string | undefined;
  /** The model that is offered first. */
  readonly model?: string | undefined;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly timeouts: AnswerTimeouts;
  /** Automatic repeats before the first piece of an answer. Default 2. */
  readonly maxRetries?: number;
  /** In place of the global one, for the list of models and the check of the key. */
  readonly fetch?: typeof globalThis.fetch;
  /** 0 to 1, for the jitter of the repeats. */
  readonly random?: () => number;
}

/** Any service that speaks the OpenAI chat protocol: Ollama, llama.cpp, vLLM, LM Studio, and the hosted ones. */
export function createOpenAiModel(options: OpenAiModelOptions): ModelInterface {
  return new OpenAiModel(options);
}

class OpenAiModel extends BaseChatModel<OpenAiModelOptions> {
  readonly #headers: Readonly<Record<string, string>>;
  readonly #fetch: typeof globalThis.fetch;
  readonly #list: OpenAiModelList;
  readonly #running = new Set<AbortController>();

  constructor(options: OpenAiModelOptions) {
    super('openai-compatible', '1', options);
    this.#headers = options.apiKey === undefined ? {} : { authorization: `Bearer ${options.apiKey}` };
    this.#fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init));
    const { baseUrl, model, clock, logger } = options;
    this.#list = createOpenAiModelList({ baseUrl, headers: this.#headers, preferred: model, clock, logger, fetch: this.#fetch });
  }

  list(signal?: AbortSignal): Promise<readonly ModelInfo[]> {
    return this.#list.list(signal);
  }

  override async load(signal?: AbortSignal): Promise<void> {
    await this.#list.list(signal);
  }

  async check(): Promise<ModelHealth> {
    const { baseUrl, clock } = this.config;
    const controller = new AbortController();
    const cancel = clock.after(CHECK_TIMEOUT_MS, () => controller.abort());
    try {
      const response = await this.#fetch(`${baseUrl}/models`, { headers: this.#headers, redirect: 'error', signal: controller.signal });
      await response.body?.cancel();
      if (response.ok) return 'ok';
      return response.status === 401 || response.status === 403 ? 'bad_key' : 'unreachable';
    } catch {
      return 'unreachable';
    } finally {
      cancel();
      controller.abort();
    }
  }

  protected generate(request: ModelRequest, { signal }: ModelStreamOptions): AsyncIterable<ModelEvent> {
    // Ends with the caller's signal and with `release`; a listener of our own can be taken off a signal that lives long.
    const call = new AbortController();
    const stop = (): void => call.abort();
    signal.addEventListener('abort', stop, { once: true });
    this.#running.add(call);
    const { clock, timeouts } = this.config;
    // A local model may have to be loaded from a disk first.
    const watch = new CallWatch({ signal: call.signal, clock, timeouts, patient: true });
    const out = new AnswerQueue(watch, stop);
    void this.#answer(request, { watch, out }).finally(() => {
      signal.removeEventListener('abort', stop);
      watch.close();
      this.#running.delete(call);
    });
    return out;
  }

  /** Never rejects: what goes wrong is thrown to the queue's reader. */
  async #answer(request: ModelRequest, ends: { watch: CallWatch; out: AnswerQueue }): Promise<void> {
    const { out } = ends;
    try {
      const info = (await this.#list.list()).find(({ id }) => id === request.model);
      const { baseUrl, maxRetries = 2, random = Math.random } = this.config;
      const deps = { url: `${baseUrl}/chat/completions`, headers: this.#headers, maxRetries, random, ...ends };
      for (const event of await streamOpenAiAnswer(request, info?.images === true, deps)) {
        if (event.type === 'failure') this.#report(request, event.failure.class);
        out.push(event);
      }
      out.end();
    } catch (error) {
      out.fail(error);
    }
  }

  override async release(): Promise<void> {
    await super.release();
    for (const call of this.#running) call.abort();
  }

  #report({ model, generationId }: ModelRequest, kind: string): void {
    const fields = { provider: 'openai-compatible', model, generationId, class: kind };
    if (kind === 'bad_key') this.config.logger.error(fields, 'The model service refused the API key: check OPENAI_API_KEY');
    else this.config.logger.warn(fields, 'An answer of the model failed');
  }
}
