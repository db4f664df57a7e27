import { readFile } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser, screenshot } from '../support/browser.ts';
import { type E2eServer, startE2eServer } from '../support/e2e-server.ts';
import { type ChatPage, openChat } from './support/chat-page.ts';
import { accessibilityProblems, rawKeys, sideways } from './support/page-checks.ts';

let server: E2eServer;
let browser: Browser;
/** The first account of the server. */
let admin: ChatPage;

beforeAll(async () => {
  [server, browser] = await Promise.all([startE2eServer(), launchBrowser()]);
}, 180_000);

afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

const choose = async (page: Page, name: string) => {
  await page.getByRole('button', { name: /Account of/ }).click();
  await page.getByRole('menuitem', { name }).click();
};
const card = (page: Page, person: ChatPage['person']) => page.getByRole('row').filter({ hasText: person.email });
const act = async (page: Page, person: ChatPage['person'], name: string) => {
  await card(page, person).getByRole('button').click();
  await page.getByRole('menuitem', { name }).click();
};
const confirm = (page: Page, name: string) => page.getByRole('dialog').getByRole('button', { name, exact: true }).click();

describe('the administrator', () => {
  test('sees the numbers of the server, as plots and as a table, and finds the way back', async () => {
    admin = await openChat(browser, server, { tolerate: /status of 409/ });
    const { page } = admin;
    await choose(page, 'Administration');
    await page.waitForURL('**/admin');
    await page.getByText('The server is ready').waitFor();
    expect(await page.getByRole('heading', { name: 'Open connections' }).count()).toBe(1);
    // Two points of ten seconds make a line.
    await page.getByRole('img', { name: /Open connections.* in the last hour: lowest/ }).waitFor({ timeout: 40_000 });
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.getByRole('button', { name: 'As a table' }).click();
    await page.getByRole('table', { name: 'Numbers of the last hour' }).waitFor();
    const sockets = page.getByRole('row', { name: /^Open connections/ }).getByRole('cell');
    expect(Number(await sockets.first().innerText())).toBeGreaterThan(0);

    await page.getByRole('link', { name: 'People' }).click();
    await page.waitForURL('**/admin/people');
    await page.goBack();
    await page.getByText('The server is ready').waitFor();
    await page.goForward();
    await card(page, admin.person).waitFor();
    await page.reload();
    await card(page, admin.person).waitFor();
    await page.getByRole('button', { name: 'Back to the chat' }).click();
    await admin.composer.waitFor();
    expect(new URL(page.url()).pathname).toBe('/');
  });

  test('finds a person by e-mail, disables and enables, signs out and gives a budget', async () => {
    const { page } = admin;
    const other = await openChat(browser, server, { tolerate: /status of 40[13]|WebSocket/ });
    await page.goto(`${server.origin}/admin/people`);
    await card(page, admin.person).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.getByRole('searchbox', { name: 'Beginning of an e-mail address' }).fill(other.person.email.slice(0, 12));
    await card(page, admin.person).waitFor({ state: 'detached' });
    await page.getByRole('searchbox', { name: 'Beginning of an e-mail address' }).fill('');

    await act(page, other.person, 'Show sessions');
    await page.getByRole('dialog').getByText('Chrome, Linux').waitFor();
    await page.keyboard.press('Escape');

    await act(page, other.person, 'Disable');
    await page.getByText('is signed out everywhere at once').waitFor();
    await confirm(page, 'Disable');
    await card(page, other.person).getByText('disabled').waitFor();
    await other.page.getByText(/This account was disabled|You were signed out/).waitFor();
    await act(page, other.person, 'Enable');
    await card(page, other.person).getByText('disabled').waitFor({ state: 'detached' });

    await other.page.goto(server.origin);
    await other.page.getByLabel('E-mail address').fill(other.person.email);
    await other.page.getByLabel('Password', { exact: true }).fill(other.person.password);
    await other.page.getByRole('button', { name: 'Sign in' }).click();
    await other.composer.waitFor();
    await act(page, other.person, 'Sign out everywhere');
    await confirm(page, 'Sign out');
    await other.page.getByText('You were signed out').waitFor();

    await act(page, other.person, 'Edit the budget');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Each day').selectOption('own');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByText('Enter an amount above zero').waitFor();
    await dialog.getByLabel('US dollars a day').fill('۲٫۵');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.reload();
    await card(page, other.person).getByText('$2.50').waitFor();
    expect(other.problems).toEqual([]);
    await other.close();
  });

  test('cannot be the last one to go, is told so, and sees the row as it is', async () => {
    const { page } = admin;
    await page.goto(`${server.origin}/admin/people`);
    await act(page, admin.person, 'Take the administrator’s rights');
    await confirm(page, 'Take the rights');
    await page.getByText('Somebody must be the administrator.').waitFor();
    await card(page, admin.person).getByText('administrator', { exact: true }).waitFor();
    expect(admin.problems).toEqual([]);
  });

  test('reads in a chat what the check-up found', async () => {
    const { page } = admin;
    await page.goto(server.origin);
    await admin.composer.waitFor();
    await admin.send('/doctor');
    const found = page.locator('.notice').getByRole('listitem');
    await found.filter({ hasText: 'The key of the model service' }).filter({ hasText: 'only the built-in demo answers' }).waitFor();
    expect(await rawKeys(page)).toEqual([]);
    expect(await sideways(page)).toEqual([]);
    expect(await accessibilityProblems(page)).toEqual([]);
  });

  test('downloads a backup of the instance', async () => {
    const { page } = admin;
    await page.goto(`${server.origin}/admin`);
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Download the backup' }).click()]);
    expect(download.suggestedFilename()).toMatch(/\.ndjson$/);
    const lines = (await readFile(await download.path(), 'utf8')).trim().split('\n');
    expect(lines.length).toBeGreaterThan(2);
    for (const line of lines) JSON.parse(line);
  });

  test.each([
    ['en', { viewport: { width: 1280, height: 800 } }],
    ['fa', { viewport: { width: 390, height: 844 }, touch: true }],
    ['ar', { viewport: { width: 320, height: 640 }, touch: true }],
  ] as const)('reads every page in %s without a word missing or anything sticking out', async (locale, device) => {
    const { page } = admin;
    await page.setViewportSize(device.viewport);
    await page.evaluate(`localStorage.setItem('jarvis.locale', '${locale}')`);
    const problems: string[] = [];
    for (const [path, wanted] of [
      ['/admin', '.tile'],
      ['/admin/people', '.people'],
      ['/doctor', '.finding'],
    ] as const) {
      await page.goto(server.origin + path);
      await page.locator(wanted).first().waitFor();
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        await screenshot(page, `${locale}${path.replaceAll('/', '-')}-${colorScheme}`);
      }
      const found = [...(await sideways(page)), ...(await rawKeys(page)), ...(await accessibilityProblems(page))];
      problems.push(...found.map((text) => `${path}: ${text}`));
    }
    expect(problems).toEqual([]);
    expect(admin.problems).toEqual([]);
  });
});

describe('everybody else', () => {
  test('is told calmly that the page is not for them, and has no way to it in the menu', async () => {
    const chat = await openChat(browser, server);
    const { page } = chat;
    await page.getByRole('button', { name: /Account of/ }).click();
    await page.getByRole('menuitem', { name: 'Check-up' }).waitFor();
    expect(await page.getByRole('menuitem', { name: 'Administration' }).count()).toBe(0);
    await page.goto(`${server.origin}/admin`);
    await page.getByRole('heading', { name: 'This page is for the administrator' }).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.getByRole('main').getByRole('button', { name: 'Back to the chat' }).click();
    await chat.composer.waitFor();
    expect(chat.problems).toEqual([]);
    await chat.close();
  });
});
