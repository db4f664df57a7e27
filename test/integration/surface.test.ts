import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Conversation, Message, Part, ServerFrame, ServerFrameOf } from '../../src/protocol/index.ts';
import { startTestApp, type TestApp } from '../support/test-app.ts';
import type { WsClient } from '../support/ws-client.ts';

/*
 * Everything that a plugin shows, through the whole server and the plugin's own process: the fixture `showcase` uses all of it.
 */

let dataDir: string;
let app: TestApp;
let ada: Awaited<ReturnType<TestApp['signup']>>;
let ids = 0;

const plugins = 'test/fixtures/plugin-sets/showcase';
const env = { INFERENCE_KEEP_ALIVE_MS: '60000' };

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'jarvis-surface-'));
  const site = join(dataDir, 'site');
  await mkdir(join(site, 'avatars'), { recursive: true });
  await writeFile(join(site, 'theme.json'), JSON.stringify({ light: { accent: '#aa0055' }, radius: { md: '4px' } }));
  await writeFile(join(site, 'links.json'), JSON.stringify([{ title: { en: 'Help' }, url: 'javascript:alert(1)' }]));
  await writeFile(join(site, 'readme.md'), '# About');
  await writeFile(join(site, 'readme.fa.md'), '# درباره');
  await writeFile(join(site, 'avatars', 'guide.png'), Buffer.from('\x89PNG\r\n\x1a\n....', 'latin1'));
  await writeFile(join(site, 'avatars', 'evil.png'), '<html>');
  app = await startTestApp({ pluginsFolder: plugins, dataDir, env });
  ada = await app.signup('Ada');
});
afterAll(async () => {
  await app.close(true);
  await rm(dataDir, { recursive: true, force: true });
});

async function begin(profile: string): Promise<Conversation> {
  const response = await app.request('/api/conversations', { method: 'POST', token: ada.token, body: JSON.stringify({ profile }) });
  const { conversation } = (await response.json()) as { conversation: Conversation };
  await ada.client.request({ type: 'conversation.open', conversationId: conversation.id });
  return conversation;
}

async function say(text: string, conversationId: string): Promise<Message> {
  ids += 1;
  const accepted = await ada.client.request({ type: 'message.send', clientMessageId: `say-${ids}`, conversationId, text });
  if (accepted.type !== 'message.accepted') throw new Error(JSON.stringify(accepted));
  const ended = await seen(ada.client, 'generation.finished', ({ generationId }) => generationId === accepted.generationId);
  return ended.message;
}

/** A frame that came already, or comes. */
async function seen<T extends ServerFrame['type']>(
  client: WsClient,
  type: T,
  matches: (frame: ServerFrameOf<T>) => boolean = () => true,
): Promise<ServerFrameOf<T>> {
  const isIt = (frame: ServerFrame): frame is ServerFrameOf<T> => frame.type === type && matches(frame as ServerFrameOf<T>);
  const found = client.frames.find(isIt) ?? (await client.next(isIt));
  return found as ServerFrameOf<T>;
}

const partsOf = <T extends Part['type']>({ parts }: Message, type: T) =>
  parts.filter((part): part is Extract<Part, { type: T }> => part.type === type);

async function messagesOf(conversationId: string): Promise<Message[]> {
  const response = await app.request(`/api/conversations/${conversationId}/messages`, { token: ada.token });
  return ((await response.json()) as { items: Message[] }).items;
}

describe('what plugins and the operator put around the conversation', () => {
  it('comes with welcome, and files of the site that are wrong count as absent', async () => {
    const { surface, asks } = await seen(ada.client, 'welcome');
    expect(surface?.profiles.map(({ id }) => id)).toEqual(['showcase.guide', 'showcase.concierge']);
    expect(surface?.modes.map(({ id }) => id)).toEqual(['showcase.pace']);
    expect(surface?.links.map(({ url }) => url)).toEqual(['https://docs.example.org/showcase']);
    expect([surface?.readme, surface?.theme, asks]).toEqual([true, true, []]);
    await seen(ada.client, 'toast', ({ text }) => text === 'Hello, Ada');
    const theme = await app.request('/site/theme.css');
    expect(await theme.text()).toContain('--color-accent: light-dark(#aa0055, #aa0055);');
    const readme = await app.request('/api/readme?locale=fa-IR', { token: ada.token });
    expect(await readme.json()).toEqual({ text: '# درباره', locale: 'fa' });
    const avatars = await Promise.all(['guide', 'evil', '..%2Fguide'].map((name) => app.request(`/api/avatars/${name}`)));
    expect(avatars.map(({ status }) => status)).toEqual([200, 404, 404]);
  });
});

describe('an answer of a plugin’s model', () => {
  it('shows nested steps, elements with bytes, tasks and buttons, and keeps them', async () => {
    const { id } = await begin('showcase.guide');
    const answer = await say('steps elements tasks actions remove custom', id);
    expect(answer).toMatchObject({ status: 'complete', model: 'showcase-model' });
    const steps = partsOf(answer, 'step');
    expect(steps.map(({ stepId, parentStepId, status }) => [stepId, parentStepId, status])).toContainEqual([
      'showcase.search-2-1',
      'showcase.search-2',
      'failed',
    ]);
    expect(steps.every(({ startedAt, endedAt }) => startedAt !== undefined && endedAt !== undefined)).toBe(true);
    expect(answer.parts.some((part) => part.type === 'removed' || (part.type === 'step' && part.stepId === 'showcase.gone'))).toBe(false);
    expect(partsOf(answer, 'tasks')).toMatchObject([{ tasksId: 'showcase.tea' }]);
    const elements = partsOf(answer, 'element');
    expect(new Set(elements.map(({ kind }) => kind))).toEqual(
      new Set(['image', 'text', 'pdf', 'audio', 'video', 'file', 'table', 'plot', 'custom']),
    );
    for (const { kind, file } of elements) {
      if (file === undefined) continue;
      const served = await app.request(file.url, { token: ada.token });
      expect([kind, served.status, served.headers.get('x-content-type-options')]).toEqual([kind, 200, 'nosniff']);
      const shownBy = served.headers.get('content-disposition')?.split(';')[0];
      expect([kind, shownBy]).toEqual([kind, kind === 'file' ? 'attachment' : 'inline']);
    }
    const stored = (await messagesOf(id)).find((message) => message.id === answer.id);
    expect(stored?.parts).toEqual(answer.parts);
  });

  it('goes on without a hook that fails, and says so', async () => {
    const { id } = await begin('showcase.guide');
    const answer = await say('break', id);
    expect(answer.status).toBe('complete');
    expect(partsOf(answer, 'step')).toMatchObject([{ name: 'Showcase', status: 'failed', output: 'PLUGIN_FAILED' }]);
    expect(JSON.stringify(answer)).not.toContain('secret.ts');
  });
});

describe('a profile that speaks first', () => {
  it('asks, and takes one answer from whichever client is first, which outlives a restart of the server', async () => {
    const conversation = await begin('showcase.concierge');
    const { askId, messageId } = await seen(ada.client, 'ask', (frame) => frame.conversationId === conversation.id);
    const messages = await messagesOf(conversation.id);
    expect(messages.map(({ author, role }) => [author?.name, role])).toEqual([
      ['Bell boy', 'assistant'],
      [undefined, 'assistant'],
    ]);
    expect(messages[0]).toMatchObject({ id: messageId, parentId: messages[1]?.id });
    await app.close(true);
    app = await startTestApp({ pluginsFolder: plugins, dataDir, env });
    const first = await app.connect(ada.token);
    const second = await app.connect(ada.token);
    ada = { ...ada, client: first };
    expect((await seen(first, 'welcome')).asks?.[0]).toMatchObject({ askId, conversationId: conversation.id });
    await first.request({ type: 'conversation.open', conversationId: conversation.id });
    expect(await first.request({ type: 'ask.reply', askId, value: { no: 'text' } })).toMatchObject({ type: 'error', code: 'BAD_REQUEST' });
    const replies = await Promise.all([
      first.request({ type: 'ask.reply', askId, value: 'Ada L.' }),
      second.request({ type: 'ask.reply', askId, value: 'Somebody else' }),
    ]);
    expect(replies.map((reply) => reply.type === 'ask.ended' && reply.status)).toEqual(['answered', 'answered']);
    const updated = await seen(first, 'message.updated', ({ message }) => message.id === messageId);
    const [part] = partsOf(updated.message, 'ask');
    expect(part?.status).toBe('answered');
    const said = await seen(first, 'message.created', ({ message }) => JSON.stringify(message).includes('Pleased to meet you'));
    expect(JSON.stringify(said.message)).toContain(part?.answer);
    const next = await seen(first, 'ask', (frame) => frame.askId !== askId);
    expect(next.spec).toMatchObject({ kind: 'choice' });
  });
});

describe('buttons and settings', () => {
  it('change the message under which they were pressed, and are refused where they were not shown', async () => {
    const { id } = await begin('showcase.guide');
    const answer = await say('actions', id);
    const press = (actionId: string, messageId = answer.id) =>
      ada.client.request({ type: 'action.invoke', actionId, payload: { messageId, data: 7 } });
    expect(await press('showcase.approve')).toMatchObject({ type: 'notice', code: 'ACTION_DONE' });
    const changed = await seen(ada.client, 'message.updated', ({ message }) => partsOf(message, 'step').length > 0);
    expect(changed.message.id).toBe(answer.id);
    expect(partsOf(changed.message, 'actions')[0]?.items.map(({ actionId }) => actionId)).toEqual(['showcase.reject']);
    expect(await press('showcase.submit')).toMatchObject({ type: 'error', code: 'NOT_FOUND' });
    expect(await press('showcase.reject')).toMatchObject({ type: 'notice', code: 'ACTION_DONE' });
    const said = await seen(ada.client, 'message.created', ({ message }) => JSON.stringify(message).includes('Rejected.'));
    expect(said.message.parentId).toBe(answer.id);
  });

  it('keeps only values that fit their fields, tells the plugin, and asks it for the fields while they are changed', async () => {
    const { id: conversationId } = await begin('showcase.guide');
    const update = (values: object) => ada.client.request({ type: 'settings.update', conversationId, settings: { values: { ...values } } });
    expect(await update({ warmth: 9 })).toMatchObject({ type: 'error', code: 'BAD_REQUEST', params: { field: 'warmth' } });
    expect(await update({ unheard: true })).toMatchObject({ type: 'error', code: 'BAD_REQUEST' });
    expect(await update({ nickname: 'Countess', warmth: 0.5 })).toMatchObject({
      type: 'settings.updated',
      settings: { model: 'showcase-model', values: { nickname: 'Countess', warmth: 0.5, brief: true } },
    });
    await seen(ada.client, 'toast', ({ text }) => text.includes('Countess'));
    const edited = await ada.client.request({ type: 'settings.edit', conversationId, values: { country: 'eg' } });
    expect(edited).toMatchObject({ type: 'settings.fields', values: { country: 'eg', city: 'cairo' } });
  });
});
