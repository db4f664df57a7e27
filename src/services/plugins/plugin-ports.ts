import type {
  ActionPayload,
  AskReply,
  HookContext,
  ModelEvent,
  ModelRequest,
  SurfaceConversation,
  SurfaceEvent,
} from '../../core/index.ts';
import type { WeightsInfo } from '../../protocol/index.ts';
import type { PluginValues } from './plugin-record.ts';

/** What the inference host has to know of a plugin to run it. */
export interface PluginSource {
  readonly name: string;
  readonly version: string;
  readonly moduleUrl: string;
  readonly folder: string;
  readonly config: PluginValues;
  readonly models: readonly { readonly name: string; readonly folder: string; readonly graph: string }[];
}

export interface PluginCallOrder {
  readonly plugin: string;
  readonly kind: 'command' | 'action';
  readonly name: string;
  readonly args?: readonly string[];
  readonly payload?: ActionPayload;
  readonly locale: string;
  readonly settings: PluginValues;
}

/** A hook, an action that shows something, or the answer to a question. Without `signal`: it crosses to another process. */
export type SurfaceOrder = { readonly plugin: string } & (
  | { readonly kind: 'hook'; readonly context: Omit<HookContext, 'signal'> }
  | { readonly kind: 'answer'; readonly reply: Omit<AskReply, 'signal'> }
  | {
      readonly kind: 'action';
      readonly name: string;
      readonly payload: ActionPayload;
      readonly locale: string;
      readonly settings: PluginValues;
      readonly conversation?: SurfaceConversation;
    }
);

/** The processes in which plugins run. */
export interface PluginHosts {
  /** Imports each in a process of its own. Never rejects. */
  probe(sources: readonly PluginSource[]): Promise<readonly { readonly name: string; readonly ok: boolean; readonly reason?: string }[]>;
  configure(sources: readonly PluginSource[]): void;
  /** @throws AppError PLUGIN_FAILED for what the plugin did wrong, or what it told the person */
  callPlugin(order: PluginCallOrder, signal: AbortSignal): Promise<string>;
  /**
   * What a plugin shows, as it makes it; an action that answers with a text yields `{ type: 'text' }` and, as its first event, `{ type: 'note' }`.
   * Ends with the plugin or 10 s after its last event. @throws AppError PLUGIN_FAILED for what the plugin did wrong, or what it told the person
   */
  streamSurface(order: SurfaceOrder, signal: AbortSignal): AsyncIterable<SurfaceEvent | { readonly type: 'note' }>;
  streamChatModel(
    order: { readonly plugin: string; readonly model: string; readonly request: ModelRequest },
    signal: AbortSignal,
  ): AsyncIterable<ModelEvent>;
}

/** What the last session of a plugin ran on. */
export interface SeenProvider {
  readonly plugin: string;
  readonly provider: string;
  readonly reason: string;
}

/** A process that runs a plugin now. */
export interface PluginProcess {
  readonly plugin: string;
  readonly state: 'starting' | 'idle' | 'busy';
  /** Epoch milliseconds; an idle one ends then. */
  readonly endsAt?: number;
}

/** The weights of plugins: which are there, and where. */
export interface PluginWeights {
  list(): readonly WeightsInfo[];
  /** Absolute; null: not installed. */
  folderOf(name: string): string | null;
  /** Relative to the folder. */
  graphOf(name: string): string | null;
}
