import type { Browser, Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import { type E2eServer, startE2eServer } from '../support/e2e-server.ts';
import { type ChatPage, gate, openChat } from './support/chat-page.ts';
import { type FakeModel, startFakeModel } from './support/fake-model.ts';

const turns = 150;
const answerOf = (turn: number) =>
  `Answer ${turn}.\n\n${'Some words that fill a line or two of the page. '.repeat(3 + (turn % 7) * 4)}\n\n- a\n- list`;

/** The lines of an account with one long conversation. */
function longAccount(): string {
  const at = (index: number) => new Date(Date.UTC(2026, 0, 1) + index * 1000).toISOString();
  const id = (index: number) => `01E2E${String(index).padStart(21, '0')}`;
  const head = {
    type: 'jarvis-argus.account',
    version: 1,
    exportedAt: at(0),
    server: '0.1.0',
    user: { name: 'Ada', email: 'ada@example.org' },
  };
  const times = { createdAt: at(0), updatedAt: at(0) };
  const conversation = { type: 'conversation', id: id(0), title: 'A long one', titledBy: 'person', settings: {}, ...times };
  const messages = Array.from({ length: turns * 2 }, (_, place) => {
    const index = place + 1;
    const turn = Math.ceil(index / 2);
    const asks = index % 2 === 1;
    return {
      ...{ type: 'message', id: id(index), conversationId: id(0), parentId: index === 1 ? null : id(place), status: 'complete' },
      ...{ role: asks ? 'user' : 'assistant', createdAt: at(index), ...(index === turns * 2 ? { head: true } : {}) },
      parts: [{ type: 'text', text: asks ? `Question number ${turn}?` : answerOf(turn) }],
    };
  });
  return `${[head, conversation, ...messages].map((line, index) => JSON.stringify({ ...line, c: String(index) })).join('\n')}\n`;
}

/* What runs in the page, as text: the tests are checked without the types of a browser. */
const twoFrames = 'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))';

/** As where a tab is about to be hidden: frames are wished for and none comes. */
const withoutFrames = `(() => {
  globalThis.requestAnimationFrame = () => 0;
})()`;

const hideTab = `(() => {
  Object.defineProperty(document, 'hidden', { get: () => true });
  document.dispatchEvent(new Event('visibilitychange'));
})()`;

const scrollInSteps = `async (count, what) => {
  const element = document.querySelector('.chat-scroll');
  const frames = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))));
  const box = element.getBoundingClientRect();
  const off = [];
  // Fonts that come in turn the lines once more.
  await document.fonts.ready;
  for (let frame = 0; frame < 5; frame += 1) await frames();
  for (let step = 0; step < count; step += 1) {
    const item = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 3)?.closest(what);
    const before = item?.getBoundingClientRect().top ?? 0;
    const by = Math.min(350, element.scrollTop);
    element.scrollTop -= by;
    await frames();
    if (item?.isConnected === true) off.push(Math.round(item.getBoundingClientRect().top - before - by));
  }
  return off;
}`;

const growAbove = `(async () => {
  const element = document.querySelector('.chat-scroll');
  const { top, height } = element.getBoundingClientRect();
  const items = [...element.querySelectorAll('.flow-item')];
  const above = items.findLast((item) => item.getBoundingClientRect().bottom < top)?.querySelector('article');
  const read = items.find((item) => item.getBoundingClientRect().bottom > top + height / 2);
  if (!above || !read) return 'nothing lies above the window';
  const before = read.getBoundingClientRect().top;
  above.style.paddingBlockEnd = '333px';
  await ${twoFrames};
  return Math.round(read.getBoundingClientRect().top - before);
})()`;

const selectThreeQuestions = `(() => {
  const texts = [...document.querySelectorAll('.flow-item .bubble')].slice(-3);
  const [first, last] = [texts[0]?.firstChild, texts.at(-1)?.firstChild];
  getSelection().setBaseAndExtent(first, 0, last, last.textContent.length);
})()`;

describe('a conversation of many turns', () => {
  let server: E2eServer;
  let browser: Browser;
  let model: FakeModel;
  let chat: ChatPage;
  let scroller: Locator;

  beforeAll(async () => {
    model = await startFakeModel();
    server = await startE2eServer(model.env);
    browser = await launchBrowser();
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    await server.stop();
    await model.close();
  });

  const nextFrames = () => chat.page.evaluate(twoFrames);
  const drawn = () => chat.page.locator('.flow-item').count();
  const question = (turn: number) => chat.questions.filter({ hasText: `number ${turn}?` });

  async function openLong(): Promise<void> {
    chat = await openChat(browser, server);
    const headers = { 'x-requested-with': 'jarvis', origin: server.origin, 'content-type': 'application/x-ndjson' };
    const answer = await chat.page.request.post(`${server.origin}/api/account/import`, { data: longAccount(), headers });
    expect(answer.ok()).toBe(true);
    await chat.page.reload();
    await chat.page.getByText('A long one').first().click();
    await question(turns).waitFor();
    scroller = chat.page.locator('.chat-scroll');
  }

  /** Scrolls up in steps. @returns how far what was in the window was off its place after each, in px */
  const scrollUp = (steps: number) => chat.page.evaluate<number[]>(`(${scrollInSteps})(${steps}, '.flow-item')`);

  test('holds few of its messages on the page, and what is read stays in its place while others come and go', {
    timeout: 60_000,
  }, async () => {
    await openLong();
    expect(await drawn()).toBeLessThan(40);
    const feed = chat.page.getByRole('feed');
    await expect.poll(() => feed.locator('article').last().getAttribute('aria-setsize')).toBe('-1');

    const off = await scrollUp(60);
    expect(off.length).toBeGreaterThan(30);
    expect(off.filter((px) => Math.abs(px) > 1)).toEqual([]);
    expect(await drawn()).toBeLessThan(60);

    // Words that arrive at the end, and a picture or anything else that grows above, move nothing that is read.
    const wait = gate();
    model.answer('Another', [{ text: 'First. ' }, { wait: wait.opened }, { text: 'Line.\n\n'.repeat(40) }, { finish: 'STOP' }]);
    const moved = await chat.page.evaluate<number | string>(growAbove);
    expect(moved).toBe(0);

    // Whoever sends goes to the end, and follows it.
    await chat.send('Another one');
    await chat.page.getByText('First.').waitFor();
    wait.open();
    await chat.page.locator('article[data-last][aria-busy="false"]').waitFor();
    await nextFrames();
    expect(await scroller.evaluate((element) => element.scrollHeight - element.scrollTop - element.clientHeight)).toBeLessThanOrEqual(1);
    expect(chat.problems).toEqual([]);
  });

  test('keeps the focus and a selection, though the window goes far away', { timeout: 60_000 }, async () => {
    const button = question(turns).getByRole('button').first();
    await button.focus();
    await chat.page.evaluate(selectThreeQuestions);
    const selected = await chat.page.evaluate<string>('getSelection().toString()');
    for (let step = 0; step < 12; step += 1) {
      await scroller.evaluate((element) => {
        element.scrollTop = Math.max(700, element.scrollTop - 4000);
      });
      await nextFrames();
    }
    expect(await chat.page.locator('.flow-gap').count()).toBeGreaterThan(0);
    expect(await button.evaluate((element) => element === element.ownerDocument.activeElement)).toBe(true);
    expect(await chat.page.evaluate<string>('getSelection().toString()')).toBe(selected);
    await chat.page.evaluate('getSelection().removeAllRanges()');
  });

  test('finds words that were never on the page, and marks them', { timeout: 60_000 }, async () => {
    await chat.page.keyboard.press('Control+f');
    const field = chat.page.locator('.find-field');
    await field.fill('Question NUMBER 3?');
    await question(3).waitFor();
    await chat.page.locator('.find-count').filter({ hasText: '1' }).waitFor();
    await expect.poll(() => question(3).isVisible()).toBe(true);
    const marked = () => chat.page.evaluate<string[]>("[...(CSS.highlights.get('find-current') ?? [])].map(String)");
    await expect.poll(marked).toEqual(['Question number 3?']);
    await field.press('Escape');
    await expect.poll(() => chat.page.evaluate<number>('CSS.highlights.size')).toBe(0);

    // The keys to the own messages, from there.
    await chat.page.keyboard.press('Alt+ArrowUp');
    await expect.poll(async () => Math.round((await question(2).boundingBox())?.y ?? 0)).toBeLessThan(140);
    await chat.page.keyboard.press('Alt+ArrowDown');
    await expect.poll(async () => Math.round((await question(3).boundingBox())?.y ?? 0)).toBeLessThan(140);
  });

  test('prints everything, and draws formulas as elements', { timeout: 60_000 }, async () => {
    const all = await chat.page.evaluate<number>("dispatchEvent(new Event('beforeprint')), document.querySelectorAll('.flow-item').length");
    expect(all, 'every loaded message is on paper').toBe(turns * 2 + 2);
    await chat.page.evaluate("dispatchEvent(new Event('afterprint'))");
    await expect.poll(drawn).toBeLessThan(80);

    model.answer('Formulas', [
      { text: 'So $E = mc' },
      { text: '^2$ costs $5 or $6,\n\n$$\n\\frac{1}{2' },
      { text: '}\n$$\n' },
      { finish: 'STOP' },
    ]);
    await chat.send('Formulas please');
    await chat.page.locator('math').nth(1).waitFor();
    // When the answer has ended it is read as a whole once more.
    expect(await chat.page.locator('math mfrac').count()).toBe(1);
    // In the answer: what is read aloud says it too.
    await chat.answers.getByText('costs $5 or $6').waitFor();
    expect(chat.problems).toEqual([]);
    await chat.close();
  });

  test('an answer goes on growing where the tab is hidden before the frame that was wished for', async () => {
    chat = await openChat(browser, server);
    const tools = await chat.page.context().newCDPSession(chat.page);
    await tools.send('Network.enable');
    const came = new Promise<void>((resolve) => {
      tools.on('Network.webSocketFrameReceived', ({ response }) => response.payloadData.includes('In sight.') && resolve());
    });
    await chat.page.evaluate(withoutFrames);
    const [more, end] = [gate(), gate()];
    const steps = [
      { text: 'In sight. ' },
      { wait: more.opened },
      { text: 'Out of sight.' },
      { wait: end.opened },
      { finish: 'STOP' },
    ] as const;
    model.answer('Behind', steps);
    await chat.send('Behind');
    await came;
    await chat.page.evaluate(hideTab);
    await chat.answers.getByText('In sight.').waitFor();
    more.open();
    await chat.answers.getByText('Out of sight.').waitFor();
    expect(await chat.page.locator('article[aria-busy="true"]').count()).toBe(1);
    end.open();
    await chat.page.locator('article[data-last][aria-busy="false"]').waitFor();
    await chat.close();
  });

  test('what is read in one very long answer stays in its place, though most of it was never laid out', { timeout: 60_000 }, async () => {
    chat = await openChat(browser, server);
    const kinds = [
      '## A heading',
      'Some words of a line.',
      '- one\n- two\n- three',
      'Many words of a paragraph. '.repeat(14),
      '```\ncode\n```',
    ];
    const text = Array.from({ length: 500 }, (_, block) => `${kinds[(block * block + block) % kinds.length]} `).join('\n\n');
    model.answer('All of it', [{ text }, { text: '\n\nThe end.' }, { finish: 'STOP' }]);
    await chat.send('All of it');
    await chat.answers.getByText('The end.').waitFor();
    await chat.page.reload();
    await chat.answers.getByText('The end.').waitFor();
    expect(await chat.page.locator('.md-group').count()).toBeGreaterThan(12);
    const off = await chat.page.evaluate<number[]>(`(${scrollInSteps})(40, '.md > :not(.md-group), .md-group > *')`);
    expect(off.length).toBeGreaterThan(20);
    expect(off.filter((px) => Math.abs(px) > 1)).toEqual([]);
    expect(chat.problems).toEqual([]);
    await chat.close();
  });
});
