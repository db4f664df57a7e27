// What people wait for image work when five of them bring twenty jobs each: in virtual time against a plain queue, then on the real server.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from '../scripts/build-state.mjs';

for (const part of ['simulated-jobs', 'real-jobs']) {
  const { status } = spawnSync(process.execPath, [join(root, `bench/load/${part}.mjs`)], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
