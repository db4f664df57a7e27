// The built server, the fake Gemini and a person with a long conversation, for measurements of the page.
import { root } from '../../scripts/build-state.mjs';
import { launchBrowser, newPage } from '../../test/support/browser.ts';
import { startE2eServer } from '../../test/support/e2e-server.ts';
import { startFakeGemini } from '../../test/support/fake-gemini.ts';

/** What models write: words, a list, a table, code, about 1,100 characters. */
export const passage = `## The way of a request

A request passes **three** gates before anybody answers it: the size, the *origin* and the session. Each gate is cheap, and each of them
ends the request with one code, so that a client never has to read a sentence to know what happened to it.

- the size is counted while it arrives, \`Content-Length\` is only a promise
- the origin is compared with a list, as a whole
- the session is looked up by its hash

| gate | cost | refused with |
|---|---|---|
| size | 2 µs | 413 |
| origin | 1 µs | 403 |
| session | 40 µs | 401 |

\`\`\`ts
export function gateOf(request: Request): Gate {
  const size = Number(request.headers.get('content-length') ?? 0);
  if (size > limits.body) return { name: 'size', status: 413 };
  return origins.has(request.headers.get('origin') ?? '') ? session(request) : { name: 'origin', status: 403 };
}
\`\`\`

این درگاه‌ها برای هر درخواست یک بار باز می‌شوند و هیچ‌کدام منتظر پایگاه داده نمی‌ماند، مگر برای نشستی که هنوز شناخته نیست.

`;

/** A text of so many tokens of so many characters. */
export function tokensOf(count, characters) {
  let text = '';
  while (text.length < count * characters) text += passage;
  return Array.from({ length: count }, (_, index) => text.slice(index * characters, (index + 1) * characters));
}

/** Steps of the fake model: each token at its time, several at once where the timer was late. @param told of each token */
function* paced({ tokens, perSecond }, told) {
  const begun = performance.now();
  for (const [index, text] of tokens.entries()) {
    const early = begun + (index * 1000) / perSecond - performance.now();
    if (early > 1) yield { delay: early };
    told();
    yield { text };
  }
  yield { finish: 'STOP' };
}

export async function startWorld() {
  process.env.E2E_BUILD ??= process.env.BENCH_BUILD ?? root;
  const gemini = await startFakeGemini();
  const server = await startE2eServer({ GEMINI_API_KEY: 'bench-key-that-is-not-real', GEMINI_BASE_URL: gemini.url('bench') });
  const browser = await launchBrowser();
  let next = { tokens: ['ready'], perSecond: 50 };
  let sent = 0;
  const count = () => {
    sent += 1;
  };
  gemini.script('bench', () => paced(next, count));
  return {
    server,
    browser,
    /** What is answered from now on. */
    answer(tokens, perSecond) {
      next = { tokens, perSecond };
    },
    /** Tokens that the model has sent so far: on a busy machine fewer than it was asked for. */
    sent: () => sent,
    async close() {
      await browser.close();
      await server.stop();
      await gemini.close();
    },
  };
}

let people = 0;

/** Somebody signed in, in a browser context of their own. */
export async function newPerson({ browser, server }, options = {}) {
  const page = await newPage(browser, options);
  people += 1;
  const data = { name: 'Ada', email: `bench${people}@example.org`, password: 'correct horse battery' };
  const headers = { 'x-requested-with': 'jarvis', origin: server.origin };
  const answer = await page.request.post(`${server.origin}/api/auth/signup`, { data, headers });
  if (!answer.ok()) throw new Error(`sign-up failed: ${await answer.text()}`);
  const { token } = await answer.json();
  page.setDefaultTimeout(30_000);
  return { page, token, tools: await page.context().newCDPSession(page) };
}

function linesOf(turns) {
  const at = (index) => new Date(Date.UTC(2026, 0, 1) + index * 1000).toISOString();
  const id = (index) => `01BENCH${String(index).padStart(19, '0')}`;
  const conversationId = id(0);
  const lines = [
    { type: 'jarvis-argus.account', version: 1, exportedAt: at(0), server: '0.1.0', user: { name: 'Ada', email: 'ada@example.org' } },
    { type: 'conversation', id: conversationId, title: 'A long one', titledBy: 'person', settings: {}, createdAt: at(0), updatedAt: at(0) },
  ];
  for (let index = 1; index <= turns * 2; index += 1) {
    const asks = index % 2 === 1;
    lines.push({
      ...{ type: 'message', id: id(index), conversationId, parentId: index === 1 ? null : id(index - 1) },
      ...{ role: asks ? 'user' : 'assistant', status: 'complete', createdAt: at(index) },
      parts: [{ type: 'text', text: asks ? `What are the gates of a request, number ${(index + 1) / 2}?` : passage }],
      ...(index === turns * 2 ? { head: true } : {}),
    });
  }
  return `${lines.map((line, index) => JSON.stringify({ ...line, c: String(index) })).join('\n')}\n`;
}

/** Gives a person a conversation of so many turns. @returns its path on the page; '/' for none */
export async function bringHistory({ server }, { token }, turns) {
  if (turns === 0) return '/';
  const headers = { authorization: `Bearer ${token}` };
  const init = { method: 'POST', body: linesOf(turns), headers: { ...headers, 'content-type': 'application/x-ndjson' } };
  const answer = await fetch(`${server.origin}/api/account/import`, init);
  if (!answer.ok) throw new Error(`import failed: ${await answer.text()}`);
  const { items } = await (await fetch(`${server.origin}/api/conversations`, { headers })).json();
  return `/c/${items[0].id}`;
}

/** Opens a conversation and reads it back to its beginning, as somebody does who looks for something, and comes back to the end. */
export async function openAll({ server }, { page }, path) {
  await page.goto(server.origin + path);
  await page.locator('#composer').waitFor();
  if (path === '/') return;
  await page.locator('article[data-role="assistant"]').last().waitFor();
  const first = page.getByText('number 1?', { exact: false }).first();
  const scroller = page.locator('.chat-scroll');
  for (let tries = 0; tries < 400 && !(await first.isVisible()); tries += 1) {
    await scroller.evaluate((element) => {
      element.scrollTop = element.scrollTop > 400 ? 200 : 0;
    });
    await page.waitForTimeout(30);
  }
  if (!(await first.isVisible())) throw new Error('the beginning of the conversation never came');
  await page.locator('.jump button').last().click();
  await page.waitForTimeout(300);
}
