// One answer of the model, read as one would by hand: node:http, lines of SSE, JSON.parse. The control of what the server does.
import { request } from 'node:http';

/** @param onText called with each text @returns resolves at the end of the answer */
export function readBareStream(model, prompt, { agent, onText }) {
  const body = JSON.stringify({ contents: [{ role: 'user', parts: [{ text: prompt }] }] });
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  const url = `${model}/v1beta/models/gemini-3.8-flash:streamGenerateContent?alt=sse`;
  return new Promise((resolve, reject) => {
    const call = request(url, { method: 'POST', headers, agent }, (response) => {
      let rest = '';
      response.setEncoding('utf8');
      response.on('data', (data) => {
        rest += data;
        for (let at = rest.indexOf('\r\n\r\n'); at !== -1; at = rest.indexOf('\r\n\r\n')) {
          const text = textOf(JSON.parse(rest.slice('data: '.length, at)));
          if (text !== '') onText(text);
          rest = rest.slice(at + 4);
        }
      });
      response.on('end', resolve);
    });
    call.on('error', reject);
    call.end(body);
  });
}

/** @returns the text of one chunk, '' for none */
export const textOf = (chunk) => chunk.candidates?.[0]?.content?.parts?.[0]?.text ?? '';
