import { computed, type ReadonlySignal, signal } from '@preact/signals';
import type { Page } from '../../../src/protocol/rest.ts';
import type { ServerFrame } from '../../../src/protocol/server-frames.ts';
import type { PluginInfo, WeightsInfo } from '../../../src/protocol/work-shapes.ts';
import { type RequestError, toRequestError } from './request-error.ts';
import type { Rest } from './rest.ts';

export type PluginAction = PluginInfo['actions'][number];
export type Processor = PluginInfo['processors'][number];

export interface Plugins {
  /** Null until the server has said. */
  readonly list: ReadonlySignal<readonly PluginInfo[] | null>;
  readonly error: ReadonlySignal<RequestError | null>;
  /** What can be done with a picture, in the order of the plugins. */
  readonly pictureActions: ReadonlySignal<readonly PluginAction[]>;
  readonly messageActions: ReadonlySignal<readonly PluginAction[]>;
  readonly starters: ReadonlySignal<PluginInfo['starters']>;
  /** Kinds of work that one picture is enough for. */
  readonly onePicture: ReadonlySignal<readonly Processor[]>;
  processor(kind: string): Processor | undefined;
  /** Whether a plugin answers this command: then the pictures of the composer go along. */
  hasCommand(name: string): boolean;
  load(): Promise<void>;
  /** Shows what an administrator's change answered. */
  put(plugin: PluginInfo): void;
  receive(frame: ServerFrame): void;
  clear(): void;
}

/** What the plugins of this server are and can do. */
export function createPlugins(deps: { rest: Pick<Rest, 'get'> }): Plugins {
  const list = signal<readonly PluginInfo[] | null>(null);
  const error = signal<RequestError | null>(null);
  const ready = computed(() => (list.value ?? []).filter(({ state }) => state === 'ready'));
  const actions = computed(() => ready.value.flatMap((plugin) => plugin.actions));
  let turn = 0;

  const processors = computed(() => (list.value ?? []).flatMap((plugin) => plugin.processors));

  async function load(): Promise<void> {
    const own = ++turn;
    error.value = null;
    try {
      const { items } = await deps.rest.get<Page<PluginInfo>>('/api/plugins');
      if (own === turn) list.value = items;
    } catch (cause) {
      if (own === turn) error.value = toRequestError(cause);
    }
  }

  return {
    list,
    error,
    pictureActions: computed(() => actions.value.filter(({ on }) => on === 'picture')),
    messageActions: computed(() => actions.value.filter(({ on }) => on === 'message')),
    starters: computed(() => ready.value.flatMap((plugin) => plugin.starters)),
    onePicture: computed(() =>
      ready.value.flatMap((plugin) => plugin.processors).filter(({ input }) => input.minPictures <= 1 && input.maxPictures >= 1),
    ),
    processor: (kind) => processors.value.find((one) => one.kind === kind),
    hasCommand: (name) => ready.peek().some(({ commands }) => commands.includes(name)),
    load,
    put(plugin) {
      list.value = (list.peek() ?? []).map((one) => (one.name === plugin.name ? plugin : one));
    },
    receive(frame) {
      if (frame.type === 'plugins.updated') void load();
      else if (frame.type === 'weights.updated' && list.peek() !== null) list.value = withWeights(list.peek() ?? [], frame.weights);
    },
    clear() {
      turn += 1;
      list.value = null;
      error.value = null;
    },
  };
}

function withWeights(list: readonly PluginInfo[], weights: WeightsInfo): readonly PluginInfo[] {
  return list.map((plugin) =>
    plugin.models.some(({ name }) => name === weights.name)
      ? { ...plugin, models: plugin.models.map((one) => (one.name === weights.name ? weights : one)) }
      : plugin,
  );
}
