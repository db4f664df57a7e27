import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { FakeStep, RecordedRequest } from '../support/fake-gemini.ts';
import {
  type ChatPage,
  gate,
  newPerson,
  openChat,
  openGuest,
  type Person,
  serverGone,
  signUp,
  storedMessages,
} from './support/chat-page.ts';
import { type Stage, startStage } from './support/stage.ts';

let stage: Stage;
let server: Stage['server'];
let browser: Stage['browser'];
let model: Stage['model'];

const finish: FakeStep = { finish: 'STOP' };

beforeAll(async () => {
  stage = await startStage();
  ({ server, browser, model } = stage);
}, 180_000);
beforeEach(() => {
  for (const word of ['One', 'Two', 'Hello', 'From my phone']) model.answer(word, [{ text: `Answer to ${word}.` }, finish]);
});

afterAll(() => stage?.close());

async function signIn(page: Page, person: Person): Promise<void> {
  await page.getByRole('textbox', { name: 'E-mail' }).fill(person.email);
  await page.locator('input[name="password"]').fill(person.password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.locator('#composer').waitFor();
}

/** Ends the session behind the page's back, as an expired one or a sign-out elsewhere does. */
async function endSession({ page }: ChatPage): Promise<void> {
  const origin = new URL(page.url()).origin;
  await page.request.post(`${origin}/api/auth/logout`, { headers: { 'x-requested-with': 'jarvis', origin }, data: {} });
  await page.getByRole('button', { name: 'Sign in', exact: true }).waitFor();
}

const composerHas = (chat: ChatPage, text: string): Promise<void> =>
  expect.poll(() => chat.composer.inputValue(), { timeout: 20_000 }).toBe(text);

const pending = (chat: ChatPage) => chat.page.locator('article[data-pending]');

describe('what was typed and not sent', () => {
  test('survives a reload and an expired session, and is not for the next person on this browser', async () => {
    const other = newPerson('Eve');
    await signUp(server, other);
    const chat = await openChat(browser, server);
    await chat.composer.fill('half a thought');
    await chat.page.reload();
    await composerHas(chat, 'half a thought');
    await chat.composer.fill('half a thought, and more');
    await endSession(chat);
    await signIn(chat.page, chat.person);
    await composerHas(chat, 'half a thought, and more');
    await endSession(chat);
    await signIn(chat.page, other);
    await chat.page.getByRole('heading', { name: /Eve/ }).waitFor();
    await expect.poll(() => chat.composer.inputValue()).toBe('');
    await endSession(chat);
    await signIn(chat.page, chat.person);
    await composerHas(chat, 'half a thought, and more');
    await chat.close();
    expect(chat.problems).toEqual([]);
  });

  test('is on another device, changes there and here, and is gone everywhere once it is sent', async () => {
    const laptop = await openChat(browser, server);
    await laptop.composer.pressSequentially('From my');
    const phone = await openGuest(browser, server, { touch: true, viewport: { width: 390, height: 844 } });
    await signIn(phone.page, laptop.person);
    await composerHas(phone, 'From my');
    await phone.composer.fill('From my phone');
    await composerHas(laptop, 'From my phone');
    await phone.page.getByRole('button', { name: 'Send' }).click();
    await phone.answers.first().getByText('Answer to From my phone.').waitFor();
    await composerHas(laptop, '');
    await expect.poll(() => phone.composer.inputValue()).toBe('');
    await Promise.all([laptop.close(), phone.close()]);
    expect([...laptop.problems, ...phone.problems]).toEqual([]);
  });

  test('is never kept where it is a command, which may hold a password', async () => {
    const chat = await openChat(browser, server);
    await chat.composer.fill('／note CANARY');
    await chat.composer.blur();
    const held = await chat.page.evaluate<string>('JSON.stringify({ ...localStorage })');
    expect(held).not.toContain('CANARY');
    await chat.page.reload();
    await chat.composer.waitFor();
    await expect.poll(() => chat.composer.inputValue()).toBe('');
    await chat.close();
  });
});

describe('a message that cannot go out', () => {
  test('says so after ten seconds, can be discarded, and stays away after a reload', async () => {
    const chat = await openChat(browser, server, { tolerate: serverGone });
    await chat.send('Hello');
    await chat.answered();
    await server.kill();
    await chat.page.locator('.banner').waitFor();
    await chat.send('Two regrets');
    await chat.page.getByText('Not sent yet, still trying.').waitFor({ timeout: 15_000 });
    await chat.page.getByText('Waking the server').waitFor({ timeout: 15_000 });
    await pending(chat).getByRole('button', { name: 'Try now' }).waitFor();
    await pending(chat).getByRole('button', { name: 'Discard' }).click();
    await pending(chat).waitFor({ state: 'detached' });
    await server.restart();
    await chat.page.locator('.banner').waitFor({ state: 'detached', timeout: 40_000 });
    await chat.page.reload();
    await chat.answered();
    expect(await chat.questions.count()).toBe(1);
    expect(model.of('Two regrets')).toHaveLength(0);
    await chat.close();
    expect(chat.problems).toEqual([]);
  });

  test('goes out after a reload and a new sign-in, in its order behind the others, each once', async () => {
    const first = gate();
    model.answer('One', [{ text: 'Answer to ' }, { wait: first.opened }, { text: 'One.' }, finish]);
    const chat = await openChat(browser, server, { tolerate: serverGone });
    await chat.send('Hello');
    await chat.answered();
    await chat.page.context().setOffline(true);
    await chat.page.locator('.banner').waitFor({ timeout: 20_000 });
    await chat.send('One for the road');
    await chat.send('Two for the show');
    await pending(chat).nth(1).getByText('Not sent yet: it waits for the answer before it.').waitFor();
    await chat.page.context().setOffline(false);
    await chat.answers.nth(1).getByText('Answer to').waitFor({ timeout: 40_000 });
    expect(await chat.questions.allInnerTexts()).toHaveLength(3);
    expect(model.of('Two for the show').length + model.of('Two').length).toBe(0);
    await chat.page.reload();
    await pending(chat).getByText('Not sent yet: it waits for the answer before it.').waitFor();
    await endSession(chat);
    first.open();
    await signIn(chat.page, chat.person);
    await chat.answers.nth(2).getByText('Answer to Two.').waitFor({ timeout: 40_000 });
    await chat.answered(3);
    expect((await storedMessages(chat)).map(({ text }) => text)).toEqual([
      ...['Hello', 'Answer to Hello.', 'One for the road', 'Answer to One.', 'Two for the show', 'Answer to Two.'],
    ]);
    expect([await chat.questions.count(), await chat.answers.count(), await pending(chat).count()]).toEqual([3, 3, 0]);
    await chat.close();
    expect(chat.problems).toEqual([]);
  });

  test('goes out from memory where the browser keeps nothing, and says that it would not survive', async () => {
    const chat = await openChat(browser, server, { tolerate: serverGone });
    await chat.send('Hello');
    await chat.answered();
    await chat.page.evaluate(`Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); }`);
    await chat.page.context().setOffline(true);
    await chat.page.locator('.banner').waitFor({ timeout: 20_000 });
    await chat.send('One');
    await pending(chat).getByText('This browser does not keep it').waitFor();
    await chat.page.context().setOffline(false);
    await chat.answers.nth(1).getByText('Answer to One.').waitFor({ timeout: 40_000 });
    expect(await pending(chat).count()).toBe(0);
    await chat.close();
    expect(chat.problems).toEqual([]);
  });
});

/** The answer so far, as the model is told it. */
function toldSoFar({ body }: RecordedRequest): string {
  const { contents } = body as { contents: { role: string; parts: { text?: string }[] }[] };
  const last = contents.filter(({ role }) => role === 'model').at(-1);
  return (last?.parts ?? []).map(({ text = '' }) => text).join('');
}

describe('an answer that was cut by a kill of the server', () => {
  const whole = `${Array.from({ length: 60 }, (_, n) => `word${n} of a sentence that goes on`).join(' and ')}.`;
  const pieces = (text: string, size: number): string[] => text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];

  test('goes on with one click, without a doubled and without a lost character', async () => {
    model.answer('Tell me', (call, request) => {
      if (call === 0) return pieces(whole, 7).flatMap((text): FakeStep[] => [{ text }, { delay: 25 }]);
      const told = toldSoFar(request);
      const again = whole.slice(Math.max(0, told.length - 40));
      // From the beginning of a word, as models do.
      return [...pieces(again.slice(again.indexOf(' ') + 1), 5).map((text) => ({ text })), finish];
    });
    const chat = await openChat(browser, server, { tolerate: serverGone });
    await chat.send('Tell me');
    await chat.answers.first().getByText('word9').waitFor();
    await server.kill();
    await server.restart();
    const note = chat.answers.first().locator('.finish-note');
    const button = note.getByRole('button', { name: 'Continue' });
    await button.waitFor({ timeout: 20_000 });
    const kept = (await storedMessages(chat))[1]?.text ?? '';
    expect(whole.startsWith(kept)).toBe(true);
    await button.focus();
    await chat.page.keyboard.press('Enter');
    await chat.answers.first().getByText('word59').waitFor();
    await chat.answered();
    expect((await storedMessages(chat)).map(({ status, text }) => [status, text])).toEqual([
      ['complete', 'Tell me'],
      ['complete', whole],
    ]);
    expect((await chat.answers.first().locator('.answer-text').innerText()).trim()).toBe(whole);
    await chat.close();
    expect(chat.problems).toEqual([]);
  });

  test('before its first word offers to try again, and nothing else', async () => {
    model.answer('Say nothing', (call) => (call === 0 ? [{ headers: true }, { hang: true }] : [{ text: 'Here it is.' }, finish]));
    const chat = await openChat(browser, server, { tolerate: serverGone });
    await chat.send('Say nothing');
    await model.arrived('Say nothing');
    await server.kill();
    await server.restart();
    const note = chat.answers.first().locator('.finish-note');
    await note.getByText('This answer was interrupted before its first word.').waitFor({ timeout: 20_000 });
    await expect.poll(() => note.getByRole('button').allInnerTexts()).toEqual(['Try again']);
    await chat.composer.fill('/retry');
    await chat.composer.press('Enter');
    await chat.answers.first().getByText('Here it is.').waitFor();
    await chat.answered();
    await chat.close();
    expect(chat.problems).toEqual([]);
  });
});

test('a guest finds nothing wrong in the console', async () => {
  const guest = await openGuest(browser, server);
  const lines: string[] = [];
  guest.page.on('console', (message) => void lines.push(`${message.type()} ${message.text()}`));
  await guest.page.reload();
  await guest.page.getByRole('button', { name: 'Sign in', exact: true }).waitFor();
  expect(lines.filter((line) => line.startsWith('error'))).toEqual([]);
  await guest.close();
});
