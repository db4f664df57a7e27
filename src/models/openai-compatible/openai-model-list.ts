import type { ModelInfo } from '../../core/base/model-interface.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import { createCachedList } from '../shared/cached-list.ts';
import { asArray, asCount, asObject, asString } from '../shared/json-fields.ts';

const TIMEOUT_MS = 10_000;
/** An id as services write them: `llama3.2:3b`, `Qwen/Qwen3-8B`, a file name. */
const modelId = /^[\w./:@+ -]{1,128}$/;
/** Models of the list that answer no chat. */
const notChat = /embed|whisper|tts|rerank|bge-|moderation|dall-e|stable-diffusion/i;
/** The list does not say which models see; names do. A model that is not recognised gets no pictures. */
const sees =
  /vision|llava|-vl\b|[:/-]vl|vl[:-]|gemma-?3|gemma-?4|pixtral|minicpm-v|gpt-4o|gpt-4\.1|gpt-5|moondream|internvl|llama-?4|mistral-small3/i;
const MAX_MODELS = 500;

export interface OpenAiModelListDeps {
  /** Up to and with the version, e.g. `http://127.0.0.1:11434/v1`. */
  readonly baseUrl: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Offered first, and offered even where the service lists nothing. */
  readonly preferred: string | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly fetch: typeof globalThis.fetch;
}

export interface OpenAiModelList {
  /** Never throws. */
  list(signal?: AbortSignal): Promise<readonly ModelInfo[]>;
}

export function createOpenAiModelList(deps: OpenAiModelListDeps): OpenAiModelList {
  const { preferred, clock, logger } = deps;
  const fallback = preferred === undefined ? [] : [infoOf(preferred, undefined)];
  const list = createCachedList<ModelInfo>({
    clock,
    fallback,
    async fetch() {
      const found = await fetchModels(deps);
      const rest = found.filter(({ id }) => id !== preferred);
      return [...found.filter(({ id }) => id === preferred), ...(rest.length === found.length ? fallback : []), ...rest];
    },
    // Only the error's name: its text may hold the URL.
    onFailure: (error) =>
      logger.warn(
        { provider: 'openai-compatible', reason: error instanceof Error ? error.name : 'unknown' },
        'The list of models could not be fetched: check OPENAI_BASE_URL',
      ),
  });
  return { list: (signal) => list.entries(signal) };
}

/** @throws where the service does not answer with a list */
async function fetchModels({ baseUrl, headers, clock, fetch }: OpenAiModelListDeps): Promise<ModelInfo[]> {
  const controller = new AbortController();
  const cancel = clock.after(TIMEOUT_MS, () => controller.abort());
  try {
    const response = await fetch(`${baseUrl}/models`, { headers, redirect: 'error', signal: controller.signal });
    if (!response.ok) {
      await response.body?.cancel();
      throw new OpenAiListError(`status ${response.status}`);
    }
    const models = asArray(asObject(await response.json())?.['data']).slice(0, MAX_MODELS);
    return models.flatMap((model) => {
      const fields = asObject(model);
      const id = asString(fields?.['id']);
      if (id === undefined || !modelId.test(id) || notChat.test(id)) return [];
      return [infoOf(id, asCount(fields?.['max_model_len']) ?? asCount(fields?.['context_length']))];
    });
  } finally {
    cancel();
    controller.abort();
  }
}

class OpenAiListError extends Error {
  override readonly name = 'OpenAiListError';
}

function infoOf(id: string, contextTokens: number | undefined): ModelInfo {
  return {
    id,
    label: id,
    provider: 'openai-compatible',
    thinking: false,
    images: sees.test(id),
    ...(contextTokens === undefined || contextTokens === 0 ? {} : { contextTokens }),
  };
}
