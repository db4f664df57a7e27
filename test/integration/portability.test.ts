import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Conversation, Favourite, Folder, Message, Prompt } from '../../src/protocol/index.ts';
import { flat, noise, svgPicture } from '../fixtures/images/make-images.ts';
import { ScriptedModel } from '../support/scripted-model.ts';
import { startTestApp, type TestApp } from '../support/test-app.ts';
import type { WsClient } from '../support/ws-client.ts';

interface Person {
  readonly token: string;
  readonly client: WsClient;
  readonly user: { readonly id: string };
}

type Line = { type: string; c?: string; id?: string; [name: string]: unknown };

const nothing = { conversations: 0, messages: 0, files: 0, settings: 0, folders: 0, prompts: 0 };
const ndjson = { 'content-type': 'application/x-ndjson' };

describe('a whole account as one file', () => {
  let app: TestApp;
  let model: ScriptedModel;
  let ada: Person;
  let bob: Person;

  beforeAll(async () => {
    model = new ScriptedModel();
    app = await startTestApp({ models: [model] });
    await app.signup('the administrator');
  });
  afterAll(() => app.close());

  async function meet(): Promise<void> {
    ada = await app.signup('آدا');
    bob = await app.signup('Bob');
  }

  async function ask(person: Person, text: string, extra: Record<string, unknown> = {}) {
    const accepted = await person.client.ask(text, extra);
    (await model.nextCall()).text('پاسخ: ', text).finish();
    await person.client.finished(accepted.generationId);
    return accepted;
  }

  async function upload(person: Person, bytes: Buffer, name: string): Promise<string> {
    const form = new FormData();
    form.append('file', new Blob([new Uint8Array(bytes)]), name);
    const response = await app.request('/api/uploads', { method: 'POST', body: form, token: person.token });
    expect(response.status).toBe(201);
    return ((await response.json()) as { file: { id: string } }).file.id;
  }

  /**
   * Three conversations, one in a folder, one pinned and one archived, branches, a picture of several lines, feedback, settings, a draft, a
   * prompt, a favourite, and what is not to be exported: a deleted and a temporary conversation.
   */
  async function fill(person: Person): Promise<void> {
    const first = await ask(person, 'سلام، حال شما چطور است؟ می‌خواهم یک شعر بخوانم');
    const fileId = await upload(person, await noise(420, 420).png().toBuffer(), 'گل.png');
    const second = await ask(person, 'What is this?', { conversationId: first.conversation.id, attachments: [fileId] });
    const again = await person.client.request({ type: 'message.regenerate', clientMessageId: 'again', messageId: second.answer.id });
    (await model.nextCall()).text('Noise.').finish();
    await person.client.finished(again.type === 'message.accepted' ? again.generationId : '');
    const feedback = JSON.stringify({ value: -1, comment: 'کوتاه' });
    await app.request(`/api/messages/${second.answer.id}/feedback`, { method: 'POST', body: feedback, token: person.token });
    const pinned = await ask(person, 'Another one');
    const archived = await ask(person, 'An old one');
    const call = (method: string, path: string, body?: object) =>
      app.request(path, { method, token: person.token, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    const { folder } = (await (await call('POST', '/api/folders', { name: 'دستورها' })).json()) as { folder: { id: string } };
    await call('PATCH', `/api/conversations/${first.conversation.id}`, { folderId: folder.id });
    await call('PATCH', `/api/conversations/${pinned.conversation.id}`, { pinned: true, modes: { 'demo.depth': 'deep' } });
    await call('PATCH', `/api/conversations/${archived.conversation.id}`, { archived: true });
    await call('POST', '/api/prompts', { title: 'Letter', text: 'Write to {name}' });
    await call('PUT', `/api/messages/${second.message.id}/favourite`);
    await ask(person, 'CANARY of a temporary conversation', { temporary: true });
    const gone = await ask(person, 'CANARY of a deleted conversation');
    await app.request(`/api/conversations/${gone.conversation.id}`, { method: 'DELETE', token: person.token });
    const settings = JSON.stringify({ settings: { temperature: 0.4, systemInstruction: 'کوتاه بگو' } });
    await app.request('/api/settings', { method: 'PATCH', body: settings, token: person.token });
    await person.client.request({ type: 'draft.update', conversationId: first.conversation.id, text: 'نیمه' });
  }

  async function download(person: Person, after?: string): Promise<string> {
    const query = after === undefined ? '' : `?after=${encodeURIComponent(after)}`;
    const response = await app.request(`/api/account/export${query}`, { token: person.token });
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/x-ndjson; charset=utf-8']);
    return response.text();
  }

  function linesOf(text: string): Line[] {
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Line);
  }

  async function send(person: Person, body: string | Buffer): Promise<{ status: number; body: Record<string, unknown> }> {
    const init = { method: 'POST', body: typeof body === 'string' ? body : new Uint8Array(body), headers: ndjson, token: person.token };
    const response = await app.request('/api/account/import', init);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  /** What a person can see of an account, without ids and times. */
  async function seen({ token }: Person): Promise<unknown> {
    const get = async <T>(path: string) => (await (await app.request(path, { token })).json()) as T;
    const { items: folders } = await get<{ items: Folder[] }>('/api/folders');
    const { items: prompts } = await get<{ items: Prompt[] }>('/api/prompts');
    const { items: favourites } = await get<{ items: Favourite[] }>('/api/favourites');
    const { items: live } = await get<{ items: Conversation[] }>('/api/conversations');
    const { items: archived } = await get<{ items: Conversation[] }>('/api/conversations?view=archived');
    const conversations = await Promise.all(
      [...live, ...archived].map(async ({ id, title, headId, createdAt, updatedAt, folderId, pinned, archived: old, modes }) => {
        const { items: messages } = await get<{ items: Message[] }>(`/api/conversations/${id}/messages`);
        const place = (wanted: string | null) => messages.findIndex((message) => message.id === wanted);
        const plain = messages.map((message) => ({
          ...message,
          id: '',
          conversationId: '',
          parentId: place(message.parentId),
          parts: message.parts.map((part) => (part.type === 'image' ? { ...part, fileId: '', url: '' } : part)),
        }));
        const folder = folders.find((each) => each.id === folderId)?.name;
        return { title, head: place(headId), createdAt, updatedAt, folder, pinned, old, modes, messages: plain };
      }),
    );
    const kept = {
      folders: folders.map(({ name, position }) => [name, position]),
      prompts: prompts.map(({ title, text, createdAt, updatedAt }) => [title, text, createdAt, updatedAt]),
      favourites: favourites.map(({ text }) => text),
    };
    return { conversations, ...kept, settings: await get('/api/settings') };
  }

  const reasonOf = ({ status, body }: { status: number; body: Record<string, unknown> }) => {
    const { code, params } = body['error'] as { code: string; params?: Record<string, unknown> };
    return { status, code, line: params?.['line'] };
  };

  describe('of two people', () => {
    beforeEach(meet);

    it('holds everything of the person, says that it is whole, and nothing of a deleted conversation or of anybody else', async () => {
      await fill(ada);
      await ask(bob, 'CANARY of Bob');
      const text = await download(ada);
      const lines = linesOf(text);
      const counts = lines.slice(0, -1).reduce<Record<string, number>>((sum, { type }) => ({ ...sum, [type]: (sum[type] ?? 0) + 1 }), {});
      expect(lines[0]).toMatchObject({ type: 'jarvis-argus.account', version: 2, user: { name: 'آدا' } });
      expect(counts).toMatchObject({ settings: 1, file: 1, conversation: 3, message: 9, draft: 1, folder: 1, prompt: 1 });
      expect(counts['file.data']).toBeGreaterThan(1);
      const bodies = text
        .trimEnd()
        .split('\n')
        .map((line) => line.replace(/,"c":"[\w-]+"\}$/, '}'));
      const chain = bodies.slice(0, -1).reduce((value, body) => sha256(`${value}\n${body}`), sha256(''));
      expect(lines.at(-1)).toMatchObject({ type: 'end', counts, sha256: chain });
      expect(text).not.toContain('CANARY');
      expect(text).not.toContain('passwordHash');
    });

    it('goes on behind every line with the very same bytes', async () => {
      await fill(ada);
      const whole = await download(ada);
      const lines = whole.trimEnd().split('\n');
      let behind = 0;
      for (const line of lines) {
        behind += line.length + 1;
        const { c } = JSON.parse(line) as { c: string };
        expect(await download(ada, c)).toBe(whole.slice(behind));
      }
    });

    it('imported by somebody else shows them the same, once, however often it is sent', async () => {
      await fill(ada);
      const text = await download(ada);
      const first = await send(bob, text);
      expect(first).toEqual({
        status: 200,
        body: { imported: { conversations: 3, messages: 9, files: 1, settings: 1, folders: 1, prompts: 1 }, skipped: 0 },
      });
      const imported = await seen(bob);
      expect(imported).toMatchObject({ folders: [['دستورها', 0]], favourites: ['What is this?'] });
      expect(imported).toEqual(await seen(ada));
      const again = await send(bob, text);
      expect(again.body['imported']).toEqual(nothing);
      expect(await seen(bob)).toEqual(imported);
      // Ada's own ids are nowhere in Bob's account.
      const ids = new Set(linesOf(text).flatMap(({ id }) => id ?? []));
      expect(linesOf(await download(bob)).filter(({ id }) => id !== undefined && ids.has(id))).toEqual([]);
    });

    it('imported by its owner makes no copies, and gives back what was deleted for good', async () => {
      await fill(ada);
      const before = await seen(ada);
      const text = await download(ada);
      expect((await send(ada, text)).body['imported']).toEqual(nothing);
      expect(await seen(ada)).toEqual(before);
      const { items } = (await (await app.request('/api/conversations', { token: ada.token })).json()) as { items: Conversation[] };
      for (const { id } of items) await app.request(`/api/conversations/${id}`, { method: 'DELETE', token: ada.token });
      expect((await send(ada, text)).body['imported']).toMatchObject({ conversations: 2, messages: 7, folders: 0 });
      expect(await seen(ada)).toEqual(before);
    });

    it('may come in pieces of whole lines, and be begun again in the middle of a picture', async () => {
      await fill(ada);
      const lines = (await download(ada)).trimEnd().split('\n');
      const cut = lines.findIndex((line) => line.startsWith('{"type":"file.data"')) + 1;
      expect((await send(bob, lines.slice(0, cut).join('\n'))).status).toBe(200);
      const middle = lines.slice(cut - 1, cut + 4).join('\n');
      expect((await send(bob, middle)).status).toBe(200);
      expect((await send(bob, middle)).status).toBe(200);
      for (const line of lines.slice(cut + 4)) expect((await send(bob, `${line}\n`)).status).toBe(200);
      expect(await seen(bob)).toEqual(await seen(ada));
    });

    it('answers with the line that is wrong, keeps what stands before it and writes nothing behind it', async () => {
      await ask(ada, 'one');
      await ask(ada, 'two');
      const lines = (await download(ada)).trimEnd().split('\n');
      const second = lines.findLastIndex((line) => line.startsWith('{"type":"conversation"'));
      const broken = [...lines];
      broken[second] = '{"type":"conversation"';
      expect(reasonOf(await send(bob, broken.join('\n')))).toEqual({ status: 400, code: 'BAD_REQUEST', line: second + 1 });
      const shown = (await seen(bob)) as { conversations: { title: string; messages: unknown[] }[] };
      expect(shown.conversations.map(({ title, messages }) => [title, messages.length])).toEqual([['one', 2]]);
      expect((await send(bob, lines.join('\n'))).status).toBe(200);
      expect(await seen(bob)).toEqual(await seen(ada));
    });
  });

  describe('with a hostile file', () => {
    beforeAll(meet);

    const id = '01HZZZZZZZZZZZZZZZZZZZZZZZ';
    const other = '01HZZZZZZZZZZZZZZZZZZZZZZY';
    const createdAt = '2024-06-01T00:00:00.000Z';
    const conversation = { type: 'conversation', id, title: 't', titledBy: 'person', settings: {}, createdAt, updatedAt: createdAt };
    const message = {
      type: 'message',
      id: other,
      conversationId: id,
      parentId: null,
      role: 'user',
      status: 'complete',
      parts: [],
      createdAt,
    };
    const file = { type: 'file', id: 'f1', name: '../../etc/passwd', mime: 'image/png', size: 4, createdAt };
    const text = (value: string) => [{ type: 'text', text: value }];
    const many = Array.from({ length: 2001 }, () => ({ type: 'text', text: '' }));
    const deep = `${'['.repeat(4000)}${']'.repeat(4000)}`;
    const cases: [string, (object | string)[], string, number][] = [
      ['a key that reaches for prototypes', ['{"type":"settings","settings":{},"__proto__":{"polluted":1}}'], 'BAD_REQUEST', 1],
      ['a number beyond all', [conversation, `${JSON.stringify(message).slice(0, -1)},"usage":{"inputTokens":1e400}}`], 'BAD_REQUEST', 2],
      ['4,000 levels', [`{"type":"settings","settings":${deep}}`], 'BAD_REQUEST', 1],
      ['an unknown type', [{ type: 'user', id, role: 'admin' }], 'BAD_REQUEST', 1],
      ['an id that is none', [{ ...conversation, id: { $gt: '' } }], 'BAD_REQUEST', 1],
      ['a path for an id', [{ ...file, id: '../../x' }], 'BAD_REQUEST', 1],
      ['a message before its conversation', [{ ...message, conversationId: other }], 'BAD_REQUEST', 1],
      ['a message of the future', [conversation, { ...message, createdAt: '2999-01-01T00:00:00.000Z' }], 'BAD_REQUEST', 2],
      ['an id of the future', [{ ...conversation, id: '7ZZZZZZZZZZZZZZZZZZZZZZZZZ' }], 'BAD_REQUEST', 1],
      ['a longer text than a person may send', [conversation, { ...message, parts: text('x'.repeat(49_153)) }], 'TOO_LARGE', 2],
      ['more parts than a message has', [conversation, { ...message, parts: many }], 'BAD_REQUEST', 2],
      ['a line of 3 MB', [{ ...message, parts: text('x'.repeat(3_000_000)) }], 'TOO_LARGE', 1],
      ['half a character', [`{"type":"draft","conversationId":null,"text":"\\ud800"}`], 'BAD_REQUEST', 1],
      ['data without a file', [{ type: 'file.data', id: 'f1', offset: 0, data: 'AAAA' }], 'BAD_REQUEST', 1],
      ['a hole in a file', [file, { type: 'file.data', id: 'f1', offset: 2, data: 'AAA=' }], 'BAD_REQUEST', 2],
      ['more data than was said', [file, { type: 'file.data', id: 'f1', offset: 0, data: 'AAAAAAAA' }], 'BAD_REQUEST', 2],
      ['data that is no base64', [file, { type: 'file.data', id: 'f1', offset: 0, data: 'A*A=' }], 'BAD_REQUEST', 2],
      [
        'a file that is no picture',
        [
          { ...file, size: 3 },
          { type: 'file.data', id: 'f1', offset: 0, data: 'AAAA' },
        ],
        'UNSUPPORTED_MEDIA',
        2,
      ],
      ['a picture beyond all limits', [{ ...file, size: 1e12 }], 'TOO_LARGE', 1],
      [
        'a newer format',
        [{ type: 'jarvis-argus.account', version: 3, exportedAt: createdAt, server: '9', user: { name: '', email: '' } }],
        'BAD_REQUEST',
        1,
      ],
      [
        'counts that do not fit',
        [
          { type: 'jarvis-argus.account', version: 1, exportedAt: createdAt, server: '1', user: { name: '', email: '' } },
          { type: 'end', counts: { message: 7 }, sha256: '' },
        ],
        'BAD_REQUEST',
        2,
      ],
    ];

    it.each(cases)('refuses %s and names its line', async (_name, lines, code, line) => {
      const body = lines.map((each) => (typeof each === 'string' ? each : JSON.stringify(each))).join('\n');
      expect(reasonOf(await send(bob, body))).toMatchObject({ code, line });
      expect((await app.request('/healthz')).status).toBe(200);
      expect(linesOf(await download(bob)).filter(({ type }) => type === 'message' || type === 'file')).toEqual([]);
    });

    it('never shows a drawing as a picture, whatever the file calls it', async () => {
      const svg = Buffer.from(svgPicture);
      const lines = [
        { ...file, size: svg.length, mime: 'image/png' },
        { type: 'file.data', id: 'f1', offset: 0, data: svg.toString('base64') },
      ];
      expect(reasonOf(await send(bob, lines.map((line) => JSON.stringify(line)).join('\n')))).toMatchObject({
        code: 'UNSUPPORTED_MEDIA',
        line: 2,
      });
    });

    it("cannot name another person's conversation, message or picture, an owner, or a role", async () => {
      const mine = await ask(ada, 'private words');
      const fileId = await upload(ada, await flat(8, 8).png().toBuffer(), 'a.png');
      const before = await seen(ada);
      const image = { type: 'image', fileId, url: `/api/files/${fileId}`, mime: 'image/png' };
      const place = { conversationId: mine.conversation.id, parentId: mine.answer.id, ownerId: ada.user.id };
      const lines = [
        { ...conversation, id: mine.conversation.id, ownerId: ada.user.id, state: 'deleted', role: 'admin' },
        { ...message, ...place, id: mine.message.id, parts: [image, ...text('mine')] },
        { ...message, ...place, id: mine.answer.id, parentId: mine.message.id, role: 'assistant', parts: text('also') },
      ];
      const answer = await send(bob, lines.map((line) => JSON.stringify(line)).join('\n'));
      expect(answer.body).toEqual({ imported: { ...nothing, conversations: 1, messages: 2 }, skipped: 0 });
      expect(await seen(ada)).toEqual(before);
      const own = linesOf(await download(bob));
      expect(JSON.stringify(own)).not.toContain(mine.conversation.id);
      expect(JSON.stringify(own)).not.toContain(fileId);
      expect((await (await app.request('/api/auth/me', { token: bob.token })).json()) as object).toMatchObject({ user: { role: 'user' } });
    });

    it('cannot make a circle of messages', async () => {
      const lines = [
        { ...conversation, id: other },
        { ...message, conversationId: other, id, parentId: other, parts: text('circle') },
        { ...message, conversationId: other, id: other, parentId: id, parts: text('circle') },
      ];
      expect((await send(bob, lines.map((line) => JSON.stringify(line)).join('\n'))).status).toBe(200);
      const messages = linesOf(await download(bob)).filter(({ parts }) => JSON.stringify(parts)?.includes('circle') === true);
      expect(messages.map(({ parentId }) => parentId === null)).toEqual(expect.arrayContaining([false, true]));
    });
  });

  it('asks for the right type, a session, and one at a time', async () => {
    const json = await app.request('/api/account/import', { method: 'POST', body: '{}', token: ada.token });
    expect(json.status).toBe(400);
    const big = await send(bob, Buffer.alloc(4 * 1024 * 1024 + 1, 0x0a));
    expect(big.status).toBe(413);
    expect((await app.request('/api/account/export')).status).toBe(401);
    expect((await app.request('/api/account/export?after=nonsense', { token: ada.token })).status).toBe(400);
    expect((await app.request('/api/admin/backup', { token: bob.token })).status).toBe(403);
    let end = () => {};
    const slow = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('{"type":"settings",'));
        end = () => {
          controller.enqueue(new TextEncoder().encode('"settings":{}}\n'));
          controller.close();
        };
      },
    });
    const init = { method: 'POST', body: slow, duplex: 'half' as const, headers: ndjson, token: bob.token };
    const first = app.request('/api/account/import', init);
    // The second cannot be there before the first: it is asked until it is refused, and would import nothing otherwise.
    for (let refused = false; !refused; ) refused = (await send(bob, '\n')).status === 429;
    end();
    expect((await first).status).toBe(200);
    expect((await send(bob, '\n')).status).toBe(200);
  });
});

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
