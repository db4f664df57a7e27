// The fake model, its readers, the server and the bare relays, ready to stream.
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startChild } from './child.mjs';
import { onServerCore } from './cores.mjs';
import { signUp, startServer } from './server.mjs';

const PEOPLE = 20;
/** So much longer than its window an answer goes on. */
const TAIL_MS = 400;
const heapProbe = fileURLToPath(new URL('../load/heap-probe.mjs', import.meta.url));

/** No limit of a person may answer in place of the machine. */
export const openLimits = {
  LIMIT_SOCKETS: '0',
  LIMIT_CONNECTIONS: '0',
  LIMIT_SOCKETS_PER_USER: '0',
  LIMIT_SOCKETS_PER_IP: '0',
  LIMIT_GENERATIONS_PER_USER: '0',
  LIMIT_SIGNUPS_PER_HOUR_PER_IP: '0',
  LIMIT_LOGINS_PER_MINUTE_PER_IP: '0',
};

export async function startFakeModel() {
  const child = await startChild('fake-model.mjs');
  const port = await child.call('listen');
  return { ...child, url: `http://127.0.0.1:${port}` };
}

/** @param sockets clients that are opened at once */
async function connect(port, tokens) {
  const readers = await startChild('stream-clients.mjs');
  await readers.call('open', port, tokens);
  return readers;
}

/** A relay that keeps nothing: `http` or `sdk`. */
export async function startBareRelay(kind, model, sockets) {
  const relay = await startChild('bare-relay.mjs', { args: [kind, model.url], prefix: onServerCore });
  const readers = await connect(
    await relay.call('listen'),
    Array.from({ length: sockets }, () => null),
  );
  return { name: kind, readers, pid: relay.pid, cpuMs: () => relay.call('cpu'), stop: () => Promise.all([readers.stop(), relay.stop()]) };
}

/** The built server with its store and log, on the fake model, with people signed in. */
export async function startRealRelay(model, sockets, { env = {}, nodeArgs = [] } = {}) {
  const server = await startServer({
    env: {
      GEMINI_API_KEY: 'bench-key-that-is-not-real',
      GEMINI_BASE_URL: model.url,
      GEMINI_MODEL: 'gemini-3.8-flash',
      // People sign up before anything is measured.
      BCRYPT_COST: '10',
      ...openLimits,
      ...env,
    },
    nodeArgs: ['--expose-gc', '--import', heapProbe, ...nodeArgs],
  });
  const people = [];
  // One after the other: passwords are hashed in a queue that refuses what would wait too long.
  while (people.length < Math.min(PEOPLE, sockets)) people.push(await signUp(server));
  const readers = await connect(
    server.port,
    Array.from({ length: sockets }, (_, index) => people[index % people.length]),
  );
  return {
    name: 'server',
    server,
    people,
    readers,
    pid: server.pid,
    cpuMs: () => server.cpuMs(),
    heapBytes: () => server.heapBytes(),
    stop: () => Promise.all([readers.stop(), server.stop()]),
  };
}

/**
 * Lets `streams` answers run and measures one window in the middle of them.
 * @returns CPU in us per token, share of a core in %, latencies in ms, tokens and tokens per frame
 */
export async function measureWindow(relay, { streams, rate, warmMs = 1000, windowMs = 2500 }) {
  const tokens = Math.ceil((rate * (warmMs + windowMs + TAIL_MS)) / 1000);
  await relay.readers.call('ask', `tokens=${tokens} rate=${rate}`, streams);
  await sleep(warmMs);
  await relay.readers.call('read');
  const [cpuBegun, begun] = [await relay.cpuMs(), performance.now()];
  await sleep(windowMs);
  const [cpu, wall] = [(await relay.cpuMs()) - cpuBegun, performance.now() - begun];
  const read = await relay.readers.call('read');
  const end = await relay.readers.call('finished');
  const lost = streams * tokens - end.stamps;
  if (end.errors.length > 0) throw new Error(`${relay.name}: ${end.errors.join(' ')}`);
  return {
    cpuPerToken: (cpu * 1000) / read.tokens,
    core: (100 * cpu) / wall,
    ...read,
    lost,
    perFrame: read.tokens / read.frames,
    rate: (read.tokens * 1000) / wall,
  };
}
