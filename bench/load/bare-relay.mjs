// Controls of `relay`: the shortest relays that one would write by hand. `http`: node:http, SSE and JSON by hand, ws. `sdk`: the SDK's stream, ws.
// They keep nothing, check nothing and log nothing. `bare-relay.mjs <http|sdk> <url of the model>`
import { WebSocketServer } from 'ws';
import { cpuMs, serveCalls } from '../harness/child.mjs';
import { readBareStream, textOf } from './bare-stream.mjs';

const [kind, model] = process.argv.slice(2);
const ids = { conversationId: '01J000000000000000000000C0', messageId: '01J000000000000000000000M0', epoch: '01J000000000000000000000E0' };
let count = 0;

function teller(socket) {
  count += 1;
  const generationId = `01J000000000000000000${String(count).padStart(5, '0')}`;
  let seq = 0;
  socket.send(JSON.stringify({ type: 'message.accepted', generationId, conversation: { id: ids.conversationId } }));
  return {
    delta(text) {
      seq += 1;
      socket.send(JSON.stringify({ type: 'generation.delta', generationId, ...ids, seq, count: 1, kind: 'text', text }));
    },
    end: () => socket.send(JSON.stringify({ type: 'generation.finished', generationId, status: 'complete' })),
  };
}

async function relayHttp(socket, prompt) {
  const { delta, end } = teller(socket);
  await readBareStream(model, prompt, { onText: delta });
  end();
}

let sdk;
async function relaySdk(socket, prompt) {
  sdk ??= import('@google/generative-ai').then(({ GoogleGenerativeAI }) => new GoogleGenerativeAI('no-key'));
  const generative = (await sdk).getGenerativeModel({ model: 'gemini-3.8-flash' }, { baseUrl: model });
  const { delta, end } = teller(socket);
  const result = await generative.generateContentStream(prompt);
  for await (const chunk of result.stream) {
    const text = textOf(chunk);
    if (text !== '') delta(text);
  }
  end();
}

const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
const listening = new Promise((resolve) => server.once('listening', resolve));
server.on('connection', (socket) => {
  socket.on('message', (data) => {
    const frame = JSON.parse(data);
    if (frame.type === 'hello') socket.send(JSON.stringify({ type: 'welcome', replyTo: frame.id }));
    if (frame.type === 'message.send' && kind === 'http') void relayHttp(socket, frame.text);
    if (frame.type === 'message.send' && kind === 'sdk') void relaySdk(socket, frame.text);
  });
});

serveCalls({
  async listen() {
    await listening;
    return server.address().port;
  },
  cpu: () => cpuMs(process.pid),
});
