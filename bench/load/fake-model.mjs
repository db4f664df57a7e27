// The Gemini API as far as a stream needs it, at the least cost: `POST ...:streamGenerateContent?alt=sse`. How many tokens come and how fast stands in
// the prompt: `tokens=200 rate=50`. Each token carries the time at which it was written. 127.0.0.1 only.
import { createServer } from 'node:net';
import { serveCalls } from '../harness/child.mjs';
import { now, stampOf } from './stamp.mjs';

const TICK_MS = 1;
const crlf = Buffer.from('\r\n\r\n');
const head = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n';
const event = (text, more = '') =>
  `data: {"candidates":[{"content":{"parts":[{"text":"${text}"}],"role":"model"}${more},"index":0}],"usageMetadata":{"promptTokenCount":1234,"candidatesTokenCount":120,"totalTokenCount":1354,"promptTokensDetails":[{"modality":"TEXT","tokenCount":1234}]},"modelVersion":"gemini-3.8-flash","responseId":"q1w2e3r4t5y6u7i8o9p0"}\r\n\r\n`;
const framed = (text) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
const last = `${framed(event('', ',"finishReason":"STOP"'))}0\r\n\r\n`;

const streams = new Set();
let written = 0;
let closed = 0;
let lastClosedAt = 0;
const late = [];

function begin(socket, prompt) {
  const read = (name, otherwise) => Number(new RegExp(`${name}=(\\d+)`).exec(prompt)?.[1] ?? otherwise);
  socket.write(head);
  // Streams do not run in step.
  const begun = now() + Math.random() * (1e6 / read('rate', 50));
  streams.add({ socket, begun, sent: 0, tokens: read('tokens', 10), gap: 1e6 / read('rate', 50) });
}

function write(stream, at) {
  const due = Math.min(stream.tokens, Math.floor((at - stream.begun) / stream.gap) + 1);
  let text = '';
  while (stream.sent < due) {
    stream.sent += 1;
    written += 1;
    if (written % 64 === 0) late.push(at - stream.begun - (stream.sent - 1) * stream.gap);
    text += framed(event(`${stampOf(now())} word `));
  }
  // What is due in the same tick is one write: very fast streams would cost more here than in the server.
  if (text !== '') stream.socket.write(text, 'latin1');
  if (stream.sent < stream.tokens) return;
  streams.delete(stream);
  stream.socket.end(last);
}

function tick() {
  const at = now();
  for (const stream of streams) write(stream, at);
  setTimeout(tick, TICK_MS);
}
tick();

function answer(socket, request, body) {
  if (request.includes(':streamGenerateContent')) return begin(socket, body);
  const models = {
    models: [
      {
        name: 'models/gemini-3.8-flash',
        displayName: 'fake',
        inputTokenLimit: 1048576,
        outputTokenLimit: 65536,
        supportedGenerationMethods: ['generateContent'],
      },
    ],
  };
  const text = JSON.stringify(models);
  socket.end(`HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: ${text.length}\r\n\r\n${text}`);
}

const server = createServer((socket) => {
  let got = Buffer.alloc(0);
  socket.setNoDelay(true);
  socket.on('data', (data) => {
    got = Buffer.concat([got, data]);
    const end = got.indexOf(crlf);
    if (end === -1) return;
    const request = got.toString('latin1', 0, end);
    const chunked = /transfer-encoding: *chunked/i.test(request);
    const length = Number(/content-length: *(\d+)/i.exec(request)?.[1] ?? 0);
    const whole = chunked ? got.includes('0\r\n\r\n', end + 4) : got.length >= end + 4 + length;
    if (!whole) return;
    const body = got.toString('utf8', end + 4);
    got = Buffer.alloc(0);
    answer(socket, request, body.slice(body.lastIndexOf('tokens=')));
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    closed += 1;
    lastClosedAt = now();
    for (const stream of streams) if (stream.socket === socket) streams.delete(stream);
  });
});

serveCalls({
  listen: () => new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port))),
  /** Tokens written since the last call, streams that run, and how late the pace was, in ms. */
  read() {
    const sorted = late.splice(0).toSorted((a, b) => a - b);
    const value = { written, running: streams.size, closed, lastClosedAt, lateP99: (sorted[Math.floor(sorted.length * 0.99)] ?? 0) / 1000 };
    written = 0;
    return value;
  },
  /** Breaks every connection in the middle. */
  drop() {
    for (const { socket } of streams) socket.resetAndDestroy();
    return streams.size;
  },
});
