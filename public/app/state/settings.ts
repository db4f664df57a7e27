import { type ReadonlySignal, signal } from '@preact/signals';
import type { ServerFrame, ServerFrameOf } from '../../../src/protocol/server-frames.ts';
import type { CommandInfo, Limits, ModelInfo, Settings } from '../../../src/protocol/shapes.ts';
import type { Connection } from './connection.ts';

type Welcome = ServerFrameOf<'welcome'>;

export interface ServerInfo {
  readonly models: readonly ModelInfo[];
  readonly commands: readonly CommandInfo[];
  readonly limits: Limits;
  readonly server: Welcome['server'];
}

export interface SettingsStore {
  /** What the last `welcome` said; null before the first one. */
  readonly info: ReadonlySignal<ServerInfo | null>;
  readonly ofUser: ReadonlySignal<Settings>;
  /** Only what differs in one conversation. */
  ofConversation(conversationId: string): Settings;
  /** The conversation's own choice, else the user's. */
  effective(conversationId: string | null): Settings;
  /** `null` values go back to the default. @throws RequestError */
  update(conversationId: string | null, settings: Settings): Promise<void>;
  welcome(frame: Welcome): void;
  setConversation(conversationId: string, settings: Settings): void;
  receive(frame: ServerFrame): void;
  /** What a plugin brought or took along. */
  setCommands(commands: readonly CommandInfo[]): void;
}

export function createSettings(deps: { connection: Pick<Connection, 'request'> }): SettingsStore {
  const info = signal<ServerInfo | null>(null);
  const ofUser = signal<Settings>({});
  const byConversation = signal<ReadonlyMap<string, Settings>>(new Map());

  function setConversation(conversationId: string, settings: Settings): void {
    byConversation.value = new Map(byConversation.peek()).set(conversationId, settings);
  }

  const ofConversation = (id: string) => byConversation.value.get(id) ?? {};

  return {
    info,
    ofUser,
    ofConversation,
    effective: (id) => (id === null ? ofUser.value : { ...ofUser.value, ...withoutNulls(ofConversation(id)) }),
    async update(conversationId, settings) {
      await deps.connection.request({ type: 'settings.update', conversationId, settings });
    },
    welcome(frame) {
      const { models, commands, limits, server, settings } = frame;
      info.value = { models, commands, limits, server };
      ofUser.value = settings;
    },
    setConversation,
    setCommands(commands) {
      const now = info.peek();
      if (now !== null) info.value = { ...now, commands };
    },
    receive(frame) {
      if (frame.type !== 'settings.updated') return;
      if (frame.conversationId === null) ofUser.value = frame.settings;
      else setConversation(frame.conversationId, frame.settings);
    },
  };
}

function withoutNulls(settings: Settings): Settings {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== null && value !== undefined));
}
