import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { flat, htmlPage } from '../fixtures/images/make-images.ts';
import { screenshot } from '../support/browser.ts';
import { type ChatPage, openChat } from './support/chat-page.ts';
import { type Stage, startStage } from './support/stage.ts';

let stage: Stage;
let server: Stage['server'];
let browser: Stage['browser'];
let model: Stage['model'];
let png: Buffer;

beforeAll(async () => {
  [stage, png] = await Promise.all([startStage(), flat(640, 480).png().toBuffer()]);
  ({ server, browser, model } = stage);
}, 180_000);

afterAll(() => stage?.close());

const trayOf = (chat: ChatPage): Locator => chat.page.getByRole('list', { name: 'Attached pictures' }).getByRole('listitem');

/** Waits until a picture has really been decoded, not only asked for. */
async function painted(picture: Locator): Promise<void> {
  await picture.scrollIntoViewIfNeeded();
  const width = await picture.evaluate((image: { decode(): Promise<void>; naturalWidth: number }) =>
    image.decode().then(() => image.naturalWidth),
  );
  expect(width).toBeGreaterThan(0);
}

async function choose(chat: ChatPage, file: { name: string; mimeType: string; buffer: Buffer }): Promise<void> {
  const [chooser] = await Promise.all([
    chat.page.waitForEvent('filechooser'),
    chat.page.locator('button').and(chat.page.getByLabel('Attach pictures')).click(),
  ]);
  await chooser.setFiles(file);
}

/** Gives a picture to the page as the clipboard or a drag does. */
async function hand(chat: ChatPage, how: 'paste' | 'drop', name: string): Promise<void> {
  await chat.page.evaluate(
    `(([how, name, base64]) => {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      const data = new DataTransfer();
      data.items.add(new File([bytes], name, { type: 'image/png' }));
      const target = document.querySelector(how === 'paste' ? '#composer' : 'main');
      const common = { bubbles: true, cancelable: true };
      if (how === 'paste') target.dispatchEvent(new ClipboardEvent('paste', { ...common, clipboardData: data }));
      else for (const type of ['dragenter', 'dragover', 'drop']) target.dispatchEvent(new DragEvent(type, { ...common, dataTransfer: data }));
    })(${JSON.stringify([how, name, png.toString('base64')])})`,
  );
}

/** The pictures in the newest message of a request to the model. */
function inlinePictures(prompt: string): { mimeType: string; data: string }[] {
  // The shape that the Gemini API is asked with.
  const body = model.of(prompt)[0]?.body as { contents: { parts: { inlineData?: { mimeType: string; data: string } }[] }[] };
  return body.contents.at(-1)?.parts.flatMap(({ inlineData }) => (inlineData === undefined ? [] : [inlineData])) ?? [];
}

describe('pictures', () => {
  test('chosen, pasted and dropped ones are sent, shown small and large, and shown again after a reload', async () => {
    model.answer('What is this?', [{ text: 'A blue wall.' }, { finish: 'STOP' }]);
    const chat = await openChat(browser, server);
    const { page } = chat;
    await choose(chat, { name: 'chosen.png', mimeType: 'image/png', buffer: png });
    await trayOf(chat).nth(0).waitFor();
    await hand(chat, 'paste', 'pasted.png');
    await trayOf(chat).nth(1).waitFor();
    await hand(chat, 'drop', 'dropped.png');
    await trayOf(chat).nth(2).waitFor();
    await page.locator('.tray-item[data-state="done"]').nth(2).waitFor();
    for (let index = 0; index < 3; index += 1) await painted(trayOf(chat).nth(index).locator('img'));
    await screenshot(page, 'pictures-tray');

    await chat.send('What is this?');
    await chat.answered();
    expect(await trayOf(chat).count()).toBe(0);
    const sent = inlinePictures('What is this?');
    expect(sent).toHaveLength(3);
    for (const { mimeType, data } of sent) {
      expect(mimeType).toMatch(/^image\/(png|jpeg|webp)$/);
      expect(Buffer.from(data, 'base64').length).toBeGreaterThan(100);
    }

    await page.reload();
    await chat.answered();
    const thumbnails = chat.questions.first().getByRole('button', { name: /Enlarge/ });
    expect(await thumbnails.count()).toBe(3);
    for (let index = 0; index < 3; index += 1) await painted(thumbnails.nth(index).locator('img'));
    await thumbnails.first().click();
    const large = page.getByRole('dialog').locator('img');
    await painted(large);
    await screenshot(page, 'pictures-zoom');
    await page.keyboard.press('Escape');
    await large.waitFor({ state: 'detached' });
    await chat.close();
    expect(chat.problems).toEqual([]);
  });

  test('a picture alone is a message', async () => {
    const chat = await openChat(browser, server);
    await choose(chat, { name: 'alone.png', mimeType: 'image/png', buffer: png });
    await chat.page.locator('.tray-item[data-state="done"]').waitFor();
    await chat.page.getByRole('button', { name: 'Send', exact: true }).click();
    await chat.answered();
    await painted(chat.questions.first().locator('img'));
    await expect.poll(() => chat.answers.first().innerText()).toContain('Hello, world');
    await chat.close();
    expect(chat.problems).toEqual([]);
  });

  test.each([
    ['a page named like a picture', { name: 'page.png', mimeType: 'image/png', buffer: htmlPage }],
    [
      'a picture that ends in the middle',
      { name: 'half.png', mimeType: 'image/png', buffer: Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex') },
    ],
  ])('%s is refused in words, and nothing is stuck', async (_title, file) => {
    model.answer('Go on without', [{ text: 'Gladly.' }, { finish: 'STOP' }]);
    const chat = await openChat(browser, server, { tolerate: /status of 415/ });
    await choose(chat, file);
    const problem = chat.page.getByRole('alert').filter({ hasText: /This kind of file is not accepted|The picture cannot be read/ });
    await problem.waitFor();
    await screenshot(chat.page, `pictures-refused-${file.name}`);
    await chat.page.getByRole('button', { name: new RegExp(`Remove .*${file.name}`) }).click();
    await problem.waitFor({ state: 'detached' });
    await chat.send('Go on without');
    await chat.answered();
    await expect.poll(() => chat.answers.first().innerText()).toContain('Gladly.');
    await chat.close();
    expect(chat.problems).toEqual([]);
  });

  test('a file of another person is not shown', async () => {
    const owner = await openChat(browser, server);
    await choose(owner, { name: 'mine.png', mimeType: 'image/png', buffer: png });
    await owner.page.locator('.tray-item[data-state="done"]').waitFor();
    await owner.page.getByRole('button', { name: 'Send', exact: true }).click();
    await owner.answered();
    const url = await owner.questions.first().locator('img').getAttribute('src');
    const other = await openChat(browser, server);
    expect((await owner.page.request.get(server.origin + url)).status()).toBe(200);
    expect((await other.page.request.get(server.origin + url)).status()).toBe(404);
    await Promise.all([owner.close(), other.close()]);
  });
});
