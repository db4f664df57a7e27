import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { createPluginKit } from '#plugin-kit';
import type { PluginBehaviour, SurfaceAnswer, SurfaceEvent } from '../../../src/core/index.ts';
import type { SurfaceOrder } from '../../../src/infrastructure/inference/calls-lane.ts';
import { createInferenceClient, type InferenceClient } from '../../../src/infrastructure/inference/inference-client.ts';
import { readSurfaceEvent, surfaceBudget, surfaceCost } from '../../../src/infrastructure/inference/surface-event.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { type LogFields, silentLogger } from '../../../src/lib/logger.ts';
import showcase from '../../fixtures/plugins/showcase/plugin.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const folder = new URL('../../fixtures/plugins/showcase/', import.meta.url);
const kit = createPluginKit(showcase, { folder });
afterAll(() => kit.close());

const failed = { code: 'PLUGIN_FAILED', params: { plugin: 'showcase' } };
const message = (text: string) => ({ messageId: 'm1', text, fileIds: [] });
const concierge = { conversation: { profile: 'concierge' } };
const typesOf = (events: readonly { readonly type: string }[]) => [...new Set(events.map(({ type }) => type))];

/** A plugin of which only one thing is of interest. */
async function shown(answer: unknown, behaviour: PluginBehaviour = {}): Promise<SurfaceEvent[]> {
  const plugin = { ...showcase, setup: () => ({ hooks: { resume: () => answer as SurfaceAnswer }, ...behaviour }) };
  const own = createPluginKit(plugin, { folder });
  try {
    return await own.hook('resume', {});
  } finally {
    await own.close();
  }
}
const element = (own: object) => ({ type: 'element', element: { id: 'e', name: 'e', kind: 'text', text: '', ...own } });

describe('what a plugin shows', () => {
  it('is every kind of event and of element', async () => {
    const events = await kit.hook('message', message('everything'), concierge);
    expect(typesOf(events).sort()).toEqual(['actions', 'ask', 'context', 'element', 'remove', 'step', 'tasks', 'text', 'toast']);
    const kinds = events.flatMap((event) => (event.type === 'element' ? [event.element.kind] : []));
    expect([...new Set(kinds)].sort()).toEqual(['audio', 'custom', 'file', 'image', 'pdf', 'plot', 'table', 'text', 'video']);
    const asked = events.flatMap((event) => (event.type === 'ask' ? [event.spec.kind] : []));
    expect(asked).toEqual(['text', 'file', 'choice', 'form']);
    const answer = await kit.chat('showcase-model', 'everything');
    expect(typesOf(answer)).toEqual(expect.arrayContaining(['text', 'step', 'element', 'actions', 'ask', 'tasks', 'remove', 'toast']));
    expect(answer.at(-1)).toMatchObject({ type: 'finish', outcome: 'complete' });
  });

  it('comes from hooks, answers and actions, each told what belongs to it', async () => {
    expect(await kit.hook('chatStart', {}, concierge)).toMatchObject([
      { text: 'Good day, Ada.' },
      { type: 'message', author: { name: 'Bell boy' } },
      { type: 'text' },
      { type: 'ask', name: 'name', state: { asked: 1 } },
    ]);
    expect(await kit.answer('name', 'Sara', { state: { asked: 1 } })).toMatchObject([
      { text: 'Pleased to meet you, Sara. ({"asked":1})' },
      { type: 'ask', name: 'flavour' },
    ]);
    expect(await kit.answer('flavour', null, { ending: 'expired' })).toMatchObject([{ text: 'The kettle is cold.' }]);
    const files = [{ mime: 'text/plain', data: new Uint8Array(9), name: 'cv.txt' }];
    expect(await kit.answer('papers', ['f1'], { files })).toMatchObject([{ text: 'Thank you:\n- cv.txt: 9 bytes' }]);
    expect(await kit.action('approve', { data: { order: 7 } })).toMatchObject([
      { type: 'actions', id: 'decide' },
      { type: 'step', input: '{"order":7}' },
      { type: 'toast' },
    ]);
    expect(await kit.action('note')).toMatchObject([{ type: 'note' }, { type: 'text' }]);
    expect(await kit.hook('settingsEdit', { values: { country: 'eg', city: 'tehran' } })).toMatchObject([
      { type: 'fields', values: { country: 'eg', city: 'cairo' } },
    ]);
    expect(await kit.hook('login', {})).toMatchObject([{ type: 'toast', text: 'Hello, Ada' }]);
    expect(await kit.hook('end', { reason: 'left' })).toEqual([]);
    expect(kit.log).toContain('end left');
  });

  it('fails in the name of the plugin, with nothing of what it threw but its own words', async () => {
    await expect(kit.action('fail')).rejects.toMatchObject({ ...failed, message: expect.not.stringContaining('secret') });
    await expect(kit.hook('message', message('refuse'))).rejects.toMatchObject({ code: 'BAD_REQUEST', message: 'I will not do that.' });
    await expect(kit.answer('constructor', 1)).rejects.toMatchObject({ ...failed, cause: { message: expect.stringMatching(/no answer/) } });
  });

  const circle = { node: 'stack', children: [] as unknown[] };
  circle.children.push(circle);
  const wide = { node: 'list', children: Array.from({ length: 100 }, () => ({ node: 'list', children: Array(9).fill({ node: 'text' }) })) };
  let deep: unknown = { node: 'text' };
  for (let level = 0; level < 30; level += 1) deep = { node: 'stack', children: [deep] };
  const rows = Array.from({ length: 5000 }, () => ['x'.repeat(100)]);
  const cases: [string, unknown, RegExp][] = [
    ['no list and no stream', Promise.resolve(7), /neither events nor a text/],
    ['a text', Promise.resolve('hello'), /a text where events were asked for/],
    ['nothing among events', Promise.resolve([null]), /something that is no event/],
    ['an event of another place', Promise.resolve([{ type: 'context', text: 'x' }]), /context cannot be shown here/],
    ['an unknown event', Promise.resolve([{ type: 'script', text: 'x' }]), /has a wrong type/],
    ['a step without a name', Promise.resolve([{ type: 'step', id: 's', status: 'running' }]), /has a wrong name/],
    ['a button for nothing', Promise.resolve([{ type: 'actions', id: 'a', items: [{ action: 'x', label: 'X' }] }]), /names the action x/],
    ['a button of a picture', Promise.resolve([{ type: 'actions', id: 'a', items: [{ action: 'describe', label: 'X' }] }]), /on: 'part'/],
    [
      'a large payload',
      Promise.resolve([{ type: 'actions', id: 'a', items: [{ action: 'note', label: 'X', payload: 'x'.repeat(8200) }] }]),
      /payload: is larger than 8 KiB/,
    ],
    [
      'a question without an answer',
      Promise.resolve([{ type: 'ask', name: 'x', spec: { kind: 'text', prompt: 'X' } }]),
      /no answer of that name/,
    ],
    ['bytes that are none', Promise.resolve([element({ kind: 'file', bytes: { mime: 'text/plain', data: 'abc' } })]), /bytes\.data/],
    [
      'no bytes',
      Promise.resolve([element({ kind: 'file', bytes: { mime: 'text/plain', data: new Uint8Array() } })]),
      /empty or larger than 32 MiB/,
    ],
    [
      '33 MiB',
      Promise.resolve([element({ kind: 'pdf', bytes: { mime: 'application/pdf', data: new Uint8Array(33 * 1_048_576) } })]),
      /larger than 32 MiB/,
    ],
    [
      'a media type that ends a header',
      Promise.resolve([element({ kind: 'file', bytes: { mime: 'text/html\r\nX: y', data: new Uint8Array(1) } })]),
      /no media type/,
    ],
    [
      'a table of half a MB',
      Promise.resolve([element({ kind: 'table', table: { columns: [{ title: 'x' }], rows } })]),
      /larger than 256 KiB/,
    ],
    ['a tree without an end', Promise.resolve([element({ kind: 'custom', tree: circle })]), /more than 500 nodes/],
    ['a tree that is too wide', Promise.resolve([element({ kind: 'custom', tree: wide })]), /more than 500 nodes/],
    ['a tree that is too deep', Promise.resolve([element({ kind: 'custom', tree: deep })]), /more than 40 levels/],
    [
      'a button of a tree for nothing',
      Promise.resolve([element({ kind: 'custom', tree: { node: 'button', text: 'X', actionId: 'x' } })]),
      /names the action x/,
    ],
    [
      'a list of values in a form',
      Promise.resolve([
        { type: 'ask', name: 'booking', spec: { kind: 'form', prompt: 'X', fields: [{ id: 'a', kind: 'radio', label: 'A' }] } },
      ]),
      /needs options/,
    ],
  ];
  it.each(cases)('is refused where it is %s', async (_name, answer, reason) => {
    const behaviour = { answers: { booking: async () => undefined } };
    await expect(shown(answer, behaviour)).rejects.toMatchObject({ ...failed, cause: { message: expect.stringMatching(reason) } });
  });

  it('has no member without a value, and none that we do not know', () => {
    const event = { type: 'step', id: 's', name: 'S', status: 'running', input: undefined, evil: 1, output: 'x' };
    expect(Object.keys(readSurfaceEvent('p', event))).toEqual(['type', 'id', 'name', 'status', 'output']);
    const data = Buffer.from('abc');
    const file = readSurfaceEvent('p', element({ kind: 'file', bytes: { mime: 'text/plain', data, name: undefined } }));
    expect(file).toMatchObject({ element: { bytes: { mime: 'text/plain', data } } });
    expect(surfaceCost(readSurfaceEvent('p', element({ kind: 'file', bytes: { mime: 'a/b', data: new Uint8Array(1_048_576) } })))).toBe(5);
  });

  it('ends where it becomes too much together', () => {
    const count = surfaceBudget('p');
    const file = readSurfaceEvent('p', element({ kind: 'file', bytes: { mime: 'a/b', data: new Uint8Array(32 * 1_048_576) } }));
    for (let index = 0; index < 4; index += 1) count(file);
    expect(() => count(file)).toThrow(expect.objectContaining({ code: 'PLUGIN_FAILED' }));
    const text = readSurfaceEvent('p', { type: 'text', text: '' });
    const many = surfaceBudget('p');
    for (let index = 0; index < 10_000; index += 1) many(text);
    expect(() => many(text)).toThrow(expect.objectContaining({ code: 'PLUGIN_FAILED' }));
  });
});

describe('what a plugin shows from its own process', () => {
  const opened: InferenceClient[] = [];
  const forever = new AbortController().signal;
  afterEach(async () => {
    for (const client of opened.splice(0)) await client.close();
  });

  function start(name: 'showcase' | 'trial', options: Partial<Parameters<typeof createInferenceClient>[0]> = {}): InferenceClient {
    const client = createInferenceClient({ logger: silentLogger, clock: systemClock, ...options });
    const url = new URL(`../../fixtures/plugins/${name}/`, import.meta.url);
    const moduleUrl = new URL('plugin.ts', url).href;
    client.configure([{ name, version: '1.0.0', moduleUrl, folder: fileURLToPath(url), config: {}, models: [] }]);
    opened.push(client);
    return client;
  }
  const press = (name: string, plugin = 'trial'): SurfaceOrder => ({
    ...{ plugin, kind: 'action', name, payload: {}, locale: 'en', settings: {} },
  });
  async function all(events: AsyncIterable<SurfaceEvent | { type: 'note' }>) {
    const list: (SurfaceEvent | { type: 'note' })[] = [];
    for await (const event of events) list.push(event);
    return list;
  }

  it('arrives as it was made, pictures and all, in a warm process beside a chat model that shows things too', async () => {
    const client = start('showcase');
    const user = { id: 'ada', name: 'Ada', role: 'user' as const };
    const conversation = { id: 'c', title: '', profile: 'concierge', modes: {}, values: {} };
    const event = message('elements');
    const context = { hook: 'message' as const, event, user, conversation, locale: 'fa', settings: {} };
    const events = await all(client.streamSurface({ plugin: 'showcase', kind: 'hook', context }, forever));
    const wanted = await kit.hook('message', event, { conversation, locale: 'fa' });
    expect(events.map(plain)).toEqual(wanted.map(plain));
    const request = { model: 'showcase-model', turns: [{ role: 'user' as const, text: 'elements', images: [] }] };
    const answer: SurfaceEvent[] = [];
    for await (const one of client.streamChatModel({ plugin: 'showcase', model: 'showcase-model', request }, forever))
      if (one.type === 'element') answer.push(one);
    expect(answer.map(plain)).toEqual(wanted.filter(({ type }) => type === 'element').map(plain));
    expect(await all(client.streamSurface(press('note', 'showcase'), forever))).toMatchObject([{ type: 'note' }, { type: 'text' }]);
    await expect(all(client.streamSurface(press('fail', 'showcase'), forever))).rejects.toMatchObject(failed);
    expect(client.state().lanes.calls).toMatchObject({ starts: 1, crashes: 0 });
  });

  it('ends after a silence, at a flood and with its process, as a failure of the plugin that the operator can read', async () => {
    const lines: unknown[] = [];
    const clock = createFakeClock();
    const client = start('trial', { clock, logger: { ...silentLogger, warn: (fields: LogFields) => void lines.push(fields['reason']) } });
    const own = { code: 'PLUGIN_FAILED', params: { plugin: 'trial' } };
    const silent = client.streamSurface(press('silent'), forever)[Symbol.asyncIterator]();
    expect(await silent.next()).toMatchObject({ value: { text: 'a' } });
    clock.advance(60_000);
    const late = expect(silent.next()).rejects.toMatchObject(own);
    clock.advance(9999);
    expect(lines).toEqual([]);
    clock.advance(1);
    await late;
    await expect(all(client.streamSurface(press('flood'), forever))).rejects.toMatchObject(own);
    await expect(all(client.streamSurface(press('exits'), forever))).rejects.toMatchObject(own);
    expect(lines).toEqual([expect.stringMatching('longer than 10 s'), expect.stringMatching('more than one call may'), expect.any(String)]);
  });

  it('waits for a slow reader, and is told when nobody reads any more', async () => {
    const client = start('trial');
    const flood = client.streamSurface(press('flood'), forever)[Symbol.asyncIterator]();
    await flood.next();
    const counted = async () => (await all(client.streamSurface(press('counted'), forever)))[1];
    await expect.poll(counted).toEqual({ type: 'text', text: '65 running' });
    await flood.return?.();
    await expect.poll(counted).toEqual({ type: 'text', text: '65 over' });
    const stop = new AbortController();
    const silent = all(client.streamSurface(press('silent'), stop.signal));
    stop.abort();
    expect(await silent).toEqual([]);
  });
});

/** Bytes as text: whether they are a Buffer or not is of no interest. */
function plain(event: SurfaceEvent | { type: 'note' }): unknown {
  if (event.type !== 'element' || !('bytes' in event.element) || event.element.bytes === undefined) return event;
  const { bytes, ...rest } = event.element;
  return { type: 'element', element: { ...rest, bytes: { ...bytes, data: Buffer.from(bytes.data).toString('base64') } } };
}
