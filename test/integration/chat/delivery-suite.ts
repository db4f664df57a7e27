import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ScriptedModel } from '../../support/scripted-model.ts';
import type { TestApp, TestAppOptions } from '../../support/test-app.ts';
import { textOf } from '../../support/ws-client.ts';

/** The chat over real sockets; every store has to pass it. @param start begins an app on a store that nobody else uses */
export function describeDelivery(title: string, start: (options: TestAppOptions) => Promise<TestApp>): void {
  describe(title, () => {
    let app: TestApp;
    let model: ScriptedModel;

    beforeEach(async () => {
      model = new ScriptedModel();
      app = await start({ models: [model] });
    });
    afterEach(async () => {
      await app.close();
    });

    describe('a message and its answer', () => {
      it('is accepted, streamed event by event, finished and found again', async () => {
        const { client, token } = await app.signup();
        const accepted = await client.ask('سلام، چطوری؟ 👋');
        const call = await model.nextCall();
        call.text('خوبم', '، ', 'ممنون! 🌱').finish();
        const finished = await client.finished(accepted.generationId);
        expect(finished.status).toBe('complete');
        expect(client.answers.get(accepted.generationId)?.text).toBe('خوبم، ممنون! 🌱');
        expect(client.faults).toEqual([]);
        const listed = await app.request(`/api/conversations/${accepted.conversation.id}/messages`, { token });
        const { items } = (await listed.json()) as { items: Parameters<typeof textOf>[0][] };
        expect(items.map((message) => [message.role, message.status, textOf(message)])).toEqual([
          ['assistant', 'complete', 'خوبم، ممنون! 🌱'],
          ['user', 'complete', 'سلام، چطوری؟ 👋'],
        ]);
      });

      it('is accepted once when the same frame is sent fifty times at once', async () => {
        const { client } = await app.signup();
        const frame = { type: 'message.send', clientMessageId: 'same', conversationId: null, text: 'once' };
        const answers = await Promise.all(Array.from({ length: 50 }, () => client.request(frame)));
        expect(answers.every((answer) => answer.type === 'message.accepted')).toBe(true);
        const ids = new Set(answers.map((answer) => (answer.type === 'message.accepted' ? answer.generationId : '')));
        expect(ids.size).toBe(1);
        expect(answers.filter((answer) => answer.type === 'message.accepted' && !answer.duplicate)).toHaveLength(1);
        (await model.nextCall()).text('yes').finish();
        await client.finished([...ids][0] ?? '');
        expect(model.calls).toHaveLength(1);
        expect(client.faults).toEqual([]);
      });

      it('refuses the same id with another text and changes nothing', async () => {
        const { client } = await app.signup();
        const accepted = await client.ask('first', { clientMessageId: 'x1' });
        const refused = await client.request({ type: 'message.send', clientMessageId: 'x1', conversationId: null, text: 'second' });
        expect(refused).toMatchObject({ type: 'error', code: 'ID_REUSED' });
        (await model.nextCall()).text('a').finish();
        await client.finished(accepted.generationId);
        expect(model.calls).toHaveLength(1);
      });

      it('lets another person use the same client id', async () => {
        const ada = await app.signup('Ada');
        const bob = await app.signup('Bob');
        const first = await ada.client.ask('mine', { clientMessageId: 'shared' });
        const second = await bob.client.ask('mine too', { clientMessageId: 'shared' });
        expect(second.duplicate).toBe(false);
        expect(second.generationId).not.toBe(first.generationId);
      });

      it('refuses a second message while an answer is being written', async () => {
        const { client } = await app.signup();
        const accepted = await client.ask('one');
        const call = await model.nextCall();
        const refused = await client.request({
          type: 'message.send',
          clientMessageId: 'two',
          conversationId: accepted.conversation.id,
          text: 'two',
        });
        expect(refused).toMatchObject({ type: 'error', code: 'GENERATION_RUNNING' });
        call.text('done').finish();
        await client.finished(accepted.generationId);
        const second = await client.ask('two', { clientMessageId: 'two', conversationId: accepted.conversation.id });
        expect(second.duplicate).toBe(false);
      });
    });

    describe('readers of one answer', () => {
      it('see the same events whenever they join', async () => {
        const { client, token } = await app.signup();
        const accepted = await client.ask('long one');
        const call = await model.nextCall();
        call.text('a', 'b', 'c');
        await client.waitFor('generation.delta', (frame) => frame.seq >= 3);
        const second = await app.connect(token);
        const opened = await second.request({ type: 'conversation.open', conversationId: accepted.conversation.id });
        expect(opened.type).toBe('conversation.opened');
        call.text('d', 'e');
        const third = await app.connect(token);
        third.send({ type: 'generation.attach', generationId: accepted.generationId, afterSeq: 0 });
        await third.waitFor('generation.delta', (frame) => frame.seq >= 5);
        call.text('f').finish();
        for (const reader of [client, second, third]) {
          await reader.finished(accepted.generationId);
          expect(reader.answers.get(accepted.generationId)?.text).toBe('abcdef');
          expect(reader.faults).toEqual([]);
        }
      });

      it('resume after a cut at every event and end with the same text', async () => {
        const { client, token } = await app.signup();
        const accepted = await client.ask('cut me');
        const call = await model.nextCall();
        const words = ['one ', 'two ', 'three ', 'four ', 'five '];
        for (const [index, word] of words.entries()) {
          call.text(word);
          await client.waitFor('generation.delta', (frame) => frame.generationId === accepted.generationId && frame.seq >= index + 1);
          const resumed = await app.connect();
          resumed.terminate();
        }
        const epoch = client.answers.get(accepted.generationId)?.epoch ?? '';
        call.finish();
        await client.finished(accepted.generationId);
        for (let afterSeq = 0; afterSeq <= words.length; afterSeq += 1) {
          const reader = await app.connect(token);
          reader.send({ type: 'generation.attach', generationId: accepted.generationId, epoch, afterSeq });
          const end = await reader.finished(accepted.generationId);
          expect(textOf(end.message)).toBe(words.join(''));
          const deltas = reader.frames.flatMap((frame) => (frame.type === 'generation.delta' ? [frame.text] : []));
          expect(deltas.join('')).toBe(words.slice(afterSeq).join(''));
        }
      });

      it('are answered when they ask with an id, also where the events are simply repeated', async () => {
        const { client, token } = await app.signup();
        const accepted = await client.ask('with an id');
        const call = await model.nextCall();
        call.text('abc');
        await client.waitFor('generation.delta');
        const reader = await app.connect(token);
        const answer = await reader.request({ type: 'generation.attach', generationId: accepted.generationId, afterSeq: 0 });
        expect(answer).toMatchObject({ type: 'generation.started', generationId: accepted.generationId, model: 'scripted' });
        call.text('def').finish();
        await reader.finished(accepted.generationId);
        expect(reader.answers.get(accepted.generationId)?.text).toBe('abcdef');
        expect(reader.faults).toEqual([]);
      });

      it('get a snapshot for an unknown epoch and for a place beyond the top', async () => {
        const { client, token } = await app.signup();
        const accepted = await client.ask('snap');
        const call = await model.nextCall();
        call.text('abc');
        await client.waitFor('generation.delta');
        for (const place of [{ epoch: 'other', afterSeq: 1 }, { afterSeq: 99 }]) {
          const reader = await app.connect(token);
          const snapshot = await reader.request({ type: 'generation.attach', generationId: accepted.generationId, ...place });
          expect(snapshot).toMatchObject({ type: 'generation.snapshot', seq: 1 });
        }
        call.text('def').finish();
        await client.finished(accepted.generationId);
      });

      it('are told NOT_FOUND for a generation that is not theirs, and for one that does not exist', async () => {
        const ada = await app.signup('Ada');
        const bob = await app.signup('Bob');
        const accepted = await ada.client.ask('private');
        await model.nextCall();
        const other = await bob.client.request({ type: 'generation.attach', generationId: accepted.generationId, afterSeq: 0 });
        const none = await bob.client.request({ type: 'generation.attach', generationId: 'nothing', afterSeq: 0 });
        expect(other).toMatchObject({ type: 'error', code: 'NOT_FOUND' });
        expect({ ...none, replyTo: '' }).toEqual({ ...other, replyTo: '' });
        expect(await bob.client.request({ type: 'generation.stop', generationId: accepted.generationId })).toMatchObject({
          code: 'NOT_FOUND',
        });
        expect(bob.client.answers.size).toBe(0);
      });
    });

    describe('the end of an answer', () => {
      it('comes by stop from any tab, keeps the text and is idempotent', async () => {
        const { client, token } = await app.signup();
        const other = await app.connect(token);
        const accepted = await client.ask('stop me');
        const call = await model.nextCall();
        call.text('partial');
        await client.waitFor('generation.delta');
        const [first, second] = await Promise.all(
          [1, 2].map(() => other.request({ type: 'generation.stop', generationId: accepted.generationId })),
        );
        expect([first?.type, second?.type]).toEqual(['notice', 'notice']);
        const finished = await client.finished(accepted.generationId);
        expect(finished.status).toBe('stopped');
        expect(textOf(finished.message)).toBe('partial');
        expect(call.signal.aborted).toBe(true);
        expect((await client.request({ type: 'generation.stop', generationId: accepted.generationId })).type).toBe('notice');
      });

      it('does not come because every socket is gone', async () => {
        const { client, token } = await app.signup();
        const accepted = await client.ask('go on without me');
        const call = await model.nextCall();
        client.terminate();
        await client.closed;
        call.text('still ', 'here').finish();
        const back = await app.connect(token);
        back.send({ type: 'generation.attach', generationId: accepted.generationId, afterSeq: 0 });
        expect(textOf((await back.finished(accepted.generationId)).message)).toBe('still here');
      });

      it('is interrupted with its text when the model is cut, failed without any', async () => {
        const { client } = await app.signup();
        const accepted = await client.ask('cut');
        (await model.nextCall()).text('half').cut();
        const cut = await client.finished(accepted.generationId);
        expect(cut).toMatchObject({ status: 'interrupted', error: { code: 'MODEL_UNAVAILABLE' } });
        expect(textOf(cut.message)).toBe('half');
        const next = await client.ask('nothing', { conversationId: accepted.conversation.id });
        (await model.nextCall()).cut();
        expect(await client.finished(next.generationId)).toMatchObject({ status: 'failed' });
      });

      it('can be continued without a seam', async () => {
        const { client } = await app.signup();
        const accepted = await client.ask('tell me');
        (await model.nextCall()).text('once upon ').cut();
        await client.finished(accepted.generationId);
        const continued = await client.request({ type: 'message.continue', clientMessageId: 'c1', messageId: accepted.answer.id });
        if (continued.type !== 'message.accepted') throw new Error(JSON.stringify(continued));
        const call = await model.nextCall();
        expect(call.request.turns.map((turn) => turn.role)).toEqual(['user', 'assistant', 'user']);
        call.text('a time').finish();
        const finished = await client.finished(continued.generationId);
        expect(finished.status).toBe('complete');
        expect(textOf(finished.message)).toBe('once upon a time');
        expect(continued.answer.id).toBe(accepted.answer.id);
        expect(client.faults).toEqual([]);
      });
    });

    describe('branches', () => {
      it('grow from an edit and from another answer; nothing is overwritten', async () => {
        const { client, token } = await app.signup();
        const first = await client.ask('question');
        (await model.nextCall()).text('answer 1').finish();
        await client.finished(first.generationId);
        const again = await client.request({ type: 'message.regenerate', clientMessageId: 'g1', messageId: first.answer.id });
        if (again.type !== 'message.accepted') throw new Error(JSON.stringify(again));
        (await model.nextCall()).text('answer 2').finish();
        await client.finished(again.generationId);
        expect(again.answer.parentId).toBe(first.message.id);
        const edited = await client.request({
          type: 'message.edit',
          clientMessageId: 'e1',
          messageId: first.message.id,
          text: 'other question',
        });
        if (edited.type !== 'message.accepted') throw new Error(JSON.stringify(edited));
        const call = await model.nextCall();
        expect(call.request.turns.map((turn) => turn.text)).toEqual(['other question']);
        call.text('answer 3').finish();
        await client.finished(edited.generationId);
        expect(edited.message.parentId).toBe(first.message.parentId);
        const listed = await app.request(`/api/conversations/${first.conversation.id}/messages`, { token });
        const { items } = (await listed.json()) as { items: Parameters<typeof textOf>[0][] };
        expect(items.map(textOf)).toEqual(['answer 3', 'other question', 'answer 2', 'answer 1', 'question']);
        const switched = await app.request(`/api/conversations/${first.conversation.id}`, {
          method: 'PATCH',
          token,
          body: JSON.stringify({ headId: first.answer.id }),
        });
        expect(await switched.json()).toMatchObject({ conversation: { headId: first.answer.id } });
        const next = await client.ask('and then?', { conversationId: first.conversation.id });
        expect(next.message.parentId).toBe(first.answer.id);
        expect((await model.nextCall()).request.turns.map((turn) => turn.text)).toEqual(['question', 'answer 1', 'and then?']);
      });
    });
  });
}
