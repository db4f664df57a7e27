import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createInferenceClient, type InferenceClient } from '../../../src/infrastructure/inference/inference-client.ts';
import { type Clock, systemClock } from '../../../src/lib/clock.ts';
import { type LogFields, silentLogger } from '../../../src/lib/logger.ts';

const opened: InferenceClient[] = [];
const forever = new AbortController().signal;

function source(name: string, folder = name) {
  const url = new URL(`../../fixtures/plugins/${folder}/`, import.meta.url);
  return { name, version: '1.0.0', moduleUrl: new URL('plugin.ts', url).href, folder: fileURLToPath(url), config: {}, models: [] };
}

function start(options: Partial<Parameters<typeof createInferenceClient>[0]> = {}): InferenceClient {
  const client = createInferenceClient({ logger: silentLogger, clock: systemClock, ...options });
  client.configure([source('trial')]);
  opened.push(client);
  return client;
}

const order = (name: string, own: object = {}) => ({
  ...{ plugin: 'trial', kind: 'command' as const, name, locale: 'fa', settings: {} },
  ...own,
});
const failed = { code: 'PLUGIN_FAILED', params: { plugin: 'trial' } };

afterEach(async () => {
  vi.unstubAllEnvs();
  for (const client of opened.splice(0)) await client.close();
});

describe('calls of plugins', () => {
  it('finds out which plugins can be imported, whatever the others do to their process', async () => {
    // The time of each import begins when its process is ready, and ends when the test says: a busy machine is slow to import.
    const deadlines: (() => void)[] = [];
    const clock: Clock = {
      ...systemClock,
      after(ms, run) {
        if (ms === 777) deadlines.push(run);
        return ms % 1000 === 777 ? () => {} : systemClock.after(ms, run);
      },
    };
    const client = start({ callMs: 777, clock });
    const names = ['throws-at-import', 'trial', 'dies-at-import', 'hangs-at-import'];
    const probing = client.probe([...names.map((name) => source(name)), source('no-such-folder')]);
    await expect.poll(() => deadlines.length, { interval: 5 }).toBe(names.length);
    deadlines.at(-1)?.();
    const results = await probing;
    expect(results).toEqual([
      { name: 'throws-at-import', ok: false, reason: 'it wants another Node at node' },
      { name: 'trial', ok: true },
      { name: 'dies-at-import', ok: false, reason: 'its import ended the process' },
      { name: 'hangs-at-import', ok: false, reason: 'its import took longer than 0.777 s' },
      { name: 'no-such-folder', ok: false, reason: expect.stringContaining('Cannot find module') },
    ]);
    await client.close();
    expect(client.pids()).toEqual([]);
  });

  it('answers commands and actions in one warm process, with settings filled in', async () => {
    const client = start();
    const [greeting, echo] = await Promise.all([
      client.callPlugin(order('hello', { args: ['Ada'] }), forever),
      client.callPlugin(order('echo', { kind: 'action', payload: { text: 'words' } }), forever),
    ]);
    expect([greeting, echo]).toEqual(['{"greeting":"Hello"} Ada fa', 'echo words']);
    await expect(client.callPlugin(order('throws'), forever)).rejects.toMatchObject({ ...failed, cause: { message: 'no' } });
    await expect(client.callPlugin(order('flood'), forever)).rejects.toMatchObject({
      ...failed,
      cause: { message: expect.stringMatching('64 KiB') },
    });
    await expect(client.callPlugin(order('nothing'), forever)).rejects.toMatchObject(failed);
    await expect(client.callPlugin(order('hello', { plugin: 'other' }), forever)).rejects.toMatchObject({ code: 'PLUGIN_DISABLED' });
    // Where there is no such file, nothing of it can be told.
    const score = await readFile(`/proc/${client.pids()[0]}/oom_score_adj`, 'utf8').catch(() => '600');
    expect(score.trim()).toBe('600');
    expect(client.state().lanes.calls).toMatchObject({ starts: 1, crashes: 0, hosts: [{ status: 'idle', plugin: 'trial' }] });
  });

  it('gives the process what graphics libraries need of the environment, and no more', async () => {
    vi.stubEnv('JWT_SECRET', 'canary');
    const client = start({ environment: { LD_LIBRARY_PATH: '/opt/gpu' } });
    await client.callPlugin(order('hello'), forever);
    const given = await readFile(`/proc/${client.pids()[0]}/environ`, 'utf8').catch(() => 'LD_LIBRARY_PATH=/opt/gpu');
    const names = given.split('\0').flatMap((line) => (line === '' || line.startsWith('NODE_CHANNEL_') ? [] : [line.split('=', 1)[0]]));
    expect(['MALLOC_ARENA_MAX', 'ORT_DISABLE_TELEMETRY', 'LD_LIBRARY_PATH']).toEqual(expect.arrayContaining(names));
    expect(given).toContain('LD_LIBRARY_PATH=/opt/gpu');
  });

  it('tells a command that its time is up, kills one that does not hear it, and goes on', async () => {
    const deadlines: (() => void)[] = [];
    const said: unknown[] = [];
    const clock: Clock = {
      ...systemClock,
      after(ms, run) {
        if (ms === 777) deadlines.push(run);
        return ms % 1000 === 777 ? () => {} : systemClock.after(ms, run);
      },
    };
    const logger = { ...silentLogger, info: ({ what }: LogFields) => void said.push(what) };
    const client = start({ callMs: 777, clock, logger });
    await client.callPlugin(order('hello'), forever);
    const waiting = expect(client.callPlugin(order('wait'), forever)).rejects.toMatchObject({
      ...failed,
      cause: { message: 'it took longer than 0.777 s' },
    });
    deadlines.at(-1)?.();
    await waiting;
    expect(client.state().lanes.calls.starts).toBe(1);
    const looping = expect(client.callPlugin(order('loop'), forever)).rejects.toMatchObject(failed);
    await expect.poll(() => said, { timeout: 15_000 }).toContain('looping');
    deadlines.at(-1)?.();
    await looping;
    expect(await client.callPlugin(order('hello'), forever)).toContain('Hello');
    expect(client.state().lanes.calls.starts).toBe(2);
  });

  it('stops a command when the person leaves', async () => {
    const client = start();
    const stop = new AbortController();
    const call = client.callPlugin(order('wait'), stop.signal);
    stop.abort(new Error('left'));
    await expect(call).rejects.toThrow('left');
  });

  it('streams a chat model with its pictures, no faster than it is read, and hands on how it failed', async () => {
    const client = start();
    const images = [{ mime: 'image/png', load: async () => new Uint8Array(1234) }];
    const request = (text: string) => ({ model: 'counter', turns: [{ role: 'user' as const, text, images }] });
    const texts: string[] = [];
    for await (const event of client.streamChatModel({ plugin: 'trial', model: 'counter', request: request('500') }, forever)) {
      texts.push('text' in event ? event.text : event.type);
    }
    expect(texts).toEqual(['1234', ...Array.from({ length: 500 }, (_, index) => `${index} `), 'finish']);
    const slow = client.streamChatModel({ plugin: 'trial', model: 'counter', request: request('100000000') }, forever);
    for await (const event of slow) if ('text' in event && event.text === '40 ') break;
    await expect.poll(() => client.state().lanes.calls.hosts[0]?.status).toBe('idle');
    const broken = client.streamChatModel({ plugin: 'trial', model: 'broken', request: request('') }, forever)[Symbol.asyncIterator]();
    expect(await broken.next()).toMatchObject({ value: { type: 'text', text: 'a' } });
    await expect(broken.next()).rejects.toMatchObject({ ...failed, cause: { message: 'broke' } });
  });

  it('holds few large pieces for a reader who is slow', async () => {
    const client = start();
    const request = { model: 'painter', turns: [{ role: 'user' as const, text: '', images: [] }] };
    const events = client.streamChatModel({ plugin: 'trial', model: 'painter', request }, forever)[Symbol.asyncIterator]();
    expect((await events.next()).value).toMatchObject({ type: 'media' });
    // Two are under way for the one that was taken, a third waits in the process.
    await expect.poll(() => client.callPlugin(order('painted'), forever)).toBe('4');
    const types: unknown[] = [];
    for (let next = await events.next(); next.done !== true; next = await events.next()) types.push(next.value.type);
    expect(types).toEqual([...Array.from({ length: 5 }, () => 'media'), 'finish']);
  });
});
