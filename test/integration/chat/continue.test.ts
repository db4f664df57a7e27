import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ScriptedCall } from '../../support/scripted-model.ts';
import { ScriptedModel } from '../../support/scripted-model.ts';
import { startTestApp, type TestApp } from '../../support/test-app.ts';
import { textOf, type WsClient } from '../../support/ws-client.ts';

let app: TestApp;
let model: ScriptedModel;
beforeAll(async () => {
  model = new ScriptedModel();
  app = await startTestApp({ models: [model] });
});
afterAll(() => app.close());

/** An answer that was cut after `begun`, and its continuation as the model writes it. */
async function goOn(client: WsClient, begun: string, write: (call: ScriptedCall) => void) {
  const accepted = await client.ask('tell me');
  (await model.nextCall()).text(begun).cut();
  const { conversation, answer } = accepted;
  await client.finished(accepted.generationId);
  const id = `on-${answer.id}`;
  const continued = await client.request({ type: 'message.continue', clientMessageId: id, messageId: answer.id });
  if (continued.type !== 'message.accepted') throw new Error(JSON.stringify(continued));
  const call = await model.nextCall();
  write(call);
  const finished = await client.finished(continued.generationId);
  return { finished, call, conversation, streamed: client.answers.get(continued.generationId)?.text };
}

describe('an answer that goes on', () => {
  it('drops what the model says again before anybody sees it: streamed, hashed and stored are the same', async () => {
    const { client, token } = await app.signup();
    const { finished, conversation, streamed } = await goOn(client, 'The capital of France is Par', (call) =>
      call.text('The capital ', 'of France', ' is Paris', ', on the Seine.').finish(),
    );
    const whole = 'The capital of France is Paris, on the Seine.';
    expect(textOf(finished.message)).toBe(whole);
    expect(streamed).toBe(whole);
    expect(client.frames.some((frame) => frame.type === 'generation.delta' && frame.text.includes('The capital ofThe'))).toBe(false);
    const stored = await app.request(`/api/conversations/${conversation.id}/messages`, { token });
    const { items } = (await stored.json()) as { items: { role: string; parts: unknown }[] };
    expect(items.find(({ role }) => role === 'assistant')?.parts).toEqual([{ type: 'text', text: whole }]);
    expect(client.faults).toEqual([]);
  });

  it('stays one text: thoughts of the continuation do not cut a block of code in two', async () => {
    const { client } = await app.signup();
    const { finished } = await goOn(client, '```js\nconst a =', (call) => {
      call.emit({ type: 'thought', text: 'Where was I?' });
      call.text('```js\n', 'const a = 1;\n', '```\n').finish();
    });
    expect(finished.message.parts).toEqual([{ type: 'text', text: '```js\nconst a = 1;\n```\n' }]);
    expect(client.faults).toEqual([]);
  });

  it('ends before the whole could not be stored any more, however often it goes on', async () => {
    const { client } = await app.signup();
    const megabytes = 'word and word '.repeat(Math.floor((1.9 * 1024 * 1024) / 14));
    const { finished, conversation } = await goOn(client, megabytes, (call) => {
      for (const letter of ['b', 'c', 'd']) call.text(letter.repeat(900_000));
      call.finish();
    });
    expect(finished.message).toMatchObject({ status: 'interrupted', error: { code: 'TOO_LARGE' } });
    expect(textOf(finished.message)).toBe(megabytes);
    const next = await client.request({ type: 'message.send', clientMessageId: 'next', conversationId: conversation.id, text: 'go on' });
    expect(next.type).toBe('message.accepted');
    (await model.nextCall()).text('Here.').finish();
  });

  it('keeps what is undecided when it is stopped, and stays interrupted when nothing new comes', async () => {
    const { client } = await app.signup();
    const cut = await goOn(client, 'One two three', (call) => call.text(' four').cut());
    expect([cut.finished.status, textOf(cut.finished.message)]).toEqual(['interrupted', 'One two three four']);
    const held = await goOn(client, 'One two three', (call) => call.text('One').cut());
    expect([held.finished.status, textOf(held.finished.message)]).toEqual(['interrupted', 'One two threeOne']);
    const nothing = await goOn(client, 'One two three', (call) => call.cut());
    expect([nothing.finished.status, textOf(nothing.finished.message)]).toEqual(['interrupted', 'One two three']);
    expect(client.faults).toEqual([]);
  });

  it('tells the model where it stopped; one that was cut before its first word is simply asked for again', async () => {
    const { client } = await app.signup();
    const begun = await goOn(client, 'Once upon', (call) => call.text(' a time').finish());
    expect(begun.call.request.turns.at(-1)?.text).toContain('"Once upon"');
    const { generationId, answer } = await client.ask('tell me');
    await model.nextCall();
    await client.request({ type: 'generation.stop', generationId });
    const again = await client.request({ type: 'message.continue', clientMessageId: 'empty', messageId: answer.id });
    const call = await model.nextCall();
    expect(call.request.turns.map(({ role, text }) => [role, text])).toEqual([['user', 'tell me']]);
    call.text('Once').finish();
    expect(await client.finished(again.type === 'message.accepted' ? again.generationId : '')).toMatchObject({ status: 'complete' });
  });
});
