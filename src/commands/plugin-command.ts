import type { Words } from '../core/index.ts';
import type { Job, Level, User } from '../protocol/index.ts';
import { type Command, type CommandContext, type CommandOutcome, signedInUser } from './command.ts';
import { type ArgumentSpec, readPluginArguments } from './read-plugin-arguments.ts';

/** A command as a plugin declares it. */
export interface PluginCommandSpec {
  readonly name: string;
  readonly summary: Words;
  readonly usage: string;
  readonly example: string;
  readonly args: readonly ArgumentSpec[];
  readonly processor?: string;
}

export interface PluginJobRequest {
  readonly kind: string;
  readonly attachments: readonly string[];
  readonly params: ReadonlyMap<string, string>;
  readonly level: Level;
  readonly conversationId: string | null;
  readonly parentId: string | undefined;
  readonly clientJobId: string;
  readonly locale: string;
}

/** What a plugin's command needs of the services. */
export interface PluginCommandPorts {
  isReady(plugin: string): boolean;
  /** Names of a kind's parameters. */
  paramNames(kind: string): readonly string[];
  /** @throws AppError PLUGIN_DISABLED, PLUGIN_FAILED, BAD_REQUEST, and what accepting a job throws */
  startJob(user: User, plugin: string, request: PluginJobRequest): Promise<Job>;
  /** @returns Markdown. @throws AppError PLUGIN_DISABLED, PLUGIN_FAILED and what the plugin tells the person */
  runCommand(
    user: User,
    call: { readonly plugin: string; readonly name: string; readonly args: readonly string[]; readonly locale: string },
    signal: AbortSignal,
  ): Promise<string>;
}

/** A plugin's command: with a processor it makes a job, and no code of the plugin runs; else the plugin answers. */
export function createPluginCommand(plugin: string, spec: PluginCommandSpec, ports: PluginCommandPorts): Command {
  const { name, summary, usage, example, args, processor } = spec;
  const given = args.map((arg) => ({
    name: arg.name,
    required: arg.required,
    ...(arg.choices === undefined ? {} : { choices: [...arg.choices] }),
  }));

  async function startJob(kind: string, words: readonly string[], context: CommandContext): Promise<CommandOutcome> {
    const user = signedInUser(context);
    const { level = context.level ?? 'auto', params } = readPluginArguments(words, args, { usage, params: ports.paramNames(kind) });
    const { attachments = [], conversationId, parentId, clientMessageId: clientJobId, locale = 'en' } = context;
    const job = await ports.startJob(user, plugin, { kind, attachments, params, level, conversationId, parentId, clientJobId, locale });
    return jobStarted(job);
  }

  return {
    info: { name, summary: summary.en, usage, example, args: given, anonymous: false },
    summary,
    ownArguments: true,
    offered: () => ports.isReady(plugin),
    async run(words, context) {
      if (processor !== undefined) return startJob(processor, words, context);
      const user = signedInUser(context);
      const read = readPluginArguments(words, args, { usage, params: [] });
      const call = { plugin, name, args: read.words, locale: context.locale ?? 'en' };
      return pluginAnswer(plugin, await ports.runCommand(user, call, context.signal));
    },
  };
}

/** `message.created` and `job.updated` show the work; this only ends the request. */
export function jobStarted(job: Job): CommandOutcome {
  const { conversationId } = job;
  const data = { job, ...(conversationId === undefined ? {} : { conversationId }) };
  return { type: 'notice', code: 'JOB_STARTED', params: { kind: job.kind }, data };
}

export function pluginAnswer(plugin: string, text: string): CommandOutcome {
  return { type: 'notice', code: 'PLUGIN_ANSWER', params: { plugin, text } };
}

/** The plugin showed something in the conversation, or had nothing to say: this only ends the request. */
export function pluginDone(plugin: string): CommandOutcome {
  return { type: 'notice', code: 'ACTION_DONE', params: { plugin } };
}
