import type { z } from 'zod';
import type { JsonValue } from '../../lib/document-store.ts';
import type { ModelInfo } from '../../protocol/index.ts';
import type { ModelEvent } from '../base/model-events.ts';
import type { ModelRequest, ModelStreamOptions } from '../base/model-interface.ts';
import type { ProcessorInterface, WorkLevel } from '../base/processor-interface.ts';
import type { ResourceNeeds } from '../base/resource-aware.ts';
import type { PictureSize } from '../pictures/picture.ts';
import type { ModelManifest } from './model-manifest.ts';
import type { ModelSessions } from './model-session.ts';
import type { AskReply, Hooks, SurfaceAnswer, SurfaceConversation, SurfaceDeclaration } from './surface.ts';
import type { Words } from './words.ts';

/** The version of this interface. A plugin that was written for another one is refused with a sentence that says so. */
export const pluginApiVersion = 1;

/** What a processor is asked to do, before anything is decoded. */
export interface ProcessorTask<Params> {
  readonly params: Params;
  readonly level: WorkLevel;
  readonly pictures: readonly PictureSize[];
  /** Which of the plugin's own models are installed, by name, for a processor that chooses among several. Absent: nobody knows. */
  readonly installed?: readonly string[];
  /** The plugin's configuration as the administrator set it, parsed. Absent: nobody knows. */
  readonly config?: Readonly<Record<string, JsonValue>>;
}

/** What a task will take. The server corrects `seconds` by what it measured. */
export interface ProcessorEstimate extends ResourceNeeds {
  /** On two threads of a current server CPU. */
  readonly seconds: number;
  /** Names of the models that it uses, for those that are missing and to keep jobs of one model together. */
  readonly models: readonly string[];
  /** Of each result; a result above the server's limit is refused at once. */
  readonly output?: PictureSize;
}

/** A kind of job: what goes in, what comes out, what it costs. Pure data and arithmetic: the server reads it, no behaviour here. */
export interface ProcessorDeclaration<Params extends z.ZodObject = z.ZodObject> {
  readonly title: Words;
  readonly description: Words;
  /** A name of the client's icon set; default: a picture. */
  readonly icon?: string;
  readonly input: { readonly minPictures: number; readonly maxPictures: number };
  /** Parameters, every one with a default or optional, each with `.meta({ title, description })` for the generated form. */
  readonly params: Params;
  /** `auto`: which level gives a good result for the least work. Default: normal. */
  readonly autoLevel?: (task: Omit<ProcessorTask<z.output<Params>>, 'level'>) => WorkLevel;
  readonly estimate: (task: ProcessorTask<z.output<Params>>) => ProcessorEstimate;
  /** Whether the same pictures and parameters give the same result; where not, such as with a seed left to chance, nothing is served from the cache. Default: they do. */
  readonly isRepeatable?: (params: z.output<Params>) => boolean;
}

/** A slash command. With `processor` the server makes a job of it and no code of the plugin runs; else `behaviour.commands[name]` answers. */
export interface PluginCommandDeclaration {
  /** Without the slash. */
  readonly name: string;
  readonly summary: Words;
  /** E.g. `/upscale [2|3|4|8]`. */
  readonly usage: string;
  readonly example: string;
  /** In order. With `param` the word becomes that parameter of the processor; `rest` takes all further words as one text. */
  readonly args: readonly {
    readonly name: string;
    readonly required: boolean;
    readonly choices?: readonly string[];
    readonly param?: string;
    readonly rest?: boolean;
  }[];
  readonly processor?: string;
}

/** A button on pictures or messages. With `processor` it makes a job; else `behaviour.actions[id]` is called. */
export interface PluginActionDeclaration {
  /** Unique in the plugin, kebab-case. */
  readonly id: string;
  /** `part`: only where the plugin shows it itself, under a message or in an element. */
  readonly on: 'picture' | 'message' | 'part';
  readonly title: Words;
  readonly icon?: string;
  readonly processor?: string;
  readonly params?: Readonly<Record<string, JsonValue>>;
}

/** A suggestion on the empty page. */
export interface StarterDeclaration {
  readonly title: Words;
  /** What is put into the composer. */
  readonly text: Words;
}

/** A chat model that the plugin answers for. */
export type PluginChatModel = Omit<ModelInfo, 'provider'>;

/** What a plugin's command or action is told. */
export interface PluginCall {
  /** Aborted at the deadline (10 s) and when the person leaves. */
  readonly signal: AbortSignal;
  /** The language of the person: en, fa or ar. */
  readonly locale: string;
  /** The person's own settings of this plugin, parsed. */
  readonly settings: Readonly<Record<string, JsonValue>>;
  /** Where it was asked for; absent outside of conversations. */
  readonly conversation?: SurfaceConversation;
}

/** What an action gets: the text of the message it was pressed on; the picture's id for a picture. */
export interface ActionPayload {
  readonly text?: string;
  readonly fileId?: string;
  readonly data?: JsonValue;
  /** The message under which it was pressed. */
  readonly messageId?: string;
  /** Of a custom element: the values of its fields. */
  readonly values?: Readonly<Record<string, JsonValue>>;
}

/** What runs, in the inference host only. */
export interface PluginBehaviour {
  readonly processors?: Readonly<Record<string, ProcessorInterface<never>>>;
  /** Answers in Markdown, at most 64 KiB. */
  readonly commands?: Readonly<Record<string, (args: readonly string[], call: PluginCall) => Promise<string> | AsyncIterable<string>>>;
  /** A text is shown as a note that is not stored; what is yielded becomes a message, or changes the one under which it was pressed. */
  readonly actions?: Readonly<Record<string, (payload: ActionPayload, call: PluginCall) => Promise<string> | SurfaceAnswer>>;
  readonly hooks?: Hooks;
  /** Answers to questions, by the name of the question. */
  readonly answers?: Readonly<Record<string, (reply: AskReply) => SurfaceAnswer>>;
  readonly chatModels?: Readonly<Record<string, (request: ModelRequest, options: ModelStreamOptions) => AsyncIterable<ModelEvent>>>;
  /** Awaited for at most 2 s before the process ends. */
  readonly dispose?: () => Promise<void>;
}

export interface PluginLog {
  /** Never a prompt, a picture or a secret: these lines are the operator's. At most 200 characters each, 10 a second. */
  info(line: string): void;
  warn(line: string): void;
}

export interface PluginContext<Config> {
  readonly config: Config;
  readonly log: PluginLog;
  /** Aborted when the process ends. */
  readonly signal: AbortSignal;
  readonly models: ModelSessions;
  /** Absolute folder of the plugin, for files that it brings. */
  readonly folder: string;
}

export interface PluginDefinition<Config extends z.ZodObject = z.ZodObject, UserSettings extends z.ZodObject = z.ZodObject> {
  /** Kebab-case, unique, the name of its folder. */
  readonly name: string;
  readonly version: string;
  readonly apiVersion: typeof pluginApiVersion;
  readonly title: Words;
  readonly description: Words;
  /** What an administrator sets, every member with a default. A form is made of it. */
  readonly config?: Config;
  /** What each person sets for themselves, every member with a default. */
  readonly userSettings?: UserSettings;
  readonly models?: readonly ModelManifest[];
  /** By kind: unique on the server. Made with `defineProcessor`, so that its own parameters are typed. */
  readonly processors?: Readonly<Record<string, ProcessorDeclaration>>;
  readonly commands?: readonly PluginCommandDeclaration[];
  readonly actions?: readonly PluginActionDeclaration[];
  readonly chatModels?: readonly PluginChatModel[];
  readonly starters?: readonly StarterDeclaration[];
  /** Its part in conversations: profiles, modes, links, hooks. */
  readonly surface?: SurfaceDeclaration;
  /** Called once in each inference host, at the plugin's first use, within 10 s. Import what is heavy here: `await import('./…')`. */
  readonly setup: (context: PluginContext<z.output<Config>>) => PluginBehaviour | Promise<PluginBehaviour>;
}

/** Names and types a plugin; checks nothing (the loader does, with a reason for the operator). */
export function definePlugin<Config extends z.ZodObject, UserSettings extends z.ZodObject>(
  definition: PluginDefinition<Config, UserSettings>,
): PluginDefinition<Config, UserSettings> {
  return definition;
}

/** Types a processor by its own parameters. */
export function defineProcessor<Params extends z.ZodObject>(declaration: ProcessorDeclaration<Params>): ProcessorDeclaration {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- callers parse with this very schema before they call its functions
  return declaration as ProcessorDeclaration;
}
