import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { screenshot } from '../support/browser.ts';
import { gate, openChat, serverGone, storedMessages } from './support/chat-page.ts';
import { type Stage, startStage } from './support/stage.ts';

let stage: Stage;
let server: Stage['server'];
let browser: Stage['browser'];
let model: Stage['model'];
const finish = { finish: 'STOP' } as const;

beforeAll(async () => {
  stage = await startStage();
  ({ server, browser, model } = stage);
}, 180_000);

afterAll(() => stage?.close());

const menuOf = async (page: Page, article: 'assistant' | 'user', item: string) => {
  const last = page.locator(`article[data-role="${article}"]`).last();
  await last.hover();
  await last.getByRole('button', { name: 'More with this message' }).click();
  await page.locator('.ui-menu:popover-open').getByRole('menuitem', { name: item }).click();
};

/** Selects the words of the first paragraph of the answer, as a pointer does. */
const selectAnswer = (page: Page) =>
  page.evaluate(`(() => {
    const range = document.createRange();
    range.selectNodeContents(document.querySelector('.answer-text p'));
    getSelection().removeAllRanges();
    getSelection().addRange(range);
  })()`);

/** How many chats are kept in the browser; -1 where there is no copy at all. */
const keptCount = `indexedDB.databases().then((all) => all.every(({ name }) => name !== 'jarvis-offline') ? -1 : new Promise((resolve) => {
  const open = indexedDB.open('jarvis-offline', 1);
  open.onsuccess = () => {
    const count = open.result.transaction('chats').objectStore('chats').count();
    count.onsuccess = () => { open.result.close(); resolve(count.result); };
  };
}))`;

describe('talking on', () => {
  test('a message waits for the answer that runs, can be taken back, and goes out on its own or at once', async () => {
    const slow = gate();
    model.answer('Tell a long story', [{ text: 'Once upon' }, { wait: slow.opened }, { text: ' a time.' }, finish]);
    model.answer('Then tell', [{ text: 'Then it ended.' }, finish]);
    model.answer('Enough', [{ text: 'As you like.' }, finish]);
    const never = gate();
    model.answer('Now forever', [{ text: 'For ever' }, { wait: never.opened }, finish]);
    const chat = await openChat(browser, server);
    const { page } = chat;
    await chat.send('Tell a long story');
    await chat.answers.getByText('Once upon').waitFor();
    await chat.send('Then tell another');
    const queued = page.locator('[data-pending="queued"]');
    await queued.getByText('it waits for the answer before it').waitFor();
    await queued.getByRole('button', { name: 'Edit' }).click();
    await expect.poll(() => chat.composer.inputValue()).toBe('Then tell another');
    await chat.composer.fill('Then tell a better one');
    await page.getByRole('button', { name: 'Send when the answer is done' }).click();
    await queued.getByText('Then tell a better one').waitFor();
    await screenshot(page, 'talk-queued');
    expect(model.of('Then tell')).toHaveLength(0);
    slow.open();
    await chat.answered(2);
    await chat.send('Now forever');
    await chat.answers.getByText('For ever').waitFor();
    await chat.send('Enough of that');
    await queued.getByRole('button', { name: 'Stop the answer and send now' }).click();
    await chat.answered(4);
    expect((await storedMessages(chat)).map(({ role, status, text }) => (role === 'user' ? text : status))).toEqual([
      ...['Tell a long story', 'complete', 'Then tell a better one', 'complete', 'Now forever', 'stopped', 'Enough of that', 'complete'],
    ]);
    never.open();
    await chat.close();
    expect(chat.problems).toEqual([]);
  });

  test('words are quoted, a message is kept, a chat is forked, two models are compared, and the gauge counts', async () => {
    model.answer('Compare me', (call) => [{ text: `Answer number ${call + 1}.\n\nMore of it.` }, finish]);
    const chat = await openChat(browser, server);
    const { page } = chat;
    await chat.send('Compare me');
    await chat.answered();
    await selectAnswer(page);
    await page.locator('.quote-button').click();
    await expect.poll(() => chat.composer.inputValue()).toBe('> Answer number 1.\n\n');
    await chat.composer.fill('');

    await page.getByRole('button', { name: /of the model.s window is used/ }).click();
    await page
      .locator('.gauge-popover')
      .getByText(/21.* of .*tokens/)
      .waitFor();
    await page.keyboard.press('Escape');

    await menuOf(page, 'user', 'Add to favourites');
    await chat.questions.locator('[aria-pressed="true"]').waitFor();
    await page.reload();
    await chat.questions.locator('[aria-pressed="true"]').click();
    await chat.questions.locator('[aria-pressed="true"]').waitFor({ state: 'detached' });

    await menuOf(page, 'assistant', 'Compare with another model');
    const columns = page.locator('.compare-column');
    await columns.first().getByText('Answer number 1.').waitFor();
    const choice = columns.last().getByRole('combobox');
    const other = await choice.locator('option[value^="m "]').nth(1).getAttribute('value');
    await choice.selectOption(other);
    await columns.last().getByText('Answer number 2.').waitFor();
    await screenshot(page, 'talk-compare');
    expect(model.of('Compare me').at(-1)?.path).toContain(other?.slice(2) ?? 'a model');
    await columns.first().getByRole('button', { name: 'Go on with this one' }).click();
    await chat.answers.getByText('Answer number 1.').waitFor();
    await expect.poll(() => page.getByRole('group', { name: /Version/ }).innerText()).toContain('1/2');

    const before = page.url();
    await menuOf(page, 'assistant', 'Continue in a new chat');
    await page.getByText('A new chat, with everything up to that message.').waitFor();
    await chat.answers.getByText('Answer number 1.').waitFor();
    expect(page.url()).not.toBe(before);
    await chat.send('Go on here');
    await chat.answered(2);
    expect(await storedMessages(chat)).toHaveLength(4);
    await chat.close();
    expect(chat.problems).toEqual([]);
  });

  test('a temporary chat says what it is, stands in no list and is gone when it is deleted', async () => {
    model.answer('Between us', [{ text: 'I forget it.' }, finish]);
    const chat = await openChat(browser, server);
    const { page } = chat;
    await page.getByRole('button', { name: 'Temporary chat' }).click();
    await page.getByText('found by no search').waitFor();
    await chat.send('Between us');
    await chat.answered();
    await page.getByText('found by no search').waitFor();
    const address = page.url();
    const { items } = (await (await page.request.get(`${server.origin}/api/conversations`)).json()) as { items: unknown[] };
    expect(items).toEqual([]);
    await page.getByRole('button', { name: 'Delete now' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Erase' }).click();
    await page.getByText('The temporary chat is gone.').waitFor();
    await page.goto(address);
    await page.getByRole('alert').waitFor();
    await chat.close();
    expect(chat.problems.filter((problem) => !problem.includes('404'))).toEqual([]);
  });
});

describe('the installed page', () => {
  test('opens without a connection, shows what is kept and nothing of the person after the sign-out', async () => {
    model.answer('Keep this', [{ text: 'Kept **answer**.' }, finish]);
    const chat = await openChat(browser, server, { serviceWorkers: true, tolerate: serverGone });
    const { page } = chat;
    await page.evaluate('navigator.serviceWorker.ready.then(() => true)');
    await chat.send('Keep this');
    await chat.answered();
    await page.getByRole('button', { name: chat.person.email }).click();
    await page.getByRole('menuitem', { name: 'Settings' }).click();
    await page.getByRole('tab', { name: 'This device' }).click();
    await page.getByRole('checkbox', { name: /Keep recent chats/ }).check();
    await expect.poll(() => page.evaluate(keptCount), { timeout: 15_000 }).toBe(1);
    const kept =
      await page.evaluate(`caches.keys().then((names) => Promise.all(names.map((name) => caches.open(name).then((cache) => cache.keys()))))
      .then((all) => all.flat().map(({ url }) => new URL(url).pathname))`);
    expect((kept as string[]).filter((path) => path.startsWith('/api') || path.startsWith('/c/'))).toEqual([]);
    expect(kept).toContain('/');

    await page.context().setOffline(true);
    await page.reload();
    await page.getByRole('heading', { name: 'Chats on this device' }).waitFor();
    await screenshot(page, 'talk-offline');
    await page.locator('.offline-row').first().click();
    await page.locator('.offline').getByText('answer').waitFor();
    await page.context().setOffline(false);
    await chat.composer.waitFor({ timeout: 30_000 });
    await page.request.post(`${server.origin}/api/auth/logout`, { headers: { 'x-requested-with': 'jarvis', origin: server.origin } });
    await page.reload();
    await page.getByRole('button', { name: 'Sign in' }).first().waitFor();
    await expect.poll(() => page.evaluate(keptCount), { timeout: 15_000 }).toBe(-1);
    await chat.close();
    expect(chat.problems).toEqual([]);
  });
});
