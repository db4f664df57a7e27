import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { landscape } from '../fixtures/images/landscape.ts';
import { launchBrowser, screenshot } from '../support/browser.ts';
import { builtClient } from '../support/e2e-server.ts';
import { startTestApp, type TestApp } from '../support/test-app.ts';
import { axeProblems } from './support/axe.ts';
import { type ChatPage, openChat } from './support/chat-page.ts';
import { rawKeys, sideways } from './support/page-checks.ts';

/*
 * What the fixture `showcase` shows, through the whole server, in a real browser.
 */

let folder: string;
let app: TestApp;
let browser: Browser;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jarvis-e2e-surface-'));
  const site = join(folder, 'data/site');
  await mkdir(join(site, 'avatars'), { recursive: true });
  const picture = await landscape(64, 64).png().toBuffer();
  await Promise.all([
    writeFile(join(site, 'theme.json'), JSON.stringify({ light: { accent: '#aa0055' } })),
    writeFile(join(site, 'links.json'), JSON.stringify([{ title: { en: 'Help', fa: 'کمک' }, url: 'https://help.example.org/' }])),
    writeFile(join(site, 'readme.md'), '# House rules\n\nBe **kind**.'),
    writeFile(join(site, 'avatars/guide.png'), picture),
  ]);
  const [publicDirectory, launched] = await Promise.all([builtClient(), launchBrowser()]);
  browser = launched;
  app = await startTestApp({
    ...{ publicDirectory, pluginsFolder: 'test/fixtures/plugin-sets/showcase', dataDir: join(folder, 'data') },
    env: { INFERENCE_KEEP_ALIVE_MS: '60000' },
  });
}, 240_000);

afterAll(async () => {
  await browser?.close();
  await app?.close(true);
  await rm(folder, { recursive: true, force: true });
});

/** Begins a conversation with the guide and says something to it. */
async function tellGuide(chat: ChatPage, text: string): Promise<void> {
  await chat.page.getByRole('group', { name: 'Chat with' }).getByRole('button', { name: 'Guide' }).click();
  await chat.send(text);
  await chat.answered();
}

const answerOf = (page: Page): Locator => page.locator('article[data-role="assistant"]').last();

describe('what plugins show', () => {
  test('stands around the conversation: profile, starters, modes, links, the page about the server, its colours', async () => {
    const chat = await openChat(browser, app);
    const { page } = chat;
    const accent = () => page.evaluate<string>("getComputedStyle(document.documentElement).getPropertyValue('--color-accent')");
    await expect.poll(accent).toContain('#aa0055');
    await page.getByRole('group', { name: 'Chat with' }).getByRole('button', { name: 'Guide' }).click();
    await page.getByRole('heading', { name: 'Guide', level: 2 }).waitFor();
    await page
      .getByRole('region', { name: 'Answer' })
      .getByRole('button', { name: /Choose one/ })
      .waitFor();
    await page.getByRole('button', { name: /Nested steps/ }).click();
    await expect.poll(() => chat.composer.inputValue()).toBe('Show me steps');

    await page.getByRole('button', { name: 'Depth: Short' }).click();
    await page.getByRole('menuitemradio', { name: /Long/ }).click();
    await page.getByRole('button', { name: 'Depth: Long' }).waitFor();
    await screenshot(page, 'surface-profile');
    expect(await axeProblems(page)).toEqual([]);

    await page.getByRole('button', { name: 'Links' }).click();
    await page.getByRole('menuitem', { name: 'Help' }).waitFor();
    await page.getByRole('menuitem', { name: 'About this server' }).click();
    await page.getByRole('dialog').getByText('Be kind.').waitFor();
    await page.keyboard.press('Escape');

    await chat.composer.press('Enter');
    await chat.answered();
    // The choice is the conversation's now.
    await page.reload();
    await page.getByRole('button', { name: 'Depth: Long' }).waitFor();
    await page.getByRole('button', { name: 'Chat with: Guide' }).waitFor();
    await expect.poll(() => page.evaluate<number>("document.querySelector('.author-picture').naturalWidth")).toBeGreaterThan(0);
    await expect.poll(() => answerOf(page).getAttribute('aria-label')).toContain('The Guide');
    await chat.close();
    expect(chat.problems).toEqual([]);
  });

  test('steps nest, elements stand in their places, names in the text lead to them, and all of it survives a reload', async () => {
    const chat = await openChat(browser, app);
    const { page } = chat;
    await tellGuide(chat, 'steps and elements');
    await page.reload();
    const answer = answerOf(page);
    const search = answer.locator('.steps > .step').first();
    await search.locator('summary').first().click();
    await expect.poll(() => search.locator('.steps .step .step-name').allInnerTexts()).toEqual(['Library', 'Archive']);
    await search.getByText('{"query":"tea"}').waitFor();

    const stock = answer.locator('figure[data-kind="table"]');
    await stock.scrollIntoViewIfNeeded();
    const head = stock.getByRole('columnheader').nth(1);
    await head.getByRole('button').click();
    await expect.poll(() => head.getAttribute('aria-sort')).toBe('ascending');
    await answer.locator('figure[data-kind="plot"] svg.plot-picture').waitFor();

    // Beside the conversation: from the name in the text, by keyboard wider, away with Esc.
    await answer.getByRole('button', { name: 'sales by month', exact: true }).first().click();
    const pane = page.getByRole('complementary', { name: 'sales by month' });
    await pane.locator('svg.plot-picture').waitFor();
    await pane.locator('.plot-stage').focus();
    await page.keyboard.press('ArrowRight');
    await pane.locator('.plot-reading[data-shown]').waitFor();
    await pane.getByRole('button', { name: 'Show as a table' }).click();
    await pane.getByRole('table').waitFor();
    const handle = pane.getByRole('separator');
    const before = Number(await handle.getAttribute('aria-valuenow'));
    await handle.press('ArrowLeft');
    expect(Number(await handle.getAttribute('aria-valuenow'))).toBeGreaterThan(before);
    await screenshot(page, 'surface-pane');
    expect(await axeProblems(page)).toEqual([]);
    await handle.press('Escape');
    await pane.waitFor({ state: 'detached' });

    await answer.locator('figure[data-kind="image"] button').click();
    const zoom = page.locator('dialog.zoom');
    await page.keyboard.press('+');
    await zoom.getByText('140%').waitFor();
    await page.keyboard.press('Escape');
    await zoom.waitFor({ state: 'detached' });

    await answer.locator('.tile-link', { hasText: 'report.pdf' }).first().click();
    await page.getByRole('complementary', { name: 'report.pdf' }).waitFor();
    await expect.poll(() => page.locator('.chat-column').getAttribute('inert')).not.toBeNull();
    await page.keyboard.press('Escape');
    await chat.close();
    expect(chat.problems).toEqual([]);
  });

  test('a question is answered from any tab, what is typed survives a reload, and errors stand beside their field', async () => {
    const chat = await openChat(browser, app);
    const { page } = chat;
    await tellGuide(chat, 'ask text form choice');
    const form = page.locator('.ask', { hasText: 'Book a table' });
    await form.getByLabel('Wishes').fill('by the sea');
    await form.getByLabel(/People/).fill('99');
    await form.getByRole('button', { name: 'Book' }).click();
    await form.getByText('At most 12, please.').waitFor();
    expect(await page.evaluate<string>('document.activeElement.type')).toBe('number');
    await page.reload();
    await expect.poll(() => form.getByLabel('Wishes').inputValue()).toBe('by the sea');
    await screenshot(page, 'surface-question');
    expect(await axeProblems(page)).toEqual([]);
    expect(await rawKeys(page)).toEqual([]);

    await page.getByRole('img', { name: 'A question waits for your answer' }).waitFor();

    const other = await chat.tab(new URL(page.url()).pathname);
    const choice = other.page.locator('.ask', { hasText: 'Which tea?' });
    await choice.getByRole('button', { name: /Green/ }).click();
    await choice.and(other.page.locator('[data-status="answered"]')).getByText('Green').waitFor();
    // The first tab has given way to the answer, and the plugin has said something to it.
    await page.locator('.ask[data-status="answered"]', { hasText: 'Which tea?' }).getByText('Green').waitFor();
    await page.getByText('A cup of green.').waitFor();
    await expect.poll(() => form.getByLabel('Wishes').inputValue()).toBe('by the sea');

    await form.getByLabel(/People/).fill('3');
    await form.getByLabel(/Day/).fill('2026-05-05');
    await form.getByRole('button', { name: 'Book' }).click();
    await form.and(page.locator('[data-status="answered"]')).getByText('by the sea').waitFor();
    await page.getByText('Booked:').waitFor();
    // Nobody has to answer.
    const name = page.locator('.ask', { hasText: 'What is your name?' });
    await name.getByRole('button', { name: 'Skip' }).click();
    await name.getByText('Skipped').waitFor();
    await page.getByRole('img', { name: 'A question waits for your answer' }).waitFor({ state: 'detached' });
    await chat.close();
    expect([...chat.problems, ...other.problems]).toEqual([]);
  });

  test('files, buttons, tasks, toasts and a custom element work, and the settings of the chat change with what is chosen', async () => {
    const chat = await openChat(browser, app);
    const { page } = chat;
    await tellGuide(chat, 'ask file, then tasks, actions, custom and toast');
    await page.locator('.ui-toast', { hasText: 'Tea is ready.' }).waitFor();
    const tasks = page.getByRole('region', { name: 'Tea for two' });
    await tasks.getByText('3 of 4 done').waitFor();

    const papers = page.locator('.ask', { hasText: 'papers' });
    await papers.locator('input[type=file]').setInputFiles([{ name: 'note.txt', mimeType: 'text/plain', buffer: Buffer.from('hello') }]);
    await papers.getByRole('button', { name: 'Hand over' }).click();
    await page.getByText('note.txt: 5 bytes').waitFor();

    const custom = page.locator('.custom');
    await custom.getByLabel(/Seat/).fill('');
    await custom.getByRole('button', { name: 'Check in' }).click();
    await custom.getByText('Please fill this in.').waitFor();
    await custom.getByLabel(/Seat/).fill('14C');
    await custom.getByRole('button', { name: 'Check in' }).click();
    await page.getByText(/Checked in: .*14C/).waitFor();

    await page.getByRole('button', { name: 'What is this?' }).click();
    await page.locator('.notice').getByText('it is shown and not stored').waitFor();
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.getByRole('button', { name: 'Take it back' }).waitFor();

    await page.getByRole('button', { name: 'Settings of this chat' }).click();
    const dialog = page.getByRole('dialog', { name: /Settings/ });
    await dialog.getByLabel('Nickname').fill('Ada');
    await dialog.getByRole('tab', { name: 'Travel' }).click();
    await dialog.getByLabel('Country').selectOption('eg');
    await dialog.getByRole('option', { name: 'Cairo' }).waitFor({ state: 'attached' });
    await screenshot(page, 'surface-settings');
    expect(await axeProblems(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.locator('.ui-toast', { hasText: 'Saved for Ada' }).waitFor();
    await chat.close();
    expect(chat.problems).toEqual([]);
  });

  test('on a phone, in Persian: nothing sticks out, an element opens as a sheet, and who speaks first does', async () => {
    // Nobody has made a picture of the bell boy: the first letters of his name stand in for it.
    const chat = await openChat(browser, app, { tolerate: /bell-boy/, uiLocale: 'fa', viewport: { width: 320, height: 640 }, touch: true });
    const { page } = chat;
    await page.getByRole('group', { name: 'گفت‌وگو با' }).getByRole('button', { name: 'دربان' }).click();
    await page.getByText('Good day, مریم.').waitFor();
    await page.locator('.ask', { hasText: 'What is your name?' }).waitFor();
    expect(await sideways(page)).toEqual([]);
    await chat.composer.fill('everything');
    await page.locator('.composer-bar button[type=submit]').click();
    // While it grows, the buttons that float above the composer come and go, over a finger too.
    await chat.answered(3);
    await page.locator('.tile-link', { hasText: 'sales by month' }).click();
    await page.getByRole('dialog', { name: 'sales by month' }).locator('svg.plot-picture').waitFor();
    await screenshot(page, 'surface-phone-fa');
    expect(await sideways(page)).toEqual([]);
    expect(await rawKeys(page)).toEqual([]);
    await chat.close();
    expect(chat.problems).toEqual([]);
  });
});
