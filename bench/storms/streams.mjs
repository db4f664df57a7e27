// Answers that stream while something else goes on: their latency, and how long the event loop of the server stood still.

import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '../harness/leftovers.mjs';
import { startFakeModel, startRealRelay } from '../harness/relays.mjs';

const STREAMS = 100;
const RATE = 50;
const LONGEST_SECONDS = 120;
const stallProbe = fileURLToPath(new URL('../load/stall-probe.mjs', import.meta.url));

/** The server with the fake model and a hundred people who read. */
export async function startStreams(env = {}) {
  const file = join(temporaryFolder('stall'), 'stall');
  const model = await startFakeModel();
  const relay = await startRealRelay(model, STREAMS, {
    env: { BENCH_STALL_FILE: file, BCRYPT_COST: '12', ...env },
    nodeArgs: ['--import', stallProbe],
  });

  async function stall() {
    rmSync(file, { force: true });
    process.kill(relay.pid, 'SIGWINCH');
    for (;;) {
      await sleep(5);
      try {
        return JSON.parse(readFileSync(file, 'utf8'));
      } catch {
        // Not written yet.
      }
    }
  }

  return {
    server: relay.server,
    people: relay.people,
    pid: relay.pid,
    /** Every client asks for an answer that goes on until it is stopped. */
    begin: () => relay.readers.call('ask', `tokens=${LONGEST_SECONDS * RATE} rate=${RATE}`, STREAMS),
    async end() {
      await relay.readers.call('stop');
      return relay.readers.call('finished');
    },
    /** One window while they stream. @returns p50 and p99 of the latency, and the longest stall, in ms */
    async window(ms) {
      await relay.readers.call('read');
      await stall();
      await sleep(ms);
      const [{ max: stalled }, read] = [await stall(), await relay.readers.call('read')];
      if (read.tokens === 0) throw new Error('nothing streamed');
      return { ...read, stalled };
    },
    async stop() {
      await relay.stop();
      await model.stop();
    },
  };
}
