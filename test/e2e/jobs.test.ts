import type { Browser, Locator } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { landscape } from '../fixtures/images/landscape.ts';
import { launchBrowser, screenshot } from '../support/browser.ts';
import { type E2eServer, startE2eServer } from '../support/e2e-server.ts';
import { type ChatPage, type Locale, openChat } from './support/chat-page.ts';
import { accessibilityProblems, rawKeys, sideways } from './support/page-checks.ts';

let server: E2eServer;
let browser: Browser;
let small: Buffer;
let large: Buffer;

beforeAll(async () => {
  [server, browser, small, large] = await Promise.all([
    startE2eServer(),
    launchBrowser(),
    landscape(180, 120).png().toBuffer(),
    landscape(1200, 800)
      .toBuffer()
      .then((drawn) => sharp(drawn).resize(3600, 2400).jpeg({ quality: 80 }).toBuffer()),
  ]);
}, 240_000);

afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

/** Puts a picture into the composer. */
async function attach({ page }: ChatPage, name: string, buffer: Buffer): Promise<void> {
  const mimeType = name.endsWith('.png') ? 'image/png' : 'image/jpeg';
  await page.locator('#composer-files').setInputFiles({ name, mimeType, buffer });
  await page.locator('.tray-item[data-state="done"]').waitFor();
}

/** A conversation with a picture in it. */
async function showPicture(chat: ChatPage, buffer = small): Promise<void> {
  await attach(chat, buffer === small ? 'hills.png' : 'hills.jpg', buffer);
  await chat.send('Look at this');
  await chat.answered();
}

const cards = (chat: ChatPage): Locator => chat.page.locator('.answer .job');
const ended = (chat: ChatPage, status: string): Locator => chat.page.locator(`.answer .job[data-status="${status}"]`);

async function enlarge(chat: ChatPage): Promise<void> {
  await chat.questions.first().locator('.picture-menu button').first().click();
  await chat.page.getByRole('menuitem', { name: 'Enlarge 2×' }).click();
}

/** Without the marks that keep names from turning the words beside them. */
const plain = (text: string): string => text.replaceAll(/[\u2068\u2069]/g, '');

async function pictureWidth(picture: Locator): Promise<number> {
  return picture.evaluate((image: { decode(): Promise<void>; naturalWidth: number }) => image.decode().then(() => image.naturalWidth));
}

/** Starts work that takes a while: a large picture, by a network that came with the program. */
async function enlargeSlowly(chat: ChatPage): Promise<void> {
  await chat.questions.first().locator('.picture-menu button').first().click();
  await chat.page.getByRole('menuitem', { name: 'More options' }).click();
  const form = chat.page.getByRole('dialog');
  await form.getByLabel('What to do').selectOption({ label: 'Enlarge' });
  await form.getByLabel('Method').selectOption('draft');
  await form.getByText('Quick', { exact: true }).click();
  await screenshot(chat.page, 'jobs-form');
  await form.getByRole('button', { name: 'Run' }).click();
}

describe('work on pictures', () => {
  test('a picture is enlarged by a button and by a command, compared with a slider and found in the gallery', async () => {
    const chat = await openChat(browser, server);
    const { page } = chat;
    await showPicture(chat);
    await enlarge(chat);
    await ended(chat, 'succeeded').first().waitFor({ timeout: 45_000 });
    expect(await pictureWidth(cards(chat).first().locator('.compare-after'))).toBe(360);

    const slider = cards(chat).first().getByRole('slider', { name: 'Compare before and after' });
    await slider.focus();
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => slider.inputValue()).toBe('51');
    await page.keyboard.press('End');
    await expect.poll(() => slider.getAttribute('aria-valuetext')).toContain('100%');
    await screenshot(page, 'jobs-card');

    await attach(chat, 'again.png', small);
    await chat.send('/upscale 2');
    // The same picture with the same parameters: nothing has to run, and the card says so.
    await ended(chat, 'succeeded').nth(1).waitFor({ timeout: 45_000 });
    await expect.poll(() => cards(chat).nth(1).innerText()).toContain('Known already');
    expect(await page.locator('.tray-item').count()).toBe(0);

    await page.getByRole('link', { name: 'Gallery' }).click();
    await page.locator('.gallery-tile').first().click();
    const dialog = page.getByRole('dialog');
    expect(await pictureWidth(dialog.locator('.compare-after'))).toBe(360);
    await expect.poll(() => dialog.locator('.gallery-facts').innerText()).toMatch(/upscale/);
    await screenshot(page, 'jobs-gallery-open');
    await dialog.getByRole('button', { name: 'To the conversation' }).click();
    // The card that made it, though a conversation opens at its end.
    const older = cards(chat).first();
    await older.waitFor();
    await expect.poll(async () => (await older.boundingBox())?.y ?? -1, { timeout: 10_000 }).toBeGreaterThan(0);
    await chat.close();
    expect(chat.problems).toEqual([]);
  });

  test('a command with a picture begins a conversation of its own, and the result can be the next attachment', async () => {
    const chat = await openChat(browser, server, { tolerate: /status of 503 .*\/api\/plugins/ });
    // What the plugins are could not be asked when the page was opened. The route stays: to take it away while other files are on
    // their way loses one now and then, and whatever waits for it waits for ever.
    let asked = 0;
    await chat.page.route('**/api/plugins', (route) => {
      asked += 1;
      return asked === 1 ? route.fulfill({ status: 503, json: {} }) : route.continue();
    });
    await Promise.all([chat.page.waitForResponse('**/api/plugins'), chat.page.reload()]);
    // Who forgot the picture need not write the command again.
    await chat.send('/upscale 2');
    await chat.page.getByText('There is no picture to work on.').waitFor();
    await attach(chat, 'first.png', small);
    await chat.page.getByRole('button', { name: 'Try again' }).click();
    await ended(chat, 'succeeded').waitFor({ timeout: 45_000 });
    expect(new URL(chat.page.url()).pathname).toMatch(/^\/c\//);
    await cards(chat).getByRole('button', { name: 'Use as attachment' }).click();
    await chat.page.locator('.tray-item[data-state="done"] img').waitFor();
    await chat.send('What do you see now?');
    await chat.answered(2);
    expect(await pictureWidth(chat.questions.first().locator('img'))).toBe(360);
    // The composer has become smaller with the picture gone from it, and the answer is followed all the same.
    const toTheEnd = () => chat.page.locator('.chat-scroll').evaluate((box) => box.scrollHeight - box.scrollTop - box.clientHeight);
    await expect.poll(toTheEnd).toBeLessThan(48);
    await chat.close();
    expect(chat.problems).toEqual([]);
  });

  test('an attached picture is worked on before it is sent, in a conversation that begins with it', async () => {
    const chat = await openChat(browser, server);
    const { page } = chat;
    await attach(chat, 'first.png', small);
    await page.locator('.tray-item').getByRole('button', { name: 'What to do with' }).click();
    await screenshot(page, 'jobs-tray');
    await page.getByRole('menuitem', { name: 'Enlarge 2×' }).click();
    await ended(chat, 'succeeded').waitFor({ timeout: 45_000 });
    expect(new URL(page.url()).pathname).toMatch(/^\/c\//);
    expect(await page.locator('.tray-item').count()).toBe(0);
    await chat.close();
    expect(chat.problems).toEqual([]);
  });

  test('work under way is seen in every tab, goes on through a reload, and is cancelled from any of them', async () => {
    const chat = await openChat(browser, server);
    const { page } = chat;
    await showPicture(chat, large);
    await enlargeSlowly(chat);
    await cards(chat).locator('progress').waitFor();
    const other = await chat.tab(new URL(page.url()).pathname);
    await cards(other).locator('progress[value]').waitFor({ timeout: 45_000 });
    await page.reload();
    await cards(chat).locator('progress[value]').waitFor({ timeout: 45_000 });
    await screenshot(page, 'jobs-working');
    await page.getByRole('link', { name: 'Jobs' }).click();
    await page.locator('.job-row[data-status="running"]').waitFor();
    await page.getByRole('button', { name: 'Cancel the job' }).click();
    await page.locator('.job-row[data-status="cancelled"]').waitFor();
    await ended(other, 'cancelled').waitFor();
    await expect.poll(() => cards(other).innerText()).toContain('You cancelled this job.');
    await chat.close();
    expect(chat.problems).toEqual([]);
  });

  test('a picture that is too large for the work is refused at once, and a smaller copy does it', async () => {
    const chat = await openChat(browser, server, { tolerate: /status of 413/ });
    const { page } = chat;
    await showPicture(chat, large);
    await chat.questions.first().locator('.picture-menu button').first().click();
    await page.getByRole('menuitem', { name: 'Enlarge 4×' }).click();
    const smaller = page.getByRole('button', { name: /Use a smaller copy/ });
    await smaller.waitFor();
    await screenshot(page, 'jobs-too-large');
    const [, width = ''] = /\((\d+) ×/.exec(plain(await smaller.innerText())) ?? [];
    await smaller.click();
    await ended(chat, 'succeeded').waitFor({ timeout: 58_000 });
    expect(await pictureWidth(cards(chat).first().locator('.compare-after'))).toBe(Number(width) * 4);
    await chat.close();
    expect(chat.problems).toEqual([]);
  });

  test('somebody who looks elsewhere is told when the work is done, and led to it', async () => {
    const chat = await openChat(browser, server);
    const { page } = chat;
    await showPicture(chat);
    await enlarge(chat);
    await page.getByRole('link', { name: 'Gallery' }).click();
    const toast = page.locator('.ui-toast').filter({ hasText: 'the result is ready' });
    await toast.waitFor({ timeout: 45_000 });
    expect(await page.title()).toMatch(/^\(1\) /);
    await toast.getByRole('button', { name: 'Show' }).click();
    await ended(chat, 'succeeded').waitFor();
    expect(await page.title()).not.toMatch(/^\(/);
    await chat.close();
    expect(chat.problems).toEqual([]);
  });
});

describe.each<[Locale, 'light' | 'dark', number]>([
  ['en', 'light', 1280],
  ['fa', 'dark', 1280],
  ['fa', 'light', 390],
  ['ar', 'dark', 320],
])('the pages of pictures in %s, %s, %d px wide', (uiLocale, colorScheme, width) => {
  test('fit, have words, and can be used with assistive tools', async () => {
    const viewport = { width, height: width > 1000 ? 800 : 844 };
    const chat = await openChat(browser, server, { uiLocale, colorScheme, viewport, touch: width < 1000 });
    const { page } = chat;
    const check = async (name: string) => {
      await screenshot(page, `jobs-${name}-${uiLocale}-${colorScheme}-${width}`);
      expect(await sideways(page), name).toEqual([]);
      expect(await rawKeys(page), name).toEqual([]);
      expect(await accessibilityProblems(page), name).toEqual([]);
    };
    await attach(chat, 'hills.png', small);
    await chat.composer.fill('/upscale 2');
    // On a touch screen Enter begins a new line.
    await page.locator('.composer button[type="submit"]').click();
    await ended(chat, 'succeeded').waitFor({ timeout: 45_000 });
    await check('card');
    await page.locator('.job-enlarge button').click();
    await page.locator('.compare-large').waitFor();
    await check('large');
    await page.keyboard.press('Escape');
    await page.locator('.job-head .picture-menu button').first().click();
    await check('menu');
    await page.keyboard.press('Escape');
    for (const [path, there] of [
      ['/jobs', '.job-row'],
      ['/gallery', '.gallery-tile'],
      ['/plugins', '.plugin'],
    ] as const) {
      await page.goto(server.origin + path);
      await page.locator(there).first().waitFor();
      await check(path.slice(1));
    }
    await chat.close();
    expect(chat.problems).toEqual([]);
  });
});
