import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FakeStep } from '../support/fake-gemini.ts';
import { type ChatPage, gate, openChat, serverGone, storedMessages } from './support/chat-page.ts';
import { type Stage, startStage } from './support/stage.ts';

let stage: Stage;
let server: Stage['server'];
let browser: Stage['browser'];
let model: Stage['model'];

const finish: FakeStep = { finish: 'STOP' };
const words = (from: number, to: number): FakeStep[] => Array.from({ length: to - from }, (_, n) => ({ text: `w${from + n} ` }));

beforeAll(async () => {
  stage = await startStage();
  ({ server, browser, model } = stage);
}, 180_000);

afterAll(() => stage?.close());

const textOf = async (chat: ChatPage, index = 0): Promise<string> =>
  (await chat.answers.nth(index).locator('.answer-text').innerText()).trim();

const pathOf = (chat: ChatPage): string => new URL(chat.page.url()).pathname;

describe('an answer survives', () => {
  test('a reload in the middle, while a second tab watches it live', async () => {
    const half = gate();
    model.answer('Reload me', [...words(0, 20), { wait: half.opened }, ...words(20, 40), finish]);
    const chat = await openChat(browser, server);
    await chat.send('Reload me');
    await chat.page.waitForURL(/\/c\/\w+/);
    const second = await chat.tab(pathOf(chat));
    await second.answers.first().getByText('w19').waitFor();
    await second.page.getByRole('button', { name: 'Stop the answer' }).waitFor();
    await chat.answers.first().getByText('w19').waitFor();
    await chat.page.reload();
    await chat.answers.first().getByText('w19').waitFor();
    half.open();
    await Promise.all([chat.answered(), second.answered()]);
    const sent = model.of('Reload me')[0]?.sentText().trim();
    expect(await textOf(chat)).toBe(sent);
    expect(await textOf(second)).toBe(sent);
    for (const one of [chat, second]) expect([await one.questions.count(), await one.answers.count()]).toEqual([1, 1]);
    await chat.close();
    expect(chat.problems).toEqual([]);
  });

  test('that every tab is closed: it is whole when the person comes back', async () => {
    const half = gate();
    model.answer('Close me', [...words(0, 10), { wait: half.opened }, ...words(10, 20), finish]);
    const chat = await openChat(browser, server);
    await chat.send('Close me');
    await chat.answers.first().getByText('w9').waitFor();
    const path = pathOf(chat);
    await chat.page.close();
    half.open();
    await model.of('Close me')[0]?.completed;
    const back = await chat.tab(path);
    await back.answered();
    expect(await textOf(back)).toBe(model.of('Close me')[0]?.sentText().trim());
    await back.close();
    expect(chat.problems).toEqual([]);
  });

  test('that the server is killed: the text is kept, says so, and Continue completes it', async () => {
    const slow = words(0, 200).flatMap((word): FakeStep[] => [word, { delay: 50 }]);
    model.answer('Kill me', (call) => (call === 0 ? slow : [{ text: 'and the rest.' }, finish]));
    const chat = await openChat(browser, server, { tolerate: serverGone });
    await chat.send('Kill me');
    await chat.answers.first().getByText('w29').waitFor();
    await server.kill();
    const shown = await textOf(chat);
    await server.restart();

    const note = chat.answers.first().locator('.finish-note');
    await note.getByText('This answer was interrupted. What was written is kept.').waitFor({ timeout: 20_000 });
    await note.getByRole('button', { name: 'Try again' }).waitFor();
    const kept = await textOf(chat);
    const all = model.of('Kill me')[0]?.sentText() ?? '';
    expect(all.startsWith(kept)).toBe(true);
    // At most the last 200 ms may be lost, four words at this speed; a busy machine gets as many again.
    expect(kept.split(' ').length).toBeGreaterThanOrEqual(shown.split(' ').length - 8);
    expect((await storedMessages(chat)).map(({ role, status, text }) => [role, status, text.trim()])).toEqual([
      ['user', 'complete', 'Kill me'],
      ['assistant', 'interrupted', kept],
    ]);

    await note.getByRole('button', { name: 'Continue' }).click();
    await chat.answers.first().getByText('and the rest.').waitFor();
    await chat.answered();
    expect(await note.count()).toBe(0);
    expect([await chat.questions.count(), await chat.answers.count()]).toEqual([1, 1]);
    const whole = await textOf(chat);
    expect(whole.startsWith(kept)).toBe(true);
    await chat.page.reload();
    await chat.answered();
    expect(await textOf(chat)).toBe(whole);
    await chat.close();
    expect(chat.problems).toEqual([]);
  });

  test('that the server ends in order: what was running is finished or kept, and the page comes back by itself', async () => {
    const half = gate();
    model.answer('Drain me', [...words(0, 10), { wait: half.opened }, ...words(10, 20), finish]);
    const chat = await openChat(browser, server, { tolerate: serverGone });
    await chat.send('Drain me');
    await chat.answers.first().getByText('w9').waitFor();
    const gone = server.terminate();
    half.open();
    await gone;
    await server.restart();
    await chat.answers.first().getByText('w19').waitFor({ timeout: 20_000 });
    await chat.answered();
    expect(await textOf(chat)).toBe(model.of('Drain me')[0]?.sentText().trim());
    expect((await storedMessages(chat)).at(-1)?.status).toBe('complete');
    await chat.close();
    expect(chat.problems).toEqual([]);
  });
});

describe('a message survives', () => {
  test('that the server is down: it stays visible, says so, and goes out exactly once', async () => {
    model.answer('Wait for me', [{ text: 'Here I am.' }, finish]);
    model.answer('Hello', [{ text: 'Hi.' }, finish]);
    const chat = await openChat(browser, server, { tolerate: serverGone });
    await chat.send('Hello');
    await chat.answered();
    await server.kill();
    await chat.page.locator('.banner').waitFor();
    await chat.send('Wait for me');
    await chat.questions.filter({ hasText: 'Wait for me' }).waitFor();
    await chat.page.getByText('Not sent yet, still trying.').waitFor();
    expect(await chat.questions.filter({ hasText: 'Wait for me' }).count()).toBe(1);
    await server.restart();
    await chat.answers.nth(1).getByText('Here I am.').waitFor({ timeout: 40_000 });
    await chat.answered(2);
    expect(await chat.page.getByText('Not sent yet').count()).toBe(0);
    expect(await chat.questions.filter({ hasText: 'Wait for me' }).count()).toBe(1);
    expect((await storedMessages(chat)).map(({ text }) => text)).toEqual(['Hello', 'Hi.', 'Wait for me', 'Here I am.']);
    expect(model.of('Wait for me')).toHaveLength(1);
    await chat.close();
    expect(chat.problems).toEqual([]);
  });

  test('that the network is away: it goes out exactly once when it is back', async () => {
    model.answer('From the tunnel', [{ text: 'Welcome back.' }, finish]);
    const chat = await openChat(browser, server, { tolerate: serverGone });
    await chat.page.context().setOffline(true);
    await chat.page.getByText('You are offline.').waitFor({ timeout: 20_000 });
    await chat.send('From the tunnel');
    await chat.questions.filter({ hasText: 'From the tunnel' }).waitFor();
    await chat.page.context().setOffline(false);
    await chat.answers.first().getByText('Welcome back.').waitFor({ timeout: 40_000 });
    await chat.answered();
    await chat.page.locator('.banner').waitFor({ state: 'detached' });
    expect(await chat.questions.count()).toBe(1);
    expect(model.of('From the tunnel')).toHaveLength(1);
    await chat.close();
    expect(chat.problems).toEqual([]);
  });

  test('a reload before it was sent: the draft of each conversation is still there', async () => {
    model.answer('First', [{ text: 'One.' }, finish]);
    const chat = await openChat(browser, server);
    await chat.send('First');
    await chat.answered();
    await chat.composer.fill('half a thought');
    await chat.page.reload();
    await chat.answered();
    await expect.poll(() => chat.composer.inputValue()).toBe('half a thought');
    await chat.page.getByRole('button', { name: 'New chat' }).first().click();
    await chat.page.getByRole('heading', { name: 'New chat' }).waitFor();
    await expect.poll(() => chat.composer.inputValue()).toBe('');
    await chat.page.getByRole('navigation', { name: 'Conversations' }).getByRole('link').click();
    await chat.answered();
    await expect.poll(() => chat.composer.inputValue()).toBe('half a thought');
    await chat.close();
    expect(chat.problems).toEqual([]);
  });
});
