import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Conversation, Message } from '../../src/protocol/index.ts';
import { startTestApp, type TestApp } from '../support/test-app.ts';

/**
 * A store as each released schema wrote it, made by the program of that time with the same script: two people, a Persian
 * conversation with a picture, a second answer to one question, feedback, settings, and a deleted conversation. A new schema
 * adds one line here and one folder in `test/fixtures/stores`.
 */
const released = [{ schema: 1, madeBy: 'commit 5d22d38' }];

interface List<T> {
  items: T[];
}

describe.each(released)('a store of schema $schema, made by $madeBy', ({ schema }) => {
  let directory: string;
  let app: TestApp;

  beforeEach(async () => {
    const fixture = join('test/fixtures/stores', `schema-${schema}`);
    directory = await mkdtemp(join(tmpdir(), 'jarvis-released-'));
    await cp(join(fixture, 'blobs'), join(directory, 'blobs'), { recursive: true });
    await writeFile(join(directory, 'jarvis-argus.db'), gunzipSync(await readFile(join(fixture, 'jarvis-argus.db.gz'))));
    app = await startTestApp({ dataDir: directory });
  });
  afterEach(async () => {
    await app.close();
    await rm(directory, { recursive: true, force: true });
  });

  async function get<T>(path: string, token: string): Promise<T> {
    const response = await app.request(path, { token });
    expect(response.status).toBe(200);
    return (await response.json()) as T;
  }

  async function login(email: string): Promise<{ token: string; user: { name: string; role: string } }> {
    const body = JSON.stringify({ email, password: 'correct horse battery' });
    const response = await app.request('/api/auth/login', { method: 'POST', body });
    expect(response.status).toBe(200);
    return (await response.json()) as { token: string; user: { name: string; role: string } };
  }

  it('opens with everything that was in it', async () => {
    const { token, user } = await login('ada@example.org');
    expect(user).toMatchObject({ name: 'آدا', role: 'admin' });
    const { items: conversations } = await get<List<Conversation>>('/api/conversations', token);
    expect(conversations.map(({ title }) => title)).toEqual(['سلام، حال شما چطور است؟']);
    const { items } = await get<List<Message>>(`/api/conversations/${conversations[0]?.id}/messages`, token);
    const texts = items.map(({ parts }) => parts.map((part) => (part.type === 'text' ? part.text : part.type)).join('|')).reverse();
    expect(texts).toEqual([
      'سلام، حال شما چطور است؟ می‌خواهم یک شعر بخوانم',
      'سلام! خوبم، ممنون 🌱',
      expect.stringContaining('What is in this picture?'),
      'A flat colour.',
      'One colour only.',
    ]);
    expect(items.find(({ feedback }) => feedback !== undefined)?.feedback).toEqual({ value: 1, comment: 'خوب بود' });
    expect(items.every(({ status }) => status === 'complete')).toBe(true);
    const picture = items.flatMap(({ parts }) => parts).find((part) => part.type === 'image');
    const bytes = await app.request(picture?.type === 'image' ? picture.url : '/', { token });
    expect([bytes.status, bytes.headers.get('content-type')]).toEqual([200, 'image/png']);
    expect(await get('/api/settings', token)).toEqual({ settings: { temperature: 0.4, systemInstruction: 'کوتاه بگو' } });
  });

  it('still finds by words, and keeps a deleted conversation out of sight', async () => {
    const ada = await login('ada@example.org');
    expect((await get<List<Conversation>>(`/api/conversations?q=${encodeURIComponent('شعر')}`, ada.token)).items).toHaveLength(1);
    const bob = await login('bob@example.org');
    expect((await get<List<Conversation>>('/api/conversations', bob.token)).items).toEqual([]);
  });
});
