import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Conversation, Message, Share, SharedView } from '../../src/protocol/index.ts';
import { noise } from '../fixtures/images/make-images.ts';
import { ScriptedModel } from '../support/scripted-model.ts';
import { startTestApp, type TestApp } from '../support/test-app.ts';
import type { WsClient } from '../support/ws-client.ts';

interface Person {
  readonly token: string;
  readonly client: WsClient;
  readonly user: { readonly id: string; readonly email: string };
}

let app: TestApp;
let model: ScriptedModel;
let admin: Person;
let ada: Person;
let bob: Person;

beforeAll(async () => {
  model = new ScriptedModel();
  app = await startTestApp({ models: [model] });
  admin = await app.signup('the administrator');
});
afterAll(() => app.close());
beforeEach(async () => {
  ada = await app.signup('Ada Lovelace');
  bob = await app.signup('Bob');
});

async function ask(person: Person, text: string, extra: Record<string, unknown> = {}) {
  const accepted = await person.client.ask(text, extra);
  const call = await model.nextCall();
  call.emit({ type: 'thought', text: 'a secret thought' });
  call.text('answer to ', text).finish();
  await person.client.finished(accepted.generationId);
  return accepted;
}

async function upload(person: Person, name: string): Promise<string> {
  const form = new FormData();
  form.append('file', new Blob([new Uint8Array(await noise(64, 64).png().toBuffer())]), name);
  const response = await app.request('/api/uploads', { method: 'POST', body: form, token: person.token });
  return ((await response.json()) as { file: { id: string } }).file.id;
}

async function call<T>(method: string, path: string, person: Person | null = null, body?: object): Promise<{ status: number; body: T }> {
  const init = {
    method,
    ...(person === null ? {} : { token: person.token }),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  };
  const response = await app.request(path, init);
  const text = await response.text();
  return { status: response.status, body: (text === '' ? null : JSON.parse(text)) as T };
}

async function share(conversationId: string, body: object = {}): Promise<Share> {
  const made = await call<{ share: Share }>('POST', `/api/conversations/${conversationId}/shares`, ada, body);
  expect(made.status).toBe(201);
  return made.body.share;
}

const view = (id: string) => call<SharedView>('GET', `/api/shared/${id}`);
const textsOf = (messages: readonly Message[]) =>
  messages.map(({ parts }) => parts.map((part) => (part.type === 'text' ? part.text : part.type)).join(' '));

async function withPicture() {
  const first = await ask(ada, 'one');
  const fileId = await upload(ada, 'گل.png');
  const second = await ask(ada, 'two', { conversationId: first.conversation.id, attachments: [fileId] });
  return { id: first.conversation.id, fileId, first, second };
}

describe('a shared copy', () => {
  it('shows a branch with its pictures to somebody without any account, and nothing else of its owner', async () => {
    const { id, fileId, first, second } = await withPicture();
    const made = await share(id, { title: 'For you' });
    expect(made).toMatchObject({ title: 'For you', conversationId: id, path: `/s/${made.id}`, messages: 4 });
    expect(Buffer.from(made.id, 'base64url').length).toBeGreaterThanOrEqual(16);
    const response = await app.request(`/api/shared/${made.id}`);
    const text = await response.text();
    const shown = JSON.parse(text) as SharedView;
    expect(shown).toMatchObject({ id: made.id, title: 'For you', by: '', nextCursor: null });
    expect(textsOf(shown.messages)).toEqual(
      ['one', 'answer to one', 'image two', 'answer to two'].map((each) => expect.stringContaining(each.split(' ').at(-1) ?? '')),
    );
    expect(shown.messages.map(({ parentId }) => parentId)).toEqual([null, 'm1', 'm2', 'm3']);
    for (const secret of [
      fileId,
      id,
      first.message.id,
      second.answer.id,
      ada.user.id,
      ada.user.email,
      'Lovelace',
      'secret thought',
      'usage',
    ])
      expect(text).not.toContain(secret);
    expect(response.headers.get('x-robots-tag')).toContain('noindex');
    expect(response.headers.get('referrer-policy')).toBe('no-referrer');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('set-cookie')).toBeNull();
    const picture = shown.messages.flatMap(({ parts }) => parts).find((part) => part.type === 'image');
    expect(picture?.url).toBe(`/api/shared/${made.id}/files/f1`);
    const file = await app.request(picture?.url ?? '');
    expect([file.status, file.headers.get('content-type'), file.headers.get('cache-control')]).toEqual([200, 'image/png', 'no-store']);
    expect(file.headers.get('content-security-policy')).toContain('sandbox');
    expect((await app.request(`/api/files/${fileId}`)).status).toBe(401);
  });

  it('says who shared it, and what was thought, only where that was wanted', async () => {
    const { conversation } = await ask(ada, 'one');
    const { id } = await share(conversation.id, { named: true, details: true });
    const { body } = await view(id);
    expect(body.by).toBe('Ada Lovelace');
    expect(JSON.stringify(body.messages)).toContain('a secret thought');
  });

  it('stays as it was when the conversation goes on, is renamed or lies in the trash, and ends when it is gone for good', async () => {
    const { id } = await withPicture();
    const { id: shareId } = await share(id);
    const before = await view(shareId);
    await ask(ada, 'three', { conversationId: id });
    await call('PATCH', `/api/conversations/${id}`, ada, { title: 'Renamed' });
    await call('DELETE', `/api/conversations/${id}`, ada);
    expect(await view(shareId)).toEqual(before);
    expect((await app.request(`/api/shared/${shareId}/files/f1`)).status).toBe(200);
    expect((await call<{ items: Share[] }>('GET', `/api/conversations/${id}/shares`, ada)).body.items).toHaveLength(1);
    expect((await call('DELETE', `/api/trash/${id}`, ada)).status).toBeLessThan(300);
    expect((await view(shareId)).status).toBe(404);
  });

  it('is gone at once when it is taken back, with its pictures, and looks like one that never was', async () => {
    const { id } = await withPicture();
    const { id: shareId } = await share(id);
    expect((await call('DELETE', `/api/shares/${shareId}`, bob)).status).toBe(404);
    expect((await call('DELETE', `/api/shares/${shareId}`, ada)).status).toBe(204);
    const strip = ({ status, body }: { status: number; body: unknown }) => {
      const { error } = body as { error: Record<string, unknown> };
      return { status, error: { ...error, requestId: '' } };
    };
    const never = strip(await call('GET', '/api/shared/never-was'));
    expect(never).toMatchObject({ status: 404, error: { code: 'NOT_FOUND' } });
    for (const path of ['', '/files/f1']) expect(strip(await call('GET', `/api/shared/${shareId}${path}`))).toEqual(never);
    expect(strip(await call('POST', `/api/shared/${shareId}/copy`, bob, {}))).toEqual(never);
    expect((await call('DELETE', `/api/shares/${shareId}`, ada)).status).toBe(404);
    expect((await call<{ items: Share[] }>('GET', '/api/shares', ada)).body.items).toEqual([]);
  });

  it('goes dark with the account of its owner', async () => {
    const { conversation } = await ask(ada, 'one');
    const { id } = await share(conversation.id);
    const disable = (disabled: boolean) => call('PATCH', `/api/admin/users/${ada.user.id}`, admin, { disabled });
    expect((await disable(true)).status).toBe(200);
    expect((await view(id)).status).toBe(404);
    await disable(false);
    expect((await view(id)).status).toBe(200);
  });

  it('holds only the branch that was shown, up to the message that was chosen', async () => {
    const first = await ask(ada, 'one');
    await ask(ada, 'two', { conversationId: first.conversation.id });
    const { id } = await share(first.conversation.id, { messageId: first.answer.id });
    expect((await view(id)).body.messages).toHaveLength(2);
    const other = await ask(ada, 'elsewhere');
    const foreign = { messageId: other.answer.id };
    expect((await call('POST', `/api/conversations/${first.conversation.id}/shares`, ada, foreign)).status).toBe(404);
  });

  it('is not made of somebody else’s conversation, an empty, a temporary or a running one', async () => {
    const { conversation } = await ask(ada, 'one');
    const made = (id: string, person: Person) => call<{ error: { code: string } }>('POST', `/api/conversations/${id}/shares`, person, {});
    expect((await made(conversation.id, bob)).body.error.code).toBe('NOT_FOUND');
    const empty = await call<{ conversation: Conversation }>('POST', '/api/conversations', ada, {});
    expect((await made(empty.body.conversation.id, ada)).body.error.code).toBe('BAD_REQUEST');
    const running = await ada.client.ask('slow', { conversationId: conversation.id });
    const open = await model.nextCall();
    expect((await made(conversation.id, ada)).body.error.code).toBe('GENERATION_RUNNING');
    open.finish();
    await ada.client.finished(running.generationId);
    const temporary = await ask(ada, 'psst', { temporary: true });
    expect((await made(temporary.conversation.id, ada)).body.error.code).toBe('BAD_REQUEST');
  });

  it('becomes a conversation of its reader, who goes on with it after the link is taken back', async () => {
    const { id } = await withPicture();
    const { id: shareId } = await share(id, { title: 'Go on' });
    expect((await call('POST', `/api/shared/${shareId}/copy`, null, {})).status).toBe(401);
    const { status, body } = await call<{ conversation: Conversation }>('POST', `/api/shared/${shareId}/copy`, bob, {});
    expect([status, body.conversation.title, body.conversation.forkedFrom]).toEqual([201, 'Go on', { shareId }]);
    await call('DELETE', `/api/shares/${shareId}`, ada);
    const { items } = (await call<{ items: Message[] }>('GET', `/api/conversations/${body.conversation.id}/messages`, bob)).body;
    expect(items).toHaveLength(4);
    expect(items[0]?.id).toBe(body.conversation.headId);
    const picture = items.flatMap(({ parts }) => parts).find((part) => part.type === 'image');
    expect((await app.request(picture?.url ?? '', { token: bob.token })).status).toBe(200);
    expect((await app.request(picture?.url ?? '', { token: ada.token })).status).toBe(404);
    const accepted = await bob.client.ask('and now?', { conversationId: body.conversation.id });
    const asked = await model.nextCall();
    expect(asked.request.turns.map(({ text }) => text)).toEqual(['one', 'answer to one', 'two', 'answer to two', 'and now?']);
    expect(asked.request.turns.flatMap(({ images }) => images)).toHaveLength(1);
    asked.finish();
    await bob.client.finished(accepted.generationId);
  });

  it('is listed with its conversation and among all, newest first, to its owner only', async () => {
    const { conversation } = await ask(ada, 'one');
    const older = await share(conversation.id);
    const newer = await share(conversation.id);
    const path = `/api/conversations/${conversation.id}/shares`;
    for (const list of ['/api/shares', path]) {
      const { items } = (await call<{ items: Share[] }>('GET', list, ada)).body;
      expect(items.map(({ id }) => id).sort()).toEqual([older.id, newer.id].sort());
      expect((await call<{ items: Share[] }>('GET', list, bob)).body.items).toEqual([]);
    }
  });
});

describe('a conversation as a file', () => {
  it('is a page with its pictures inside, Markdown, or everything as JSON, to its owner only', async () => {
    const { id } = await withPicture();
    await call('PATCH', `/api/conversations/${id}`, ada, { title: '<script>alert(1)</script> گل' });
    const get = (format: string, person: Person = ada) =>
      app.request(`/api/conversations/${id}/export?format=${format}`, { token: person.token });
    const html = await get('html');
    expect(html.headers.get('content-disposition')).toMatch(/^attachment; filename="[^"]+\.html"; filename\*=UTF-8''/);
    const page = await html.text();
    expect(page).toMatch(/<img src="data:image\/(?:png|jpeg);base64,[A-Za-z0-9+/=]+" alt="گل\.png">/);
    expect(page).not.toContain('<script');
    expect(page).not.toMatch(/(?:src|href)="(?!data:)/);
    expect(await (await get('md')).text()).toContain('answer to two');
    const json = (await (await get('json')).json()) as { conversation: Conversation; messages: Message[] };
    expect([json.conversation.id, json.messages.length]).toEqual([id, 4]);
    expect((await get('pdf')).status).toBe(400);
    expect((await get('html', bob)).status).toBe(404);
  });
});
