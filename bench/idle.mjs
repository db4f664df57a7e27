// Signed-in sockets that do nothing: what each keeps in memory, how many handshakes a second, and how soon all are back after a restart.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startChild } from './harness/child.mjs';
import { openReport, quick } from './harness/report.mjs';
import { signUp, startServer } from './harness/server.mjs';

const PEOPLE = 50;
const SETTLE_MS = 1500;
const ROUNDS = quick ? 1 : 5;
const WAVE = 2000;
const report = openReport('idle');
/** Files that one process may open, less what it needs itself. */
const room = Number(execFileSync('sh', ['-c', 'ulimit -n']).toString()) - 500;
const MOST = Math.min(quick ? 2000 : 10_000, room);

/** No limit answers in place of the server. */
const env = {
  BCRYPT_COST: '10',
  LOG_LEVEL: 'info',
  ...Object.fromEntries(
    ['CONNECTIONS', 'SOCKETS', 'SOCKETS_PER_USER', 'SOCKETS_PER_IP', 'SIGNUPS_PER_HOUR_PER_IP'].map((name) => [`LIMIT_${name}`, '0']),
  ),
};
const settle = () => new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
const data = mkdtempSync(join(tmpdir(), 'jarvis-bench-'));
const clients = await startChild('idle-clients.mjs');
let server = await startServer({ env, dataDir: data });
try {
  const tokens = [];
  for (let person = 0; person < PEOPLE; person += 1) tokens.push(await signUp(server));
  await measureHandshakes(tokens);
  await measureMemory(tokens);
  await measureReturn(tokens);
} finally {
  await clients.stop();
  await server.stop('SIGKILL');
  rmSync(data, { recursive: true, force: true });
}
report.close();

/** Upgrade, hello with a token, welcome. */
async function measureHandshakes(tokens) {
  const [rates, costs] = [[], []];
  let welcome = 0;
  // The first wave only warms up.
  for (let round = -1; round < ROUNDS; round += 1) {
    const before = server.cpuMs();
    const { ms, bytes } = await clients.call('open', server.port, tokens, WAVE);
    welcome = bytes;
    if (round >= 0) {
      rates.push((WAVE / ms) * 1000);
      costs.push(((server.cpuMs() - before) * 1000) / WAVE);
    }
    await clients.call('drop');
    await settle();
  }
  report.group(`Handshakes: upgrade, hello with a token, welcome; waves of ${WAVE}`);
  report.figure('handshakes', 'signed-in handshakes', rates, { unit: '/s', digits: 0 });
  report.figure('handshake-cpu', 'CPU of the server for each', costs, { unit: 'us', digits: 0 });
  report.figure('welcome-bytes', 'the welcome', [welcome], { unit: 'B', digits: 0 });
}

async function measureMemory(tokens) {
  // A fresh process: what the waves left behind belongs to no socket.
  await server.stop();
  server = await startServer({ env, dataDir: data });
  await settle();
  const base = server.rssBytes();
  report.group('Memory (RSS of the server, over what it has without sockets)');
  let open = 0;
  for (const count of [1000, 5000, 10_000].filter((one) => one <= MOST)) {
    await clients.call('open', server.port, tokens, count - open);
    open = count;
    await settle();
    report.figure(
      count === 10_000 ? 'rss-per-socket' : `rss-per-socket-${count}`,
      `RSS for each idle signed-in socket, at ${count}`,
      [(server.rssBytes() - base) / count / 1024],
      { unit: 'KiB', digits: 1 },
    );
  }
  if (MOST < 10_000) report.note(`A process may open ${room + 500} files here, so ${MOST} sockets were the most.`);
}

/** The server is killed under all of them; they come back as fast as they are let. */
async function measureReturn(tokens) {
  const { port } = server;
  await server.stop('SIGKILL');
  const back = clients.call('comeBack', port, tokens, MOST);
  const spawnedAt = performance.timeOrigin + performance.now();
  server = await startServer({ env: { ...env, PORT: String(port) }, dataDir: data });
  const last = await back;
  report.group('Return');
  report.figure('return', `${MOST} clients back after a restart, from listening`, [last - spawnedAt - server.listeningMs], {
    unit: 'ms',
    digits: 0,
  });
  report.figure('return-with-start', 'the same with the start of the server', [last - spawnedAt], { unit: 'ms', digits: 0 });
}
