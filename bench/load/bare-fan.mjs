// Control of `fanout`: ws alone, which sends the frames of an answer, made once, to all of a group in turn.
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import { cpuMs, serveCalls } from '../harness/child.mjs';
import { now, stampOf } from './stamp.mjs';

const ids = {
  generationId: '01J0000000000000000000000G',
  conversationId: '01J0000000000000000000000C',
  messageId: '01J0000000000000000000000M',
  epoch: '01J0000000000000000000000E',
};
const server = createServer();
const wss = new WebSocketServer({ server, perMessageDeflate: false, path: '/ws' });
const sockets = [];
wss.on('connection', (socket) => sockets.push(socket));
let timer;

serveCalls({
  listen: () => new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port))),
  /** `rate` frames a second to each socket; the groups do not run in step. */
  begin(size, rate) {
    const groups = [];
    for (let at = 0; at < sockets.length; at += size) groups.push({ sockets: sockets.slice(at, at + size), seq: 0, due: now() });
    for (const group of groups) group.due += (Math.random() * 1e6) / rate;
    // It wakes only for what is due: a timer of its own would make the control dearer.
    const next = () => {
      timer = setTimeout(send, (Math.min(...groups.map(({ due }) => due)) - now()) / 1000);
    };
    const send = () => {
      for (const group of groups) {
        if (group.due > now()) continue;
        group.due += 1e6 / rate;
        group.seq += 1;
        const frame = { type: 'generation.delta', ...ids, seq: group.seq, count: 1, kind: 'text', text: `${stampOf(now())} word ` };
        const text = JSON.stringify(frame);
        for (const socket of group.sockets) socket.send(text);
      }
      next();
    };
    next();
  },
  end: () => clearTimeout(timer),
  cpu: () => cpuMs(process.pid),
});
