import type { Config } from '../config.ts';
import { type ModelInterface, ModelRegistry } from '../core/index.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { createDemoModel } from '../models/demo/demo-model.ts';
import { createGeminiModel } from '../models/gemini/gemini-model.ts';
import { geminiModelTable } from '../models/gemini/gemini-model-table.ts';
import { createOpenAiModel } from '../models/openai-compatible/openai-model.ts';
import { MessagingService, type MetricCounts } from '../services/messaging/messaging-service.ts';
import type { UserService } from '../services/messaging/user-service.ts';

export interface ModelOptions {
  readonly logger: Logger;
  readonly clock: Clock;
  readonly users: UserService;
  readonly metrics: MetricCounts;
  /** In place of the configured ones. */
  readonly models?: readonly ModelInterface[] | undefined;
}

export interface WiredModels {
  readonly messaging: MessagingService;
  readonly registry: ModelRegistry;
  /** Only the built-in demo answers. */
  readonly demo: boolean;
}

/** Gemini when it has a key, a service of the OpenAI protocol when it has an address; without both the demo, which says so. */
export function wireModels(config: Config, options: ModelOptions): WiredModels {
  const { logger, users, metrics } = options;
  const registry = new ModelRegistry(config.gemini.apiKey === undefined ? config.openai.model : config.gemini.model);
  const messaging = new MessagingService({ users, models: registry, metrics, logger });
  const providers = options.models ?? providersOf(config, options);
  for (const provider of providers) messaging.registerModel(provider);
  return { messaging, registry, demo: providers.every((provider) => provider.name === 'demo') };
}

function providersOf(config: Config, { logger, clock }: ModelOptions): ModelInterface[] {
  const { gemini, openai } = config;
  const { firstTokenMs, firstTokenThinkingMs, gapMs, totalMs } = config.limits;
  const timeouts = { firstTokenMs, thinkingFirstTokenMs: firstTokenThinkingMs, gapMs, totalMs };
  const providers: ModelInterface[] = [];
  if (gemini.apiKey !== undefined) {
    providers.push(
      createGeminiModel({ apiKey: gemini.apiKey, baseUrl: gemini.baseUrl, models: geminiModelTable, logger, clock, timeouts }),
    );
  }
  if (openai.baseUrl !== undefined) {
    providers.push(createOpenAiModel({ ...openai, baseUrl: openai.baseUrl, logger, clock, timeouts }));
  }
  return providers.length === 0 ? [createDemoModel({ clock })] : providers;
}
