// What one person notices while somebody attacks: a ping, a list over HTTP and a stored message, in turn, beside each kind of attack.
import { WebSocket } from 'ws';
import { startChild } from './harness/child.mjs';
import { quantile } from './harness/measure.mjs';
import { openReport, quick } from './harness/report.mjs';
import { signUp, startServer } from './harness/server.mjs';

const SECONDS = Number(process.env.BENCH_SECONDS ?? (quick ? 2 : 6));
const PAUSE_MS = 20;
const attacks = ['bad-requests', 'bad-frames', 'wrong-passwords', 'bad-pictures', 'connections', 'everything'];
const kinds = { ping: 'a ping', list: 'a list over HTTP', accepted: 'a stored message' };

/** A socket that asks and waits for the one frame that answers. */
function openSocket(port, token) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`);
  const waiting = new Map();
  let ids = 0;
  socket.on('message', (data) => {
    const frame = JSON.parse(Buffer.from(data).toString());
    waiting.get(frame.replyTo)?.(frame);
    waiting.delete(frame.replyTo);
  });
  const ask = (frame) =>
    new Promise((resolve) => {
      ids += 1;
      waiting.set(`b${ids}`, resolve);
      socket.send(JSON.stringify({ ...frame, id: `b${ids}` }));
    });
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('open', () => {
      ask({ type: 'hello', version: 1, token }).then(() => resolve({ ask, close: () => socket.terminate() }), reject);
    });
  });
}

/** Asks for `SECONDS`: a ping, a list over HTTP, and a stored message, in turn. @returns milliseconds of each, by kind */
async function behaveWell(server, token, client) {
  const times = { ping: [], list: [], accepted: [] };
  const timed = async (kind, work) => {
    const begun = performance.now();
    await work();
    times[kind].push(performance.now() - begun);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  };
  const end = performance.now() + SECONDS * 1000;
  for (let round = 0; performance.now() < end; round += 1) {
    await timed('ping', () => client.ask({ type: 'ping' }));
    await timed('list', async () => {
      const response = await fetch(`${server.origin}/api/conversations?limit=20`, { headers: { authorization: `Bearer ${token}` } });
      await response.arrayBuffer();
    });
    if (round % 4 !== 0) continue;
    await timed('accepted', async () => {
      const id = `bench-${process.pid}-${performance.now()}`.replaceAll('.', '-');
      const answer = await client.ask({ type: 'message.send', clientMessageId: id, conversationId: null, text: 'hello' });
      if (answer.type === 'message.accepted') await client.ask({ type: 'generation.stop', generationId: answer.generationId });
    });
  }
  return times;
}

const report = openReport('under-attack');
const server = await startServer();
const [good, bad] = [await signUp(server, 'good'), await signUp(server, 'bad')];
const client = await openSocket(server.port, good);
await behaveWell(server, good, client);
const quiet = await behaveWell(server, good, client);

function show(name, title, times) {
  report.group(title);
  for (const [kind, label] of Object.entries(kinds)) {
    const p99 = quantile(times[kind], 0.99);
    report.figure(`${name}-${kind}-p50`, `${label}, p50`, [quantile(times[kind], 0.5)]);
    report.figure(`${name}-${kind}-p99`, `${label}, p99`, [p99]);
    if (times !== quiet)
      report.figure(`${name}-${kind}-vs-quiet`, `${label}, p99 against quiet`, [p99 / quantile(quiet[kind], 0.99)], {
        unit: 'x',
        digits: 1,
      });
  }
}

show('quiet', 'Nobody attacks', quiet);
for (const name of attacks) {
  const attacker = await startChild('attacker.mjs', { args: [name, server.port, bad] });
  await attacker.call('begin');
  const times = await behaveWell(server, good, client);
  const count = await attacker.call('end');
  await attacker.stop();
  show(name, `Under attack: ${name}`, times);
  report.figure(`${name}-attacks`, 'attacks', [count / SECONDS], { unit: '/s', digits: 0 });
}
client.close();
const alive = await fetch(`${server.origin}/healthz`).then(
  ({ status }) => status === 200,
  () => false,
);
report.group('Afterwards');
report.figure('alive', 'the server is there', [alive ? 1 : 0], { unit: '', digits: 0 });
if (alive) await server.stop();
report.close();
if (!alive) process.exitCode = 1;
