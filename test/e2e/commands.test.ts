import { readFile } from 'node:fs/promises';
import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { screenshot } from '../support/browser.ts';
import { type ChatPage, newPerson, openChat, signUp } from './support/chat-page.ts';
import { type Stage, startStage } from './support/stage.ts';

let stage: Stage;
let server: Stage['server'];
let browser: Stage['browser'];
let model: Stage['model'];

beforeAll(async () => {
  stage = await startStage();
  ({ server, browser, model } = stage);
  model.answer('Hello', [{ text: 'Hi there.' }, { finish: 'STOP' }]);
  model.answer('Another', [{ text: 'Another answer.' }, { finish: 'STOP' }]);
}, 180_000);

afterAll(() => stage?.close());

const notice = (chat: ChatPage, text: string | RegExp): Locator =>
  chat.page.getByRole('status', { name: 'Answer of a command' }).filter({ hasText: text });
const rows = (chat: ChatPage): Locator => chat.page.getByRole('navigation', { name: 'Conversations' }).getByRole('link');

describe('the command palette', () => {
  test('opens with a slash, moves by arrows, completes with Tab, closes with Esc, runs with Enter', async () => {
    const chat = await openChat(browser, server);
    const { page } = chat;
    const palette = page.getByRole('listbox', { name: 'Commands' });
    await chat.composer.press('/');
    await palette.waitFor();
    await screenshot(page, 'commands-palette');
    const chosen = palette.getByRole('option', { selected: true });
    const first = await chosen.innerText();
    await chat.composer.press('ArrowDown');
    await expect.poll(() => chosen.innerText()).not.toBe(first);
    await expect.poll(() => chat.composer.getAttribute('aria-activedescendant')).toBe(await chosen.getAttribute('id'));
    await chat.composer.press('ArrowUp');
    await expect.poll(() => chosen.innerText()).toBe(first);
    await chat.composer.pressSequentially('ren');
    await expect.poll(() => palette.getByRole('option').first().innerText()).toContain('/rename');
    await chat.composer.press('Tab');
    await expect.poll(() => chat.composer.inputValue()).toBe('/rename ');
    await chat.composer.fill('/he');
    await palette.waitFor();
    await chat.composer.press('Escape');
    await palette.waitFor({ state: 'detached' });
    await chat.composer.fill('/hel');
    await chat.composer.press('Enter');
    await chat.composer.press('Enter');
    const help = notice(chat, 'Commands you can use:');
    await help.waitFor();
    for (const name of ['/convs', '/model', '/export', '/delete']) expect(await help.innerText()).toContain(name);
    await screenshot(page, 'commands-help');
    await help.getByRole('button', { name: 'Dismiss' }).click();
    await help.waitFor({ state: 'detached' });
    await chat.close();
    expect(chat.problems).toEqual([]);
  });

  test('offers a signed-in person nothing that is for guests', async () => {
    const chat = await openChat(browser, server);
    await chat.composer.press('/');
    const palette = chat.page.getByRole('listbox', { name: 'Commands' });
    await palette.waitFor();
    expect(
      await palette
        .getByRole('option')
        .filter({ hasText: /^\/(signup|login)/ })
        .count(),
    ).toBe(0);
    await chat.close();
  });
});

describe('commands', () => {
  test('/convs lists, a click opens, /rename renames, /model and /level choose, a typo gets the nearest name', async () => {
    const chat = await openChat(browser, server);
    const { page } = chat;
    await chat.send('Hello');
    await chat.answered();
    await page.getByRole('button', { name: 'New chat' }).first().click();
    await page.getByRole('heading', { name: 'New chat' }).waitFor();
    await chat.send('Another');
    await chat.answers.getByText('Another answer.').waitFor();

    await chat.send('/convs');
    await notice(chat, 'Your conversations, newest first:').getByRole('button', { name: /Hello/ }).click();
    await chat.answers.getByText('Hi there.').waitFor();
    await page.getByRole('heading', { name: 'Hello' }).waitFor();

    await chat.send('/rename "About greetings"');
    await page.getByRole('heading', { name: 'About greetings' }).waitFor();
    await rows(chat).filter({ hasText: 'About greetings' }).waitFor();
    await chat.send('/level quick');
    await page
      .getByRole('button', { name: /How much work/ })
      .filter({ hasText: 'Quick' })
      .waitFor();
    await chat.send('/model gemini-2.5-flash');
    await notice(chat, /The model is now .*2\.5/).waitFor();
    await chat.send('Hello again');
    await chat.answered(2);
    expect(model.of('Hello').at(-1)?.path).toContain('gemini-2.5-flash');

    await chat.send('/covns');
    await page.getByRole('alert', { name: 'Answer of a command' }).filter({ hasText: 'convs' }).waitFor();
    expect(await chat.questions.filter({ hasText: '/' }).count()).toBe(0);
    await screenshot(page, 'commands-cards');
    await chat.close();
    expect(chat.problems).toEqual([]);
  });

  test('/delete takes the conversation away and Undo brings it back whole', async () => {
    const chat = await openChat(browser, server);
    const { page } = chat;
    await chat.send('Hello');
    await chat.answered();
    await chat.send('/delete');
    const toast = page.getByRole('region', { name: 'Messages of the app' }).getByText(/Deleted/);
    await toast.waitFor();
    await rows(chat).waitFor({ state: 'detached' });
    expect(new URL(page.url()).pathname).toBe('/');
    await screenshot(page, 'commands-undo');
    await page.getByRole('button', { name: 'Undo' }).click();
    await rows(chat).click();
    await chat.answers.getByText('Hi there.').waitFor();
    await page.reload();
    await chat.answers.getByText('Hi there.').waitFor();
    await chat.close();
    expect(chat.problems).toEqual([]);
  });

  test.each([
    ['md', /\.md$/],
    ['json', /\.json$/],
    ['html', /\.html$/],
  ])('/export %s gives a file with the conversation in it', async (format, name) => {
    const chat = await openChat(browser, server);
    await chat.send('Hello');
    await chat.answered();
    const [download] = await Promise.all([chat.page.waitForEvent('download'), chat.send(`/export ${format}`)]);
    expect(download.suggestedFilename()).toMatch(name);
    const file = await readFile(await download.path(), 'utf8');
    expect(file).toContain('Hello');
    expect(file).toContain('Hi there.');
    if (format === 'json') expect(JSON.parse(file)).toBeTruthy();
    await chat.close();
    expect(chat.problems).toEqual([]);
  });
});

describe('a password in a command', () => {
  const password = 'very secret words 4711';

  /** Where a password may not be: storage, the text and attributes of the page, its address. */
  async function traces(chat: ChatPage, word: string): Promise<string> {
    const kept = await chat.page.evaluate<string>(
      `JSON.stringify([{ ...localStorage }, { ...sessionStorage }, location.href, document.title, history.state, document.documentElement.outerHTML, [...document.querySelectorAll('textarea, input:not([type="password"])')].map((field) => field.value)])`,
    );
    return kept.includes(word) ? kept.slice(Math.max(0, kept.indexOf(word) - 200), kept.indexOf(word) + 60) : '';
  }

  test('/login masks it, signs the other person in, and leaves no trace', async () => {
    const other = { ...newPerson('Grace'), password };
    const chat = await openChat(browser, server);
    const { page } = chat;
    await signUp(server, other);

    await chat.composer.pressSequentially('/login ');
    const field = page.getByLabel('Password', { exact: true });
    await field.waitFor();
    await page.getByLabel('E-mail address').fill(other.email);
    await field.fill(password);
    await expect.poll(() => field.getAttribute('type')).toBe('password');
    expect(await traces(chat, password)).toBe('');
    await screenshot(page, 'commands-login');
    await field.press('Enter');
    await page.getByRole('button', { name: /Account of .*Grace/ }).waitFor();
    expect(await traces(chat, password)).toBe('');
    await page.reload();
    await page.getByRole('button', { name: /Account of .*Grace/ }).waitFor();
    expect(await traces(chat, password)).toBe('');
    await chat.close();
    expect(chat.problems).toEqual([]);
  });

  test('/login that is pasted whole is masked as well, a wrong one says so, and it is never sent as a message', async () => {
    const chat = await openChat(browser, server);
    const { page, person } = chat;
    await chat.composer.fill(`/login ${person.email} "${password}"`);
    const field = page.getByLabel('Password', { exact: true });
    await field.waitFor();
    await expect.poll(() => field.getAttribute('type')).toBe('password');
    expect(await traces(chat, password)).toBe('');
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page.getByRole('alert', { name: 'Answer of a command' }).getByText('The e-mail address or the password is wrong.').waitFor();
    expect(await traces(chat, password)).toBe('');
    expect(await chat.questions.count()).toBe(0);
    expect(server.log()).not.toContain(password);
    await chat.close();
    expect(chat.problems).toEqual([]);
  });
});
