import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PageOptions, screenshot } from '../support/browser.ts';
import { type ChatPage, type Locale, newPerson, openChat, openGuest, signUp } from './support/chat-page.ts';
import { rawKeys, sideways } from './support/page-checks.ts';
import { type Stage, startStage } from './support/stage.ts';

let stage: Stage;
let server: Stage['server'];
let browser: Stage['browser'];
let model: Stage['model'];

const longWord = 'Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen'.repeat(4);
const table = `| ${'a column | '.repeat(9)}\n|${'---|'.repeat(9)}\n${`| ${'some words | '.repeat(9)}\n`.repeat(3)}`;
const code = `\`\`\`ts\nconst veryLongLine = '${'0123456789'.repeat(20)}'; // ${'comment '.repeat(10)}\nexport const two = 2;\n\`\`\``;
const english = `## A heading\n\nSome **bold** words and \`inline code\`, ${longWord}.\n\n${table}\n\n${code}\n\n- one\n- two\n  1. three\n\n> A quotation\n\nhttps://example.org/${'path/'.repeat(30)}`;
const persian = `## یک عنوان\n\nچند واژهٔ **پررنگ** و \`npm run build\` در میانهٔ جمله، ${'کشتیرانی'.repeat(30)}.\n\n${code}\n\n- یک\n- دو\n\n| ستون | ستون |\n|---|---|\n| یک | دو |\n`;

const rtl: Record<Locale, boolean> = { en: false, fa: true, ar: true };
const devices: Record<string, PageOptions> = {
  desktop: { viewport: { width: 1280, height: 800 } },
  phone: { viewport: { width: 390, height: 844 }, touch: true },
  smallest: { viewport: { width: 320, height: 640 }, touch: true },
};

beforeAll(async () => {
  stage = await startStage();
  ({ server, browser, model } = stage);
  model.answer('Show me everything', [{ thought: 'Thinking it over.' }, { text: english }, { finish: 'STOP' }]);
  model.answer('همه چیز را نشان بده', [{ text: persian }, { finish: 'STOP' }]);
  // The very first guest would meet another page.
  await signUp(server, newPerson());
}, 180_000);

afterAll(() => stage?.close());

/** Checks a view in light and in dark, and keeps a picture of both. */
async function look(chat: ChatPage, name: string, problems: string[]): Promise<void> {
  const { page } = chat;
  await page.evaluate('document.fonts.ready');
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await screenshot(page, `${name}-${colorScheme}`);
  }
  problems.push(...(await sideways(page)).map((text) => `${name}: ${text}`));
  problems.push(...(await rawKeys(page)).map((text) => `${name}: the key ${text}`));
}

/** Opens the drawer, the palette, the menu and the settings one after the other. */
async function walk(chat: ChatPage, at: string, problems: string[]): Promise<void> {
  const { page } = chat;
  await chat.composer.fill('/');
  await page.locator('#command-palette').waitFor();
  await look(chat, `${at}-palette`, problems);
  await chat.composer.fill('/login ');
  await page.locator('.secret-form').waitFor();
  await look(chat, `${at}-secret`, problems);
  await page.locator('.secret-form button:not([type="submit"])').last().click();
  await chat.composer.waitFor();
  if (await page.locator('.chat-header [aria-controls="sidebar"]').isVisible())
    await page.locator('.chat-header [aria-controls="sidebar"]').click();
  await page.locator('.sidebar:not([inert])').waitFor();
  await look(chat, `${at}-sidebar`, problems);
  await page.locator('.user-button').click();
  await page.locator('.ui-menu:popover-open').waitFor();
  await look(chat, `${at}-menu`, problems);
  await page.locator('.ui-menu:popover-open .ui-menu-item').first().click();
  await page.locator('dialog[open]').waitFor();
  await look(chat, `${at}-settings`, problems);
  await page.keyboard.press('Escape');
  await page.locator('dialog[open]').waitFor({ state: 'detached' });
}

describe.each(['en', 'fa', 'ar'] as const)('in %s', (locale) => {
  test.each(Object.keys(devices))('every main view fits a %s, in light and dark, in words of the language', async (device) => {
    const options = { ...devices[device], uiLocale: locale };
    const problems: string[] = [];
    const at = `view-${locale}-${device}`;
    const guest = await openGuest(browser, server, options);
    await guest.page.locator('.auth-form').waitFor();
    await look(guest, `${at}-auth`, problems);
    await guest.page.locator('.auth-switch button').click();
    await guest.page.locator('input[name="name"]').waitFor();
    await look(guest, `${at}-signup`, problems);
    await guest.close();

    const chat = await openChat(browser, server, options);
    await chat.page.locator('.starter').first().waitFor();
    await look(chat, `${at}-empty`, problems);
    await chat.composer.fill(`Show me everything ${longWord}`);
    await chat.page.locator('button[type="submit"]').click();
    await chat.answered(1);
    await look(chat, `${at}-chat`, problems);
    await chat.composer.fill('همه چیز را نشان بده');
    await chat.page.locator('button[type="submit"]').click();
    await chat.answered(2);
    await look(chat, `${at}-chat2`, problems);
    await walk(chat, at, problems);
    await chat.close();
    expect(problems).toEqual([]);
    expect([...guest.problems, ...chat.problems]).toEqual([]);
  });

  test('the page, the side bar, each bubble and all code have their direction', async () => {
    const chat = await openChat(browser, server, { uiLocale: locale });
    const { page } = chat;
    await chat.send('Show me everything');
    await chat.answered(1);
    await chat.send('همه چیز را نشان بده');
    await chat.answered(2);
    expect(await page.evaluate('[document.documentElement.lang, document.documentElement.dir]')).toEqual([
      locale,
      rtl[locale] ? 'rtl' : 'ltr',
    ]);
    const side = await page.locator('.sidebar').boundingBox();
    expect(side === null ? null : Math.round(side.x)).toBe(rtl[locale] ? 1280 - Math.round(side?.width ?? 0) : 0);
    const directions = (selector: string) =>
      page.evaluate<string[]>(
        `[...document.querySelectorAll(${JSON.stringify(selector)})].map((element) => getComputedStyle(element).direction)`,
      );
    expect(await directions('.bubble')).toEqual(['ltr', 'rtl']);
    expect(await directions('[data-role="assistant"] .answer-text h2')).toEqual(['ltr', 'rtl']);
    expect(new Set(await directions('pre, pre code'))).toEqual(new Set(['ltr']));
    await chat.close();
    expect(chat.problems).toEqual([]);
  });
});

test('the language is changed in the menu and stays after a reload', async () => {
  const chat = await openChat(browser, server);
  const { page } = chat;
  await page.getByRole('button', { name: /Account of/ }).click();
  await page.getByRole('menuitem', { name: 'Language' }).click();
  await page.getByRole('menuitemradio', { name: 'فارسی' }).click();
  await page.locator('html[lang="fa"][dir="rtl"]').waitFor();
  await page.reload();
  await page.locator('html[lang="fa"][dir="rtl"]').waitFor();
  await page.locator('.user-button').click();
  await page.getByRole('menuitem', { name: 'زبان' }).click();
  await page.getByRole('menuitemradio', { name: 'العربية' }).click();
  await page.locator('html[lang="ar"][dir="rtl"]').waitFor();
  expect(await rawKeys(page)).toEqual([]);
  await chat.close();
  expect(chat.problems).toEqual([]);
});
