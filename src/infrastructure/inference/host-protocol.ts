import type { AppError, ErrorParams } from '../../lib/app-error.ts';
import type { JsonValue } from '../../lib/document-store.ts';
import type { ExecutionProvider, ModelLocation, ProviderSeen } from './session-types.ts';

/** What the server and its inference hosts say to each other over a child's IPC channel. Files travel by path, previews as bytes. */

export interface PictureLimits {
  readonly maxPixels: number;
  readonly maxSide: number;
  readonly maxFrames: number;
}

export interface PrepareImageRequest {
  readonly path: string;
  readonly targetDirectory: string;
  readonly limits: PictureLimits;
}

export interface PreparedPicture {
  readonly path: string;
  readonly mime: string;
  readonly width: number;
  readonly height: number;
  readonly size: number;
}

export interface PreparedImage {
  readonly original: PreparedPicture;
  readonly model: PreparedPicture;
  readonly thumb: PreparedPicture;
}

/** Where a plugin's code and models lie; fits `PluginSource` of the core. */
export interface PluginSource {
  readonly name: string;
  readonly version: string;
  readonly moduleUrl: string;
  readonly folder: string;
  readonly config: Readonly<Record<string, JsonValue>>;
  readonly models: readonly ModelLocation[];
}

export interface Words {
  readonly en: string;
  readonly fa?: string;
  readonly ar?: string;
}

/** What of a job the host needs. */
export interface WorkRequest {
  readonly kind: string;
  readonly params: Readonly<Record<string, JsonValue>>;
  readonly level: 'quick' | 'normal' | 'deep';
  readonly inputs: readonly string[];
  /** What the inputs were when they were judged, in order; a file that has more pixels now is refused. */
  readonly pictures: readonly { readonly width: number; readonly height: number }[];
  readonly targetDirectory: string;
  readonly granted: { readonly memoryMb: number; readonly gpuMemoryMb: number; readonly cpuThreads: number };
  readonly maxPixels: number;
  readonly tile?: number | undefined;
}

export interface WorkResult {
  readonly pictures: readonly PreparedImage[];
  readonly text?: string;
  readonly data?: JsonValue;
  readonly facts: Readonly<Record<string, string | number | boolean>>;
  readonly provider?: ExecutionProvider;
  /** Of this job alone where the system can tell, in bytes. */
  readonly peakBytes: number;
}

/** A command or an action of a plugin. */
export interface PluginCallRequest {
  readonly kind: 'command' | 'action';
  readonly name: string;
  readonly args?: readonly string[];
  readonly payload?: { readonly text?: string; readonly fileId?: string; readonly data?: JsonValue };
  readonly locale: string;
  readonly settings: Readonly<Record<string, JsonValue>>;
}

/** A hook, an answer to a question, or an action that shows something; fits `SurfaceCall` of the core, which alone looks into it. */
export type SurfaceRequest =
  | { readonly kind: 'hook'; readonly context: object }
  | { readonly kind: 'answer'; readonly reply: object }
  | { readonly kind: 'action'; readonly name: string; readonly payload: object; readonly locale: string; readonly settings: object };

/** A model request with its pictures loaded; the rest is passed as it is. */
export interface ChatRequest {
  readonly model: string;
  readonly turns: readonly {
    readonly images: readonly { readonly mime: string; readonly data: Uint8Array }[];
    readonly role: 'user' | 'assistant';
    readonly text: string;
  }[];
}

/** What a host is asked to do. */
export type HostOperation =
  | { readonly operation: 'prepare-image'; readonly input: PrepareImageRequest }
  | { readonly operation: 'probe'; readonly plugin: PluginSource }
  | {
      readonly operation: 'run';
      readonly plugin: PluginSource;
      readonly work: WorkRequest;
      readonly providers: readonly ExecutionProvider[];
    }
  | {
      readonly operation: 'call';
      readonly plugin: PluginSource;
      readonly call: PluginCallRequest;
      readonly providers: readonly ExecutionProvider[];
    }
  | {
      readonly operation: 'chat';
      readonly plugin: PluginSource;
      readonly request: ChatRequest;
      readonly providers: readonly ExecutionProvider[];
    }
  | {
      readonly operation: 'surface';
      readonly plugin: PluginSource;
      readonly call: SurfaceRequest;
      readonly providers: readonly ExecutionProvider[];
    };

export type HostRequest = HostOperation & {
  readonly id: number;
  /** The host ends itself with `memoryExitCode` when it holds more than this many bytes. */
  readonly memoryLimit: number;
};

export type HostCommand =
  | HostRequest
  /** Abort the signal of that request. */
  | { readonly id: number; readonly operation: 'cancel' }
  /** That many more chat events may be sent. */
  | { readonly id: number; readonly operation: 'more'; readonly count: number }
  /** Dispose of plugins and exit. */
  | { readonly id: 0; readonly operation: 'end' };

/** The first thing that a host says. */
export const hostReady = 'ready';

/** What a host tells while it works on a request. */
export type HostEvent =
  | { readonly id: number; readonly event: 'start' }
  /** A sign of life: a stage is done that has no progress of its own. */
  | { readonly id: number; readonly event: 'alive' }
  | { readonly id: number; readonly event: 'progress'; readonly percent: number | null; readonly note?: Words }
  | { readonly id: number; readonly event: 'preview'; readonly data: Uint8Array }
  | { readonly id: number; readonly event: 'chat'; readonly value: unknown };

/** What is said of the host itself. */
export type HostNews =
  | { readonly news: 'provider'; readonly plugin: string; readonly seen: ProviderSeen }
  | { readonly news: 'log'; readonly plugin: string; readonly level: 'info' | 'warn'; readonly line: string }
  /** A plugin threw where nobody listens: the process ends, and what it worked on is that plugin's failure. */
  | { readonly news: 'fatal'; readonly reason: string };

export type HostAnswer =
  | { readonly id: number; readonly ok: true; readonly value: unknown; readonly rss: number }
  | { readonly id: number; readonly ok: false; readonly error: HostError; readonly rss: number };

export interface HostError {
  readonly code: AppError['code'];
  readonly message: string;
  readonly params: ErrorParams;
  /** For the operator: what the plugin threw, in one line. */
  readonly reason?: string;
}

/** How the host says that a job needed more memory than it may have. */
export const memoryExitCode = 86;

/** Chat events that may be under way at once; large ones count for several. */
export const chatWindow = 64;
