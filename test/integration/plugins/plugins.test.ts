import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Job, type Message, type PluginInfo, pluginInfoSchema, type ServerFrame } from '../../../src/protocol/index.ts';
import { startTestApp, type TestApp } from '../../support/test-app.ts';
import type { WsClient } from '../../support/ws-client.ts';

let app: TestApp;
let admin: Awaited<ReturnType<TestApp['signup']>>;
let person: Awaited<ReturnType<TestApp['signup']>>;
beforeAll(async () => {
  app = await startTestApp({ pluginsFolder: 'test/fixtures/plugin-sets/good' });
  admin = await app.signup('Admin');
  person = await app.signup('Ada');
});
afterAll(() => app.close());

async function sampleFor(token: string): Promise<PluginInfo> {
  const response = await app.request('/api/plugins', { token });
  expect(response.status).toBe(200);
  const { items } = (await response.json()) as { items: unknown[] };
  const sample = items.map((item) => pluginInfoSchema.strict().parse(item)).find(({ name }) => name === 'sample');
  if (sample === undefined) throw new Error('there is no sample');
  return sample;
}

let ids = 0;
function run(client: WsClient, name: string, args: readonly string[] = [], more: object = {}) {
  ids += 1;
  return client.request({ type: 'command.run', clientMessageId: `cmd-${ids}`, name, args, conversationId: null, ...more });
}

describe('GET /api/plugins', () => {
  it('tells what each plugin can do, with a form for its parameters', async () => {
    const sample = await sampleFor(person.token);
    expect(sample).toMatchObject({ name: 'sample', version: '1.2.3', state: 'ready', commands: ['invert', 'greet'] });
    expect(sample.title).toEqual({ en: 'Sample', fa: 'نمونه', ar: 'عيّنة' });
    expect(sample.processors).toMatchObject([{ kind: 'sample-invert', input: { minPictures: 1, maxPictures: 1 } }]);
    expect(sample.processors[0]?.params).toMatchObject({
      type: 'object',
      properties: {
        scale: { default: 1, title: 'Scale', anyOf: [{ const: 1 }, { const: 2 }] },
        alpha: { type: 'boolean', default: false },
      },
    });
    expect(sample.actions).toMatchObject([
      { id: 'sample.invert-twice', on: 'picture', kind: 'sample-invert', params: { scale: 2 } },
      { id: 'sample.count', on: 'message' },
    ]);
  });

  it('comes compressed to whom can read that: it is the largest answer of a first page', async () => {
    const read = (encoding: string) => app.request('/api/plugins', { token: person.token, headers: { 'accept-encoding': encoding } });
    const [small, plain] = [await read('gzip'), await read('identity')];
    expect([small.headers.get('content-encoding'), plain.headers.get('content-encoding')]).toEqual(['gzip', null]);
    expect([small, plain].map(({ headers }) => headers.get('content-type'))).toEqual(Array(2).fill('application/json; charset=utf-8'));
    expect(small.headers.get('vary')).toContain('Accept-Encoding');
    expect(await small.json()).toEqual(await plain.json());
  });

  it('shows the configuration to administrators only', async () => {
    expect((await sampleFor(person.token)).config).toBeUndefined();
    expect((await sampleFor(admin.token)).config?.values).toEqual({ greeting: 'Hello', strength: 1 });
  });
});

describe('a command that the plugin answers', () => {
  it('runs in its own process and comes back as a notice', async () => {
    const notice = await run(person.client, 'greet', ['Grace', 'Hopper']);
    expect(notice).toMatchObject({ type: 'notice', code: 'PLUGIN_ANSWER', params: { plugin: 'sample' }, text: 'Hello, Grace Hopper!' });
  });

  it('follows the settings of the person who asks, and nobody else’s', async () => {
    const body = JSON.stringify({ values: { polite: true } });
    const saved = await app.request('/api/plugins/sample/settings', { method: 'PUT', token: person.token, body });
    expect(saved.status).toBe(200);
    expect((await sampleFor(person.token)).settings?.values).toEqual({ polite: true });
    expect((await sampleFor(admin.token)).settings?.values).toEqual({ polite: false });
    expect(await run(person.client, 'greet', ['Grace'])).toMatchObject({ text: 'Hello, Grace, if I may!' });
    expect(await run(admin.client, 'greet', ['Grace'])).toMatchObject({ text: 'Hello, Grace!' });
  });

  it('follows the configuration, from the next call on', async () => {
    const body = JSON.stringify({ config: { greeting: 'Salaam' } });
    const told = person.client.next(({ type }) => type === 'plugins.updated');
    const saved = await app.request('/api/admin/plugins/sample', { method: 'PATCH', token: admin.token, body });
    expect(saved.status).toBe(200);
    await told;
    expect(await run(admin.client, 'greet', ['Grace'])).toMatchObject({ text: 'Salaam, Grace!' });
    expect((await sampleFor(admin.token)).config?.values).toEqual({ greeting: 'Salaam', strength: 1 });
  });
});

async function upload(token: string): Promise<string> {
  const form = new FormData();
  form.append('file', new Blob([await picture()], { type: 'image/png' }), 'point.png');
  const response = await app.request('/api/uploads', { method: 'POST', token, body: form, headers: { 'x-requested-with': 'test' } });
  expect(response.status).toBe(201);
  return ((await response.json()) as { file: { id: string } }).file.id;
}

function picture(): Promise<Buffer> {
  return sharp({ create: { width: 4, height: 3, channels: 3, background: { r: 255, g: 0, b: 10 } } })
    .png()
    .toBuffer();
}

/** Until the job has ended. */
async function ended(client: WsClient, jobId: string): Promise<Job> {
  const final = ['succeeded', 'failed', 'cancelled', 'dead'];
  const { job } = await client.waitFor('job.updated', ({ job: { id, status } }) => id === jobId && final.includes(status));
  return job;
}

/** Until the conversation holds a picture. */
async function pictureShown(client: WsClient, conversationId: string): Promise<void> {
  const hasPicture = ({ parts }: Message) => parts.some(({ type }) => type === 'image');
  const opened = await client.request({ type: 'conversation.open', conversationId });
  if (opened.type !== 'conversation.opened') throw new Error(`a ${opened.type} came`);
  if (!opened.messages.some(hasPicture)) await client.waitFor('message.updated', ({ message }) => hasPicture(message));
}

describe('a command with a processor', () => {
  it('makes a job of the pictures that came along, in a conversation of its own when none is open', async () => {
    const { client, token } = await app.signup('Mina');
    const fileId = await upload(token);
    const notice = await run(client, 'invert', ['2', 'for', 'Ada', '--level', 'quick', 'alpha=yes'], { attachments: [fileId] });
    expect(notice).toMatchObject({ type: 'notice', code: 'JOB_STARTED', params: { kind: 'sample-invert' } });
    const { job, conversationId } = dataOf(notice);
    expect(job).toMatchObject({ input: [fileId], level: 'quick', params: { scale: 2, alpha: true, note: 'for Ada' } });
    const done = await ended(client, job.id);
    expect(done).toMatchObject({ status: 'succeeded', conversationId });
    expect(done.results).toHaveLength(1);
    await pictureShown(client, conversationId ?? '');

    const again = await run(client, 'invert', [], { conversationId });
    const second = dataOf(again).job;
    expect(second.input).toEqual(done.results);
    expect(second).toMatchObject({ level: 'quick', params: { scale: 1, alpha: false } });
    await ended(client, second.id);
  });

  it('says that a picture has to be attached where there is none, and leaves no empty conversation', async () => {
    const { client, token } = await app.signup('Nima');
    expect(await run(client, 'invert', ['2'])).toMatchObject({ type: 'error', code: 'BAD_REQUEST', params: { field: 'attachments' } });
    const fileId = await upload(token);
    const refused = await run(client, 'invert', ['note=longer than twenty characters'], { attachments: [fileId] });
    expect(refused).toMatchObject({ type: 'error', code: 'BAD_REQUEST', params: { field: 'note' } });
    const list = (await (await app.request('/api/conversations', { token })).json()) as { items: unknown[] };
    expect(list.items).toEqual([]);
  });

  it('takes the same request twice as one', async () => {
    const { client, token } = await app.signup('Sara');
    const frame = { type: 'command.run', clientMessageId: 'twice', name: 'invert', args: [], conversationId: null };
    const attachments = [await upload(token)];
    const [first, second] = await Promise.all([client.request({ ...frame, attachments }), client.request({ ...frame, attachments })]);
    expect(dataOf(second).job.id).toBe(dataOf(first).job.id);
    await ended(client, dataOf(first).job.id);
  });

  it('works as a text with pictures as well', async () => {
    const { client, token } = await app.signup('Omid');
    const attachments = [await upload(token)];
    const text = '/invert 2';
    const notice = await client.request({ type: 'message.send', clientMessageId: 'as-text', conversationId: null, text, attachments });
    expect(dataOf(notice).job).toMatchObject({ level: 'deep', params: { scale: 2 } });
    await ended(client, dataOf(notice).job.id);
  });
});

function dataOf(frame: ServerFrame): { job: Job; conversationId?: string } {
  if (frame.type !== 'notice') throw new Error(`a ${frame.type} came: ${JSON.stringify(frame)}`);
  return frame.data as { job: Job; conversationId?: string };
}

describe('action.invoke', () => {
  it('lets the plugin answer a button on a message', async () => {
    const answer = await person.client.request({ type: 'action.invoke', actionId: 'sample.count', payload: { text: 'one two three' } });
    expect(answer).toMatchObject({ type: 'notice', code: 'PLUGIN_ANSWER', text: '3 words' });
  });

  it('makes a job of a button on a picture', async () => {
    const fileId = await upload(person.token);
    const answer = await person.client.request({ type: 'action.invoke', actionId: 'sample.invert-twice', payload: { fileId } });
    expect(dataOf(answer).job).toMatchObject({ input: [fileId], params: { scale: 2 } });
    await ended(person.client, dataOf(answer).job.id);
  });

  it.each([
    ['an unknown plugin', 'nobody.count', {}],
    ['an unknown action', 'sample.nothing', {}],
    ['somebody else’s message', 'sample.count', { messageId: '01J00000000000000000000000' }],
    ['somebody else’s picture', 'sample.invert-twice', { fileId: '01J00000000000000000000000' }],
  ])('answers %s with NOT_FOUND', async (_what, actionId, payload) => {
    const answer = await person.client.request({ type: 'action.invoke', actionId, payload });
    expect(answer).toMatchObject({ type: 'error', code: 'NOT_FOUND' });
  });
});

describe('a chat model of a plugin', () => {
  it('is listed and answers', async () => {
    const models = (await (await app.request('/api/models', { token: person.token })).json()) as {
      items: { id: string; provider: string }[];
    };
    expect(models.items).toContainEqual({ id: 'sample-echo', label: 'Echo', thinking: false, images: false, provider: 'sample' });
    const { generationId } = await person.client.ask('good morning', { model: 'sample-echo' });
    const { message } = await person.client.finished(generationId);
    expect(message).toMatchObject({ status: 'complete', model: 'sample-echo', parts: [{ type: 'text', text: 'You said: good morning' }] });
  });
});

describe('the lists of commands', () => {
  it('name those of plugins, in the language of the client', async () => {
    const client = await app.connect();
    const welcome = await client.hello(person.token, { locale: 'fa-IR' }).catch(() => null);
    const { commands } = welcome ?? { commands: [] };
    expect(commands.find(({ name }) => name === 'invert')).toMatchObject({ summary: 'تصویر را وارونه کن.', usage: '/invert [1|2] [note]' });
    const listed = (await (await app.request('/api/commands', { token: person.token })).json()) as {
      items: { name: string; summary: string }[];
    };
    expect(listed.items.find(({ name }) => name === 'greet')?.summary).toBe('Greet somebody.');
    const answer = await app.request('/api/commands?locale=fa', { token: person.token });
    expect(await answer.text()).toContain('به کسی سلام کن.');
  });
});

describe('an administrator', () => {
  it('switches a plugin off and on again; meanwhile it is gone from the lists and refuses to work', async () => {
    expect(await run(person.client, 'plugins', ['off', 'sample'])).toMatchObject({ type: 'error', code: 'FORBIDDEN' });
    expect(await run(admin.client, 'plugins', ['off', 'sample'])).toMatchObject({ type: 'notice', code: 'PLUGIN_OFF' });
    expect((await sampleFor(person.token)).state).toBe('disabled');
    expect(await run(person.client, 'greet', ['you'])).toMatchObject({
      type: 'error',
      code: 'PLUGIN_DISABLED',
      params: { plugin: 'sample' },
    });
    const commands = (await (await app.request('/api/commands', { token: person.token })).json()) as { items: { name: string }[] };
    expect(commands.items.map(({ name }) => name)).not.toContain('greet');
    const models = (await (await app.request('/api/models', { token: person.token })).json()) as { items: { id: string }[] };
    expect(models.items.map(({ id }) => id)).not.toContain('sample-echo');
    expect(await run(admin.client, 'plugins', ['on', 'sample'])).toMatchObject({ type: 'notice', code: 'PLUGIN_ON' });
    expect(await run(admin.client, 'greet', ['you'])).toMatchObject({ type: 'notice', code: 'PLUGIN_ANSWER' });
    expect(await run(admin.client, 'plugins')).toMatchObject({ code: 'PLUGINS', params: { ready: 1, count: 1 } });
  });
});

describe('the next start', () => {
  it('finds a plugin as the administrator left it', async () => {
    const pluginsFolder = 'test/fixtures/plugin-sets/good';
    const before = await startTestApp({ pluginsFolder });
    const { token } = await before.signup('Admin');
    const body = JSON.stringify({ enabled: false, config: { greeting: 'Marhaba' } });
    expect((await before.request('/api/admin/plugins/sample', { method: 'PATCH', token, body })).status).toBe(200);
    await before.close(true);
    const after = await startTestApp({ pluginsFolder, dataDir: before.dataDir });
    try {
      const { items } = (await (await after.request('/api/plugins', { token })).json()) as { items: PluginInfo[] };
      expect(items).toMatchObject([{ name: 'sample', state: 'disabled', config: { values: { greeting: 'Marhaba', strength: 1 } } }]);
    } finally {
      await after.close();
    }
  });
});
