import { readFile } from 'node:fs/promises';
import { strToU8, zipSync } from 'fflate';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser, screenshot } from '../support/browser.ts';
import { type E2eServer, startE2eServer } from '../support/e2e-server.ts';
import { axeProblems } from './support/axe.ts';
import { type ChatPage, openChat, openGuest } from './support/chat-page.ts';
import { rawKeys, sideways } from './support/page-checks.ts';

let server: E2eServer;
let browser: Browser;

beforeAll(async () => {
  [server, browser] = await Promise.all([startE2eServer(), launchBrowser()]);
}, 180_000);

afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

async function openSettings(page: Page, section: string): Promise<void> {
  await page.getByRole('button', { name: /Account of/ }).click();
  await page.getByRole('menuitem', { name: 'Settings' }).click();
  await page.getByRole('tab', { name: section }).click();
}

/** An archive of ChatGPT comes in, after it was told what is in it. */
async function importChats({ page }: ChatPage): Promise<void> {
  const chats = await readFile('test/fixtures/exports/chatgpt-conversations.json', 'utf8');
  const archive = Buffer.from(zipSync({ 'chat.html': strToU8('<html>'), 'conversations.json': strToU8(chats) }));
  await openSettings(page, 'My data');
  const input = page.locator('input[type="file"][accept*=".zip"]');
  await input.setInputFiles({ name: 'export.zip', mimeType: 'application/zip', buffer: archive });
  await page.getByText(/export\.zip.* is an export of .*ChatGPT/).waitFor();
  await expect
    .poll(() => page.locator('.foreign-left li').allInnerTexts())
    .toEqual(['1 picture', '1 file', '1 call of a tool', '1 conversation without messages']);
  expect(await axeProblems(page)).toEqual([]);
  await screenshot(page, 'import-chatgpt-en');
  await page.getByRole('button', { name: 'Import 1 conversation' }).click();
  await page
    .getByText(/was imported\./)
    .first()
    .waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('navigation', { name: 'Conversations' }).getByRole('link', { name: 'سلام و مرتب‌سازی' }).click();
  await page.getByText('Two cats.').waitFor();
}

/** @returns the path of the link */
async function share(chat: ChatPage): Promise<string> {
  const { page } = chat;
  await page
    .locator('.chat-header')
    .getByRole('button', { name: /menu|Actions|More/i })
    .last()
    .click();
  await page.getByRole('menuitem', { name: /^Share/ }).click();
  await page.getByLabel('Show my name').check();
  expect(await axeProblems(page)).toEqual([]);
  await page.getByRole('button', { name: 'Create link' }).click();
  const link = await page.getByRole('textbox', { name: 'Link' }).inputValue();
  await screenshot(page, 'share-made-en');
  await page.keyboard.press('Escape');
  return new URL(link).pathname;
}

test('a conversation that came from another program is shared, read by a guest, continued, printed, and taken back', async () => {
  const chat = await openChat(browser, server);
  await importChats(chat);
  const path = await share(chat);

  const guest = await openGuest(browser, server, {
    uiLocale: 'fa',
    at: path,
    colorScheme: 'dark',
    viewport: { width: 390, height: 800 },
    touch: true,
  });
  const sockets: string[] = [];
  guest.page.on('websocket', (socket) => sockets.push(socket.url()));
  await guest.page.getByText('Two cats.').waitFor();
  await guest.page.getByText('هم‌رسانی از').waitFor();
  expect(await guest.page.locator('.reader article').count()).toBe(4);
  expect([await guest.page.context().cookies(), sockets]).toEqual([[], []]);
  expect([...(await axeProblems(guest.page)), ...(await sideways(guest.page)), ...(await rawKeys(guest.page))]).toEqual([]);
  await screenshot(guest.page, 'shared-fa-dark-390');

  // Who has no account is asked for one, and then taken to a copy of their own.
  await guest.page.locator('.shared-foot button').click();
  await guest.page.locator('.shared-foot a').click();
  await guest.page.locator('.auth-switch button').click();
  const { name, email, password } = guest.person;
  await guest.page.locator('input[autocomplete="name"]').fill(name);
  await guest.page.locator('input[type="email"]').fill(email);
  await guest.page.locator('input[type="password"]').fill(password);
  await guest.page.locator('form button[type="submit"]').click();
  await guest.page.waitForURL(/\/c\//);
  await guest.page.getByText('Two cats.').waitFor();

  // Paper gets all of it.
  await chat.page.evaluate('window.print = () => { window.printed = document.querySelectorAll(".print-sheet .reader article").length; }');
  await chat.page
    .locator('.chat-header')
    .getByRole('button', { name: /menu|Actions|More/i })
    .last()
    .click();
  await chat.page.getByRole('menuitem', { name: 'Export' }).click();
  const [download] = await Promise.all([chat.page.waitForEvent('download'), chat.page.getByRole('menuitem', { name: /HTML/ }).click()]);
  expect(await readFile(await download.path(), 'utf8')).toContain('Two cats.');
  await chat.page
    .locator('.chat-header')
    .getByRole('button', { name: /menu|Actions|More/i })
    .last()
    .click();
  await chat.page.getByRole('menuitem', { name: 'Export' }).click();
  await chat.page.getByRole('menuitem', { name: /^Print/ }).click();
  await expect.poll(() => chat.page.evaluate<number>('window.printed ?? 0')).toBe(4);
  await chat.page.keyboard.press('Escape');

  await openSettings(chat.page, 'Shared');
  await chat.page.getByRole('button', { name: /^Take back the link/ }).click();
  await screenshot(chat.page, 'shared-links-en');
  expect(await axeProblems(chat.page)).toEqual([]);
  await chat.page.getByRole('button', { name: 'Really take back' }).click();
  await chat.page.getByText('You share nothing.').waitFor();
  const late = await openGuest(browser, server, { at: path, tolerate: /status of 404/ });
  await late.page.getByRole('heading', { name: 'There is nothing here' }).waitFor();
  expect([...chat.problems, ...guest.problems, ...late.problems]).toEqual([]);
  for (const each of [chat, guest, late]) await each.close();
}, 90_000);
