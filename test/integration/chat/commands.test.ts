import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Logger } from '../../../src/lib/logger.ts';
import type { ServerFrame } from '../../../src/protocol/index.ts';
import { ScriptedModel } from '../../support/scripted-model.ts';
import { startTestApp, type TestApp } from '../../support/test-app.ts';
import { textOf, type WsClient } from '../../support/ws-client.ts';

let app: TestApp;
let model: ScriptedModel;
let ids = 0;
beforeAll(async () => {
  model = new ScriptedModel(['scripted', 'other-model']);
  app = await startTestApp({ models: [model], env: { LIMIT_FRAMES_PER_MINUTE: '0' } });
});
afterAll(() => app.close());

function run(client: WsClient, name: string, args: string[] = [], conversationId: string | null = null): Promise<ServerFrame> {
  ids += 1;
  return client.request({ type: 'command.run', clientMessageId: `command-${ids}`, name, args, conversationId });
}

/** As text typed into the composer. */
function type(client: WsClient, text: string, conversationId: string | null = null): Promise<ServerFrame> {
  ids += 1;
  return client.request({ type: 'message.send', clientMessageId: `typed-${ids}`, conversationId, text });
}

/** A conversation with one question and one answer. */
async function talk(client: WsClient, question = 'hello', answer = 'hi') {
  const accepted = await client.ask(question);
  (await model.nextCall()).text(answer).finish();
  await client.finished(accepted.generationId);
  return accepted;
}

describe('commands over the socket', () => {
  it('list themselves and explain each of their kind with an example', async () => {
    const { client } = await app.signup();
    const help = await run(client, 'help');
    if (help.type !== 'notice') throw new Error(JSON.stringify(help));
    const { commands } = help.data as { commands: { name: string; example: string }[] };
    expect(commands.map((command) => command.name)).toEqual(
      expect.arrayContaining(['login', 'logout', 'new', 'convs', 'select', 'model', 'level', 'settings', 'stop', 'retry', 'continue']),
    );
    for (const command of commands) {
      expect(await run(client, 'help', [command.name])).toMatchObject({ type: 'notice', code: 'HELP_COMMAND' });
      expect(command.example.startsWith(`/${command.name}`)).toBe(true);
    }
  });

  it('say who is signed in, begin anew, name, list, find, open, delete', async () => {
    const { client, user } = await app.signup('Sara');
    expect(await run(client, 'me')).toMatchObject({ code: 'ME', params: { name: 'Sara', email: user.email } });
    expect(await run(client, 'convs')).toMatchObject({ code: 'CONVERSATIONS_EMPTY' });
    expect(await run(client, 'new')).toMatchObject({ code: 'CONVERSATION_NEW' });
    const { conversation } = await talk(client, 'برنج زعفرانی چطور دم می‌شود؟', 'با صبر');
    const { id } = conversation;
    expect(await run(client, 'rename', ['Plans', 'for', 'Nowruz'], id)).toMatchObject({
      code: 'CONVERSATION_RENAMED',
      params: { title: 'Plans for Nowruz' },
    });
    expect(await run(client, 'convs')).toMatchObject({ code: 'CONVERSATIONS', data: { items: [{ number: 1, id }] } });
    expect(await run(client, 'search', ['زعفرانى'])).toMatchObject({ code: 'SEARCH_RESULTS', params: { count: 1 } });
    expect(await run(client, 'search', ['(a+)+$'])).toMatchObject({ code: 'SEARCH_EMPTY' });
    for (const wanted of ['1', '۱', id])
      expect(await run(client, 'select', [wanted])).toMatchObject({ code: 'CONVERSATION_SELECTED', data: { conversationId: id } });
    for (const wanted of ['2', '0', '-1', '99999999999', '$ne', '../x', '__proto__'])
      expect(await run(client, 'select', [wanted])).toMatchObject({ type: 'error', code: 'NOT_FOUND' });
    const { client: stranger } = await app.signup('Mallory');
    for (const name of ['rename', 'delete', 'export', 'retry', 'continue', 'level', 'model'])
      expect(
        await run(stranger, name, name === 'rename' ? ['mine'] : name === 'level' ? ['deep'] : name === 'model' ? ['other'] : [], id),
      ).toMatchObject({
        type: 'error',
        code: 'NOT_FOUND',
      });
    expect(await run(stranger, 'select', [id])).toMatchObject({ code: 'NOT_FOUND' });
    expect(await run(stranger, 'stop', [], id)).toMatchObject({ code: 'NOTHING_RUNNING' });
    expect(await run(client, 'delete', [], id)).toMatchObject({ code: 'CONVERSATION_DELETED' });
    expect(await run(client, 'select', [id])).toMatchObject({ code: 'NOT_FOUND' });
  });

  it('choose model, level and settings, which the next request follows', async () => {
    const { client } = await app.signup();
    const { conversation } = await talk(client);
    const { id } = conversation;
    expect(await run(client, 'model', [], id)).toMatchObject({ code: 'MODEL_CURRENT', params: { model: 'scripted' } });
    expect(await run(client, 'model', ['other'], id)).toMatchObject({ code: 'MODEL_SET', params: { model: 'other-model' } });
    expect(await run(client, 'model', ['nothing'], id)).toMatchObject({ type: 'error', code: 'BAD_REQUEST' });
    expect(await run(client, 'level', ['DEEP'], id)).toMatchObject({ code: 'LEVEL_SET', params: { level: 'deep' } });
    expect(await run(client, 'level', ['high'], id)).toMatchObject({ type: 'error', code: 'BAD_REQUEST' });
    expect(await run(client, 'settings', ['system', 'Answer', 'shortly'], id)).toMatchObject({ code: 'SETTINGS_SAVED' });
    expect(await run(client, 'settings', ['temperature', '۰٫۵'], id)).toMatchObject({ code: 'SETTINGS_SAVED' });
    expect(await run(client, 'settings', ['temperature', '3'], id)).toMatchObject({ type: 'error', code: 'BAD_REQUEST' });
    expect(await run(client, 'settings', [], id)).toMatchObject({
      code: 'SETTINGS',
      data: { settings: { temperature: 0.5, level: 'deep' } },
    });
    const accepted = await client.ask('again', { conversationId: id });
    const call = await model.nextCall();
    expect(call.request).toMatchObject({ model: 'other-model', level: 'deep', systemInstruction: 'Answer shortly', temperature: 0.5 });
    call.finish();
    expect((await client.finished(accepted.generationId)).message.model).toBe('other-model');
  });

  it('stop, retry, continue and export what is open', async () => {
    const { client } = await app.signup();
    const accepted = await client.ask('tell me');
    const { id } = accepted.conversation;
    (await model.nextCall()).text('once upon');
    await client.waitFor('generation.delta');
    expect(await run(client, 'stop', [], id)).toMatchObject({ code: 'STOPPED' });
    expect((await client.finished(accepted.generationId)).status).toBe('stopped');
    expect(await run(client, 'stop', [], id)).toMatchObject({ code: 'NOTHING_RUNNING' });
    const continued = await run(client, 'continue', [], id);
    if (continued.type !== 'message.accepted') throw new Error(JSON.stringify(continued));
    (await model.nextCall()).text(' a time').finish();
    expect(textOf((await client.finished(continued.generationId)).message)).toBe('once upon a time');
    const retried = await run(client, 'retry', [], id);
    if (retried.type !== 'message.accepted') throw new Error(JSON.stringify(retried));
    expect(retried.answer.parentId).toBe(accepted.message.id);
    (await model.nextCall()).text('another tale').finish();
    await client.finished(retried.generationId);
    expect(await run(client, 'continue', [], id)).toMatchObject({ type: 'error', code: 'BAD_REQUEST' });
    for (const format of ['md', 'html', 'json']) {
      const exported = await run(client, 'export', [format], id);
      if (exported.type !== 'notice') throw new Error(JSON.stringify(exported));
      expect((exported.data as { content: string }).content).toContain('another tale');
    }
    expect(client.faults).toEqual([]);
  });

  it('are answered with the nearest names when they do not exist, and never reach a model', async () => {
    const { client } = await app.signup();
    const before = model.calls.length;
    expect(await type(client, '/hlep')).toMatchObject({ type: 'error', code: 'UNKNOWN_COMMAND', params: { suggestions: 'help' } });
    for (const text of ['/constructor', '/__proto__', '/', '/ ', '/nothing like this', '/../etc/passwd'])
      expect((await type(client, text)).type).toBe('error');
    expect(await run(client, 'toString')).toMatchObject({ code: 'UNKNOWN_COMMAND' });
    expect(await run(client, 'rename')).toMatchObject({ type: 'error', code: 'BAD_REQUEST' });
    expect(await run(client, 'new', ['too', 'many'])).toMatchObject({ type: 'error', code: 'BAD_REQUEST' });
    expect(model.calls).toHaveLength(before);
    expect(await run(client, 'convs')).toMatchObject({ code: 'CONVERSATIONS_EMPTY' });
  });

  it('are not commands with two slashes: the text is sent with one', async () => {
    const { client } = await app.signup();
    const accepted = await client.ask('//login is a command');
    expect(textOf(accepted.message)).toBe('/login is a command');
    const call = await model.nextCall();
    expect(call.request.turns.at(-1)?.text).toBe('/login is a command');
    call.finish();
    await client.finished(accepted.generationId);
  });

  it('sign a socket in as a person, then as another one, who sees nothing of the first', async () => {
    const sara = await app.signup('Sara');
    const omid = await app.signup('Omid');
    const running = await sara.client.ask('private');
    const call = await model.nextCall();
    const socket = await app.connect();
    const granted = await type(socket, `/login ${sara.user.email} "correct horse battery"`);
    expect(granted).toMatchObject({ type: 'auth.granted', user: { name: 'Sara' } });
    await socket.request({ type: 'conversation.open', conversationId: running.conversation.id });
    const code = granted.type === 'auth.granted' ? granted.code : '';
    const exchange = () =>
      app.request('/api/auth/exchange', { method: 'POST', body: JSON.stringify({ code }), headers: { origin: app.origin } });
    expect((await exchange()).status).toBe(200);
    expect((await exchange()).status).toBe(401);
    expect(await type(socket, `/login ${omid.user.email} "correct horse battery"`)).toMatchObject({ user: { name: 'Omid' } });
    const seen = socket.frames.length;
    call.text('for Sara only').finish();
    await sara.client.finished(running.generationId);
    expect(await run(socket, 'me')).toMatchObject({ params: { name: 'Omid' } });
    expect(JSON.stringify(socket.frames.slice(seen))).not.toContain('for Sara only');
    expect(await socket.request({ type: 'conversation.open', conversationId: running.conversation.id })).toMatchObject({
      code: 'NOT_FOUND',
    });
  });
});

describe('a password in a command', () => {
  const canary = 'Canary-7391-geheim';

  it('is in no stored byte, no log line, no frame and no request to a model', async () => {
    const logged: string[] = [];
    const keep = (fields: unknown, message: string) => void logged.push(inspect(fields), message);
    const logger: Logger = { debug: keep, info: keep, warn: keep, error: keep, child: (fields) => (logged.push(inspect(fields)), logger) };
    const silentModel = new ScriptedModel();
    const guarded = await startTestApp({ models: [silentModel], logger, env: { LIMIT_FRAMES_PER_MINUTE: '0' } });
    const { client, token, user } = await guarded.signup('Sara');
    const tab = await guarded.connect(token);
    const { conversation, message } = await client.ask('a text');
    (await silentModel.nextCall()).text('an answer').finish();
    await tab.request({ type: 'conversation.open', conversationId: conversation.id });
    const { email } = user;
    const login = `login ${email} ${canary}`;
    const typed = [
      ...[`/${login}`, ` /${login}`, `\t/${login}`, `\u00a0/${login}`, `\u200b/${login}`, `\ufeff/${login}`, `\u202e/${login}`],
      ...[`/LOGIN ${email} ${canary}`, `/ ${login}`, `／${login}`, `/\u200b${login}`, `/login\u00a0${email}\u00a0${canary}`],
      ...[`/lgoin ${email} ${canary}`, `/login${canary}`, `/login ${canary}`, `/login ${email} ${canary} and more`],
      ...[`/signup Sara ${email} ${canary}`, `/signup ${canary} ${canary} ${canary}`, `/password ${canary} ${canary}`],
      ...[`/password ${canary} ${'x'.repeat(80)}`, `/unknown ${canary}`, `/signin ${email} ${canary}`, `/login "${canary}`],
    ];
    for (const text of typed) expect((await type(client, text, conversation.id)).type).toBe('error');
    for (const [name, ...args] of [
      ['login', email, canary],
      ['signup', 'n', 'bad', canary],
      ['password', canary, 'short'],
      ['help', canary],
    ])
      expect((await run(client, name ?? '', args, conversation.id)).type).toBe('error');
    const edit = { type: 'message.edit', clientMessageId: 'edit', messageId: message.id, text: `/${login}` };
    expect((await client.request(edit)).type).toBe('error');
    const stranger = await guarded.connect();
    expect((await type(stranger, `/signup Canary ${email}.new ${canary}`)).type).toBe('auth.granted');
    expect((await run(stranger, 'password', [canary, `${canary}-2`])).type).toBe('notice');
    expect((await run(client, 'convs')).type).toBe('notice');
    for (const socket of [client, tab, stranger]) expect(JSON.stringify(socket.frames)).not.toContain(canary);
    expect(JSON.stringify(silentModel.calls.map((call) => call.request))).not.toContain(canary);
    expect(silentModel.calls).toHaveLength(1);
    const live = await bytesBelow(guarded.dataDir);
    await guarded.close(true);
    const atRest = await bytesBelow(guarded.dataDir);
    for (const [file, bytes] of [...live, ...atRest]) expect(bytes.includes(canary), file).toBe(false);
    expect([...atRest.values()].some((bytes) => bytes.includes('a text'))).toBe(true);
    expect(logged.length).toBeGreaterThan(20);
    expect(logged.filter((line) => line.includes(canary))).toEqual([]);
    await rm(guarded.dataDir, { recursive: true });
  });
});

/** Everything below the folder, by file name. */
async function bytesBelow(folder: string): Promise<Map<string, Buffer>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return new Map(await Promise.all(files.map(async (file) => [file, await readFile(file)] as const)));
}

/** With messages, stacks and causes of errors, which JSON leaves out. */
function inspect(value: unknown): string {
  return JSON.stringify(value, (_key, held: unknown) =>
    held instanceof Error ? { name: held.name, message: held.message, stack: held.stack, cause: held.cause } : held,
  );
}
