// What a container of a size holds, reckoned from what was measured. The arithmetic is shown beside each line.
import { median } from './measure.mjs';
import { figuresOf, readResult } from './results.mjs';

/** A process is not driven harder than this: what comes in bursts needs room. */
const USED_SHARE = 0.7;
const RATE = 50;
const SIZES = [0.5, 1, 2];
/** Memory of the containers that are sold in these sizes, MB. */
const MEMORY_MB = [512, 1024, 2048];

const whole = (value) => (Number.isFinite(value) ? Math.floor(value).toLocaleString('en') : 'not measured');
/** Two digits that count: more would pretend. */
const rough = (value) => {
  if (!Number.isFinite(value) || value <= 0) return 'not measured';
  const scale = 10 ** Math.max(0, Math.floor(Math.log10(value)) - 1);
  return whole(Math.floor(value / scale) * scale);
};
const plain = (value, digits = 1) => (Number.isFinite(value) ? value.toFixed(digits) : '?');

/** @returns for each line: words, the three sizes, the arithmetic and the benchmark that supports it */
export function capacityRows(read = readResult) {
  const of = (name, id) => {
    const figure = figuresOf(read(name)).get(id);
    return figure === undefined ? Number.NaN : median(figure.values);
  };
  const cost = of('relay', 'cpu-server-500');
  const [rss, socket] = [of('cold-start', 'rss'), of('idle', 'rss-per-socket')];
  const heap = of('relay', 'heap-per-stream');
  const perCore = (USED_SHARE * 1e6) / (cost * RATE);
  const socketsIn = (mb) => ((mb * 0.8 - rss) * 1024) / socket;
  // One process has one main thread: the second CPU takes the store, passwords and pictures.
  const cores = SIZES.map((size) => Math.min(size, 1));
  const accepted = of('accept', 'rate');
  const hashes = of('login-storm', 'hash-rate');
  const job = of('jobs', 'everything');
  return [
    {
      words: `answers of ${RATE} tokens/s at once`,
      sizes: cores.map((core) => rough(perCore * core)),
      how: `${USED_SHARE} of a core / (${plain(cost)} us x ${RATE}/s); one process streams on one core`,
      bench: 'relay',
    },
    {
      words: 'memory of those answers, MB',
      sizes: cores.map((core) => rough((perCore * core * heap) / 1024)),
      how: `answers x ${plain(heap)} KiB`,
      bench: 'relay',
    },
    {
      words: 'idle signed-in sockets',
      sizes: MEMORY_MB.map((mb) => rough(socketsIn(mb))),
      how: `(0.8 x ${MEMORY_MB.join(' / ')} MB - ${plain(rss)} MB) / ${plain(socket)} KiB; LIMIT_SOCKETS and LIMIT_CONNECTIONS have to be raised`,
      bench: 'idle',
    },
    {
      words: 'accepted messages a second, each with fsync',
      sizes: cores.map((core) => rough(accepted * core * USED_SHARE)),
      how: `${whole(accepted)}/s of the store x ${USED_SHARE}; a disk with a slower fsync accepts fewer from few writers`,
      bench: 'accept',
    },
    {
      words: 'people who sign in, a second',
      sizes: cores.map((core) => rough(hashes * core)),
      how: `${plain(hashes)} hashes/s of one thread beside a hundred answers; more are refused with the seconds to wait`,
      bench: 'login-storm',
    },
    {
      words: 'small pictures enlarged, an hour',
      sizes: SIZES.map((size) => rough((3600 / job) * (size / 2))),
      how: `3,600 s / ${plain(job, 2)} s on two cores (256 x 256, small network), in proportion to the cores`,
      bench: 'jobs',
    },
  ];
}

export function printCapacity() {
  console.log('\n== capacity: half a CPU, one, two\n');
  for (const { words, sizes, how, bench } of capacityRows()) {
    console.log(`${words.padEnd(48)} ${sizes.map((size) => size.padStart(14)).join(' ')}   ${how} (${bench})`);
  }
}
