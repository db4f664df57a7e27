import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newPerson, openChat, openGuest, signUp } from './support/chat-page.ts';
import { accessibilityProblems, focusIsVisible } from './support/page-checks.ts';
import { type Stage, startStage } from './support/stage.ts';

let stage: Stage;
let server: Stage['server'];
let browser: Stage['browser'];
let model: Stage['model'];

const markdown = '## Heading\n\nText with a [link](https://example.org/).\n\n```js\nlet a = 1;\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n';

beforeAll(async () => {
  stage = await startStage();
  ({ server, browser, model } = stage);
  model.answer('By keyboard', [{ thought: 'Hm.' }, { text: markdown }, { finish: 'STOP' }]);
  await signUp(server, newPerson());
}, 180_000);

afterAll(() => stage?.close());

/** Presses Tab until the element has the focus. @returns the stops whose focus cannot be seen */
async function tabTo(page: Page, target: Locator, key = 'Tab'): Promise<string[]> {
  const hidden: string[] = [];
  for (let presses = 0; presses < 60; presses += 1) {
    if (await target.evaluate((element) => element === element.ownerDocument.activeElement)) return hidden;
    await page.keyboard.press(key);
    if (!(await focusIsVisible(page))) hidden.push(await page.evaluate<string>('document.activeElement.outerHTML.slice(0, 120)'));
  }
  throw new Error(`${key} does not lead to ${target.toString()}`);
}

describe('without a mouse', () => {
  test('a guest signs up, writes, gets an answer and finds every button, with the focus always in sight', async () => {
    const chat = await openGuest(browser, server);
    const { page, person } = chat;
    const hidden: string[] = [];
    await page.getByLabel('E-mail address').and(page.locator(':focus')).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    hidden.push(...(await tabTo(page, page.getByRole('button', { name: 'Create account' }))));
    await page.keyboard.press('Enter');
    await page.getByLabel('Name').waitFor();
    hidden.push(...(await tabTo(page, page.getByLabel('Name'), 'Shift+Tab')));
    await page.keyboard.type(person.name);
    await page.keyboard.press('Tab');
    await page.keyboard.type(person.email);
    await page.keyboard.press('Tab');
    await page.keyboard.type(person.password);
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.keyboard.press('Enter');

    await chat.composer.and(page.locator(':focus')).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.keyboard.type('By keyboard');
    await page.keyboard.press('Enter');
    await chat.answered();
    expect(await accessibilityProblems(page)).toEqual([]);
    await chat.composer.and(page.locator(':focus')).waitFor();
    const answer = chat.answers.first();
    hidden.push(...(await tabTo(page, answer.getByRole('button', { name: 'Bad answer' }), 'Shift+Tab')));
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'What was wrong?' });
    await dialog.getByLabel('Comment (optional)').and(page.locator(':focus')).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect(
      await answer.getByRole('button', { name: 'Bad answer' }).evaluate((element) => element === element.ownerDocument.activeElement),
    ).toBe(true);
    hidden.push(...(await tabTo(page, page.getByRole('button', { name: /Account of/ }), 'Shift+Tab')));
    await page.keyboard.press('Enter');
    await page.getByRole('menuitem', { name: 'Settings' }).and(page.locator(':focus')).waitFor();
    await page.keyboard.press('Enter');
    const settings = page.getByRole('dialog', { name: 'Settings' });
    await settings.waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    hidden.push(...(await tabTo(page, settings.getByRole('button', { name: 'Save' }))));
    await page.keyboard.press('Escape');
    await settings.waitFor({ state: 'detached' });
    expect([...new Set(hidden)]).toEqual([]);
    await chat.close();
    expect(chat.problems).toEqual([]);
  });

  test('shortcuts and the skip link lead to the message field, Esc takes back', async () => {
    const chat = await openChat(browser, server);
    const { page } = chat;
    await chat.send('By keyboard');
    await chat.answered();
    await page.keyboard.press('Control+Shift+O');
    await page.getByRole('heading', { name: 'New chat' }).waitFor();
    await chat.composer.and(page.locator(':focus')).waitFor();
    await page.evaluate('document.activeElement.blur()');
    await page.keyboard.press('Tab');
    await tabTo(page, page.getByRole('link', { name: 'Skip to the message field' }), 'Shift+Tab');
    await page.keyboard.press('Enter');
    await chat.composer.and(page.locator(':focus')).waitFor();
    await page.evaluate('document.activeElement.blur()');
    await page.keyboard.press('/');
    await chat.composer.and(page.locator(':focus')).waitFor();

    await page.getByRole('navigation', { name: 'Conversations' }).getByRole('link').first().click();
    await chat.answered();
    await page.getByRole('button', { name: /^Options for/ }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('menuitem', { name: 'Rename' }).and(page.locator(':focus')).waitFor();
    await page.keyboard.press('Escape');
    await page
      .getByRole('button', { name: /^Options for/ })
      .and(page.locator(':focus'))
      .waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('menuitem', { name: 'Rename' }).and(page.locator(':focus')).waitFor();
    await page.keyboard.press('Enter');
    await page.getByLabel('Title').and(page.locator(':focus')).waitFor();
    await page.keyboard.type('A better title');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'A better title' }).waitFor();
    await chat.close();
    expect(chat.problems).toEqual([]);
  });

  test('a phone keeps the drawer and what lies behind it apart', async () => {
    const chat = await openChat(browser, server, { viewport: { width: 390, height: 844 }, touch: true });
    const { page } = chat;
    await page.getByRole('button', { name: 'Open the side bar' }).click();
    await page.locator('.sidebar:not([inert])').waitFor();
    await expect.poll(() => page.locator('.shell-main').getAttribute('inert')).not.toBeNull();
    await page.keyboard.press('Escape');
    await page.locator('.sidebar[inert]').waitFor({ state: 'attached' });
    await expect.poll(() => page.locator('.shell-main').getAttribute('inert')).toBeNull();
    expect(await accessibilityProblems(page)).toEqual([]);
    // Turned while the drawer is open: beside a side bar the page is alive; turned back, it is not covered.
    await page.getByRole('button', { name: 'Open the side bar' }).click();
    await page.locator('.shell-main[inert]').waitFor({ state: 'attached' });
    await page.setViewportSize({ width: 1000, height: 600 });
    await page.locator('.shell[data-sidebar="open"] .shell-main:not([inert])').waitFor();
    await page.setViewportSize({ width: 390, height: 844 });
    await page.locator('.shell[data-sidebar="closed"] .shell-main:not([inert])').waitFor();
    await chat.close();
    expect(chat.problems).toEqual([]);
  });
});
