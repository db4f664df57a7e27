import type { JsonValue } from '../../lib/document-store.ts';
import type { AskSpec, CustomNode, ElementPart, Field, PlotData, TableData, TasksPart } from '../../protocol/index.ts';
import type { StarterDeclaration } from './define-plugin.ts';
import type { Words } from './words.ts';

/*
 * What a plugin shows in a conversation, and when it is asked to. Everything is data: the server stores it as parts of a message
 * and the page draws it, so it survives reloads and needs no code of the plugin in the browser.
 */

/** Bytes that the plugin made. At most 32 MiB; served to the owner of the conversation alone. */
export interface SurfaceBytes {
  readonly mime: string;
  readonly data: Uint8Array;
  readonly name?: string;
}

interface ElementCommon {
  /** Unique in the message; the same id again replaces what was shown. */
  readonly id: string;
  readonly name: string;
  /** Default: inline. */
  readonly display?: ElementPart['display'];
  readonly size?: 'small' | 'medium' | 'large';
}

/** Something to look at beside the words. */
export type SurfaceElement = ElementCommon &
  (
    | { readonly kind: 'image'; readonly bytes: SurfaceBytes; readonly alt?: string }
    | { readonly kind: 'pdf' | 'audio' | 'video' | 'file'; readonly bytes: SurfaceBytes }
    | { readonly kind: 'text'; readonly text: string; readonly language?: string }
    | { readonly kind: 'table'; readonly table: TableData }
    | { readonly kind: 'plot'; readonly plot: PlotData; readonly alt?: string }
    /** `bytes`: the picture that nodes `image` of the tree show. Nodes `button` name an action that the plugin declares with `on: 'part'`, without the plugin's name. */
    | { readonly kind: 'custom'; readonly tree: CustomNode; readonly bytes?: SurfaceBytes }
  );

/** A button under the message. `action` is one that the plugin declares with `on: 'part'`. */
export interface SurfaceAction {
  readonly action: string;
  readonly label: string;
  readonly tooltip?: string;
  readonly icon?: string;
  readonly tone?: 'plain' | 'primary' | 'danger';
  /** At most 8 KiB of JSON. */
  readonly payload?: JsonValue;
}

/** What a hook, an action, an answer to a question, or a chat model of a plugin yields. */
export type SurfaceEvent =
  | { readonly type: 'text'; readonly text: string }
  /** Begins a message of its own; what follows goes into it. The first one begins by itself. */
  | { readonly type: 'message'; readonly author?: { readonly name: string; readonly avatar?: string } }
  /** The same `id` again changes it. */
  | {
      readonly type: 'step';
      readonly id: string;
      readonly parentId?: string;
      readonly name: string;
      readonly status: 'running' | 'succeeded' | 'failed';
      readonly input?: string;
      readonly output?: string;
      /** Of input and output, for colours. */
      readonly language?: string;
      readonly icon?: string;
      readonly open?: boolean;
    }
  | { readonly type: 'element'; readonly element: SurfaceElement }
  | { readonly type: 'actions'; readonly id: string; readonly items: readonly SurfaceAction[] }
  /**
   * Asks the person. The question is stored; its answer comes to `behaviour.answers[name]` with `state`, whenever it comes, from
   * whichever tab, after a restart too. Nothing waits for it.
   */
  | {
      readonly type: 'ask';
      readonly name: string;
      readonly spec: AskSpec;
      /** Handed back with the answer. At most 8 KiB of JSON. */
      readonly state?: JsonValue;
      /** Default: a week. */
      readonly expiresInSeconds?: number;
    }
  | { readonly type: 'tasks'; readonly id: string; readonly title?: string; readonly items: TasksPart['items'] }
  | { readonly type: 'remove'; readonly of: 'step' | 'element' | 'actions' | 'tasks'; readonly id: string }
  /** Shown for some seconds and not stored. */
  | { readonly type: 'toast'; readonly level: 'info' | 'success' | 'warning' | 'error'; readonly text: string }
  /** Of `message`, before the model is asked: told to it and not shown. */
  | { readonly type: 'context'; readonly text: string }
  /** Of `settingsEdit`: the fields and values as they should be now. */
  | { readonly type: 'fields'; readonly fields: readonly Field[]; readonly values: Readonly<Record<string, JsonValue>> };

/** What a plugin may yield: one after the other while it works, or all at its end, or nothing. */
export type SurfaceAnswer = AsyncIterable<SurfaceEvent> | Promise<readonly SurfaceEvent[] | undefined> | Promise<void>;

/** When a plugin is asked, and what it is told besides the common context. */
export interface HookEvents {
  /** A conversation began. What it yields is the first message where the profile says `speaksFirst`. */
  readonly chatStart: Readonly<Record<never, never>>;
  /** A message was accepted. What it yields stands at the beginning of the answer, `context` goes to the model. */
  readonly message: { readonly messageId: string; readonly text: string; readonly fileIds: readonly string[] };
  /** The person stopped an answer. */
  readonly stop: { readonly messageId: string };
  /** The person left the conversation: it is open in no tab of theirs, or in the trash. */
  readonly end: { readonly reason: 'left' | 'deleted' };
  /** The person came back to a conversation. */
  readonly resume: Readonly<Record<never, never>>;
  readonly settingsEdit: { readonly values: Readonly<Record<string, JsonValue>> };
  readonly settingsUpdate: { readonly values: Readonly<Record<string, JsonValue>> };
  readonly feedback: { readonly messageId: string; readonly value: 1 | -1; readonly comment?: string };
  /** Any button of this plugin was pressed; its own handler in `actions` answers. */
  readonly action: { readonly actionId: string };
  /** The person signed in. There is no conversation: only toasts are shown. */
  readonly login: Readonly<Record<never, never>>;
}
export type HookName = keyof HookEvents;

/** What every hook is told. Data only: it may be kept and sent. */
export interface HookContext<Name extends HookName = HookName> {
  readonly hook: Name;
  readonly event: HookEvents[Name];
  readonly signal: AbortSignal;
  /** en, fa or ar. */
  readonly locale: string;
  readonly user: { readonly id: string; readonly name: string; readonly role: 'admin' | 'user' };
  /** Null for `login`. */
  readonly conversation: SurfaceConversation | null;
  /** The person's own settings of this plugin, parsed. */
  readonly settings: Readonly<Record<string, JsonValue>>;
}

export interface SurfaceConversation {
  readonly id: string;
  readonly title: string;
  /** Without the plugin's name; absent where none of this plugin was chosen. */
  readonly profile?: string;
  /** Chosen option by mode. */
  readonly modes: Readonly<Record<string, string>>;
  /** Values of the profile's fields, defaults included. */
  readonly values: Readonly<Record<string, JsonValue>>;
}

export type Hooks = { readonly [Name in HookName]?: (context: HookContext<Name>) => SurfaceAnswer };

/** The answer to a question that `ask` put. */
export interface AskReply extends Omit<HookContext, 'hook' | 'event'> {
  /** Of the question. An answer may be told twice, after a crash for example, with the same id: what must happen once is remembered by it. */
  readonly askId: string;
  readonly name: string;
  /** Checked against the question: a text, file ids, the value of a choice, or the values of a form. Null: the person does not want to answer, or it expired. */
  readonly value: JsonValue;
  /** Of a question for files: what was given. */
  readonly files?: readonly SurfaceBytes[];
  readonly ending: 'answered' | 'cancelled' | 'expired';
  readonly state: JsonValue;
  readonly conversation: SurfaceConversation;
}

export interface ModeDeclaration {
  /** Unique in the plugin. */
  readonly id: string;
  readonly title: Words;
  readonly options: readonly {
    readonly id: string;
    readonly title: Words;
    readonly description?: Words;
    readonly icon?: string;
    readonly default?: boolean;
  }[];
}

/** A way to chat. */
export interface ProfileDeclaration {
  /** Unique in the plugin, kebab-case. */
  readonly id: string;
  readonly title: Words;
  /** Markdown. */
  readonly description?: Words;
  readonly icon?: string;
  readonly author?: { readonly name: Words; readonly avatar?: string };
  /** A chat model of this server that answers; default: the person's choice. */
  readonly model?: string;
  readonly systemInstruction?: string;
  /** Markdown, on the empty page. */
  readonly greeting?: Words;
  readonly starters?: readonly (StarterDeclaration & { readonly category?: Words; readonly icon?: string })[];
  /** The settings of a chat with it. */
  readonly fields?: readonly Field[];
  readonly modes?: readonly ModeDeclaration[];
  /** What a new conversation begins with; the first plugin by name that says so wins. */
  readonly default?: boolean;
  /** `hooks.chatStart` speaks first. */
  readonly speaksFirst?: boolean;
}

/** What of the conversation a plugin takes part in. Declared, so that the server knows without running anything of it. */
export interface SurfaceDeclaration {
  readonly profiles?: readonly ProfileDeclaration[];
  /** Offered in every conversation. */
  readonly modes?: readonly ModeDeclaration[];
  readonly links?: readonly { readonly title: Words; readonly url: string; readonly icon?: string }[];
  readonly hooks?: {
    readonly names: readonly HookName[];
    /** Asked in every conversation. Default: only in those of its own profiles. `login` is always everywhere. */
    readonly everywhere?: boolean;
  };
}
