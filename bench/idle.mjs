// Signed-in sockets that do nothing: what each keeps in memory, how many handshakes a second, and how soon all are back after a restart.
import { execFileSync } from 'node:child_process';
import { startChild } from './harness/child.mjs';
import { temporaryFolder } from './harness/leftovers.mjs';
import { repeat } from './harness/measure.mjs';
import { openReport, quick } from './harness/report.mjs';
import { signUp, startServer } from './harness/server.mjs';

const PEOPLE = 50;
const SETTLE_MS = 1000;
const ROUNDS = quick ? 1 : 5;
const WAVE = 2000;
const report = openReport('idle');
/** Files that one process may open, less what it needs itself. */
const files = execFileSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8' }).trim();
const room = files === 'unlimited' ? Number.POSITIVE_INFINITY : Number(files) - 500;
const ALL = 10_000;
const MOST = Math.min(quick ? 2000 : ALL, room);
const COUNTS = [1000, 5000, ALL].filter((count) => count <= MOST);

/** No limit answers in place of the server. */
const env = {
  BCRYPT_COST: '10',
  LOG_LEVEL: 'info',
  ...Object.fromEntries(
    ['CONNECTIONS', 'SOCKETS', 'SOCKETS_PER_USER', 'SOCKETS_PER_IP', 'SIGNUPS_PER_HOUR_PER_IP'].map((name) => [`LIMIT_${name}`, '0']),
  ),
};
const settle = () => new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
const data = temporaryFolder('idle');
const clients = await startChild('idle-clients.mjs');
let server = await startServer({ env, dataDir: data });
try {
  const tokens = [];
  for (let person = 0; person < PEOPLE; person += 1) tokens.push(await signUp(server));
  await measureHandshakes(tokens);
  const all = await repeat(ROUNDS, async () => ({ ...(await measureMemory(tokens)), ...(await measureReturn(tokens)) }));
  show(all);
} finally {
  await clients.stop();
  await server.stop('SIGKILL');
}
report.close();

/** Upgrade, hello with a token, welcome. */
async function measureHandshakes(tokens) {
  const [rates, costs, cores] = [[], [], []];
  let welcome = 0;
  // The first wave only warms up.
  for (let round = -1; round < ROUNDS; round += 1) {
    const before = server.cpuMs();
    const { ms, bytes } = await clients.call('open', server.port, tokens, WAVE);
    welcome = bytes;
    if (round >= 0) {
      rates.push((WAVE / ms) * 1000);
      const cpu = server.cpuMs() - before;
      costs.push((cpu * 1000) / WAVE);
      cores.push((100 * cpu) / ms);
    }
    await clients.call('drop');
    await settle();
  }
  report.group(`Handshakes: upgrade, hello with a token, welcome; waves of ${WAVE}`);
  report.figure('handshakes', 'signed-in handshakes', rates, { unit: '/s', digits: 0 });
  report.figure('handshake-cpu', 'CPU of the server for each', costs, { unit: 'us', digits: 0 });
  report.figure('handshake-core', 'of one core meanwhile: below nine tenths the clients were what limits', cores, { unit: '%', digits: 0 });
  report.figure('welcome-bytes', 'the welcome', [welcome], { unit: 'B', digits: 0 });
}

/** @returns KiB for each socket, by how many there are */
async function measureMemory(tokens) {
  // A fresh process: what the waves left behind belongs to no socket.
  await server.stop();
  server = await startServer({ env, dataDir: data });
  await settle();
  const base = server.rssBytes();
  const each = {};
  let open = 0;
  for (const count of COUNTS) {
    await clients.call('open', server.port, tokens, count - open);
    open = count;
    await settle();
    each[count] = (server.rssBytes() - base) / count / 1024;
  }
  await clients.call('open', server.port, tokens, MOST - open);
  return each;
}

/** The server is killed under all of them; they come back as fast as they are let. */
async function measureReturn(tokens) {
  const { port } = server;
  await server.stop('SIGKILL');
  const back = clients.call('comeBack', port, tokens, MOST);
  const spawnedAt = performance.timeOrigin + performance.now();
  server = await startServer({ env: { ...env, PORT: String(port) }, dataDir: data });
  const last = await back;
  await clients.call('drop');
  return { fromListening: last - spawnedAt - server.listeningMs, fromSpawn: last - spawnedAt };
}

function show(all) {
  report.group('Memory (RSS of the server, over what it has without sockets)');
  for (const count of COUNTS) {
    const id = count === ALL ? 'rss-per-socket' : `rss-per-socket-${count}`;
    report.figure(id, `RSS for each idle signed-in socket, at ${count}`, all[count], { unit: 'KiB', digits: 1 });
  }
  if (MOST < ALL && !quick) report.note(`A process may open ${files} files here, so ${MOST} sockets were the most.`);
  report.group('Return');
  const id = MOST === ALL ? 'return' : `return-${MOST}`;
  report.figure(id, `${MOST} clients back after a restart, from listening`, all.fromListening, { digits: 0 });
  report.figure(`${id}-with-start`, 'the same with the start of the server', all.fromSpawn, { digits: 0 });
}
