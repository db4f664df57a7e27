import { randomUUID } from 'node:crypto';
import { parseCommandText } from '../commands/command-parser.ts';
import type { Config } from '../config.ts';
import { ProcessingPipeline } from '../core/index.ts';
import type { Clock } from '../lib/clock.ts';
import type { DocumentStore } from '../lib/document-store.ts';
import type { Logger } from '../lib/logger.ts';
import { ChatSettings } from '../services/conversations/chat-settings.ts';
import { ConversationRemoval, type ReleaseConversation } from '../services/conversations/conversation-removal.ts';
import { Conversations, type ConversationsOptions } from '../services/conversations/conversations.ts';
import { Drafts } from '../services/drafts/drafts.ts';
import { Admission } from '../services/generations/admission.ts';
import { type ChatTimings, chatTimings } from '../services/generations/chat-timings.ts';
import { GenerationAttachment } from '../services/generations/generation-attachment.ts';
import type { GenerationObserver } from '../services/generations/generation-observer.ts';
import { GenerationPlans } from '../services/generations/generation-plans.ts';
import { GenerationRecovery } from '../services/generations/generation-recovery.ts';
import { Generations } from '../services/generations/generations.ts';
import { History } from '../services/generations/history.ts';
import { LiveGenerations } from '../services/generations/live-generation.ts';
import { createLogPace } from '../services/generations/log-pace.ts';
import { ModelRequests } from '../services/generations/model-requests.ts';
import { Quotas } from '../services/generations/quotas.ts';
import type { MessagingService } from '../services/messaging/messaging-service.ts';
import type { Uploads } from '../services/ports/uploads.ts';
import { type Costs, wireCosts } from './wire-costs.ts';
import type { Surface } from './wire-surface.ts';

export interface ChatOptions {
  readonly documents: DocumentStore;
  readonly messaging: MessagingService;
  readonly uploads: Uploads & { release: ReleaseConversation };
  readonly jobs: ConversationsOptions['jobs'] & { releaseConversation: ReleaseConversation };
  readonly observer: GenerationObserver;
  /** What plugins show; absent: nothing. */
  readonly surface?: Pick<Surface, 'live' | 'answers' | 'profiles' | 'conversations' | 'release'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly timings?: Partial<ChatTimings> | undefined;
}

export interface Chat {
  readonly generations: Generations;
  readonly attachment: GenerationAttachment;
  readonly recovery: GenerationRecovery;
  readonly conversations: Conversations;
  readonly removal: ConversationRemoval;
  readonly settings: ChatSettings;
  readonly drafts: Drafts;
  readonly live: LiveGenerations;
  readonly costs: Costs;
  readonly quotas: Quotas;
}

/** Conversations and the answers in them. */
export function wireChat(config: Config, options: ChatOptions): Chat {
  const { documents, messaging, uploads, jobs, observer, surface, clock, logger, timings: changed } = options;
  const timings = { ...chatTimings, ...changed };
  const { limits } = config;
  const processId = randomUUID();
  const live = surface?.live ?? new LiveGenerations();
  const settings = new ChatSettings(documents, surface?.profiles);
  const quotas = new Quotas({ documents, clock, limits });
  const costs = wireCosts(config, { documents, messaging, clock, logger });
  const { ledger, budgets } = costs;
  const pipeline = new ProcessingPipeline(messaging.models);
  const history = new History({ documents, uploads, maxMessages: limits.historyMessages, maxBytes: limits.historyBytes });
  const sendLimits = { textBytes: limits.textBytes, attachmentsPerMessage: config.uploads.maxAttachments };
  const plans = new GenerationPlans({ documents, uploads, limits: sendLimits, now: () => clock.now() });
  const admission = new Admission({
    documents,
    pipeline,
    settings,
    quotas,
    budgets,
    uploads,
    generationsPerUser: limits.generationsPerUser,
  });
  const requests = new ModelRequests({ history, maxOutputTokens: limits.outputTokens, surface: surface?.answers });
  const attachment = new GenerationAttachment({ documents, live, clock, logger });
  const generations = new Generations({
    documents,
    messaging,
    plans,
    admission,
    requests,
    uploads,
    quotas,
    ledger,
    budgets,
    live,
    clock,
    logger,
    processId,
    timings,
    observer,
    pace: createLogPace({ clock, now: () => performance.now() }),
    surface: surface?.answers,
    remoteLog: attachment.logOf.bind(attachment),
  });
  const recovery = new GenerationRecovery({ documents, ledger, live, messaging, clock, logger, processId, timings });
  const removal = new ConversationRemoval({
    documents,
    stop: async (ownerId, conversationId) => {
      await generations.stopIn(ownerId, conversationId);
      await jobs.cancelIn(ownerId, conversationId);
    },
    releases: [jobs.releaseConversation.bind(jobs), uploads.release.bind(uploads), ...(surface === undefined ? [] : [surface.release])],
    clock,
    logger,
  });
  const conversations = new Conversations({ documents, messaging, generations, jobs, removal, live, clock, hooks: surface?.conversations });
  const drafts = new Drafts({ documents, clock, textBytes: limits.textBytes, isCommand: (text) => parseCommandText(text) !== null });
  return { generations, attachment, recovery, conversations, removal, settings, drafts, live, costs, quotas };
}
