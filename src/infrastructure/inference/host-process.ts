import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { workerEntry } from '../../lib/worker-entry.ts';
import type { WorkerEnd } from '../../lib/worker-lost-error.ts';
import {
  type HostAnswer,
  type HostCommand,
  type HostEvent,
  type HostNews,
  type HostOperation,
  hostReady,
  memoryExitCode,
} from './host-protocol.ts';

export interface HostProcess {
  readonly pid: number | undefined;
  /** Whether its code was loaded. */
  readonly ready: boolean;
  /** Resolves when its code was loaded; never, when it ended before. */
  readonly started: Promise<void>;
  /** How many requests it was given. */
  readonly jobs: number;
  /** Requests that were not answered yet. */
  readonly open: number;
  /** Resolves when the process is gone. Never rejects. */
  readonly ended: Promise<void>;
  /** Gives it a request; exactly one of `onAnswer` and `onLost` follows. */
  send(operation: HostOperation, memoryLimit: number, listener: HostListener): OpenRequest;
  /** Asks it to dispose of its plugins and to go; what is still there after `graceMs` is killed. */
  end(graceMs: number): void;
  /** Ends it at once, whatever it does. @param as what its open requests are told; the first call counts */
  kill(as?: WorkerEnd): void;
}

export interface HostListener {
  onEvent?(event: HostEvent): void;
  onAnswer(answer: HostAnswer): void;
  /** The process ended first, or was ended. `reason`: what a plugin threw where nobody listened. */
  onLost(end: WorkerEnd, reason: string | undefined): void;
}

export interface OpenRequest {
  cancel(): void;
  more(count: number): void;
}

export interface HostProcessOptions {
  /** Added to its otherwise empty environment. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
  readonly onNews?: (news: Exclude<HostNews, { news: 'fatal' }>) => void;
  /** Once, however it ended, a failed start included; after every open request was told. */
  readonly onExit: (end: WorkerEnd) => void;
}

/** A channel that something else holds open is not waited for longer than this. */
const LAST_WORDS_MS = 500;

/**
 * One forked inference host. It gets an environment without any key or secret of the server and does not keep the server
 * alive while it has nothing to do.
 */
export function createHostProcess(options: HostProcessOptions): HostProcess {
  return new ForkedHost(options);
}

class ForkedHost implements HostProcess {
  readonly ended: Promise<void>;
  readonly started: Promise<void>;
  readonly #child: ChildProcess;
  readonly #options: HostProcessOptions;
  readonly #open = new Map<number, HostListener>();
  #jobs = 0;
  #ready = false;
  #gone = false;
  #killedAs: WorkerEnd | undefined;
  #fatal: string | undefined;
  #reportEnd = () => {};
  #reportStart = () => {};

  constructor(options: HostProcessOptions) {
    this.#options = options;
    this.started = new Promise((resolve) => {
      this.#reportStart = resolve;
    });
    this.ended = new Promise((resolve) => {
      this.#reportEnd = resolve;
    });
    this.#child = forkHost(options.environment ?? {});
    this.#child.on('message', (message) => this.#onMessage(message));
    // Its last words (why it goes) may be read after its exit was noticed: `close` comes when the channel is empty.
    this.#child.once('close', (code) => this.#onGone(code === memoryExitCode ? 'memory' : 'crashed'));
    this.#child.once('exit', (code) => {
      setTimeout(() => this.#onGone(code === memoryExitCode ? 'memory' : 'crashed'), LAST_WORDS_MS).unref();
    });
    this.#child.on('error', () => {
      this.kill();
      if (this.#child.pid === undefined) this.#onGone('crashed');
    });
    this.#hold(false);
  }

  get pid() {
    return this.#child.pid;
  }

  get ready() {
    return this.#ready;
  }

  get jobs() {
    return this.#jobs;
  }

  get open() {
    return this.#open.size;
  }

  send(operation: HostOperation, memoryLimit: number, listener: HostListener): OpenRequest {
    this.#jobs += 1;
    const id = this.#jobs;
    this.#open.set(id, listener);
    this.#hold(true);
    this.#tell({ ...operation, id, memoryLimit });
    return {
      cancel: () => this.#open.has(id) && this.#tell({ id, operation: 'cancel' }),
      more: (count) => this.#open.has(id) && this.#tell({ id, operation: 'more', count }),
    };
  }

  end(graceMs: number): void {
    if (this.#gone) return;
    this.#tell({ id: 0, operation: 'end' });
    const timer = setTimeout(() => this.kill(), graceMs);
    timer.unref();
    void this.ended.then(() => clearTimeout(timer));
  }

  kill(as: WorkerEnd = 'crashed'): void {
    this.#killedAs ??= as;
    this.#child.kill('SIGKILL');
  }

  #tell(command: HostCommand): void {
    if (this.#gone || !this.#child.connected) return;
    this.#child.send(command, (error) => {
      if (error !== null) this.#child.kill('SIGKILL');
    });
  }

  #onMessage(message: unknown): void {
    if (message === hostReady) {
      this.#ready = true;
      this.#reportStart();
    } else if (isNews(message)) this.#onNews(message);
    else if (isEvent(message)) this.#open.get(message.id)?.onEvent?.(message);
    else if (isAnswer(message)) {
      const listener = this.#open.get(message.id);
      this.#open.delete(message.id);
      if (this.#open.size === 0) this.#hold(false);
      listener?.onAnswer(message);
    }
  }

  #onNews(news: HostNews): void {
    if (news.news === 'fatal') this.#fatal = news.reason;
    else this.#options.onNews?.(news);
    if (news.news !== 'provider') return;
    // Loading a large model takes long and tells nothing meanwhile.
    for (const [id, listener] of this.#open) listener.onEvent?.({ id, event: 'alive' });
  }

  #onGone(seen: WorkerEnd): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#reportEnd();
    const end = this.#killedAs ?? seen;
    const lost = [...this.#open.values()];
    this.#open.clear();
    for (const listener of lost) listener.onLost(end, this.#killedAs === undefined ? this.#fatal : undefined);
    this.#options.onExit(end);
  }

  #hold(hold: boolean): void {
    if (hold) this.#child.ref();
    else this.#child.unref();
    if (hold) this.#child.channel?.ref();
    else this.#child.channel?.unref();
  }
}

function forkHost(environment: Readonly<Record<string, string>>): ChildProcess {
  const entry = workerEntry('inference-host', '../../inference-host.ts', import.meta.url);
  const { execArgv = [] } = entry.options;
  // From sources, `#core` of a plugin is the source too.
  const conditions = execArgv.length === 0 ? [] : ['--conditions=source'];
  return fork(fileURLToPath(entry.url), [], {
    execArgv: [...conditions, ...execArgv],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    env: {
      ...environment,
      // Few malloc arenas: glibc otherwise keeps tens of MB for each decoding thread.
      MALLOC_ARENA_MAX: '2',
      // The pinned runtime has no telemetry; should another one be put in its place, it shall have none either.
      ORT_DISABLE_TELEMETRY: '1',
    },
  });
}

/** The channel carries only what our own host sends, so the shapes are not checked further. */
function isAnswer(message: unknown): message is HostAnswer {
  return typeof message === 'object' && message !== null && 'id' in message && 'ok' in message;
}

function isEvent(message: unknown): message is HostEvent {
  return typeof message === 'object' && message !== null && 'id' in message && 'event' in message;
}

function isNews(message: unknown): message is HostNews {
  return typeof message === 'object' && message !== null && 'news' in message;
}
