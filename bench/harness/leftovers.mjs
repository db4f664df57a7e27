// What a benchmark must not leave behind, also where it fails or is broken off: processes and folders.
import { mkdtempSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';

const ends = new Set();
process.once('exit', () => {
  // The last first: a process goes before the folder that it writes into.
  for (const end of [...ends].reverse()) end();
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(128 + constants.signals[signal]));

/** Runs it when this process ends, in whatever way but SIGKILL. @returns forgets it */
export function atExit(end) {
  ends.add(end);
  return () => ends.delete(end);
}

/** @returns a new folder, which is gone when this process has ended */
export function temporaryFolder(name) {
  const folder = mkdtempSync(join(tmpdir(), `jarvis-bench-${name}-`));
  atExit(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}
