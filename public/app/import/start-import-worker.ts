import type { WorkerLink } from './foreign-import.ts';
// oxlint-disable-next-line import/default -- made by the bundler
import workerAddress from './import-worker.ts?worker&url';
import type { FromWorker } from './worker-messages.ts';

/** As far as it is needed here; not every browser has it, and not every version of the types. */
interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL: (url: string) => string }): { createScriptURL(url: string): string };
}

/** The policy of the page takes no plain text for a script: this one address, and no other, is vouched for. */
function trustedAddress(): string {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- absent in some browsers and in the types
  const { trustedTypes } = window as { trustedTypes?: TrustedTypes };
  const policy = trustedTypes?.createPolicy('jarvis-import', { createScriptURL: () => workerAddress });
  return policy?.createScriptURL('') ?? workerAddress;
}

let address: string | null = null;

export function startImportWorker(take: (message: FromWorker | null) => void): WorkerLink {
  address ??= trustedAddress();
  const worker = new Worker(address, { type: 'module' });
  worker.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => take(data));
  worker.addEventListener('error', () => take(null));
  return { send: (message) => worker.postMessage(message), end: () => worker.terminate() };
}
