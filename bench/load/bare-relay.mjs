// Controls of `relay`: the shortest relays that one would write by hand. `http`: node:http, SSE and JSON by hand, ws. `sdk`: the SDK's stream, ws.
// They keep nothing, check nothing and log nothing. `bare-relay.mjs <http|sdk> <url of the model>`
import { request } from 'node:http';
import { WebSocketServer } from 'ws';
import { cpuMs, serveCalls } from '../harness/child.mjs';

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

const textOf = (chunk) => chunk.candidates?.[0]?.content?.parts?.[0]?.text ?? '';

function relayHttp(socket, prompt) {
  const { delta, end } = teller(socket);
  const body = JSON.stringify({ contents: [{ role: 'user', parts: [{ text: prompt }] }] });
  const url = `${model}/v1beta/models/gemini-3.8-flash:streamGenerateContent?alt=sse`;
  const call = request(
    url,
    { method: 'POST', headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) } },
    (response) => {
      let rest = '';
      response.setEncoding('utf8');
      response.on('data', (data) => {
        rest += data;
        for (let at = rest.indexOf('\r\n\r\n'); at !== -1; at = rest.indexOf('\r\n\r\n')) {
          const text = textOf(JSON.parse(rest.slice('data: '.length, at)));
          if (text !== '') delta(text);
          rest = rest.slice(at + 4);
        }
      });
      response.on('end', end);
    },
  );
  call.end(body);
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
    if (frame.type === 'message.send' && kind === 'http') relayHttp(socket, frame.text);
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
