import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { screenshot } from '../support/browser.ts';
import { gate, openChat, storedMessages } from './support/chat-page.ts';
import { type Stage, startStage } from './support/stage.ts';

let stage: Stage;
let server: Stage['server'];
let browser: Stage['browser'];
let model: Stage['model'];

beforeAll(async () => {
  stage = await startStage();
  ({ server, browser, model } = stage);
}, 180_000);

afterAll(() => stage?.close());

describe('branches', () => {
  test('an edit and a new answer open branches, the switcher walks them, and the chosen one is there after a reload', async () => {
    model.answer('A question', (call) => [{ text: `Answer ${call + 1} to the first.` }, { finish: 'STOP' }]);
    model.answer('Better asked', [{ text: 'Answer to the second.' }, { finish: 'STOP' }]);
    const chat = await openChat(browser, server);
    const { page } = chat;
    await chat.send('A question');
    await chat.answers.getByText('Answer 1 to the first.').waitFor();
    await chat.answered();

    await chat.answers.first().hover();
    await page.getByRole('button', { name: 'Answer again' }).click();
    await chat.answers.getByText('Answer 2 to the first.').waitFor();
    await chat.answered();
    expect(await chat.answers.count()).toBe(1);
    const versions = page.getByRole('group', { name: /Version/ });
    await expect.poll(() => versions.innerText()).toContain('2/2');
    await versions.getByRole('button', { name: 'Previous version' }).click();
    await chat.answers.getByText('Answer 1 to the first.').waitFor();

    await chat.questions.first().hover();
    await page.getByRole('button', { name: 'Edit', exact: true }).click();
    const field = page.getByLabel('Edit the message');
    await field.fill('Not this');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Edit', exact: true }).and(page.locator(':focus')).click();
    await field.fill('Better asked');
    await screenshot(page, 'branches-edit');
    // The key that sends a message sends an edited one, and the next one can be written at once.
    await page.keyboard.press('Enter');
    await chat.composer.and(page.locator(':focus')).waitFor();
    await chat.answers.getByText('Answer to the second.').waitFor();
    await chat.answered();
    expect(await chat.questions.locator('.bubble').allInnerTexts()).toEqual(['Better asked']);
    expect(
      await chat.questions
        .first()
        .getByRole('group', { name: /Version/ })
        .innerText(),
    ).toContain('2/2');
    await screenshot(page, 'branches-switcher');

    await page.reload();
    await chat.answers.getByText('Answer to the second.').waitFor();
    await chat.questions.first().getByRole('button', { name: 'Previous version' }).click();
    // The branch that was shown last below this question comes back, with its own switcher.
    await chat.answers.getByText(/Answer [12] to the first/).waitFor();
    expect(await chat.questions.locator('.bubble').allInnerTexts()).toEqual(['A question']);
    const shown = await chat.answers.locator('.answer-text').innerText();
    expect(await chat.answers.getByRole('group', { name: /Version/ }).count()).toBe(1);
    const saved = page.waitForResponse((response) => response.request().method() === 'PATCH');
    await chat.answers.getByRole('button', { name: shown.includes('1') ? 'Next version' : 'Previous version' }).click();
    await saved;
    const chosen = await chat.answers.locator('.answer-text').innerText();
    expect(chosen).not.toBe(shown);
    await page.reload();
    await chat.answers.getByText(chosen).waitFor();
    expect(await chat.questions.locator('.bubble').allInnerTexts()).toEqual(['A question']);
    await chat.close();
    expect(chat.problems).toEqual([]);
  });

  test('Stop keeps the text, and the answer can be continued', async () => {
    const never = gate();
    model.answer('Talk on', (call) =>
      call === 0 ? [{ text: 'So far so good' }, { wait: never.opened }] : [{ text: ' and on.' }, { finish: 'STOP' }],
    );
    const chat = await openChat(browser, server);
    await chat.send('Talk on');
    await chat.answers.getByText('So far so good').waitFor();
    await chat.page.getByRole('button', { name: 'Stop the answer' }).click();
    await chat.answers.getByText('You stopped this answer.').waitFor();
    await model.of('Talk on')[0]?.aborted;
    expect((await storedMessages(chat)).at(-1)).toEqual({ role: 'assistant', status: 'stopped', text: 'So far so good' });
    await chat.page.reload();
    await chat.answers.getByText('You stopped this answer.').waitFor();
    await screenshot(chat.page, 'branches-stopped');
    await chat.answers.getByRole('button', { name: 'Continue' }).click();
    await chat.answers.getByText('and on.').waitFor();
    await chat.answered();
    expect(await chat.answers.count()).toBe(1);
    expect((await storedMessages(chat)).at(-1)?.text).toBe('So far so good and on.');
    await chat.close();
    expect(chat.problems).toEqual([]);
  });

  test('an answer that the model refuses or breaks off says why and offers a way on', async () => {
    model.answer('Forbidden', [{ event: { promptFeedback: { blockReason: 'SAFETY' } } }]);
    model.answer('Cut short', (call) =>
      call === 0 ? [{ text: 'Half of it' }, { finish: 'MAX_TOKENS' }] : [{ text: ' and the rest.' }, { finish: 'STOP' }],
    );
    const chat = await openChat(browser, server);
    await chat.send('Forbidden');
    await chat.answered();
    await chat.answers.first().getByText('The model withheld the answer for safety reasons.').waitFor();
    await chat.answers.first().getByRole('button', { name: 'Try again' }).waitFor();
    await screenshot(chat.page, 'branches-refused');
    await chat.send('Cut short');
    await chat.answers.nth(1).getByText('The answer reached its greatest length.').waitFor();
    await chat.answers.nth(1).getByRole('button', { name: 'Continue' }).click();
    await chat.answers.nth(1).getByText('and the rest.').waitFor();
    await chat.close();
    expect(chat.problems).toEqual([]);
  });

  test('feedback with a comment stays, and the copy buttons give the exact text', async () => {
    model.answer('Rate me', [{ text: 'Is **this** good?' }, { finish: 'STOP' }]);
    const chat = await openChat(browser, server);
    const { page } = chat;
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: server.origin });
    await chat.send('Rate me');
    await chat.answered();
    await chat.answers.first().getByRole('button', { name: 'Copy' }).click();
    await chat.answers.first().getByRole('button', { name: 'Copied' }).waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe('Is **this** good?');
    await chat.questions.first().hover();
    await chat.questions.first().getByRole('button', { name: 'Copy' }).click();
    await chat.questions.first().getByRole('button', { name: 'Copied' }).waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe('Rate me');

    const bad = chat.answers.first().getByRole('button', { name: 'Bad answer' });
    await bad.click();
    const dialog = page.getByRole('dialog', { name: 'What was wrong?' });
    await dialog.getByLabel('Comment (optional)').fill('Too short');
    await screenshot(page, 'branches-feedback');
    const stored = page.waitForResponse((response) => response.url().endsWith('/feedback'));
    await dialog.getByRole('button', { name: 'Send feedback' }).click();
    const answer = await stored;
    expect(answer.status()).toBeLessThan(300);
    expect(answer.request().postDataJSON()).toEqual({ value: -1, comment: 'Too short' });
    await bad.and(page.locator('[aria-pressed="true"]')).waitFor();
    await page.reload();
    await bad.and(page.locator('[aria-pressed="true"]')).waitFor();
    await chat.answers.first().getByRole('button', { name: 'Good answer' }).click();
    await chat.answers.first().getByRole('button', { name: 'Good answer' }).and(page.locator('[aria-pressed="true"]')).waitFor();
    await expect.poll(() => bad.getAttribute('aria-pressed')).toBe('false');
    await chat.close();
    expect(chat.problems).toEqual([]);
  });
});
