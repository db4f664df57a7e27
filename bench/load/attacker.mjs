// The attacker of bench/under-attack.mjs, a process of its own: `attacker.mjs <attack> <port> <token>`. 127.0.0.1 only.
import { connect } from 'node:net';
import { WebSocket } from 'ws';
import { serveCalls } from '../harness/child.mjs';

const [name, port, token] = process.argv.slice(2);
const LANES = 8;
let stopped = false;
let count = 0;

const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
const deep = `{"title":${'['.repeat(4000)}${']'.repeat(4000)}}`;
const wide = `{${Array.from({ length: 4000 }, (_, index) => `"k${index}":1`).join(',')}}`;
const bodies = ['{bad', deep, wide, '{"__proto__":{"x":1}}', JSON.stringify({ title: 'a'.repeat(70_000) })];
const frames = [
  '{bad',
  '{"type":"__proto__"}',
  `{"a":${'['.repeat(20_000)}`,
  '{"type":"conversation.open","conversationId":{"$gt":""}}',
  'x'.repeat(60_000),
];

async function request(path, init) {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, init);
  await response.arrayBuffer();
}

const kinds = {
  'bad-requests': (turn) => request('/api/conversations', { method: 'POST', headers, body: bodies[turn % bodies.length] }),
  'wrong-passwords': (turn) =>
    request('/api/auth/login', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: `nobody${turn}@example.org`, password: 'wrong wrong wrong' }),
    }),
  'bad-pictures': () => {
    const form = new FormData();
    form.append('file', new Blob([new Uint8Array(200_000).fill(137)], { type: 'image/png' }), 'a.png');
    return request('/api/uploads', { method: 'POST', headers: { authorization: headers.authorization }, body: form });
  },
  connections: () =>
    new Promise((resolve) => {
      const socket = connect(Number(port), '127.0.0.1', () => {
        socket.write('GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
        socket.resetAndDestroy();
        resolve();
      });
      socket.on('error', () => resolve());
    }),
  'bad-frames': (turn) =>
    new Promise((resolve) => {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`);
      socket.on('error', () => resolve());
      socket.on('close', () => resolve());
      socket.on('open', () => {
        socket.send(JSON.stringify({ type: 'hello', version: 1, token }));
        for (let index = 0; index < 20; index += 1) socket.send(frames[(turn + index) % frames.length]);
        count += 20;
        socket.close();
      });
    }),
};

async function lane(number) {
  const names = Object.keys(kinds);
  for (let turn = number; !stopped; turn += LANES) {
    const kind = name === 'everything' ? names[turn % names.length] : name;
    await kinds[kind](turn).catch(() => {});
    count += 1;
  }
}

serveCalls({
  begin() {
    for (let number = 0; number < LANES; number += 1) void lane(number);
  },
  /** @returns how many attacks there were */
  end() {
    stopped = true;
    return count;
  },
});
