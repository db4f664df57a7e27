import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PluginInfo } from '../../src/protocol/index.ts';
import { startTestApp, type TestApp } from '../support/test-app.ts';
import type { WsClient } from '../support/ws-client.ts';

/*
 * M-PL: plugins that do everything wrong. Each ends in a refusal with a reason for the operator, or an error for the one person who
 * asked; the server goes on. What hangs or eats memory takes seconds: test/unit/inference.
 */

let app: TestApp;
let admin: { token: string; client: WsClient };
let person: { token: string; client: WsClient };
beforeAll(async () => {
  process.env['JARVIS_TEST_CANARY'] = 'canary';
  app = await startTestApp({ pluginsFolder: 'test/fixtures/plugin-sets/bad' });
  admin = await app.signup('Admin');
  person = await app.signup('Ada');
});
afterAll(async () => {
  delete process.env['JARVIS_TEST_CANARY'];
  await app.close();
});

async function pluginsFor(token: string): Promise<PluginInfo[]> {
  return ((await (await app.request('/api/plugins', { token })).json()) as { items: PluginInfo[] }).items;
}

let ids = 0;
function run(client: WsClient, name: string) {
  ids += 1;
  return client.request({ type: 'command.run', clientMessageId: `bad-${ids}`, name, args: [], conversationId: null });
}

describe('M-PL at load', () => {
  it.each([
    ['misnamed', /give both the same name/],
    ['no-default', /config: every member needs \.default/],
    ['other-api', /needs plugin API 2, this server has 1/],
    ['takes-help', /\/help exists already: give it another name/],
    ['takes-kind', /the kind “bad-estimate” is taken by the plugin misbehaves/],
    ['takes-proto', /reserved or not in kebab case/],
    ['throws', /throws when it is imported/],
  ])('%s is refused with its reason, and the server serves', async (name, sentence) => {
    const plugin = (await pluginsFor(admin.token)).find((one) => one.name === name);
    expect(plugin).toMatchObject({ state: 'failed', commands: [], processors: [] });
    expect(plugin?.reason).toMatch(sentence);
    const readiness = (await (await app.request('/readyz', { token: admin.token })).json()) as { status: string; reasons: string[] };
    expect(readiness.status).toBe('ready');
    expect(readiness.reasons.some((reason) => reason.includes(name) && sentence.test(reason))).toBe(true);
    expect(JSON.stringify([plugin, readiness])).not.toContain('/somewhere/private');
  });

  it('tells other people that they failed, and not why', async () => {
    const plugins = await pluginsFor(person.token);
    expect(plugins.filter(({ state }) => state === 'failed')).toHaveLength(7);
    expect(plugins.filter(({ reason }) => reason !== undefined)).toEqual([]);
  });

  it('leaves the built-in command alone', async () => {
    expect(await run(person.client, 'help')).toMatchObject({ type: 'notice', code: 'HELP' });
  });

  it('does not switch on what was refused', async () => {
    const body = JSON.stringify({ enabled: true });
    const answer = await app.request('/api/admin/plugins/throws', { method: 'PATCH', token: admin.token, body });
    expect(answer.status).toBe(500);
    expect(await answer.json()).toMatchObject({ error: { code: 'PLUGIN_FAILED', message: expect.stringContaining('restart the server') } });
  });
});

describe('M-PL at run', () => {
  const failed = { type: 'error', code: 'PLUGIN_FAILED', params: { plugin: 'misbehaves' } };

  it.each(['bad-throw', 'bad-exit', 'bad-flood'])('/%s is an error for who asked, with the name of the plugin', async (name) => {
    const answer = await run(person.client, name);
    expect(answer).toMatchObject(failed);
    expect(JSON.stringify(answer)).not.toContain('hunter2');
    expect(await run(person.client, 'bad-well')).toMatchObject({ code: 'PLUGIN_ANSWER', text: 'well' });
  });

  it('shows a plugin no variable of the server', async () => {
    const answer = await run(person.client, 'bad-peek');
    expect(answer).toMatchObject({ type: 'notice', code: 'PLUGIN_ANSWER' });
    expect(JSON.stringify(answer)).not.toMatch(/CANARY|SECRET|KEY|TOKEN|MONGO|NODE_OPTIONS/);
  });

  it('refuses a job whose estimate is nonsense', async () => {
    const body = JSON.stringify({ clientJobId: 'nonsense', kind: 'bad-estimate' });
    const answer = await app.request('/api/jobs', { method: 'POST', token: person.token, body });
    expect(answer.status).toBe(500);
    expect(await answer.json()).toMatchObject({ error: { code: 'PLUGIN_FAILED' } });
  });

  it('ends the answer of a broken chat model as failed', async () => {
    const { generationId } = await person.client.ask('hello', { model: 'bad-model' });
    const { message } = await person.client.finished(generationId);
    expect(message.status).toBe('failed');
    expect(JSON.stringify(message)).not.toContain('hunter2');
  });

  it('switches a plugin off that fails three times in a row, tells everybody, and on again by an administrator', async () => {
    expect(await run(person.client, 'bad-well')).toMatchObject({ text: 'well' });
    const told = person.client.next(({ type }) => type === 'plugins.updated');
    for (let time = 0; time < 3; time += 1) expect(await run(person.client, 'bad-throw')).toMatchObject(failed);
    await told;
    expect(await run(person.client, 'bad-well')).toMatchObject(failed);
    const broken = (await pluginsFor(admin.token)).find(({ name }) => name === 'misbehaves');
    expect(broken).toMatchObject({ state: 'failed', reason: expect.stringContaining('three times in a row') });
    const commands = (await (await app.request('/api/commands', { token: person.token })).json()) as { items: { name: string }[] };
    expect(commands.items.map(({ name }) => name)).not.toContain('bad-well');
    expect(await run(admin.client, 'help')).toMatchObject({ type: 'notice' });

    const body = JSON.stringify({ enabled: true });
    expect((await app.request('/api/admin/plugins/misbehaves', { method: 'PATCH', token: admin.token, body })).status).toBe(200);
    expect(await run(person.client, 'bad-well')).toMatchObject({ text: 'well' });
  });
});
