import { computed, type ReadonlySignal, signal } from '@preact/signals';
import type { ServerFrame, ServerFrameOf } from '../../../src/protocol/server-frames.ts';
import type { Conversation } from '../../../src/protocol/shapes.ts';
import type { ModeInfo, ProfileInfo, SurfaceInfo } from '../../../src/protocol/surface-shapes.ts';
import { type Asks, createAsks } from './asks.ts';
import type { Connection } from './connection.ts';
import type { KeyValueStore } from './ports.ts';
import type { Rest } from './rest.ts';
import { createSidePane, type SidePane } from './side-pane.ts';

/** What plugins and the operator put around the conversations, and what the person chose of it. */
export interface Surface {
  readonly info: ReadonlySignal<SurfaceInfo>;
  /** The same; null until the server has said. */
  readonly told: ReadonlySignal<SurfaceInfo | null>;
  readonly asks: Asks;
  readonly pane: SidePane;
  /** Of a conversation; null: of the next one. Null where there is none. */
  profile(conversationId: string | null): ProfileInfo | null;
  /** For the next conversation; null: none. */
  choose(profileId: string | null): void;
  modes(conversationId: string | null): readonly ModeInfo[];
  /** The chosen option of a mode, else its default, else its first. */
  option(conversationId: string | null, mode: ModeInfo): ModeInfo['options'][number] | undefined;
  /** Shown at once, kept by the server. @throws RequestError */
  setMode(conversationId: string | null, modeId: string, optionId: string): Promise<void>;
  /** What the first message of a conversation says about it. */
  forNew(): { profile?: string; modes?: Record<string, string> };
  /** Begins a conversation in which the plugin speaks first. @throws RequestError */
  begin(profileId: string): Promise<string>;
  welcome(frame: ServerFrameOf<'welcome'>): void;
  receive(frame: ServerFrame): void;
}

export interface SurfaceDeps {
  readonly rest: Pick<Rest, 'get' | 'post' | 'patch'>;
  readonly connection: Pick<Connection, 'request'>;
  readonly store: KeyValueStore;
}

const nothing: SurfaceInfo = { profiles: [], modes: [], links: [], readme: false, theme: false };

type Chosen = Readonly<Record<string, string>>;
interface Facts {
  readonly profile: string | undefined;
  readonly modes: Chosen;
}

export function createSurface(deps: SurfaceDeps): Surface {
  return new SurfaceStore(deps);
}

class SurfaceStore implements Surface {
  readonly told = signal<SurfaceInfo | null>(null);
  readonly info = computed(() => this.told.value ?? nothing);
  readonly asks: Asks;
  readonly pane: SidePane;
  readonly #deps: SurfaceDeps;
  /** undefined: nobody has chosen, the default of the server counts. */
  readonly #chosen = signal<string | null | undefined>(undefined);
  readonly #newModes = signal<Chosen>({});
  readonly #facts = signal<ReadonlyMap<string, Facts>>(new Map());
  readonly #profiles = computed(() => new Map(this.info.value.profiles.map((profile) => [profile.id, profile])));
  #userId: string | null = null;

  constructor(deps: SurfaceDeps) {
    this.#deps = deps;
    this.asks = createAsks(deps);
    this.pane = createSidePane(deps);
  }

  profile(conversationId: string | null): ProfileInfo | null {
    const chosen = this.#chosen.value;
    const id = conversationId !== null ? this.#facts.value.get(conversationId)?.profile : chosen;
    if (conversationId === null && chosen === undefined) return this.info.value.profiles.find((one) => one.default === true) ?? null;
    return this.#profiles.value.get(id ?? '') ?? null;
  }

  choose(profileId: string | null): void {
    this.#chosen.value = profileId;
    this.#newModes.value = {};
  }

  modes(conversationId: string | null): readonly ModeInfo[] {
    return [...(this.profile(conversationId)?.modes ?? []), ...this.info.value.modes];
  }

  option(conversationId: string | null, mode: ModeInfo): ModeInfo['options'][number] | undefined {
    const chosen = conversationId === null ? this.#newModes.value : this.#facts.value.get(conversationId)?.modes;
    const { options } = mode;
    return options.find(({ id }) => id === chosen?.[mode.id]) ?? options.find((one) => one.default === true) ?? options[0];
  }

  async setMode(conversationId: string | null, modeId: string, optionId: string): Promise<void> {
    if (conversationId === null) {
      this.#newModes.value = { ...this.#newModes.peek(), [modeId]: optionId };
      return;
    }
    const before = this.#facts.peek().get(conversationId) ?? { profile: undefined, modes: {} };
    const modes = { ...before.modes, [modeId]: optionId };
    this.#know(conversationId, { ...before, modes });
    try {
      await this.#deps.rest.patch(`/api/conversations/${conversationId}`, { modes });
    } catch (cause) {
      this.#know(conversationId, before);
      throw cause;
    }
  }

  forNew(): { profile?: string; modes?: Record<string, string> } {
    const profile = this.profile(null);
    const known = new Set(this.modes(null).map(({ id }) => id));
    const modes = Object.fromEntries(Object.entries(this.#newModes.peek()).filter(([id]) => known.has(id)));
    return { ...(profile === null ? {} : { profile: profile.id }), ...(Object.keys(modes).length === 0 ? {} : { modes }) };
  }

  async begin(profileId: string): Promise<string> {
    const { conversation } = await this.#deps.rest.post<{ conversation: Conversation }>('/api/conversations', { profile: profileId });
    this.#learn(conversation);
    return conversation.id;
  }

  welcome(frame: ServerFrameOf<'welcome'>): void {
    const userId = frame.user?.id ?? null;
    if (userId !== this.#userId) {
      this.#userId = userId;
      this.#chosen.value = undefined;
      this.#newModes.value = {};
      this.#facts.value = new Map();
      this.pane.close();
    }
    if (frame.surface !== undefined || frame.user !== null) this.told.value = frame.surface ?? nothing;
    this.asks.welcome(frame);
  }

  receive(frame: ServerFrame): void {
    if (frame.type === 'surface.updated') void this.#read();
    else if ('conversation' in frame) this.#learn(frame.conversation);
    this.asks.receive(frame);
  }

  async #read(): Promise<void> {
    const answer = await this.#deps.rest.get<SurfaceInfo | { surface: SurfaceInfo }>('/api/surface').catch(() => null);
    if (answer !== null) this.told.value = 'surface' in answer ? answer.surface : answer;
  }

  #learn({ id, profile, modes = {} }: Conversation): void {
    const known = this.#facts.peek().get(id);
    if (known?.profile === profile && sameChoice(known?.modes ?? {}, modes) && known !== undefined) return;
    this.#know(id, { profile, modes });
  }

  #know(id: string, facts: Facts): void {
    this.#facts.value = new Map(this.#facts.peek()).set(id, facts);
  }
}

function sameChoice(one: Chosen, other: Chosen): boolean {
  const keys = Object.keys(one);
  return keys.length === Object.keys(other).length && keys.every((key) => one[key] === other[key]);
}
