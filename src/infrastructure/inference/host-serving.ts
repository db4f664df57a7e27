import { AppError } from '../../lib/app-error.ts';
import { shortReason } from '../../lib/short-reason.ts';
import {
  chatWindow,
  type HostAnswer,
  type HostCommand,
  type HostError,
  type HostEvent,
  type HostRequest,
  memoryExitCode,
} from './host-protocol.ts';

/** How often the memory is looked at while there is work. */
const MEMORY_CHECK_MS = 50;

export interface Serving {
  onCommand(command: HostCommand): void;
}

export interface ServingOptions {
  readonly send: (message: HostAnswer | HostEvent) => void;
  /** Does the work of one request. */
  readonly perform: (request: HostRequest, context: RequestContext) => Promise<unknown>;
  /** Asked to go. */
  readonly onEnd: () => void;
  readonly exit: (code: number) => void;
}

export interface RequestContext {
  readonly signal: AbortSignal;
  readonly tell: (event: HostEvent extends infer E ? (E extends HostEvent ? Omit<E, 'id'> : never) : never) => void;
  /** Resolves when one more chat event may be sent. @param cost of the event, see `chatCost` @throws the signal's reason */
  room(cost: number): Promise<void>;
}

interface OpenRequest {
  readonly stop: AbortController;
  room: number;
  wake: () => void;
}

/** The host's side of the channel: gives each request its signal, watches the memory while there is work, answers exactly once. */
export function createServing(options: ServingOptions): Serving {
  const open = new Map<number, OpenRequest>();

  async function serve(request: HostRequest): Promise<void> {
    const { id, memoryLimit } = request;
    const entry: OpenRequest = { stop: new AbortController(), room: chatWindow, wake: () => {} };
    open.set(id, entry);
    const watch = setInterval(() => {
      if (process.memoryUsage.rss() > memoryLimit) options.exit(memoryExitCode);
    }, MEMORY_CHECK_MS);
    try {
      const value = await options.perform(request, contextOf(id, entry));
      options.send({ id, ok: true, value, rss: process.memoryUsage.rss() });
    } catch (error) {
      options.send({ id, ok: false, error: hostErrorOf(error), rss: process.memoryUsage.rss() });
    } finally {
      clearInterval(watch);
      open.delete(id);
    }
  }

  function contextOf(id: number, entry: OpenRequest): RequestContext {
    const { signal } = entry.stop;
    return {
      signal,
      tell: (event) => options.send({ ...event, id }),
      async room(cost) {
        while (entry.room <= 0 && !signal.aborted) await new Promise<void>((resolve) => (entry.wake = resolve));
        signal.throwIfAborted();
        entry.room -= cost;
      },
    };
  }

  return {
    onCommand(command) {
      if (command.operation === 'end') return options.onEnd();
      if (command.operation !== 'cancel' && command.operation !== 'more') {
        serve(command).catch(() => options.exit(1));
        return;
      }
      const entry = open.get(command.id);
      if (command.operation === 'more' && entry !== undefined) entry.room += command.count;
      else entry?.stop.abort(new Error('cancelled'));
      entry?.wake();
    },
  };
}

function hostErrorOf(error: unknown): HostError {
  const { code, message, params, cause } = AppError.from(error);
  return { code, message, params, ...(cause === undefined ? {} : { reason: shortReason(cause) }) };
}
