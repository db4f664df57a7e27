// Reads answers of the fake model and does nothing with them: `upstream-reader.mjs <bare|adapter> <url of the model> [file of the adapter]`.
// `bare`: node:http, SSE and JSON by hand. `adapter`: ours, from bytes to events.
import { Agent } from 'node:http';
import { pathToFileURL } from 'node:url';
import { cpuMs, serveCalls } from '../harness/child.mjs';
import { readBareStream } from './bare-stream.mjs';
import { now } from './stamp.mjs';

const [kind, model, file] = process.argv.slice(2);
let events = 0;
let running = 0;
let wake = () => {};
const agent = new Agent({ keepAlive: true });

function readBare(prompt) {
  const onText = () => {
    events += 1;
  };
  return readBareStream(model, prompt, { agent, onText });
}

/** Ours. @returns the events of one answer to a prompt */
async function openAdapter() {
  const { createGeminiModel, geminiModelTable, systemClock, silentLogger } = await import(pathToFileURL(file).href);
  const timeouts = { firstTokenMs: 30_000, thinkingFirstTokenMs: 120_000, gapMs: 60_000, totalMs: 900_000 };
  const options = { apiKey: 'bench-key-that-is-not-real', baseUrl: model, models: geminiModelTable, timeouts };
  const provider = createGeminiModel({ ...options, clock: systemClock, logger: silentLogger });
  return (prompt) => {
    const turns = [{ role: 'user', text: prompt, images: [] }];
    const asked = { model: 'gemini-3.8-flash', turns, thinking: false, level: 'normal' };
    return provider.process(asked, { signal: new AbortController().signal });
  };
}

const answerTo = kind === 'bare' ? undefined : await openAdapter();

async function readAdapter(prompt) {
  for await (const event of answerTo(prompt)) {
    if (event.type === 'text') events += 1;
    if (event.type === 'failure') throw new Error(event.failure.class);
  }
}

const read = kind === 'bare' ? readBare : readAdapter;

serveCalls({
  ask(prompt, streams) {
    events = 0;
    running += streams;
    const one = () =>
      read(prompt).finally(() => {
        running -= 1;
        wake();
      });
    for (let count = 0; count < streams; count += 1) void one();
  },
  cpu: () => ({ cpuMs: cpuMs(process.pid), events }),
  /** Resolves when every answer has ended. */
  finished: () =>
    new Promise((resolve) => {
      wake = () => running === 0 && resolve();
      wake();
    }),
  /** Leaves an answer in the middle. @returns when */
  async leave(prompt, after) {
    let seen = 0;
    for await (const event of answerTo(prompt)) {
      if (event.type === 'text') seen += 1;
      if (seen < after) continue;
      return now();
    }
    throw new Error('the answer ended before it was left');
  },
});
