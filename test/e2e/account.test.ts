import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser, screenshot } from '../support/browser.ts';
import { type E2eServer, startE2eServer } from '../support/e2e-server.ts';
import { newPerson, openChat, signUp, storedMessages } from './support/chat-page.ts';
import { accessibilityProblems, focusIsVisible, rawKeys, sideways } from './support/page-checks.ts';

let server: E2eServer;
let browser: Browser;

beforeAll(async () => {
  [server, browser] = await Promise.all([startE2eServer(), launchBrowser()]);
  // The first account is the administrator's; these tests are about other people.
  await signUp(server, newPerson());
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

describe('the sections of the settings', () => {
  test('list where one is signed in, and end the other places', async () => {
    const chat = await openChat(browser, server);
    const { page, person } = chat;
    const { email, password } = person;
    const login = await fetch(`${server.origin}/api/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'my-program/1.0' },
      body: JSON.stringify({ email, password }),
    });
    const { token } = (await login.json()) as { token: string };
    const asProgram = () => fetch(`${server.origin}/api/auth/me`, { headers: { authorization: `Bearer ${token}` } });
    expect((await asProgram()).status).toBe(200);

    await openSettings(page, 'Sessions');
    await page.getByText('Chrome, Linux').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.getByRole('button', { name: /^End .*my-program/ }).click();
    await page.getByText('You are signed in nowhere else.').waitFor();
    await expect.poll(async () => (await asProgram()).status).toBe(401);
    await page.keyboard.press('Escape');
    await page
      .getByRole('button', { name: /Account of/ })
      .and(page.locator(':focus'))
      .waitFor();
    expect(chat.problems).toEqual([]);
    await chat.close();
  });

  test('show what was used', async () => {
    const chat = await openChat(browser, server);
    const { page } = chat;
    await chat.send('Count what this takes');
    await chat.answered();
    await openSettings(page, 'Usage');
    await page.getByRole('heading', { name: /^Today/ }).waitFor();
    const today = page.locator('.period').first();
    await expect.poll(async () => (await today.locator('dd').allInnerTexts()).map((text) => text.trim())[1]).toBe('1');
    expect(await accessibilityProblems(page)).toEqual([]);
    expect(chat.problems).toEqual([]);
    await chat.close();
  });

  test('give a person all data as a file, which another account takes in, once', async () => {
    const chat = await openChat(browser, server);
    await chat.send('Something that is worth keeping');
    await chat.answered();
    await openSettings(chat.page, 'My data');
    const [download] = await Promise.all([chat.page.waitForEvent('download'), chat.page.getByRole('button', { name: 'Export' }).click()]);
    await chat.page.getByText('The export is complete').waitFor();
    const exported = await readFile(await download.path(), 'utf8');
    expect(exported).toContain('Something that is worth keeping');
    expect(JSON.parse(exported.trim().split('\n').at(-1) ?? '')).toMatchObject({ type: 'end' });
    const kept = await storedMessages(chat);
    await chat.close();

    const next = await openChat(browser, server, { tolerate: /status of 400/ });
    const { page } = next;
    const file = join(tmpdir(), `jarvis-e2e-import-${Date.now()}.ndjson`);
    await writeFile(file, exported);
    await openSettings(page, 'My data');
    let go = () => {};
    const held = new Promise<void>((resolve) => {
      go = resolve;
    });
    await page.route('**/api/account/import', async (route) => {
      await held;
      await route.continue();
    });
    await page.locator('input[type="file"][accept*="ndjson"]').setInputFiles(file);
    // It goes on while the settings are closed, shows itself when they are opened again, and says at its end that it is done.
    await page.getByText('It goes on when you close the settings.').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: /Account of/ }).click();
    await page.getByRole('menuitem', { name: 'Settings' }).click();
    await page.getByRole('progressbar').waitFor();
    await page.keyboard.press('Escape');
    go();
    await page
      .locator('.ui-toast')
      .getByText(/was imported\./)
      .waitFor();
    await page.getByRole('navigation', { name: 'Conversations' }).getByRole('link').first().waitFor();
    await openSettings(page, 'My data');
    const summary = page.locator('.data-panel').last().locator('dd');
    expect((await summary.allInnerTexts()).slice(0, 2)).toEqual(['1', '2']);
    await page.locator('input[type="file"][accept*="ndjson"]').setInputFiles(file);
    await expect.poll(async () => (await summary.allInnerTexts()).slice(0, 2)).toEqual(['0', '0']);

    await writeFile(file, 'this is a letter to my aunt\n');
    await page.locator('input[type="file"][accept*="ndjson"]').setInputFiles(file);
    await page.getByText(/is no export that can be read here/).waitFor();
    expect(await page.getByRole('button', { name: 'Go on' }).count()).toBe(0);
    await page.keyboard.press('Escape');
    await page.getByRole('navigation', { name: 'Conversations' }).getByRole('link').first().click();
    await next.answered();
    expect(await storedMessages(next)).toEqual(kept);
    expect(next.problems).toEqual([]);
    await next.close();
  });

  test('can be walked through with the keyboard on the smallest phone, in a language from right to left', async () => {
    const chat = await openChat(browser, server, { viewport: { width: 320, height: 640 }, touch: true, uiLocale: 'fa' });
    const { page } = chat;
    await page.locator('.chat-header button').first().click();
    await page.locator('.user-button').click();
    await page.getByRole('menuitem').first().click();
    const tabs = page.getByRole('tab');
    await tabs.first().focus();
    const problems: string[] = [];
    const count = await tabs.count();
    for (let index = 1; index < count; index += 1) {
      // The next one stands to the left.
      await page.keyboard.press('ArrowLeft');
      await tabs.nth(index).and(page.locator('[aria-selected="true"]:focus')).waitFor();
      expect(await focusIsVisible(page)).toBe(true);
      await page.locator('.ui-tab-panel [aria-busy]').waitFor({ state: 'detached' });
      await screenshot(page, `settings-${index}-fa-320`);
      // The page behind the drawer is inert: it has no main part and no heading now.
      const found = (await accessibilityProblems(page)).filter((text) => !/^(main|h1): 0$/.test(text));
      problems.push(...(await sideways(page)), ...(await rawKeys(page)), ...found);
    }
    await page.keyboard.press('ArrowLeft');
    await tabs.first().and(page.locator('[aria-selected="true"]:focus')).waitFor();
    expect(problems).toEqual([]);
    expect(chat.problems).toEqual([]);
    await chat.close();
  });
});

describe('the check-up', () => {
  test('tries the browser, asks the server, and gives a report without names to whoever helps', async () => {
    const chat = await openChat(browser, server);
    const { page } = chat;
    await page.getByRole('button', { name: /Account of/ }).click();
    await page.getByRole('menuitem', { name: 'Check-up' }).click();
    await page.waitForURL('**/doctor');
    const found = page.getByRole('main').getByRole('listitem');
    await found
      .filter({ hasText: 'This browser: live connection' })
      .filter({ hasText: /answered within/ })
      .waitFor();
    await found.filter({ hasText: 'This browser: sign-in cookie' }).filter({ hasText: 'sends the cookie' }).waitFor();
    await found.filter({ hasText: 'This browser: clock' }).filter({ hasText: 'agree' }).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByRole('button', { name: 'Copy the report' }).click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    const report = await page.evaluate<string>('navigator.clipboard.readText()');
    expect(report).toMatch(/\[ok\] BROWSER_SOCKET: /);
    expect(report).not.toContain(chat.person.email);

    expect(chat.problems).toEqual([]);
    await chat.close();
  });

  test('writes from right to left also where a sentence begins with the name of a variable', async () => {
    const chat = await openChat(browser, server, { uiLocale: 'fa' });
    const { page } = chat;
    const lost = { code: 'DISK_LOST', state: 'problem', params: {}, title: 'x', text: 'x', mend: 'x' };
    const newer = { ...lost, code: 'NEWER_THAN_THIS_PAGE', mend: 'Restart the server.' };
    await page.route('**/api/doctor', (route) => route.fulfill({ json: { items: [lost, newer], nextCursor: null } }));
    await page.goto(`${server.origin}/doctor`);
    await page.getByText('Restart the server.').waitFor();
    const found = `[...document.querySelectorAll('.finding-mend > :last-child')].map((one) => [one.textContent.slice(0, 7), getComputedStyle(one).direction])`;
    expect(await page.evaluate(found)).toEqual([
      ['MONGO_U', 'rtl'],
      ['Restart', 'ltr'],
    ]);
    await chat.close();
  });
});
