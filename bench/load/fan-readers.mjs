// Sockets that read answers together: the first of each group asks, the others open its conversation. They count and look at few of the frames.
import { serveCalls } from '../harness/child.mjs';
import { now, stampsIn } from './stamp.mjs';
import { openWire } from './ws-wire.mjs';

const LOOK_AT_EVERY = 32;
let groups = [];
let asked = 0;
let window = { tokens: 0, frames: 0, latencies: [] };

function onText(reader, text) {
  if (!text.startsWith('{"type":"generation.delta"')) {
    const frame = JSON.parse(text);
    if (frame.replyTo !== undefined) reader.answered?.(frame);
    return;
  }
  const at = text.indexOf('"count":') + 8;
  const count = text.charCodeAt(at + 1) === 44 ? text.charCodeAt(at) - 48 : Number.parseInt(text.slice(at, at + 6), 10);
  window.frames += 1;
  window.tokens += count;
  if (window.frames % LOOK_AT_EVERY !== 0) return;
  const seen = now();
  stampsIn(text, (stamp) => window.latencies.push(seen - stamp));
}

async function request(reader, frame) {
  asked += 1;
  const id = `f${asked}`;
  const answered = new Promise((resolve) => (reader.answered = (reply) => reply.replyTo === id && resolve(reply)));
  reader.wire.send({ ...frame, id });
  const reply = await answered;
  if (reply.type === 'error') throw new Error(`${frame.type}: ${reply.code}`);
  return reply;
}

async function openReader(port, token) {
  const reader = {};
  reader.wire = await openWire(port, { onFrame: (text) => onText(reader, text) });
  if (token !== null) await request(reader, { type: 'hello', version: 1, token });
  return reader;
}

serveCalls({
  /** `count` sockets in groups of `size`. @param token null: a control, which needs no word */
  async open(port, { token, count, size }) {
    const readers = [];
    while (readers.length < count) readers.push(await openReader(port, token));
    while (readers.length > 0) groups.push(readers.splice(0, size));
  },
  /** One answer in each group, read by all of it. Resolves when everybody follows. */
  async ask(prompt) {
    await Promise.all(
      groups.map(async ([first, ...others]) => {
        asked += 1;
        const send = { type: 'message.send', clientMessageId: `fan-${process.pid}-${asked}`, conversationId: null, text: prompt };
        const { conversation } = await request(first, send);
        await Promise.all(others.map((reader) => request(reader, { type: 'conversation.open', conversationId: conversation.id })));
      }),
    );
  },
  read() {
    const { tokens, frames, latencies } = window;
    window = { tokens: 0, frames: 0, latencies: [] };
    const sorted = Float64Array.from(latencies).sort();
    return { tokens, frames, p99: (sorted[Math.floor(sorted.length * 0.99)] ?? 0) / 1000 };
  },
  close() {
    for (const { wire } of groups.flat()) wire.close();
    groups = [];
  },
});
