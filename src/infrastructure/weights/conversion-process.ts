import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { workerEntry } from '../../lib/worker-entry.ts';
import type { ConversionOrder } from './convert-model.ts';

export interface ConversionJob {
  readonly name: string;
  /** Where the package lies unpacked. */
  readonly folder: string;
  readonly order: ConversionOrder;
  /** The file that is written. */
  readonly output: string;
}

export type ConversionAnswer = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/** Converts in a process of its own: it takes seconds of a core and several times the memory of the weights. @throws Error */
export function convertInProcess(job: ConversionJob, signal: AbortSignal): Promise<void> {
  const { url, options } = workerEntry('conversion-worker', './conversion-worker.ts', import.meta.url);
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(url), [], {
      execArgv: options.execArgv ?? [],
      env: {},
      signal,
      killSignal: 'SIGKILL',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    let answer: ConversionAnswer | undefined;
    child.on('error', reject);
    child.on('message', (message: ConversionAnswer) => {
      answer = message;
    });
    // Not at `exit`: its answer may be read after that.
    child.on('close', () => {
      if (answer?.ok === true) resolve();
      else reject(new Error(`the conversion failed: ${answer?.reason ?? 'its process ended, perhaps for want of memory'}`));
    });
    child.send(job);
  });
}
