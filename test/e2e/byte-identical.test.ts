import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FakeStep } from '../support/fake-gemini.ts';
import { type ChatPage, gate, openChat, storedMessages } from './support/chat-page.ts';
import { type Stage, startStage } from './support/stage.ts';

let stage: Stage;
let server: Stage['server'];
let browser: Stage['browser'];
let model: Stage['model'];

const persian = 'سلام! این یک پاسخِ آزمایشی است؛ «نیم‌فاصله» و ایموجی 👩‍👩‍👧‍👦🇮🇷 سالم می‌مانند. ';
const finish: FakeStep = { finish: 'STOP' };

beforeAll(async () => {
  stage = await startStage();
  ({ server, browser, model } = stage);
}, 180_000);

afterAll(() => stage?.close());

/** The text that the page holds, byte for byte: what its copy button gives away. */
async function copied(chat: ChatPage, index = 0): Promise<string> {
  const { page } = chat;
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: server.origin });
  await page.bringToFront();
  await chat.answers.nth(index).hover();
  await chat.answers.nth(index).locator('.message-actions').getByRole('button', { name: 'Copy' }).click();
  await chat.answers.nth(index).locator('.message-actions').getByRole('button', { name: 'Copied' }).waitFor();
  return page.evaluate<string>('navigator.clipboard.readText()');
}

const scenarios: [string, FakeStep[]][] = [
  ['Persian and emoji', [...Array.from({ length: 8 }, () => ({ text: persian })), finish]],
  ['one byte at a time', [{ pieces: 1 }, { text: persian }, { text: '**bold** _text_ `code`\n\n- one\n- two\n' }, finish]],
  ['packets of seven bytes', [{ pieces: 7 }, ...Array.from({ length: 5 }, () => ({ text: persian })), finish]],
  ['blank lines and CRLF inside the text', [{ text: 'one\r\ntwo\r\n\r\nthree\n\n' }, { text: 'data: not an event\n\n    code\n' }, finish]],
  ['separators of lines and paragraphs', [{ text: 'a\u2028b\u2029c\u200b\u200fd' }, { text: ' \t end  ' }, finish]],
  [
    'thoughts apart from the text',
    [{ thought: 'First I think. ' }, { thought: 'Then again.' }, { text: 'The answer' }, { text: ' is 42.' }, finish],
  ],
];

describe('the text in the browser and in the store is what the model sent', () => {
  test.each(scenarios)('%s', async (name, steps) => {
    model.answer(name, steps);
    const chat = await openChat(browser, server);
    await chat.send(name);
    await chat.answered();
    const [request] = model.of(name);
    const sent = request?.sentText() ?? '';
    expect(sent).not.toBe('');
    expect((await storedMessages(chat)).at(-1)).toEqual({ role: 'assistant', status: 'complete', text: sent });
    expect(await copied(chat)).toBe(sent);
    await chat.page.reload();
    await chat.answered();
    expect(await copied(chat)).toBe(sent);
    expect(model.of(name)).toHaveLength(1);
    await chat.close();
    expect(chat.problems).toEqual([]);
  });

  test('10,000 chunks, with a reload in the middle and a second tab open', async () => {
    const half = gate();
    const words = (from: number, to: number): FakeStep[] => Array.from({ length: to - from }, (_, n) => ({ text: `w${from + n} ` }));
    model.answer('Count to 10,000', [...words(0, 5000), { wait: half.opened }, ...words(5000, 10_000), finish]);
    const chat = await openChat(browser, server);
    await chat.send('Count to 10,000');
    await chat.page.waitForURL(/\/c\/\w+/);
    const second = await chat.tab(new URL(chat.page.url()).pathname);
    const grown = (one: ChatPage) => one.answers.first().getByText('w4999').waitFor();
    await grown(chat);
    await chat.page.reload();
    await Promise.all([grown(chat), grown(second)]);
    half.open();
    await Promise.all([chat.answered(), second.answered()]);

    const [request] = model.of('Count to 10,000');
    const sent = request?.sentText() ?? '';
    expect(sent.split(' ')).toHaveLength(10_001);
    expect((await storedMessages(chat)).at(-1)?.text).toBe(sent);
    expect(await copied(chat)).toBe(sent);
    expect(await copied(second)).toBe(sent);
    for (const one of [chat, second]) expect((await one.answers.first().locator('.answer-text').innerText()).trim()).toBe(sent.trim());
    expect(model.of('Count to 10,000')).toHaveLength(1);
    await chat.close();
    expect(chat.problems).toEqual([]);
  });
});
