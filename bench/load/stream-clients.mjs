// Many clients that each ask for an answer and read it to its end. They know the frames of the server and of the bare relays, which speak the same.
import { serveCalls } from '../harness/child.mjs';
import { now, stampsIn } from './stamp.mjs';
import { openWire } from './ws-wire.mjs';

let clients = [];
let sent = 0;
const fresh = () => ({ tokens: 0, frames: 0, latencies: [], firsts: [] });
let window = fresh();
let wake = () => {};

function onDelta(client, frame) {
  const at = now();
  window.frames += 1;
  client.frames += 1;
  client.events += frame.count;
  window.tokens += frame.count;
  // The first frame may hold several tokens; the newest tells how long it waited for nothing.
  stampsIn(frame.text, (stamp) => {
    client.stamps += 1;
    window.latencies.push(at - stamp);
    if (client.stamps === 1) window.firsts.push(at - stamp);
  });
}

function onFrame(client, text) {
  if (text.startsWith('{"type":"generation.delta"')) return onDelta(client, JSON.parse(text));
  if (text.startsWith('{"type":"generation.status"')) return;
  const frame = JSON.parse(text);
  if (frame.type === 'generation.finished' && frame.generationId === client.generationId) {
    client.finished = frame.status ?? 'complete';
    wake();
  } else if (frame.type === 'message.accepted') {
    client.generationId = frame.generationId;
    client.conversationId = frame.conversation?.id;
  } else if (frame.replyTo !== undefined) {
    client.answered?.(frame);
  }
  if (frame.type === 'error') client.errors.push(frame.code);
}

const until = (check) =>
  new Promise((resolve) => {
    wake = () => check() && resolve();
    wake();
  });

/** @returns how often each word stands there */
function countOf(words) {
  const counts = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}

serveCalls({
  /** Opens one socket for each token (null: nobody) and says hello. */
  async open(port, tokens) {
    const opened = await Promise.all(
      tokens.map(async (token) => {
        const client = { errors: [], events: 0, frames: 0, stamps: 0 };
        client.wire = await openWire(port, { onFrame: (text) => onFrame(client, text) });
        const welcome = new Promise((resolve) => (client.answered = resolve));
        client.wire.send({ type: 'hello', version: 1, id: 'h', ...(token === null ? {} : { token }) });
        const { type } = await welcome;
        if (type !== 'welcome') throw new Error(`hello was answered with ${type}`);
        return client;
      }),
    );
    clients.push(...opened);
    return clients.length;
  },
  /** Every client asks; resolves at once. `at`: only the first so many clients. */
  ask(prompt, at = clients.length) {
    window = fresh();
    for (const client of clients) client.asked = false;
    for (const client of clients.slice(0, at)) {
      sent += 1;
      Object.assign(client, { finished: undefined, generationId: undefined, events: 0, stamps: 0, frames: 0, asked: true });
      client.wire.send({
        type: 'message.send',
        id: `m${sent}`,
        clientMessageId: `bench-${process.pid}-${sent}`,
        conversationId: null,
        text: prompt,
      });
    }
  },
  /** What came since the last call: tokens, frames, and latencies in ms as quantiles. */
  read() {
    const { tokens, frames, latencies, firsts } = window;
    window = fresh();
    const sorted = Float64Array.from(latencies).sort();
    const first = Float64Array.from(firsts).sort();
    const at = (list, share) => (list[Math.min(list.length - 1, Math.floor(list.length * share))] ?? 0) / 1000;
    return { tokens, frames, p50: at(sorted, 0.5), p99: at(sorted, 0.99), max: at(sorted, 1), firstP99: at(first, 0.99) };
  },
  /** Resolves when every answer that was asked for has ended. @returns tokens that each got, how they ended, and errors */
  async finished() {
    const asked = clients.filter((client) => client.asked);
    await until(() => asked.every((client) => client.finished !== undefined || client.errors.length > 0));
    return {
      stamps: asked.reduce((sum, client) => sum + client.stamps, 0),
      ends: countOf(asked.map(({ finished }) => String(finished))),
      complete: asked.filter(({ finished }) => finished === 'complete').length,
      errors: asked.flatMap(({ errors }) => errors).slice(0, 5),
    };
  },
  stop() {
    for (const { wire, generationId } of clients)
      if (generationId !== undefined) wire.send({ type: 'generation.stop', id: 's', generationId });
  },
  close() {
    for (const { wire } of clients) wire.close();
    clients = [];
  },
});
