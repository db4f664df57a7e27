import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { workerEntry } from '../../lib/worker-entry.ts';
import { type HostAnswer, type HostRequest, hostReady, memoryExitCode, type PrepareImageRequest } from './host-protocol.ts';

export interface HostProcess {
  readonly pid: number | undefined;
  /** Whether its code was loaded. */
  readonly ready: boolean;
  /** How many jobs it was given. */
  readonly jobs: number;
  /** Resolves when the process is gone. Never rejects. */
  readonly ended: Promise<void>;
  send(input: PrepareImageRequest, memoryLimit: number): void;
  /** Ends it at once, whatever it does. */
  kill(): void;
}

export interface HostProcessEvents {
  onAnswer(answer: HostAnswer): void;
  /** Once, however it ended, a failed start included. */
  onExit(outcome: 'memory' | 'crash'): void;
}

/**
 * One forked inference host. It gets an empty environment (no key or secret of the server can leak through it) and does
 * not keep the server alive while it has nothing to do.
 */
export function createHostProcess(events: HostProcessEvents): HostProcess {
  const child = forkHost();
  let jobs = 0;
  let current = 0;
  let gone = false;
  let ready = false;
  let reportEnd = () => {};
  const ended = new Promise<void>((resolve) => {
    reportEnd = resolve;
  });

  function onGone(outcome: 'memory' | 'crash'): void {
    if (gone) return;
    gone = true;
    reportEnd();
    events.onExit(outcome);
  }

  child.on('message', (message) => {
    ready ||= message === hostReady;
    if (!isAnswer(message) || message.id !== current) return;
    holdServer(child, false);
    events.onAnswer(message);
  });
  child.on('exit', (code) => onGone(code === memoryExitCode ? 'memory' : 'crash'));
  child.on('error', () => {
    child.kill('SIGKILL');
    if (child.pid === undefined) onGone('crash');
  });
  holdServer(child, false);

  return {
    pid: child.pid,
    get ready() {
      return ready;
    },
    get jobs() {
      return jobs;
    },
    ended,
    send(input, memoryLimit) {
      jobs += 1;
      current = jobs;
      holdServer(child, true);
      const request: HostRequest = { id: current, operation: 'prepare-image', input, memoryLimit };
      child.send(request, (error) => {
        if (error !== null) child.kill('SIGKILL');
      });
    },
    kill() {
      child.kill('SIGKILL');
    },
  };
}

function forkHost(): ChildProcess {
  const entry = workerEntry('inference-host', '../../inference-host.ts', import.meta.url);
  return fork(fileURLToPath(entry.url), [], {
    ...(entry.options.execArgv === undefined ? {} : { execArgv: entry.options.execArgv }),
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    // Few malloc arenas: glibc otherwise keeps tens of MB for each decoding thread.
    env: { MALLOC_ARENA_MAX: '2' },
  });
}

function holdServer(child: ChildProcess, hold: boolean): void {
  if (hold) child.ref();
  else child.unref();
  if (hold) child.channel?.ref();
  else child.channel?.unref();
}

/** The channel carries only what our own host sends, so the shape is not checked further. */
function isAnswer(message: unknown): message is HostAnswer {
  return typeof message === 'object' && message !== null && 'id' in message && 'ok' in message;
}
