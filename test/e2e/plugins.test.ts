import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { landscape } from '../fixtures/images/landscape.ts';
import { launchBrowser, screenshot } from '../support/browser.ts';
import { type E2eServer, startE2eServer } from '../support/e2e-server.ts';
import { openChat } from './support/chat-page.ts';

let server: E2eServer;
let browser: Browser;
let picture: Buffer;

beforeAll(async () => {
  [server, browser, picture] = await Promise.all([startE2eServer(), launchBrowser(), landscape(180, 120).png().toBuffer()]);
}, 240_000);

afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

describe('the page of plugins', () => {
  test('lets the administrator switch one off and on, and everybody sees it without a reload', async () => {
    const admin = await openChat(browser, server);
    const person = await openChat(browser, server);
    await person.page.locator('#composer-files').setInputFiles({ name: 'hills.png', mimeType: 'image/png', buffer: picture });
    const wand = person.page.locator('.tray-item').getByRole('button', { name: 'What to do with' });
    const enlarge = person.page.getByRole('menuitem', { name: 'Enlarge 2×' });
    await wand.click();
    await enlarge.waitFor();
    await person.page.keyboard.press('Escape');

    await admin.page.goto(`${server.origin}/plugins`);
    const card = admin.page.locator('.plugin').filter({ hasText: '/upscale' });
    const use = card.getByRole('switch');
    await use.waitFor();
    await expect.poll(() => use.isChecked()).toBe(true);
    await use.focus();
    await admin.page.keyboard.press('Space');
    await card.locator('.plugin-state[data-state="disabled"]').waitFor();
    await screenshot(admin.page, 'plugins-switched-off');
    await enlarge.waitFor({ state: 'detached' });
    await person.send('/upsca');
    await person.page.locator('.notice[data-state="failed"]').waitFor();

    await use.focus();
    await admin.page.keyboard.press('Space');
    await card.locator('.plugin-state[data-state="ready"]').waitFor();
    await wand.click();
    await enlarge.waitFor();
    await Promise.all([admin.close(), person.close()]);
    expect([...admin.problems, ...person.problems]).toEqual([]);
  });

  test('shows everybody else what there is, and nothing to change', async () => {
    const chat = await openChat(browser, server);
    const { page } = chat;
    await page.getByRole('button', { name: /^Account of/ }).click();
    await page.getByRole('menuitem', { name: 'Plugins' }).click();
    await page.locator('.plugin').first().waitFor();
    expect(await page.getByRole('switch').count()).toBe(0);
    expect(await page.getByRole('button', { name: /^Install/ }).count()).toBe(0);
    await expect.poll(() => page.locator('.weights-facts').first().innerText()).toMatch(/comes with the program|not installed|installed/);
    await chat.close();
    expect(chat.problems).toEqual([]);
  });
});
