import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type PageOptions, screenshot } from '../support/browser.ts';
import { axeProblems } from './support/axe.ts';
import { type ChatPage, type Locale, newPerson, type OpenOptions, openChat, openGuest, signUp } from './support/chat-page.ts';
import { sideways } from './support/page-checks.ts';
import { type Stage, startStage } from './support/stage.ts';

/*
 * The pages of everybody and their states against WCAG 2.2 AA: once left to right on a desktop, once right to left on a phone, all rules in light and the
 * contrast in the dark too. The operator's pages, plugins' elements, sharing and the offline copy are looked at in the tests of their own.
 */

let stage: Stage;
let server: Stage['server'];
let browser: Stage['browser'];
let model: Stage['model'];

const answer =
  '## Heading\n\nText with a [link](https://example.org/), `code` and **bold** words.\n\n```js\nlet a = 1; // one\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n- [x] done\n- [ ] open\n';

beforeAll(async () => {
  stage = await startStage();
  ({ server, browser, model } = stage);
  model.answer('Look at me', [{ thought: 'Hm.' }, { text: answer }, { finish: 'STOP' }]);
  model.answer('Fail', [{ status: 400, body: { error: { code: 400, status: 'INVALID_ARGUMENT', message: 'no' } } }]);
  await signUp(server, newPerson());
}, 180_000);

afterAll(() => stage?.close());

/** Collects what is wrong with each view. */
class Inspection {
  readonly problems: string[] = [];
  readonly #at: string;

  constructor(at: string) {
    this.#at = at;
  }

  async look(page: Page, view: string): Promise<void> {
    await page.evaluate('document.fonts.ready');
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
    this.#note(view, await axeProblems(page));
    this.#note(view, await sideways(page));
    await screenshot(page, `access-${this.#at}-${view}-light`);
    await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
    this.#note(`${view} in the dark`, await axeProblems(page, ['color-contrast']));
    await screenshot(page, `access-${this.#at}-${view}-dark`);
  }

  #note(view: string, found: readonly string[]): void {
    this.problems.push(...found.map((problem) => `${view}: ${problem}`));
  }
}

/** Pages with an address, and what is there when they are drawn. */
const pages: Readonly<Record<string, string>> = {
  '/jobs': '.page h1, .page h2, .page p',
  '/gallery': '.page h1, .page h2, .page p',
  '/plugins': '.plugin',
  '/archive': '#page p, #page li',
  '/trash': '#page p, #page li',
  '/nowhere': '.chat-state[role="alert"]',
  '/c/unknown': '.chat-state[role="alert"]',
};

async function openSidebar(page: Page): Promise<void> {
  const opener = page.locator('.chat-header [aria-controls="sidebar"]');
  if (await opener.isVisible()) await opener.click();
  await page.locator('.sidebar:not([inert])').waitFor();
}

async function inspectChat(chat: ChatPage, inspection: Inspection): Promise<void> {
  const { page } = chat;
  await inspection.look(page, 'empty');
  await chat.composer.fill('Look at me');
  await page.locator('button[type="submit"]').click();
  await chat.answered(1);
  await page.locator('pre code span').first().waitFor();
  await inspection.look(page, 'chat');
  await chat.composer.fill('Fail please');
  await page.locator('button[type="submit"]').click();
  await chat.answered(2);
  await inspection.look(page, 'failed');
  await chat.composer.fill('/');
  await page.locator('#command-palette').waitFor();
  await inspection.look(page, 'commands');
  await chat.composer.fill('');
  await openSidebar(page);
  await inspection.look(page, 'sidebar');
  await page.locator('.user-button').click();
  await page.locator('.ui-menu:popover-open').waitFor();
  await inspection.look(page, 'menu');
  await page.locator('.ui-menu:popover-open .ui-menu-item').first().click();
  await page.locator('dialog[open] .settings, dialog[open] form, dialog[open] section').first().waitFor();
  await inspection.look(page, 'settings');
  await page.keyboard.press('Escape');
}

const devices: readonly { readonly locale: Locale; readonly name: string; readonly options: PageOptions }[] = [
  { locale: 'en', name: 'desktop', options: { viewport: { width: 1280, height: 800 } } },
  { locale: 'fa', name: 'phone', options: { viewport: { width: 390, height: 844 }, touch: true } },
];

/** Dialogs by their keys, and the copy that a stranger reads. */
async function inspectDialogs(chat: ChatPage, inspection: Inspection): Promise<void> {
  const { page } = chat;
  const dialog = page.locator('dialog[open]');
  for (const [view, keys] of [
    ['palette', 'Control+k'],
    ['shortcuts', 'Control+/'],
  ] as const) {
    await page.keyboard.press(keys);
    await dialog.waitFor();
    await dialog.locator('[aria-busy="true"]').waitFor({ state: 'detached' });
    await inspection.look(page, view);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
  }
  const id = page.url().split('/c/')[1] ?? '';
  const headers = { 'x-requested-with': 'jarvis', origin: server.origin };
  const answered = await page.request.post(`${server.origin}/api/conversations/${id}/shares`, { data: {}, headers });
  // The body is the one that docs/protocol.md names.
  const { share } = (await answered.json()) as { share: { path: string } };
  const reader = await openGuest(browser, server, { viewport: page.viewportSize() ?? { width: 1280, height: 800 }, at: share.path });
  await reader.page.getByText('Text with a').waitFor();
  await inspection.look(reader.page, 'shared');
  await reader.close();
}

test.each(devices)(
  'every page and state is accessible in $locale on a $name, in light and in dark',
  { timeout: 120_000 },
  async ({ locale, name, options }) => {
    const inspection = new Inspection(`${locale}-${name}`);
    const given: OpenOptions = { ...options, uiLocale: locale, tolerate: /status of 404/ };
    const guest = await openGuest(browser, server, given);
    await guest.page.locator('.auth-form').waitFor();
    await inspection.look(guest.page, 'sign-in');
    await guest.page.locator('button[type="submit"]').click();
    await inspection.look(guest.page, 'sign-in-refused');
    await guest.close();

    const chat = await openChat(browser, server, given);
    await inspectChat(chat, inspection);
    await inspectDialogs(chat, inspection);
    for (const [path, sign] of Object.entries(pages)) {
      await chat.page.goto(server.origin + path);
      await chat.page.locator(sign).first().waitFor();
      await inspection.look(chat.page, path.replaceAll('/', '-').slice(1));
    }
    await chat.close();
    expect(inspection.problems).toEqual([]);
    expect([...guest.problems, ...chat.problems]).toEqual([]);
  },
);
