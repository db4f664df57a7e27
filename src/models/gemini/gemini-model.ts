import { BaseChatModel } from '../../core/base/base-chat-model.ts';
import type { ModelEvent } from '../../core/base/model-events.ts';
import type { ModelHealth, ModelInfo, ModelInterface, ModelRequest, ModelStreamOptions } from '../../core/base/model-interface.ts';
import type { ModelPrices } from '../../core/base/model-prices.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import { AnswerQueue } from '../shared/answer-queue.ts';
import { type AnswerTimeouts, CallWatch } from '../shared/call-watch.ts';
import { streamGeminiAnswer } from './gemini-answer.ts';
import { checkGemini } from './gemini-check.ts';
import { installGeminiFetch } from './gemini-fetch.ts';
import { createGeminiModelList, type GeminiModelList } from './gemini-model-list.ts';
import { type GeminiModelEntry, type GeminiModelTable, geminiPricesOf } from './gemini-model-table.ts';
import { geminiPrices } from './gemini-prices.ts';
import { apiVersion, createGeminiSdk, type GeminiSdk } from './gemini-sdk.ts';

export type { AnswerTimeouts } from '../shared/call-watch.ts';

export interface GeminiModelOptions {
  readonly apiKey: string;
  /** Without the API version; a path is allowed. Default: the public service. */
  readonly baseUrl?: string;
  readonly models: GeminiModelTable;
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

const publicUrl = 'https://generativelanguage.googleapis.com';

/** Google Gemini over `@google/generative-ai`. Holds no connection until it is asked for an answer or a list. */
export function createGeminiModel(options: GeminiModelOptions): ModelInterface {
  return new GeminiModel(options);
}

class GeminiModel extends BaseChatModel<GeminiModelOptions> {
  readonly #sdk: GeminiSdk;
  readonly #list: GeminiModelList;
  readonly #apiUrl: string;
  readonly #uninstall: () => void;
  readonly #running = new Set<AbortController>();

  constructor(options: GeminiModelOptions) {
    super('gemini', '1', options);
    const baseUrl = (options.baseUrl ?? publicUrl).replace(/\/+$/, '');
    const apiUrl = `${baseUrl}/${apiVersion}`;
    this.#apiUrl = apiUrl;
    this.#sdk = createGeminiSdk(options.apiKey, baseUrl);
    this.#list = createGeminiModelList({
      apiKey: options.apiKey,
      apiUrl,
      table: options.models,
      clock: options.clock,
      logger: options.logger,
      fetch: plainFetch(options),
    });
    this.#uninstall = installGeminiFetch();
  }

  list(signal?: AbortSignal): Promise<readonly ModelInfo[]> {
    return this.#list.list(signal);
  }

  check(): Promise<ModelHealth> {
    const { apiKey, clock } = this.config;
    return checkGemini({ apiKey, clock, apiUrl: this.#apiUrl, fetch: plainFetch(this.config) });
  }

  endsOn(model: string): string | null | undefined {
    const entry = this.config.models.find(({ id }) => id === model);
    return entry === undefined ? undefined : (entry.shutdown ?? null);
  }

  prices(model: string): ModelPrices | undefined {
    const entry = this.#list.entry(model);
    return entry === undefined ? undefined : geminiPrices(this.config.models, geminiPricesOf, entry);
  }

  protected generate(request: ModelRequest, { signal }: ModelStreamOptions): AsyncIterable<ModelEvent> {
    // Ends with the caller's signal and with `release`; a listener of our own can be taken off a signal that lives long.
    const call = new AbortController();
    const stop = (): void => call.abort();
    signal.addEventListener('abort', stop, { once: true });
    this.#running.add(call);
    const entry = this.#list.entry(request.model);
    const { clock, timeouts } = this.config;
    const watch = new CallWatch({ signal: call.signal, clock, timeouts, patient: entry !== undefined && isPatient(request, entry) });
    const out = new AnswerQueue(watch, stop);
    void this.#answer(request, entry, { watch, out }).finally(() => {
      signal.removeEventListener('abort', stop);
      watch.close();
      this.#running.delete(call);
    });
    return out;
  }

  /** Never rejects: what goes wrong is thrown to the queue's reader. */
  async #answer(request: ModelRequest, entry: GeminiModelEntry | undefined, ends: { watch: CallWatch; out: AnswerQueue }): Promise<void> {
    const { clock, maxRetries = 2, random = Math.random } = this.config;
    const { out } = ends;
    try {
      if (entry === undefined) out.push(unknownModel);
      else {
        for (const event of await streamGeminiAnswer(request, entry, { sdk: this.#sdk, clock, maxRetries, random, ...ends })) {
          if (event.type === 'failure') this.#report(request, event.failure.class);
          out.push(event);
        }
      }
      out.end();
    } catch (error) {
      out.fail(error);
    }
  }

  override async release(): Promise<void> {
    await super.release();
    for (const call of this.#running) call.abort();
    this.#uninstall();
  }

  #report({ model, generationId }: ModelRequest, kind: string): void {
    const fields = { provider: 'gemini', model, generationId, class: kind };
    if (kind === 'bad_key') this.config.logger.error(fields, 'The model service refused the API key: check GEMINI_API_KEY');
    else this.config.logger.warn(fields, 'An answer of the model failed');
  }
}

const unknownModel: ModelEvent = {
  type: 'failure',
  failure: { code: 'BAD_REQUEST', message: 'There is no model of this name.', class: 'unknown_model', retryable: false },
};

function plainFetch({ fetch }: GeminiModelOptions): typeof globalThis.fetch {
  return fetch ?? ((input, init) => globalThis.fetch(input, init));
}

function isPatient(request: ModelRequest, entry: GeminiModelEntry): boolean {
  return entry.makesImages === true || (request.thinking && entry.thinking !== 'none');
}
