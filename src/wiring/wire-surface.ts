import { join } from 'node:path';
import type { Config } from '../config.ts';
import type { RouteGroup } from '../gateway/http/http-app.ts';
import { createAskFileRoutes, createSurfaceRoutes } from '../gateway/http/surface-routes.ts';
import type { SurfaceFrames } from '../gateway/ws/surface-frames.ts';
import type { Clock } from '../lib/clock.ts';
import type { DocumentStore } from '../lib/document-store.ts';
import type { Logger } from '../lib/logger.ts';
import type { ProfileSettings } from '../services/conversations/chat-settings.ts';
import type { ConversationsOptions } from '../services/conversations/conversations.ts';
import { LiveGenerations } from '../services/generations/live-generation.ts';
import type { MessagingService } from '../services/messaging/messaging-service.ts';
import type { ShowAction } from '../services/plugins/plugin-calls.ts';
import { createActionRuns } from '../services/surface/action-runs.ts';
import { AnswerHooks } from '../services/surface/answer-hooks.ts';
import { AskDeliveries, type AskDeliveriesOptions } from '../services/surface/ask-deliveries.ts';
import { maxAskFileBytes } from '../services/surface/ask-values.ts';
import { Asks } from '../services/surface/asks.ts';
import { ConversationTail } from '../services/surface/conversation-tail.ts';
import { SurfaceHooks } from '../services/surface/hooks.ts';
import { createLoginNews } from '../services/surface/login-news.ts';
import { MessageParts } from '../services/surface/message-parts.ts';
import { PluginRuns } from '../services/surface/plugin-runs.ts';
import { Presence } from '../services/surface/presence.ts';
import { editedFields } from '../services/surface/settings-edit.ts';
import { SiteFolder } from '../services/surface/site-folder.ts';
import { SurfaceDirectory } from '../services/surface/surface-directory.ts';
import { SurfaceParts } from '../services/surface/surface-parts.ts';
import { SurfacePeople } from '../services/surface/surface-people.ts';
import { SurfaceWriter, type WriterPlace } from '../services/surface/surface-writer.ts';
import type { Uploads } from '../services/uploads/uploads.ts';
import type { People } from './wire-people.ts';
import type { Plugins } from './wire-plugins.ts';

export interface SurfaceWiring {
  readonly documents: DocumentStore;
  readonly uploads: Uploads;
  readonly messaging: MessagingService;
  readonly plugins: Plugins;
  readonly people: People;
  readonly temporaryDirectory: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What plugins show in conversations and around them. */
export interface Surface {
  /** The answers of this process, which plugins write into. */
  readonly live: LiveGenerations;
  readonly answers: AnswerHooks;
  readonly profiles: ProfileSettings;
  readonly conversations: NonNullable<ConversationsOptions['hooks']>;
  readonly frames: SurfaceFrames;
  readonly showAction: ShowAction;
  readonly feedback: (userId: string, message: { readonly id: string; readonly conversationId: string }, feedback: Feedback) => void;
  readonly release: (ownerId: string, conversationId: string) => Promise<void>;
  readonly routes: RouteGroup;
  /** Routes that read their own bodies. @param assertRoom before a file is received */
  readonly fileRoutes: (assertRoom: () => void) => RouteGroup;
  /** Once the store is open and plugins are known. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

interface Feedback {
  readonly value: 1 | -1;
  readonly comment?: string | undefined;
}

const SWEEP_MS = 60_000;

export function wireSurface(config: Config, wiring: SurfaceWiring): Surface {
  const { documents, uploads, messaging, plugins, clock, logger } = wiring;
  const { users } = messaging;
  const base = { documents, clock, logger };
  const live = new LiveGenerations();
  const site = new SiteFolder({ directory: config.siteDir ?? join(config.dataDir, 'site'), clock, logger });
  const directory = new SurfaceDirectory({ entries: () => plugins.registry.entries(), site: () => site.current });
  const people = new SurfacePeople({ getUser: (userId) => wiring.people.accounts.getUser(userId) });
  const runs = new PluginRuns({ hosts: plugins.hosts, registry: plugins.registry, clock, logger });
  const messages = new MessageParts({ ...base, live, messaging });
  const asks: Asks = new Asks({ ...base, files: uploads, messages, users, owed: (ask) => deliveries.deliver(ask) });
  const parts = new SurfaceParts({
    files: uploads,
    putAsk: (place, question) => asks.put(place, question),
    hasAction: (plugin, action) => hasAction(plugins, plugin, action),
    clock,
  });
  const toast: ConstructorParameters<typeof AnswerHooks>[0]['toast'] = (userId, frame) => users.sendToUser(userId, frame);
  const announce: ConstructorParameters<typeof AnswerHooks>[0]['announce'] = (place, part) => asks.announce(place, part);
  const tail = new ConversationTail({ ...base, live, messaging });
  const writing = { parts, messages, tail, toast, announce, clock, logger };
  const writerFor = (place: WriterPlace) => new SurfaceWriter(writing, place);
  const settingsOf = plugins.catalogue.settingsOf.bind(plugins.catalogue);
  const shared = { ...base, runs, directory, people, settingsOf, writerFor };
  const hooks = new SurfaceHooks({
    ...shared,
    toast: (userId, { type, level, text }) => toast(userId, { type, level, text: text.slice(0, 500) }),
  });
  const deliveries = new AskDeliveries({ ...shared, files: uploads, ...deliveryPorts(wiring), showEnd: (ask) => asks.show(ask) });
  const presence = new Presence({ hooks, isOpen: (id) => users.isOpen(id), clock });
  users.onLeft((userId, conversationIds) => presence.left(userId, conversationIds));
  const changed = () => {
    for (const session of users.all()) session.send({ type: 'surface.updated' });
  };
  for (const source of [site, plugins.registry]) source.onChange(changed);
  const cancels: (() => void)[] = [];
  const sweep = () => sweepAsks(plugins, asks, logger);
  return {
    live,
    answers: new AnswerHooks({ hooks, parts, directory, people, toast, announce, clock }),
    profiles: profileSettings(directory, hooks),
    conversations: {
      created: ({ ownerId: userId, id: conversationId }) => hooks.fire('chatStart', { userId, conversationId, event: {} }),
      removed: ({ ownerId, id }) => presence.deleted(ownerId, id),
    },
    frames: {
      info: () => directory.info(),
      asks,
      presence,
      speaks: (userId, locale) => people.speaks(userId, locale),
      signedIn: createLoginNews({ documents, hooks, wanted: () => directory.hasListeners('login'), clock }),
      editSettings: (record, values, signal) => editedFields({ directory, hooks }, { record, values, signal }),
    },
    showAction: createActionRuns({ ...shared, hooks }),
    feedback: (userId, { id: messageId, conversationId }, { value, comment }) => {
      const event = { messageId, value, ...(comment === undefined ? {} : { comment }) };
      hooks.fire('feedback', { userId, conversationId, event });
    },
    release: asks.release.bind(asks),
    routes: (identities) => createSurfaceRoutes({ info: () => directory.info(), site, identities }),
    fileRoutes: (assertRoom) => (identities) =>
      createAskFileRoutes({
        asks,
        identities,
        temporaryDirectory: wiring.temporaryDirectory,
        maxBytes: maxAskFileBytes,
        assertRoom,
        clock,
      }),
    async start() {
      await site.start();
      plugins.registry.onChange(sweep);
      cancels.push(clock.every(SWEEP_MS, sweep));
      sweep();
      deliveries.start();
    },
    async stop() {
      for (const cancel of cancels.splice(0)) cancel();
      site.stop();
      presence.stop();
      messages.stop();
      tail.stop();
      await Promise.allSettled([hooks.stop(), deliveries.stop()]);
    },
  };
}

/** Whom an answer can be told to, and who hears when that failed. */
function deliveryPorts({ plugins, messaging }: SurfaceWiring): Pick<AskDeliveriesOptions, 'readyEntry' | 'tellFailure'> {
  return {
    readyEntry: (name) => plugins.registry.entries().find((entry) => entry.name === name && entry.state === 'ready') ?? null,
    tellFailure: (userId, error) => {
      const { code, message, params } = error.toShape();
      messaging.users.sendToUser(userId, { type: 'error', code, message, params: { ...params } });
    },
  };
}

/** Questions whose time is over, and those of plugins that were switched off or are not there any more. One that failed may come back. */
function sweepAsks(plugins: Plugins, asks: Asks, logger: Logger): void {
  const isGone = (name: string) => {
    const entry = plugins.registry.entries().find((each) => each.name === name);
    return entry === undefined || entry.state === 'disabled';
  };
  asks
    .expire()
    .then(() => asks.cancelOf(isGone))
    .catch((error: unknown) => logger.warn({ error }, 'questions of plugins could not be looked through'));
}

function hasAction(plugins: Plugins, plugin: string, action: string): boolean {
  const definition = plugins.registry.entries().find(({ name }) => name === plugin)?.loaded.definition;
  return definition?.actions?.some(({ id, on }) => id === action && on === 'part') === true;
}

function profileSettings(directory: SurfaceDirectory, hooks: SurfaceHooks): ProfileSettings {
  return {
    settingsOf: (conversation) => directory.settingsOf(conversation),
    values: (conversation) => ({ ...directory.values(conversation) }),
    checkedValues: (conversation, values) => ({ ...directory.checkedValues(conversation, values) }),
    changed: ({ ownerId: userId, id: conversationId }, values) =>
      hooks.fire('settingsUpdate', { userId, conversationId, event: { values } }),
  };
}
