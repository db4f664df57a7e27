import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pageAddresses } from '../../src/protocol/page-addresses.ts';
import { screenshot } from '../support/browser.ts';
import { type ChatPage, openChat } from './support/chat-page.ts';
import { focusIsVisible, lostInForcedColors, sideways } from './support/page-checks.ts';
import { type Stage, startStage } from './support/stage.ts';

/* Colours of the person's own, a page at 200 %, a slow line: what people bring along, and the page has to live with. */

let stage: Stage;
let server: Stage['server'];
let browser: Stage['browser'];
let model: Stage['model'];

const table = `| ${'a column | '.repeat(9)}\n|${'---|'.repeat(9)}\n${`| ${'some words | '.repeat(9)}\n`.repeat(3)}`;
const answer = `## Heading\n\nText with a [link](https://example.org/) and \`code\`.\n\n${table}\n\n\`\`\`js\nlet a = ${'1'.repeat(200)};\n\`\`\`\n\n- [x] done\n- [ ] open\n`;

beforeAll(async () => {
  stage = await startStage();
  ({ server, browser, model } = stage);
  model.answer('Look at me', [{ thought: 'Hm.' }, { text: answer }, { finish: 'STOP' }]);
}, 180_000);

afterAll(() => stage?.close());

/** Pages with an address, all of them: the first account is the administrator's. */
const addresses = Object.values(pageAddresses);

async function openSettings(page: Page): Promise<void> {
  const opener = page.locator('.chat-header [aria-controls="sidebar"]');
  if (await opener.isVisible()) await opener.click();
  await page.locator('.user-button').click();
  await page.locator('.ui-menu:popover-open .ui-menu-item').first().click();
  await page.locator('dialog[open] form').first().waitFor();
}

/** How the edges of all such elements are drawn. */
const edgesOf = (page: Page, selector: string): Promise<string[]> =>
  page.evaluate<string[]>(`[...document.querySelectorAll(${JSON.stringify(selector)})].map((element) => {
    const { borderBlockEndColor, borderBlockEndWidth, outline } = getComputedStyle(element);
    return [borderBlockEndColor, borderBlockEndWidth, outline].join(' ');
  })`);

async function openPage(chat: ChatPage, path: string): Promise<void> {
  await chat.page.goto(server.origin + path);
  await chat.page.locator('#page > *').first().waitFor();
  await chat.page.locator('#page [aria-busy="true"]').first().waitFor({ state: 'detached' });
}

describe('the page at 200 %, in a narrow window and with large letters', () => {
  const sizes = [
    { name: 'zoomed to 200 %', width: 640, height: 400, letters: '' },
    { name: '320 px wide', width: 320, height: 640, letters: '' },
    { name: 'with letters of twice the size', width: 1280, height: 800, letters: '200%' },
  ] as const;

  test('never scrolls sideways, and leaves room to read and to write', async () => {
    const chat = await openChat(browser, server);
    const { page } = chat;
    const problems: string[] = [];
    const look = async (view: string): Promise<void> => {
      for (const { name, width, height, letters } of sizes) {
        await page.setViewportSize({ width, height });
        await page.evaluate(`document.documentElement.style.fontSize = '${letters}'`);
        await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
        problems.push(...(await sideways(page)).map((found) => `${view}, ${name}: ${found}`));
        if (view === 'chat') {
          const [room, field] = [await page.locator('.chat-scroll').boundingBox(), await chat.composer.boundingBox()];
          if ((room?.height ?? 0) < height / 4) problems.push(`${name}: ${room?.height} px of ${height} are left to read`);
          if (field === null || field.y + field.height > height) problems.push(`${name}: the message field is out of the window`);
        }
      }
    };
    await look('empty');
    await chat.send('Look at me');
    await chat.answered();
    await look('chat');
    await openSettings(page);
    await look('settings');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+k');
    await page.locator('dialog[open] input').waitFor();
    await look('palette');
    for (const path of addresses) {
      await openPage(chat, path);
      await look(path);
    }
    await chat.close();
    expect(problems).toEqual([]);
    expect(chat.problems).toEqual([]);
  });
});

describe('where the person has colours of their own', () => {
  test('nothing is lost in them, what is chosen and where the focus is can be seen', async () => {
    const chat = await openChat(browser, server);
    const { page } = chat;
    const problems: string[] = [];
    const look = async (view: string): Promise<void> => {
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ forcedColors: 'active', colorScheme, reducedMotion: 'reduce' });
        // Drawn first: colours are known to scripts a frame later.
        await screenshot(page, `forced-${view.replaceAll('/', '-')}-${colorScheme}`);
        problems.push(...(await lostInForcedColors(page)).map((found) => `${view}, ${colorScheme}: ${found}`));
      }
    };
    // The theme of the page is dark where the colours may be light: theirs count.
    await page.evaluate("localStorage.setItem('jarvis.theme', 'dark')");
    await page.reload();
    await page.locator('.starter').first().waitFor();
    await look('empty');
    await chat.send('Look at me');
    await chat.answered();
    await page.locator('[aria-label="Good answer"]').click();
    await page.locator('[aria-label="Good answer"][aria-pressed="true"]').waitFor();
    await chat.composer.hover();
    const [good, bad] = await edgesOf(page, '.message-actions [aria-pressed]');
    expect(good).not.toBe(bad);
    await look('chat');
    expect(await focusIsVisible(page)).toBe(true);
    await openSettings(page);
    await look('settings');
    const [chosen, other] = await edgesOf(page, 'dialog[open] [role="tab"]');
    expect(chosen).not.toBe(other);
    await page.keyboard.press('Escape');
    for (const path of addresses) {
      await openPage(chat, path);
      await look(path);
    }
    await chat.close();
    expect(problems).toEqual([]);
    expect(chat.problems).toEqual([]);
  });
});

/** A line on which an answer takes 0.4 s and 50 kB take a second; the browser's own tools leave sockets as they are, so those are held up here. */
async function slowDown(page: Page): Promise<void> {
  await page.routeWebSocket(/\/ws$/, (socket) => {
    const server = socket.connectToServer();
    socket.onMessage((message) => void setTimeout(() => server.send(message), 200));
    server.onMessage((message) => void setTimeout(() => socket.send(message), 200));
  });
  const tools = await page.context().newCDPSession(page);
  await tools.send('Network.enable');
  await tools.send('Network.setCacheDisabled', { cacheDisabled: true });
  const speed = { downloadThroughput: 50_000, uploadThroughput: 50_000 };
  await tools.send('Network.emulateNetworkConditions', { offline: false, latency: 400, ...speed });
}

describe('on a slow line', () => {
  test('each wait is shown, and all of them end', { timeout: 90_000 }, async () => {
    const chat = await openChat(browser, server);
    const { page } = chat;
    await chat.send('Look at me');
    await chat.answered();
    await page.goto(server.origin);
    await slowDown(page);
    await page.addInitScript(`new MutationObserver((_, observer) => {
      if ((document.querySelector('#app')?.childElementCount ?? 0) === 0) return;
      window.drawnAt = performance.now();
      observer.disconnect();
    }).observe(document, { childList: true, subtree: true })`);
    await page.reload();
    await page.locator('#boot').waitFor({ state: 'hidden' });
    await chat.composer.waitFor();
    const painted = await page.evaluate<number>("performance.getEntriesByName('first-contentful-paint')[0].startTime");
    expect(painted).toBeLessThan(await page.evaluate<number>('window.drawnAt'));

    await page.keyboard.press('Control+k');
    const waiting = page.locator('.lazy-state[aria-busy="true"] .ui-spinner');
    await waiting.waitFor();
    // What is typed on is no message: it was meant for what comes.
    await page.keyboard.type('/jobs?');
    await page.keyboard.press('Enter');
    await page.locator('dialog[open] input').waitFor();
    expect(await waiting.count()).toBe(0);
    await page.keyboard.press('Escape');
    await chat.composer.and(page.locator(':focus')).waitFor();
    expect([await chat.composer.inputValue(), new URL(page.url()).pathname]).toEqual(['', '/']);

    await page.getByRole('link', { name: 'Jobs' }).click();
    await page.locator('#page .lazy-state[aria-busy="true"] .ui-skeleton').waitFor();
    await page.locator('#page :is(h2, p)').first().waitFor();

    await page.getByRole('link', { name: 'Look at me' }).click();
    await page.locator('.chat-state[aria-busy="true"] .ui-skeleton').waitFor();
    await chat.answered();
    await chat.send('Look at me again');
    await page.locator('.message[data-pending]').waitFor();
    await chat.answered(2);
    await page.locator('.message[data-pending]').waitFor({ state: 'detached' });
    await expect.poll(() => chat.answers.nth(1).locator('h2').innerText()).toBe('Heading');
    await page.waitForLoadState('networkidle');
    expect(await page.locator('[aria-busy="true"]').count()).toBe(0);
    await chat.close();
    expect(chat.problems).toEqual([]);
  });
});
