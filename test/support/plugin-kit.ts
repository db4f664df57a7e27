import { existsSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type {
  ActionPayload,
  AskReply,
  ExecutionProvider,
  HookContext,
  HookEvents,
  HookName,
  ModelEvent,
  ModelManifest,
  ModelRequest,
  Picture,
  PluginDefinition,
  ProcessorOutput,
  SurfaceConversation,
  SurfaceEvent,
  WorkLevel,
} from '../../src/core/index.ts';
import { PluginHost } from '../../src/core/plugins/plugin-host.ts';
import type { PluginSource } from '../../src/core/plugins/plugin-source.ts';
import type { SurfaceCall, SurfaceOutput } from '../../src/core/plugins/surface-run.ts';
import { readChatEvent } from '../../src/infrastructure/inference/chat-event.ts';
import { decodePicture, encodePreview, writePictureFile } from '../../src/infrastructure/inference/job-pictures.ts';
import { SessionPool } from '../../src/infrastructure/inference/session-pool.ts';
import { readSurfaceEvent } from '../../src/infrastructure/inference/surface-event.ts';
import { forgetPeak, peakBytes } from '../../src/infrastructure/process-memory.ts';
import type { JsonValue } from '../../src/lib/document-store.ts';

const MEBIBYTE = 1_048_576;
/** Of a picture that a test reads: 12,000 a side. */
const maxPixels = 144_000_000;

export interface PluginKitOptions {
  /** The plugin's own folder: `new URL('.', import.meta.url)`. */
  readonly folder: URL;
  /** Absolute folders of models that are installed from npm or brought by the operator. Those of the plugin and of packages are found. */
  readonly models?: Readonly<Record<string, string>>;
  /** Default: cpu. */
  readonly providers?: readonly ExecutionProvider[];
  /** Default: 1. */
  readonly threads?: number;
  /** As an administrator would set it. */
  readonly config?: Readonly<Record<string, JsonValue>>;
}

export interface KitRun {
  /** Pictures, or paths of files that are decoded like an upload. */
  readonly pictures: readonly (Picture | string)[];
  readonly params?: Readonly<Record<string, JsonValue>>;
  /** Default: normal. */
  readonly level?: WorkLevel;
  readonly signal?: AbortSignal;
  /** Short for `params: { seed }`. */
  readonly seed?: number;
  readonly tile?: number;
  /** Called at each progress, for tests that cancel in the middle. */
  readonly onProgress?: (percent: number | null) => void;
}

export interface KitResult extends ProcessorOutput {
  readonly progress: readonly (number | null)[];
  readonly previews: readonly Picture[];
  /** Of the whole test process while it ran, in MiB. */
  readonly peakMemoryMb: number;
  readonly seconds: number;
  readonly provider: ExecutionProvider | undefined;
}

/** What a hook, an answer or an action is told besides. */
export interface KitContext {
  readonly locale?: string;
  readonly settings?: Readonly<Record<string, JsonValue>>;
  readonly user?: Partial<HookContext['user']>;
  readonly conversation?: Partial<SurfaceConversation> | null;
  readonly signal?: AbortSignal;
}

export interface PluginKit {
  /** Runs one processor as the inference host does, in this process. @throws AppError; the signal's reason when aborted */
  run(kind: string, run: KitRun): Promise<KitResult>;
  /** Calls a command without a processor. */
  command(name: string, args?: readonly string[]): Promise<string>;
  /** Calls a hook as the server does. What is left out of the context is that of a person named Ada in a conversation of the kit. */
  hook<Name extends HookName>(name: Name, event: HookEvents[Name], context?: KitContext): Promise<SurfaceEvent[]>;
  /** Gives the answer to a question that the plugin asked. Default: answered, without state. */
  answer(
    name: string,
    value: JsonValue,
    reply?: KitContext & Partial<Pick<AskReply, 'ending' | 'files' | 'state'>>,
  ): Promise<SurfaceEvent[]>;
  /** Presses a button. A text comes as `{ type: 'note' }` and `{ type: 'text' }`. */
  action(id: string, payload?: ActionPayload, context?: KitContext): Promise<SurfaceOutput[]>;
  /** What a chat model of the plugin yields for one message. */
  chat(model: string, text: string, request?: Partial<ModelRequest> & { readonly signal?: AbortSignal }): Promise<ModelEvent[]>;
  readPicture(path: string): Promise<Picture>;
  /** By its ending: `.png`, `.jpg`, `.webp`. */
  writePicture(picture: Picture, path: string): Promise<void>;
  /** Lines that the plugin logged. */
  readonly log: readonly string[];
  close(): Promise<void>;
}

/** Runs a plugin in a test with the code of the inference host: the same checks, sessions and codecs, without a process around it. */
export function createPluginKit(plugin: PluginDefinition<never, never> | PluginDefinition, options: PluginKitOptions): PluginKit {
  const { providers = ['cpu'], threads = 1, config = {} } = options;
  const folder = fileURLToPath(options.folder);
  const models = installedModels(plugin.models ?? [], folder, options.models ?? {});
  const source: PluginSource = { name: plugin.name, version: plugin.version, moduleUrl: options.folder.href, folder, config, models };
  const sessions = new SessionPool({ providers });
  const log: string[] = [];
  const host = new PluginHost({
    importModule: async () => ({ default: plugin }),
    sessionsFor: () => sessions.forPlugin(models),
    log: (_plugin, _level, line) => void log.push(line),
  });
  const readPicture = async (path: string): Promise<Picture> => (await decodePicture(path, maxPixels)).picture;

  return {
    log,
    readPicture,
    writePicture: (picture, path) => writePictureFile(picture, path, formatOf(path)),
    async run(kind, given) {
      const pictures = await Promise.all(
        given.pictures.map(async (picture) => (typeof picture === 'string' ? readPicture(picture) : picture)),
      );
      const params = { ...given.params, ...(given.seed === undefined ? {} : { seed: given.seed }) };
      const { signal = new AbortController().signal, level = 'normal', tile } = given;
      const progress: (number | null)[] = [];
      const previews: Picture[] = [];
      const run = {
        signal,
        threads,
        tile,
        progress: (percent: number | null) => {
          progress.push(percent);
          given.onProgress?.(percent);
        },
        preview: (picture: Picture) => void previews.push({ ...picture, data: picture.data.slice() }),
      };
      sessions.begin({ threads, signal });
      forgetPeak();
      const begun = performance.now();
      try {
        const output = await host.process(source, { kind, params, level, pictures, granted: { cpuThreads: threads, memoryMb: 0 } }, run);
        for (const preview of previews) await encodePreview(preview);
        const seconds = (performance.now() - begun) / 1000;
        return { ...output, progress, previews, peakMemoryMb: peakBytes() / MEBIBYTE, seconds, provider: sessions.used };
      } finally {
        sessions.end();
      }
    },
    ...surfaceCalls(host, source),
    command: (name, args = []) =>
      host.call(source, { kind: 'command', name, args, locale: 'en', settings: {} }, new AbortController().signal),
    async close() {
      await host.dispose();
      await sessions.closeAll();
    },
  };
}

/** With the checks of both processes. */
function surfaceCalls(host: PluginHost, source: PluginSource): Pick<PluginKit, 'hook' | 'answer' | 'action' | 'chat'> {
  const collect = async <Event>(events: AsyncIterable<unknown>, read: (plugin: string, value: unknown) => Event) => {
    const all: Event[] = [];
    for await (const event of events) all.push(read(source.name, event));
    return all;
  };
  const surface = (call: SurfaceCall, { signal = new AbortController().signal }: KitContext) =>
    collect<SurfaceOutput>(host.surface(source, call, signal), readSurfaceEvent);
  const conversationOf = (given: KitContext['conversation'] = {}): SurfaceConversation => ({
    ...{ id: 'kit', title: 'Kit', modes: {}, values: {} },
    ...given,
  });
  const common = ({ locale = 'en', settings = {}, user }: KitContext) => ({
    ...{ locale, settings },
    user: { id: 'ada', name: 'Ada', role: 'user' as const, ...user },
  });
  return {
    async hook(hook, event, context = {}) {
      const conversation = hook === 'login' || context.conversation === null ? null : conversationOf(context.conversation);
      return withoutNotes(await surface({ kind: 'hook', context: { hook, event, conversation, ...common(context) } }, context));
    },
    async answer(name, value, { ending = 'answered', state = null, files, ...context } = {}) {
      const conversation = conversationOf(context.conversation ?? {});
      const given = { askId: 'ask', name, value, ending, state, conversation, ...(files === undefined ? {} : { files }) };
      return withoutNotes(await surface({ kind: 'answer', reply: { ...given, ...common(context) } }, context));
    },
    action: (name, payload = {}, context = {}) => {
      const { locale, settings } = common(context);
      const conversation = context.conversation === null ? {} : { conversation: conversationOf(context.conversation) };
      return surface({ kind: 'action', name, payload, locale, settings, ...conversation }, context);
    },
    chat: (model, text, { signal = new AbortController().signal, ...request } = {}) => {
      const turns = [{ role: 'user' as const, text, images: [] }];
      const events = host.stream(source, { turns, thinking: false, level: 'normal', ...request, model }, signal);
      return collect<ModelEvent>(events, (plugin, value) => {
        const event = readChatEvent(plugin, value);
        return event.type === 'raw' ? { type: 'raw', part: event.part } : event;
      });
    },
  };
}

function withoutNotes(events: readonly SurfaceOutput[]): SurfaceEvent[] {
  return events.filter((event) => event.type !== 'note');
}

function installedModels(
  manifests: readonly ModelManifest[],
  folder: string,
  given: Readonly<Record<string, string>>,
): PluginSource['models'] {
  return manifests.flatMap((manifest) => {
    const { source, name } = manifest;
    const at =
      given[name] ?? (source.kind === 'plugin' ? folder : source.kind === 'dependency' ? packageFolder(source.package, folder) : undefined);
    const graph = manifest.graph ?? manifest.files.find(({ path }) => path.endsWith('.onnx'))?.path ?? 'model.onnx';
    return at === undefined ? [] : [{ name, folder: at, graph }];
  });
}

function packageFolder(name: string, from: string): string | undefined {
  const folder = join(from, 'node_modules', name);
  if (existsSync(folder)) return folder;
  return dirname(from) === from ? undefined : packageFolder(name, dirname(from));
}

function formatOf(path: string): 'png' | 'jpeg' | 'webp' {
  const ending = extname(path).toLowerCase();
  if (ending === '.png') return 'png';
  if (ending === '.jpg' || ending === '.jpeg') return 'jpeg';
  if (ending === '.webp') return 'webp';
  throw new Error(`a picture is written as .png, .jpg or .webp, not ${ending}`);
}
