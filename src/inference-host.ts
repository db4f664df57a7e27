import { importPlugin } from './core/plugins/import-plugin.ts';
import type { PluginHost } from './core/plugins/plugin-host.ts';
import type { SurfaceCall } from './core/plugins/surface-run.ts';
import {
  type ChatRequest,
  type HostAnswer,
  type HostCommand,
  type HostEvent,
  type HostNews,
  type HostRequest,
  hostReady,
  type PluginSource,
  type SurfaceRequest,
} from './infrastructure/inference/host-protocol.ts';
import { createServing, type RequestContext } from './infrastructure/inference/host-serving.ts';
import { watchForOrphan } from './infrastructure/inference/orphan-watch.ts';
import type { SessionPool } from './infrastructure/inference/session-pool.ts';
import type { ExecutionProvider } from './infrastructure/inference/session-types.ts';
import { preferToBeKilled } from './infrastructure/process-memory.ts';
import { stepBack } from './infrastructure/process-priority.ts';
import { systemClock } from './lib/clock.ts';
import { shortReason } from './lib/short-reason.ts';

/**
 * The child process that decodes pictures and runs plugins and models: what is read here is hostile or foreign, may crash
 * the native code, hang or fill the memory, and then only this process ends. Started and watched by `inference-client.ts`.
 */

const server = process.ppid;
const pools = new Map<string, SessionPool>();

let loading: Promise<PluginHost> | null = null;

/** Loaded when a plugin is wanted, not for uploads. */
function pluginHost(): Promise<PluginHost> {
  loading ??= import('./core/plugins/plugin-host.ts').then(({ PluginHost: Host }) => {
    watchForOrphan(server);
    return new Host({
      importModule: importPlugin,
      sessionsFor: (source) => {
        const pool = pools.get(source.name);
        if (pool === undefined) throw new Error('a plugin is set up before its sessions');
        return pool.forPlugin(source.models);
      },
      log: (plugin, level, line) => send({ news: 'log', plugin, level, line }),
    });
  });
  return loading;
}

function send(message: HostAnswer | HostEvent | HostNews | typeof hostReady): void {
  if (process.connected) process.send?.(message);
}

async function poolOf({ name }: PluginSource, providers: readonly ExecutionProvider[]): Promise<SessionPool> {
  const { SessionPool: Pool } = await import('./infrastructure/inference/session-pool.ts');
  const pool = pools.get(name) ?? new Pool({ providers, onProvider: (seen) => send({ news: 'provider', plugin: name, seen }) });
  pools.set(name, pool);
  return pool;
}

async function perform(request: HostRequest, context: RequestContext): Promise<unknown> {
  const { signal, tell } = context;
  switch (request.operation) {
    case 'prepare-image': {
      // Before the codecs make their threads, which inherit it; so below.
      stepBack();
      const { prepareImage } = await import('./infrastructure/inference/picture-codec.ts');
      return prepareImage(request.input);
    }
    case 'probe':
      return (await pluginHost()).probe(request.plugin);
    case 'run': {
      stepBack();
      const sessions = await poolOf(request.plugin, request.providers);
      const { runWork } = await import('./infrastructure/inference/run-work.ts');
      const { memoryLimit } = request;
      const host = await pluginHost();
      return runWork(request.plugin, request.work, { clock: systemClock, sessions, signal, memoryLimit, tell, host });
    }
    case 'call':
      await poolOf(request.plugin, request.providers);
      return (await pluginHost()).call(request.plugin, request.call, signal);
    case 'chat':
      await poolOf(request.plugin, request.providers);
      return chat(request.plugin, request.request, context);
    case 'surface':
      await poolOf(request.plugin, request.providers);
      return surface(request.plugin, request.call, context);
  }
}

async function chat(plugin: PluginSource, request: ChatRequest, { signal, tell, room }: RequestContext): Promise<void> {
  const turns = request.turns.map((turn) => ({
    ...turn,
    images: turn.images.map(({ mime, data }) => ({ mime, load: () => Promise.resolve(data) })),
  }));
  const { chatCost, readChatEvent } = await import('./infrastructure/inference/chat-event.ts');
  const host = await pluginHost();
  for await (const value of host.stream(plugin, { thinking: false, level: 'normal', ...request, turns }, signal)) {
    // Judged before it crosses: what is too large for the server must not reach its memory.
    const event = readChatEvent(plugin.name, value);
    await room(chatCost(event));
    tell({ event: 'chat', value: event });
  }
}

async function surface(plugin: PluginSource, call: SurfaceRequest, { signal, tell, room }: RequestContext): Promise<void> {
  const { readSurfaceEvent, surfaceCost } = await import('./infrastructure/inference/surface-event.ts');
  const host = await pluginHost();
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- made by the server, which has these types; the room between knows only data
  for await (const value of host.surface(plugin, call as SurfaceCall, signal)) {
    const event = readSurfaceEvent(plugin.name, value);
    await room(surfaceCost(event));
    tell({ event: 'chat', value: event });
  }
}

/** A plugin threw where nobody listened: what state it is in nobody knows, so the process goes, and says why first. */
function onEscaped(error: unknown): void {
  const leave = () => process.exit(1);
  if (!process.connected) return leave();
  process.send?.({ news: 'fatal', reason: shortReason(error) } satisfies HostNews, leave);
}

async function end(): Promise<void> {
  await (await loading)?.dispose();
  for (const pool of pools.values()) await pool.closeAll();
  process.exit(0);
}

const serving = createServing({
  send,
  perform,
  onEnd: () => void end().catch(() => process.exit(1)),
  exit: (code) => process.exit(code),
});

preferToBeKilled();
process.on('uncaughtException', onEscaped);
process.on('unhandledRejection', onEscaped);
process.on('disconnect', () => process.exit(0));
// The terminal sends these to the whole group; the server decides when this process ends.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
process.on('message', (command: HostCommand) => serving.onCommand(command));
send(hostReady);
