import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ChatPage, newPerson, openChat, signUp } from './support/chat-page.ts';
import { accessibilityProblems, rawKeys, sideways } from './support/page-checks.ts';
import { type Stage, startStage } from './support/stage.ts';

let stage: Stage;
let server: Stage['server'];
let browser: Stage['browser'];
let model: Stage['model'];

beforeAll(async () => {
  stage = await startStage();
  ({ server, browser, model } = stage);
  model.answer('Tell me of the sky', [{ text: 'Short waves are scattered by Rayleigh more than long ones.' }, { finish: 'STOP' }]);
  model.answer('Plan my garden', [{ text: 'Plant the beans in May.' }, { finish: 'STOP' }]);
  await signUp(server, newPerson());
}, 180_000);

afterAll(() => stage?.close());

/** Two conversations; the one about the garden is on the page. */
async function withTwoChats(chat: ChatPage): Promise<void> {
  await chat.send('Tell me of the sky');
  await chat.answered();
  await chat.page.keyboard.press('Control+Shift+O');
  await chat.send('Plan my garden');
  await chat.answered();
}

/** Opens the menu of a row and chooses in it, level by level. */
async function choose({ page }: ChatPage, title: string, ...items: readonly string[]): Promise<void> {
  await page
    .getByRole('button', { name: new RegExp(`^Options for .*${title}`) })
    .first()
    .click();
  for (const name of items) await page.getByRole('menuitem', { name }).or(page.getByRole('menuitemradio', { name })).click();
}

test('conversations are pinned, filed, archived, deleted and found again, and a second tab sees it', async () => {
  const chat = await openChat(browser, server);
  const { page } = chat;
  await withTwoChats(chat);
  const other = await chat.tab('/');
  const list = (tab: ChatPage) => tab.page.getByRole('navigation', { name: 'Conversations' });
  const section = (tab: ChatPage, name: string) => list(tab).getByRole('region', { name, exact: true });
  await list(other).getByRole('link', { name: /sky/ }).waitFor();

  await choose(chat, 'garden', 'Pin');
  await section(chat, 'Pinned')
    .getByRole('link', { name: /garden/ })
    .waitFor();
  await section(other, 'Pinned')
    .getByRole('link', { name: /garden/ })
    .waitFor();
  await choose(chat, 'sky', 'Move to folder', 'New folder…');
  await page.getByLabel('Name of the folder').fill('خانه');
  await page.keyboard.press('Enter');
  await page.getByText(/^Moved/).waitFor();
  await section(chat, 'Folders').getByRole('link', { name: /sky/ }).waitFor();
  await section(other, 'Folders').getByRole('button', { name: 'خانه', exact: true }).click();
  await section(other, 'Folders').getByRole('link', { name: /sky/ }).waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);

  // A search finds it by a word of the answer, shows where, and opens it there.
  await page.getByRole('searchbox', { name: 'Search conversations' }).fill('rayleigh');
  await list(chat).locator('.found-snippet mark', { hasText: 'Rayleigh' }).waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await chat.answers.filter({ hasText: 'Rayleigh' }).waitFor();
  await page.getByRole('button', { name: 'Clear the search' }).click();
  // Arrows walk through the rows, across the sections.
  await section(chat, 'Pinned').getByRole('link').focus();
  await page.keyboard.press('ArrowDown');
  await section(chat, 'Folders').getByRole('button', { name: 'خانه', exact: true }).and(page.locator(':focus')).waitFor();

  // Archived: out of sight, undone; archived again, found on its page.
  await choose(chat, 'sky', 'Archive');
  // Of this act: the word of an earlier one may still stand there.
  await page.locator('.ui-toast', { hasText: 'Archived' }).getByRole('button', { name: 'Undo' }).click();
  await section(chat, 'Folders').getByRole('link', { name: /sky/ }).waitFor();
  await choose(chat, 'sky', 'Archive');
  await page.getByRole('navigation', { name: 'Archive and trash' }).getByRole('link', { name: 'Archive' }).click();
  const main = page.getByRole('main');
  await main.getByRole('link', { name: /sky/ }).waitFor();
  expect(await list(chat).getByRole('link', { name: /sky/ }).count()).toBe(0);
  await main.getByRole('button', { name: 'Take out of the archive' }).click();
  await section(chat, 'Folders').getByRole('link', { name: /sky/ }).waitFor();

  // Deleted: in the trash, restored from there; deleted again and erased.
  await choose(chat, 'sky', 'Delete');
  await page.getByRole('navigation', { name: 'Archive and trash' }).getByRole('link', { name: 'Trash' }).click();
  await main.getByText(/days left/).waitFor();
  expect([...(await accessibilityProblems(page)), ...(await rawKeys(page)), ...(await sideways(page))]).toEqual([]);
  await main.getByRole('button', { name: 'Restore' }).click();
  await section(chat, 'Folders').getByRole('link', { name: /sky/ }).waitFor();
  await choose(chat, 'sky', 'Delete');
  await page.reload();
  await main.getByRole('button', { name: 'Empty the trash' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Empty the trash' }).click();
  await main.getByRole('heading', { name: 'The trash is empty' }).waitFor();
  expect(await list(chat).getByRole('link').count()).toBe(1);
  await chat.close();
  expect(chat.problems).toEqual([]);
});

test('the palette finds chats, actions and commands, prompts ask for their variables, and a sheet tells the keys', async () => {
  const chat = await openChat(browser, server);
  const { page } = chat;
  await withTwoChats(chat);
  const palette = page.getByRole('dialog', { name: 'Search and commands' });
  const field = palette.getByRole('combobox');
  await page.keyboard.press('Control+k');
  await field.and(page.locator(':focus')).waitFor();
  await page.keyboard.type('rayleigh');
  await palette.getByRole('option', { name: /sky/ }).waitFor();
  expect([...(await accessibilityProblems(page)), ...(await rawKeys(page))]).toEqual([]);
  await page.keyboard.press('Enter');
  await chat.answers.filter({ hasText: 'Rayleigh' }).waitFor();

  // What needs more words begins in the message field, and an action of this chat is there too.
  await page.keyboard.press('Control+k');
  await page.keyboard.type('/search');
  await palette.getByRole('option', { name: '/search' }).waitFor();
  await page.keyboard.press('Enter');
  await expect.poll(() => chat.composer.inputValue()).toBe('/search ');
  await chat.composer.fill('');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('pin');
  await palette.getByRole('option', { name: /^Pin/, selected: true }).waitFor();
  await page.keyboard.press('Enter');
  await page.getByRole('region', { name: 'Pinned' }).getByRole('link', { name: /sky/ }).waitFor();

  await page.getByRole('button', { name: 'Prompts', exact: true }).click();
  const prompts = page.getByRole('dialog');
  await prompts.getByRole('button', { name: 'New prompt' }).click();
  await prompts.getByLabel('Title').fill('Translate');
  await prompts.getByLabel('Text', { exact: true }).fill('Translate into {language}: {words}');
  expect([...(await accessibilityProblems(page)), ...(await sideways(page))]).toEqual([]);
  await prompts.getByRole('button', { name: 'Save' }).click();
  await prompts.getByRole('button', { name: /^Translate/ }).click();
  await prompts.getByLabel('language').and(page.locator(':focus')).waitFor();
  await page.keyboard.type('Persian');
  await prompts.getByLabel('words').fill('blue sky');
  await prompts.getByRole('button', { name: 'Insert' }).click();
  await expect.poll(() => chat.composer.inputValue()).toBe('Translate into Persian: blue sky');
  await chat.composer.and(page.locator(':focus')).waitFor();
  await chat.composer.fill('');

  await page.evaluate('document.activeElement.blur()');
  await page.keyboard.press('?');
  const sheet = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  await sheet.getByText('Open or close the side bar').waitFor();
  expect([...(await accessibilityProblems(page)), ...(await rawKeys(page)), ...(await sideways(page))]).toEqual([]);
  await page.keyboard.press('Escape');
  await sheet.waitFor({ state: 'detached' });
  await page.keyboard.press('Control+Shift+S');
  await page.locator('.shell[data-sidebar="closed"]').waitFor();
  await chat.close();
  expect(chat.problems).toEqual([]);
});
