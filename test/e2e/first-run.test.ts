import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import { type E2eServer, startE2eServer } from '../support/e2e-server.ts';
import { openGuest } from './support/chat-page.ts';

let server: E2eServer;
let browser: Browser;

beforeAll(async () => {
  [server, browser] = await Promise.all([startE2eServer(), launchBrowser()]);
}, 180_000);

afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

describe('a server that was just started, without any setting', () => {
  test('a person signs up, gets a streamed answer, finds it again after a reload and after signing in anew', async () => {
    const chat = await openGuest(browser, server, { tolerate: /status of 400 .*\/api\/auth\/signup/ });
    const { page, person } = chat;

    // Nobody has an account yet, so the page leads to sign-up.
    await page.getByRole('heading', { name: 'Create your account' }).waitFor();
    // What reads Markdown is a third of the page: nobody waits for it who has not touched a key.
    const readers = () =>
      page.evaluate(() => performance.getEntriesByType('resource').filter(({ name }) => name.includes('/parse-markdown-')).length);
    await page.waitForLoadState('networkidle');
    expect(await readers()).toBe(0);
    await page.getByLabel('Name').fill(person.name);
    await page.getByLabel('E-mail address').fill(person.email);
    await page.getByLabel('Password', { exact: true }).fill('password');
    await page.getByRole('button', { name: 'Create account' }).click();
    // Where it has to be mended.
    await page.locator('[aria-invalid="true"]').waitFor();
    await page.getByLabel('Password', { exact: true }).and(page.locator(':focus')).fill(person.password);
    await page.getByRole('button', { name: 'Create account' }).click();

    await page.getByRole('heading', { name: /Hello.*Ada/ }).waitFor();
    await page.getByText('Your conversations will be listed here.').waitFor();
    await expect.poll(readers).toBe(1);

    await chat.send('Tell me about the weather in Tehran');
    await page.waitForURL(/\/c\/\w+/);
    await page.locator('article[aria-busy="true"]').waitFor();
    const firstWords = await chat.answers.first().locator('.answer-text').innerText();
    await chat.answered();
    const answer = await chat.answers.first().locator('.answer-text').innerText();
    expect(answer.length).toBeGreaterThan(firstWords.length);
    expect(answer).toContain('GEMINI_API_KEY');
    expect(answer).toContain('Tell me about the weather in Tehran');
    const row = page.getByRole('navigation', { name: 'Conversations' }).getByRole('link');
    expect(await row.count()).toBe(1);
    await expect.poll(() => row.innerText()).toContain('Tell me about the weather in Tehran');

    await page.reload();
    await chat.answered();
    await expect.poll(() => chat.answers.first().locator('.answer-text').innerText()).toBe(answer);
    expect(await chat.questions.locator('.bubble').allInnerTexts()).toEqual(['Tell me about the weather in Tehran']);

    await page.getByRole('button', { name: /Account of/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Welcome back' }).waitFor();
    expect(await page.getByText('Tehran').count()).toBe(0);
    await page.getByLabel('E-mail address').fill(person.email);
    await page.getByLabel('Password', { exact: true }).fill('a wrong password');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('The e-mail address or the password is wrong.').waitFor();
    await page.getByLabel('Password', { exact: true }).fill(person.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await row.first().click();
    await chat.answered();
    await expect.poll(() => chat.answers.first().locator('.answer-text').innerText()).toBe(answer);

    await chat.close();
    expect(chat.problems).toEqual([]);
  });
});
