import { randomUUID } from 'node:crypto';
import type { Config } from '../config.ts';
import { ProcessingPipeline } from '../core/index.ts';
import type { Clock } from '../lib/clock.ts';
import type { DocumentStore } from '../lib/document-store.ts';
import type { Logger } from '../lib/logger.ts';
import { Admission } from '../services/admission.ts';
import { ChatSettings } from '../services/chat-settings.ts';
import { type ChatTimings, chatTimings } from '../services/chat-timings.ts';
import { Conversations } from '../services/conversations.ts';
import { GenerationAttachment } from '../services/generation-attachment.ts';
import { GenerationPlans } from '../services/generation-plans.ts';
import { GenerationRecovery } from '../services/generation-recovery.ts';
import { Generations } from '../services/generations.ts';
import { History } from '../services/history.ts';
import { LiveGenerations } from '../services/live-generation.ts';
import type { MessagingService } from '../services/messaging-service.ts';
import { ModelRequests } from '../services/model-requests.ts';
import type { Uploads } from '../services/ports/uploads.ts';
import { Quotas } from '../services/quotas.ts';

export interface ChatOptions {
  readonly documents: DocumentStore;
  readonly messaging: MessagingService;
  readonly uploads: Uploads;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly timings?: Partial<ChatTimings> | undefined;
}

export interface Chat {
  readonly generations: Generations;
  readonly attachment: GenerationAttachment;
  readonly recovery: GenerationRecovery;
  readonly conversations: Conversations;
  readonly settings: ChatSettings;
  readonly live: LiveGenerations;
}

/** Conversations and the answers in them. */
export function wireChat(config: Config, { documents, messaging, uploads, clock, logger, timings: changed }: ChatOptions): Chat {
  const timings = { ...chatTimings, ...changed };
  const { limits } = config;
  const processId = randomUUID();
  const live = new LiveGenerations();
  const settings = new ChatSettings(documents);
  const quotas = new Quotas({ documents, clock, limits });
  const pipeline = new ProcessingPipeline(messaging.models);
  const history = new History({ documents, uploads, maxMessages: limits.historyMessages, maxBytes: limits.historyBytes });
  const sendLimits = { textBytes: limits.textBytes, attachmentsPerMessage: config.uploads.maxAttachments };
  const plans = new GenerationPlans({ documents, uploads, limits: sendLimits, now: () => clock.now() });
  const admission = new Admission({ documents, pipeline, settings, quotas, uploads, generationsPerUser: limits.generationsPerUser });
  const requests = new ModelRequests({ history, maxOutputTokens: limits.outputTokens });
  const attachment = new GenerationAttachment({ documents, live, clock, logger });
  const generations = new Generations({
    documents,
    messaging,
    plans,
    admission,
    requests,
    uploads,
    quotas,
    live,
    clock,
    logger,
    processId,
    timings,
    remoteLog: attachment.logOf.bind(attachment),
  });
  const recovery = new GenerationRecovery({ documents, live, messaging, clock, logger, processId, timings });
  const conversations = new Conversations({ documents, messaging, generations, live, clock });
  return { generations, attachment, recovery, conversations, settings, live };
}
