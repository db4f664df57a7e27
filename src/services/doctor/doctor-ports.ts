import type { StoreState } from '../../lib/document-store.ts';

/** What a request tells about the way that it took. A command over the socket tells nothing of it. */
export interface SeenRequest {
  readonly host: string | undefined;
  /** Whether the server takes it for HTTPS; then its cookie is marked as secure. */
  readonly secure: boolean;
  readonly forwardedFor: boolean;
  /** The scheme that the last proxy names. */
  readonly forwardedProto: string | undefined;
  readonly cookie: boolean;
  /** A browser sent it, not a program. */
  readonly browser: boolean;
}

export interface ModelFacts {
  /** Only the built-in demo answers. */
  readonly demo: boolean;
  /** Asks the service for its list of models, which costs nothing; undefined where there is no service to ask. */
  check(): Promise<'ok' | 'bad_key' | 'unreachable' | undefined>;
  /** The model that answers by default, and its first day of being gone: null where it stays, undefined where nobody knows. */
  readonly chosen: string;
  chosenEndsOn(): string | null | undefined;
  /** Models that are not asked now because the service refused them for a limit. */
  blocked(): readonly { readonly model: string; readonly untilMs: number }[];
}

/** What the doctor looks at. What cannot be known is undefined, or a promise that rejects: then its finding says so. */
export interface DoctorPorts {
  readonly now: () => number;
  readonly publicUrl: string | undefined;
  readonly allowedOrigins: readonly string[];
  /** Whether the address of the socket's peer counts (`CLIENT_IP=direct`). */
  readonly direct: boolean;
  /** The server's test of its own address with forged headers. */
  readonly addressTest: () => 'ok' | 'trusted-forgery' | 'unknown';
  readonly socketsOf: (userId: string) => number;
  readonly store: {
    state(): StoreState;
    /** Milliseconds since the epoch by its clock. */
    now(): Promise<number>;
    /** Reads something small. */
    read(): Promise<unknown>;
  };
  readonly freeBytes: () => Promise<number>;
  /** What is stored is lost with the next deploy. */
  readonly ephemeral: boolean;
  readonly secret: { readonly given: boolean; readonly previous: boolean };
  readonly model: ModelFacts;
  /** Names of plugins that failed. */
  readonly failedPlugins: () => readonly string[];
  readonly memory: () => {
    readonly level: 'normal' | 'tight' | 'scarce' | 'exhausted';
    readonly usedBytes: number;
    readonly budgetBytes: number | null;
  };
  /** Versions without a leading `v`; `wanted` as a range such as `>=20.19`. */
  readonly node: { readonly version: string; readonly wanted: string; readonly supported: boolean };
}
