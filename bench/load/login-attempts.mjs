// Somebody who tries passwords at a steady pace, each on another account, and notes how soon they are answered. 127.0.0.1 only.
import { Agent, request } from 'node:http';
import { serveCalls } from '../harness/child.mjs';

const agent = new Agent({ keepAlive: true, maxSockets: 256 });
let timer;
let tries = 0;
let pending = 0;
let seen = { judged: [], refused: [], other: [] };

function attempt(port) {
  tries += 1;
  pending += 1;
  const body = JSON.stringify({ email: `storm${process.pid}x${tries}@example.org`, password: 'wrong wrong wrong' });
  const begun = performance.now();
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  const call = request({ port, host: '127.0.0.1', path: '/api/auth/login', method: 'POST', agent, headers }, (response) => {
    const kind = response.statusCode === 401 ? 'judged' : response.statusCode === 503 ? 'refused' : 'other';
    seen[kind].push(performance.now() - begun);
    response.resume();
    response.once('end', () => (pending -= 1));
  });
  call.on('error', () => {
    pending -= 1;
    seen.other.push(performance.now() - begun);
  });
  call.end(body);
}

serveCalls({
  begin(port, perSecond) {
    clearInterval(timer);
    seen = { judged: [], refused: [], other: [] };
    if (perSecond > 0) timer = setInterval(() => attempt(port), 1000 / perSecond);
  },
  /** Stops trying. @returns ms of each answer since `begin`, by what it said */
  end() {
    clearInterval(timer);
    return seen;
  },
  /** Resolves when every try was answered. */
  async quiet() {
    while (pending > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  },
});
