import { fork } from 'node:child_process';
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
  const entry = workerEntry('inference-host', '../../inference-host.ts', import.meta.url);
  const child = fork(fileURLToPath(entry.url), [], {
    ...(entry.options.execArgv === undefined ? {} : { execArgv: entry.options.execArgv }),
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    // Few malloc arenas: glibc otherwise keeps tens of MB for each decoding thread.
    env: { MALLOC_ARENA_MAX: '2' },
  });
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

  function holdServer(hold: boolean): void {
    if (hold) child.ref();
    else child.unref();
    if (hold) child.channel?.ref();
    else child.channel?.unref();
  }

  child.on('message', (message) => {
    if (message === hostReady) {
      ready = true;
      return;
    }
    // The channel carries only what our own host sends.
    const answer = message as HostAnswer;
    if (answer.id !== current) return;
    holdServer(false);
    events.onAnswer(answer);
  });
  child.on('exit', (code) => onGone(code === memoryExitCode ? 'memory' : 'crash'));
  child.on('error', () => {
    child.kill('SIGKILL');
    if (child.pid === undefined) onGone('crash');
  });
  holdServer(false);

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
      holdServer(true);
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
