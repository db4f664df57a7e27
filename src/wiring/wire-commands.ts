import { createBuiltInCommands } from '../commands/built-in/built-in-commands.ts';
import { type CommandRouter, createCommandRouter } from '../commands/command-router.ts';
import type { CommandPorts } from '../commands/ports.ts';
import type { ModelRegistry } from '../core/index.ts';
import type { Logger } from '../lib/logger.ts';
import type { Settings } from '../protocol/index.ts';
import type { Doctor } from '../services/doctor/doctor.ts';
import type { UserService } from '../services/messaging/user-service.ts';
import type { PluginCatalogue } from '../services/plugins/plugin-catalogue.ts';
import type { Chat } from './wire-chat.ts';
import type { People } from './wire-people.ts';

/** Settings as the edges change them: every client of the person hears of it. */
export interface SettingsPort {
  get(userId: string, conversationId: string | null): Promise<Settings>;
  update(userId: string, conversationId: string | null, patch: Settings): Promise<Settings>;
}

export function wireSettings(chat: Chat, users: UserService): SettingsPort {
  return {
    get: (userId, conversationId) => chat.settings.get(userId, conversationId),
    async update(userId, conversationId, patch) {
      const settings = await chat.settings.update(userId, conversationId, patch);
      users.sendToUser(userId, { type: 'settings.updated', conversationId, settings });
      if (conversationId !== null) await chat.conversations.announce(userId, conversationId);
      return settings;
    },
  };
}

export interface CommandOptions {
  readonly chat: Chat;
  readonly people: People;
  readonly models: ModelRegistry;
  readonly settings: SettingsPort;
  readonly doctor: Doctor;
  readonly plugins: PluginCatalogue;
  readonly jobs: CommandPorts['jobs'];
  readonly logger: Logger;
}

/** The built-in commands over the services. */
export function wireCommands({ chat, people, models, settings, doctor, plugins, jobs, logger }: CommandOptions): CommandRouter {
  const { generations } = chat;
  const commands = createBuiltInCommands({
    accounts: people.accounts,
    conversations: chat.conversations,
    generations: {
      stopIn: (userId, conversationId) => generations.stopIn(userId, conversationId),
      regenerate: (request, asker) => generations.regenerateIn(request, asker),
      continueAnswer: (request, asker) => generations.continueIn(request, asker),
    },
    settings,
    usage: chat.costs.reports,
    doctor,
    plugins,
    jobs,
    models: {
      list: () => models.list(),
      async current(userId, conversationId) {
        const { model } = await settings.get(userId, conversationId);
        const chosen = typeof model === 'string' ? await models.find(model) : null;
        return (chosen ?? (await models.default())).info.id;
      },
    },
  });
  return createCommandRouter({ commands, logger });
}
