import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Message, ServerFrameOf } from '../../src/protocol/index.ts';
import { startTestApp, type TestApp } from '../support/test-app.ts';
import type { WsClient } from '../support/ws-client.ts';

/*
 * What plugins show, at its worst: bytes that are not what they say, links that run, other people's files and buttons, names that no
 * object should have, far too much of everything. Each ends as an answer that can be read, and the server goes on.
 */

let app: TestApp;
let ada: { token: string; client: WsClient };
let conversationId: string;
const logged: string[] = [];

beforeAll(async () => {
  const log = (fields: unknown, text: unknown) => void logged.push(JSON.stringify([fields, text]));
  const logger = { debug: log, info: log, warn: log, error: log, fatal: log, child: () => logger };
  app = await startTestApp({
    pluginsFolder: 'test/fixtures/plugin-sets/hostile',
    logger: logger as never,
    env: { INFERENCE_KEEP_ALIVE_MS: '60000' },
  });
  ada = await app.signup('Ada');
  conversationId = await begin('rude.rude');
});
afterAll(() => app.close());

async function begin(profile: string): Promise<string> {
  const response = await app.request('/api/conversations', { method: 'POST', token: ada.token, body: JSON.stringify({ profile }) });
  const { id } = ((await response.json()) as { conversation: { id: string } }).conversation;
  await ada.client.request({ type: 'conversation.open', conversationId: id });
  return id;
}

async function say(text: string): Promise<ServerFrameOf<'generation.finished'>> {
  const { generationId } = await ada.client.ask(text, { conversationId });
  return ada.client.waitFor('generation.finished', (frame) => frame.generationId === generationId);
}

async function stored(id: string): Promise<Message | undefined> {
  const response = await app.request(`/api/conversations/${conversationId}/messages`, { token: ada.token });
  return ((await response.json()) as { items: Message[] }).items.find((message) => message.id === id);
}

describe('a question for a file', () => {
  it('takes what it asked for from the person it asked, once, and hands out nothing that runs', async () => {
    const ben = await app.signup('Ben');
    const { message } = await say('paper');
    const askId = message.parts.flatMap((part) => (part.type === 'ask' ? [part.askId] : []))[0];
    const send = async (name: string, text: string, token = ada.token) => {
      const body = new FormData();
      body.set('file', new Blob([text], { type: 'text/html' }), name);
      const response = await app.request(`/api/asks/${askId}/files`, {
        method: 'POST',
        token,
        body,
        headers: { 'X-Requested-With': 'test' },
      });
      return { status: response.status, ...((await response.json()) as { file?: { id: string; url: string } }) };
    };
    const reply = (client: WsClient, value: unknown) => client.request({ type: 'ask.reply', askId, value });
    expect((await send('page.html', '<script>')).status).toBe(415);
    expect((await send('big.csv', 'a'.repeat(1001))).status).toBe(413);
    expect((await send('list.csv', 'a', ben.token)).status).toBe(404);
    const { status, file } = await send('list.csv', '<html><script>alert(1)</script>');
    expect(status).toBe(201);
    const served = await app.request(file?.url ?? '', { token: ada.token });
    expect(served.headers.get('content-type')).toBe('application/octet-stream');
    expect(served.headers.get('content-disposition')).toMatch(/^attachment;/);
    expect((await app.request(file?.url ?? '', { token: ben.token })).status).toBe(404);
    expect(await reply(ben.client, [file?.id])).toMatchObject({ type: 'error', code: 'NOT_FOUND' });
    for (const value of ['../etc/passwd', [{ $ne: 1 }], [file?.id, file?.id], ['unknown'], { length: 1 }]) {
      expect(await reply(ada.client, value)).toMatchObject({ type: 'error', code: 'BAD_REQUEST' });
    }
    expect(await reply(ada.client, [file?.id])).toMatchObject({ type: 'ask.ended', status: 'answered' });
    expect((await send('late.csv', 'a')).status).toBe(400);
  });
});

describe('a plugin’s model', () => {
  it('shows files of a wrong type, which no browser runs', async () => {
    const { message, status } = await say('files');
    expect(status).toBe('complete');
    const files = message.parts.flatMap((part) => (part.type === 'element' && part.file !== undefined ? [part.file] : []));
    expect(files).toHaveLength(4);
    for (const { url } of files) {
      const served = await app.request(url, { token: ada.token });
      expect(served.headers.get('content-type')).toBe('application/octet-stream');
      expect(served.headers.get('content-disposition')).toMatch(/^attachment;/);
      expect(served.headers.get('content-disposition')).not.toContain('..');
      expect(served.headers.get('content-security-policy')).toContain('sandbox');
      expect(served.headers.get('x-content-type-options')).toBe('nosniff');
    }
  });

  it('shows a tree without the links, files and names that it may not have', async () => {
    const { message, status } = await say('links');
    expect(status).toBe('complete');
    const text = JSON.stringify(message.parts);
    for (const bad of ['script:', 'somebody-elses', 'constructor', '$where', 'a.b']) expect(text).not.toContain(bad);
    expect(text).toContain('"payload":{"fine":4}');
    expect((await stored(message.id))?.parts).toEqual(message.parts);
  });

  it.each(['picture', 'foreign', 'deep', 'malformed', 'huge', 'steps', 'asks', 'throw', 'die'])(
    'that does “%s” ends its own answer',
    async (word) => {
      const { message, error } = await say(word);
      expect(error?.code).toMatch(/^(PLUGIN_FAILED|MODEL_ERROR|MODEL_UNAVAILABLE|IMAGE_UNREADABLE|UNSUPPORTED_MEDIA)$/);
      expect(message.parts.length).toBeLessThanOrEqual(1001);
      expect(JSON.stringify(message)).not.toContain('secret.ts');
      expect((await stored(message.id))?.status).toBe(message.status);
    },
  );

  it('may cry five times, not two hundred', async () => {
    await say('toasts');
    expect(ada.client.frames.filter(({ type }) => type === 'toast')).toHaveLength(5);
  });
});

describe('a hook that hangs', () => {
  it('keeps no message from being accepted, and no stop from working at once', async () => {
    const { generationId } = await ada.client.ask('hang', { conversationId });
    await ada.client.request({ type: 'generation.stop', generationId });
    const ended = await ada.client.waitFor('generation.finished', (frame) => frame.generationId === generationId);
    expect(ended.status).toBe('stopped');
  });
});

describe('a profile whose model nobody has', () => {
  it('answers with the server’s own, and names it', async () => {
    const id = await begin('rude.lost');
    const accepted = await ada.client.request({ type: 'message.send', clientMessageId: 'lost-1', conversationId: id, text: 'hello' });
    expect(accepted).toMatchObject({ type: 'message.accepted', answer: { model: 'demo' } });
  });
});

describe('the log', () => {
  it('has no word of what was shown or said', () => {
    expect(logged.length).toBeGreaterThan(0);
    for (const word of ['alert(', 'Look at me', 'Why?', 'somebody-elses']) expect(logged.join('\n')).not.toContain(word);
  });
});
