import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Conversation, Favourite, Folder, FoundConversation, Message, Page, Prompt, Trashed } from '../../../src/protocol/index.ts';
import { ScriptedModel } from '../../support/scripted-model.ts';
import type { TestApp, TestAppOptions } from '../../support/test-app.ts';
import { textOf, type WsClient } from '../../support/ws-client.ts';

interface Answer<T> {
  readonly status: number;
  readonly body: T;
}

/** One person with a socket, and REST in their name. */
interface Person {
  readonly client: WsClient;
  readonly token: string;
  ask<T = never>(method: string, path: string, body?: unknown): Promise<Answer<T>>;
  begin(body?: object): Promise<Conversation>;
  list(query?: string): Promise<string[]>;
}

/** What a person keeps; every store has to pass it. @param start begins an app on a store that nobody else uses */
export function describeLibrary(title: string, start: (options: TestAppOptions) => Promise<TestApp>): void {
  describe(title, () => {
    let app: TestApp;
    let model: ScriptedModel;

    beforeAll(async () => {
      model = new ScriptedModel(['scripted', 'other']);
      app = await start({ models: [model] });
    });
    afterAll(() => app.close());

    async function person(): Promise<Person> {
      const { client, token } = await app.signup();
      async function ask<T>(method: string, path: string, body?: unknown): Promise<Answer<T>> {
        const sent = body === undefined ? {} : { body: JSON.stringify(body) };
        const response = await app.request(path, { method, token, ...sent });
        const text = await response.text();
        return { status: response.status, body: (text === '' ? null : JSON.parse(text)) as T };
      }
      return {
        client,
        token,
        ask,
        begin: async (body = {}) => (await ask<{ conversation: Conversation }>('POST', '/api/conversations', body)).body.conversation,
        list: async (query = '') => (await ask<Page<Conversation>>('GET', `/api/conversations${query}`)).body.items.map(({ id }) => id),
      };
    }

    async function talk(client: WsClient, text: string, answer: string, more: object = {}) {
      const accepted = await client.ask(text, { ...more });
      (await model.nextCall()).text(answer).finish();
      await client.finished(accepted.generationId);
      return accepted;
    }

    it('keeps pins, the archive and folders apart from the list of all', async () => {
      const { ask, begin, list } = await person();
      const stranger = await person();
      const [one, two, three] = [await begin({ title: 'one' }), await begin({ title: 'two' }), await begin({ title: 'three' })];
      const patch = (id: string, body: object) => ask<{ conversation: Conversation }>('PATCH', `/api/conversations/${id}`, body);
      const { folder } = (await ask<{ folder: Folder }>('POST', '/api/folders', { name: 'Recipes' })).body;

      expect((await patch(one.id, { pinned: true })).body.conversation).toMatchObject({ pinned: true });
      expect((await patch(two.id, { archived: true })).body.conversation).toMatchObject({ archived: true });
      expect((await patch(three.id, { folderId: folder.id })).body.conversation).toMatchObject({ folderId: folder.id });
      expect([await list(), await list('?view=pinned'), await list('?view=archived'), await list(`?folder=${folder.id}`)]).toEqual([
        [three.id, one.id],
        [one.id],
        [two.id],
        [three.id],
      ]);
      // The archive has no pins, and a pin takes out of the archive.
      expect((await patch(one.id, { archived: true })).body.conversation).not.toHaveProperty('pinned');
      expect((await patch(one.id, { pinned: true })).body.conversation).not.toHaveProperty('archived');
      expect((await patch(one.id, { pinned: true, archived: true })).status).toBe(400);
      expect((await patch(three.id, { folderId: null })).body.conversation).not.toHaveProperty('folderId');
      const modes = { 'demo.depth': 'deep' };
      expect((await patch(three.id, { modes })).body.conversation).toMatchObject({ modes });

      expect((await stranger.ask('GET', `/api/conversations?folder=${folder.id}`)).status).toBe(404);
      const theirs = await stranger.begin();
      expect((await stranger.ask('PATCH', `/api/conversations/${theirs.id}`, { folderId: folder.id })).status).toBe(404);
      expect((await stranger.ask('POST', '/api/conversations', { folderId: folder.id })).status).toBe(404);
    });

    it('brings an archived conversation back when somebody writes in it', async () => {
      const { client, ask, list } = await person();
      const { conversation } = await talk(client, 'first', 'one');
      await ask('PATCH', `/api/conversations/${conversation.id}`, { archived: true });
      expect(await list()).toEqual([]);
      const accepted = await talk(client, 'second', 'two', { conversationId: conversation.id, modes: { depth: 'deep' } });
      expect(accepted.conversation).not.toHaveProperty('archived');
      expect(accepted.conversation).toMatchObject({ modes: { depth: 'deep' } });
      expect([await list(), await list('?view=archived')]).toEqual([[conversation.id], []]);
    });

    it('orders folders, and lets their conversations stay when one is removed', async () => {
      const { client, ask, list } = await person();
      const stranger = await person();
      const make = async (name: string) => (await ask<{ folder: Folder }>('POST', '/api/folders', { name })).body.folder;
      const [a, b, c] = [await make('a'), await make('b'), await make('c')];
      const names = async () => (await ask<Page<Folder>>('GET', '/api/folders')).body.items.map(({ name }) => name);
      const told = client.waitFor('library.updated', ({ what }) => what === 'folders');
      expect((await ask('PATCH', `/api/folders/${c.id}`, { position: 0, name: 'first' })).body).toMatchObject({
        folder: { name: 'first', position: 0 },
      });
      await told;
      expect(await names()).toEqual(['first', 'a', 'b']);
      const { conversation } = await talk(client, 'in a folder', 'yes', { folderId: a.id });
      expect(conversation).toMatchObject({ folderId: a.id });
      expect((await stranger.ask('DELETE', `/api/folders/${a.id}`)).status).toBe(404);
      expect((await stranger.ask('PATCH', `/api/folders/${a.id}`, { name: 'mine' })).status).toBe(404);
      expect((await ask('DELETE', `/api/folders/${a.id}`)).status).toBe(204);
      expect([await names(), await list()]).toEqual([['first', 'b'], [conversation.id]]);
      const left = (await ask<{ conversation: Conversation }>('GET', `/api/conversations/${conversation.id}`)).body.conversation;
      expect(left).not.toHaveProperty('folderId');
      expect(b.position).toBe(1);
    });

    it('answers for what was deleted as if it had never been, in memory too, until it is given back', async () => {
      const { client, ask } = await person();
      const { conversation, answer, generationId } = await talk(client, 'say it', 'once');
      const attach = () => client.request({ type: 'generation.attach', generationId, afterSeq: 0 });
      const rate = () => ask('POST', `/api/messages/${answer.id}/feedback`, { value: 1 });
      await ask('DELETE', `/api/conversations/${conversation.id}`);
      expect([await attach(), await rate()]).toMatchObject([{ type: 'error', code: 'NOT_FOUND' }, { status: 404 }]);
      await ask('POST', `/api/conversations/${conversation.id}/restore`);
      expect([await attach(), await rate()]).toMatchObject([{ type: 'generation.started' }, { status: 200 }]);
    });

    it('shows the trash, gives back what lies in it, and empties it for good', async () => {
      const { client, ask, list } = await person();
      const stranger = await person();
      const first = (await talk(client, 'about cardamom', 'green')).conversation;
      const second = (await talk(client, 'about cardamom again', 'black')).conversation;
      for (const { id } of [first, second]) await ask('DELETE', `/api/conversations/${id}`);
      const trash = async () => (await ask<Page<Trashed>>('GET', '/api/trash')).body.items;
      const [newest] = await trash();
      expect((await trash()).map(({ id }) => id)).toEqual([second.id, first.id]);
      expect(Date.parse(newest?.goneAt ?? '') - Date.parse(newest?.deletedAt ?? '')).toBe(30 * 24 * 3600_000);
      expect(await list('?q=cardamom')).toEqual([]);

      expect((await stranger.ask<Page<Trashed>>('GET', '/api/trash')).body.items).toEqual([]);
      expect((await stranger.ask('DELETE', `/api/trash/${first.id}`)).status).toBe(404);
      await ask('POST', `/api/conversations/${first.id}/restore`);
      expect(await list('?q=cardamom')).toEqual([first.id]);
      expect((await ask('DELETE', `/api/trash/${first.id}`)).status).toBe(404);

      expect((await ask('DELETE', `/api/trash/${second.id}`)).status).toBe(204);
      expect((await ask('POST', `/api/conversations/${second.id}/restore`)).status).toBe(404);
      await ask('DELETE', `/api/conversations/${first.id}`);
      expect((await ask('DELETE', '/api/trash')).status).toBe(204);
      expect(await trash()).toEqual([]);
      expect((await ask('POST', `/api/conversations/${first.id}/restore`)).status).toBe(404);
    });

    it('says where a search found its words, in Persian written in any way', async () => {
      const { client, ask } = await person();
      const { conversation } = await talk(client, 'درباره‌ی كتاب‌هاي قديمي بگو', 'کتاب‌های قدیمی ۱۴۰۵ را دوست دارم');
      const { items } = (await ask<Page<FoundConversation>>('GET', `/api/conversations?q=${encodeURIComponent('کتابهای قدیم')}`)).body;
      const [found] = items;
      expect(found).toMatchObject({ id: conversation.id, messageId: expect.any(String) });
      const words = (text: string | undefined, marks: FoundConversation['highlights']) =>
        (marks ?? []).map(([from, to]) => (text ?? '').slice(from, to));
      expect(words(found?.snippet, found?.highlights)).toEqual(['کتاب‌های', 'قدیم']);
      expect(words(found?.title, found?.titleHighlights)).toEqual(['كتاب‌هاي', 'قديم']);
      // A space in place of the non-joiner, as many type it.
      const spaced = (await ask<Page<FoundConversation>>('GET', `/api/conversations?q=${encodeURIComponent('کتاب های قدیمی')}`)).body;
      expect(spaced.items).toMatchObject([{ id: conversation.id }]);
      expect(words(spaced.items[0]?.snippet, spaced.items[0]?.highlights)).toEqual(['کتاب‌های', 'قدیمی']);
    });

    it('has a temporary conversation in no list and no search, shows it by its address, and ends it with its deletion', async () => {
      const { client, token, ask, list } = await person();
      const other = await app.connect(token);
      const { folder } = (await ask<{ folder: Folder }>('POST', '/api/folders', { name: 'x' })).body;
      const { conversation, message } = await talk(client, 'a secret of saffron', 'saffron', { temporary: true });
      expect(conversation).toMatchObject({ temporary: true });
      expect([await list(), await list('?q=saffron'), await list('?view=archived')]).toEqual([[], [], []]);
      const again = await talk(client, 'more saffron', 'saffron', { conversationId: conversation.id });
      expect(again.conversation).toMatchObject({ temporary: true });
      for (const place of [{ pinned: true }, { archived: true }, { folderId: folder.id }])
        expect((await ask('PATCH', `/api/conversations/${conversation.id}`, place)).status).toBe(400);
      expect((await ask('PUT', `/api/messages/${message.id}/favourite`)).status).toBe(400);
      const forked = await ask<{ conversation: Conversation }>('POST', `/api/conversations/${conversation.id}/fork`, {
        messageId: message.id,
      });
      expect(forked.body.conversation).toMatchObject({ temporary: true });
      expect((await ask<Page<Message>>('GET', `/api/conversations/${conversation.id}/messages`)).body.items).toHaveLength(4);
      expect(other.frames.some(({ type }) => type === 'conversation.created')).toBe(false);

      expect((await ask('DELETE', `/api/conversations/${conversation.id}`)).status).toBe(204);
      expect((await ask('GET', `/api/conversations/${conversation.id}/messages`)).status).toBe(404);
      expect((await ask('POST', `/api/conversations/${conversation.id}/restore`)).status).toBe(404);
      expect((await ask<Page<Trashed>>('GET', '/api/trash')).body.items).toEqual([]);
    });

    it('refuses a temporary conversation in a folder and a folder that is not there, and begins nothing', async () => {
      const { client, ask, list } = await person();
      const { folder } = (await ask<{ folder: Folder }>('POST', '/api/folders', { name: 'x' })).body;
      const send = (more: object) =>
        client.request({
          type: 'message.send',
          clientMessageId: `refused-${Object.keys(more).join('-')}`,
          conversationId: null,
          text: 'hi',
          ...more,
        });
      expect(await send({ folderId: folder.id, temporary: true })).toMatchObject({ type: 'error', code: 'BAD_REQUEST' });
      expect(await send({ folderId: 'nowhere' })).toMatchObject({ type: 'error', code: 'NOT_FOUND' });
      const modes = Object.fromEntries(Array.from({ length: 33 }, (_, at) => [`m${at}`, 'x']));
      expect(await send({ modes })).toMatchObject({ type: 'error', code: 'BAD_REQUEST' });
      expect(await list()).toEqual([]);
    });

    it('forks a branch into a conversation of its own, with nothing of the other branches', async () => {
      const { client, ask } = await person();
      const stranger = await person();
      const first = await talk(client, 'one', 'first answer', { profile: 'demo.cook' });
      const { id } = first.conversation;
      await ask('PATCH', `/api/conversations/${id}`, { title: 'Kept title' });
      const second = await talk(client, 'two', 'second answer', { conversationId: id });
      await talk(client, 'elsewhere', 'third answer', { conversationId: id, parentId: first.answer.id });
      const fork = (who: Person['ask'], messageId: string) =>
        who<{ conversation: Conversation }>('POST', `/api/conversations/${id}/fork`, { messageId });
      const made = await fork(ask, second.message.id);
      expect(made.status).toBe(201);
      const copy = made.body.conversation;
      expect(copy).toMatchObject({
        title: 'Kept title',
        profile: 'demo.cook',
        forkedFrom: { conversationId: id, messageId: second.message.id },
      });
      const { items } = (await ask<Page<Message>>('GET', `/api/conversations/${copy.id}/messages`)).body;
      expect(items.toReversed().map((message) => [message.role, textOf(message), message.conversationId === copy.id])).toEqual([
        ['user', 'one', true],
        ['assistant', 'first answer', true],
        ['user', 'two', true],
      ]);
      expect(items.map(({ id: own, parentId }) => [own, parentId])).toEqual([
        [copy.headId, items[1]?.id],
        [items[1]?.id, items[2]?.id],
        [items[2]?.id, null],
      ]);
      // It goes on by itself, and what is told to the model is the copy.
      const accepted = await client.ask('three', { conversationId: copy.id });
      const call = await model.nextCall();
      expect(call.request.turns.map(({ text }) => text)).toEqual(['one', 'first answer', 'two', 'three']);
      call.text('on').finish();
      await client.finished(accepted.generationId);

      expect((await fork(stranger.ask, second.message.id)).status).toBe(404);
      const elsewhere = await talk(client, 'another chat', 'ok');
      expect((await fork(ask, elsewhere.message.id)).status).toBe(404);
    });

    it('forks nothing that is still being written', async () => {
      const { client, ask } = await person();
      const accepted = await client.ask('slow');
      const call = await model.nextCall();
      const answer = await ask('POST', `/api/conversations/${accepted.conversation.id}/fork`, { messageId: accepted.answer.id });
      expect(answer).toMatchObject({ status: 409, body: { error: { code: 'GENERATION_RUNNING' } } });
      call.text('x').finish();
      await client.finished(accepted.generationId);
    });

    it('keeps favourite messages with their text, and forgets them with their conversation', async () => {
      const { client, ask } = await person();
      const stranger = await person();
      const { conversation, message, answer } = await talk(client, 'a good question', 'a good answer');
      const put = (id: string) => ask<{ message: Message }>('PUT', `/api/messages/${id}/favourite`);
      expect((await put(answer.id)).body.message).toMatchObject({ favourite: true });
      await put(message.id);
      await put(message.id);
      const favourites = async () => (await ask<Page<Favourite>>('GET', '/api/favourites')).body.items;
      expect((await favourites()).map(({ messageId, text }) => [messageId, text])).toEqual([
        [message.id, 'a good question'],
        [answer.id, 'a good answer'],
      ]);
      expect((await stranger.ask('PUT', `/api/messages/${message.id}/favourite`)).status).toBe(404);
      expect((await stranger.ask('DELETE', `/api/messages/${message.id}/favourite`)).status).toBe(404);
      expect((await ask('DELETE', `/api/messages/${answer.id}/favourite`)).status).toBe(204);
      const { items } = (await ask<Page<Message>>('GET', `/api/conversations/${conversation.id}/messages`)).body;
      expect(items.map(({ favourite }) => favourite)).toEqual([undefined, true]);
      await ask('DELETE', `/api/conversations/${conversation.id}`);
      expect(await favourites()).toEqual([]);
      await ask('POST', `/api/conversations/${conversation.id}/restore`);
      expect(await favourites()).toHaveLength(1);
      await ask('DELETE', `/api/conversations/${conversation.id}`);
      await ask('DELETE', `/api/trash/${conversation.id}`);
      expect(await favourites()).toEqual([]);
      expect((await put(message.id)).status).toBe(404);
    });

    it('keeps prompts, last changed first, for their owner alone', async () => {
      const { ask } = await person();
      const stranger = await person();
      const make = async (title: string) =>
        (await ask<{ prompt: Prompt }>('POST', '/api/prompts', { title, text: `Write about {${title}}` })).body.prompt;
      const [first, second] = [await make('first'), await make('second')];
      const titles = async () => (await ask<Page<Prompt>>('GET', '/api/prompts')).body.items.map(({ title }) => title);
      expect(await titles()).toEqual(['second', 'first']);
      expect((await ask('PATCH', `/api/prompts/${first.id}`, { title: 'changed' })).body).toMatchObject({
        prompt: { title: 'changed', text: 'Write about {first}' },
      });
      expect(await titles()).toEqual(['changed', 'second']);
      for (const method of ['PATCH', 'DELETE'])
        expect((await stranger.ask(method, `/api/prompts/${first.id}`, method === 'PATCH' ? { title: 'mine' } : undefined)).status).toBe(
          404,
        );
      expect((await ask('POST', '/api/prompts', { title: ' ', text: 'x' })).status).toBe(400);
      expect((await ask('POST', '/api/prompts', { title: { $ne: null }, text: 'x' })).status).toBe(400);
      expect((await ask('DELETE', `/api/prompts/${second.id}`)).status).toBe(204);
      expect(await titles()).toEqual(['changed']);
    });

    it('answers again with another model, for this answer alone', async () => {
      const { client } = await person();
      const { conversation, answer } = await talk(client, 'compare', 'one way');
      const request = { type: 'message.regenerate', clientMessageId: `again-${answer.id}`, messageId: answer.id, model: 'other' };
      const accepted = await client.request(request);
      expect(accepted).toMatchObject({ type: 'message.accepted', answer: { model: 'other', parentId: answer.parentId } });
      const call = await model.nextCall();
      expect(call.request.model).toBe('other');
      call.text('another way').finish();
      expect(accepted.type === 'message.accepted' && (await client.finished(accepted.generationId)).status).toBe('complete');
      const changed = await client.request({ ...request, model: 'scripted' });
      expect(changed).toMatchObject({ type: 'error', code: 'ID_REUSED' });
      const next = await client.ask('and now?', { conversationId: conversation.id });
      expect(next.answer.model).toBe('scripted');
      (await model.nextCall()).text('ok').finish();
      await client.finished(next.generationId);
    });
  });
}
