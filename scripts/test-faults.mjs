// npm run test:faults                     every fault case
// npm run test:faults -- --minutes N      random interleavings, one seed after the other, for N minutes
// What else is given goes to vitest. FAULTS_SEED=<n> repeats one seed; FAULTS_PROGRAM names a server that is built already.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from './build-state.mjs';

const given = process.argv.slice(2);
const at = given.indexOf('--minutes');
const minutes = at === -1 ? undefined : Number(given.splice(at, 2)[1]);
if (minutes !== undefined && !(minutes > 0)) {
  console.error('--minutes needs a number above 0');
  process.exit(2);
}
const which =
  minutes === undefined ? ['--project', 'faults', '--project', 'faults-quick'] : ['--project', 'faults', 'test/faults/interleavings'];
const env = { ...process.env, ...(minutes === undefined ? {} : { FAULTS_MINUTES: String(minutes) }) };
const words = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...which, ...given];
process.exit(spawnSync(process.execPath, words, { cwd: root, env, stdio: 'inherit' }).status ?? 1);
