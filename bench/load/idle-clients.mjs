// Thousands of signed-in sockets that do nothing: opens them as fast as the server takes them, and again after it went away.
import { serveCalls } from '../harness/child.mjs';
import { openWire } from './ws-wire.mjs';

/** Shakes hands at the same time; more only wait in the listen queue of the kernel. */
const AT_ONCE = 200;
const RETRY_MS = 20;
let wires = [];
let bytes = 0;

function signIn(port, token) {
  return new Promise((resolve, reject) => {
    openWire(port, {
      token,
      onFrame(text) {
        if (!text.startsWith('{"type":"welcome"')) return reject(new Error(`hello was answered with ${text.slice(0, 200)}`));
        bytes = text.length;
        resolve(wire);
      },
      onClose: () => reject(new Error('closed before the welcome')),
    }).then((opened) => {
      wire = opened;
      opened.send(`{"type":"hello","version":1,"token":"${token}"}`);
    }, reject);
    let wire;
  });
}

/** Tries until the server is there, as a client does. */
async function comeBack(port, token, until) {
  for (;;) {
    try {
      return await signIn(port, token);
    } catch (error) {
      if (Date.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

async function openMany(port, tokens, count, open) {
  const opened = [];
  let next = 0;
  const worker = async () => {
    while (next < count) {
      const index = next;
      next += 1;
      opened.push(await open(port, tokens[index % tokens.length]));
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, count) }, worker));
  wires.push(...opened);
}

serveCalls({
  /** @returns milliseconds until all were welcomed, and the length of a welcome */
  async open(port, tokens, count) {
    const begun = performance.now();
    await openMany(port, tokens, count, signIn);
    return { ms: performance.now() - begun, bytes, open: wires.length };
  },
  /** Begins while the server is still away. @returns when the last was welcomed, in ms since the epoch */
  async comeBack(port, tokens, count) {
    wires = [];
    const until = Date.now() + 60_000;
    await openMany(port, tokens, count, (...words) => comeBack(...words, until));
    return performance.timeOrigin + performance.now();
  },
  drop() {
    for (const { close } of wires) close();
    wires = [];
  },
});
