import { setImmediate } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import type { SurfaceEvent } from '../../../src/core/index.ts';
import { AppError } from '../../../src/lib/app-error.ts';
import { silentLogger } from '../../../src/lib/logger.ts';
import { conversationsCollection } from '../../../src/services/conversations/conversation-record.ts';
import { PluginEntry } from '../../../src/services/plugins/plugin-entry.ts';
import type { SurfaceOrder } from '../../../src/services/plugins/plugin-ports.ts';
import { AskDeliveries } from '../../../src/services/surface/ask-deliveries.ts';
import { type AskRecord, asksCollection } from '../../../src/services/surface/ask-record.ts';
import { PluginRuns } from '../../../src/services/surface/plugin-runs.ts';
import { SurfaceDirectory } from '../../../src/services/surface/surface-directory.ts';
import { SurfacePeople } from '../../../src/services/surface/surface-people.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createMemoryDocuments } from '../../support/memory-documents.ts';

const found = { name: 'tea', moduleUrl: '', folder: '' };
const entry = new PluginEntry({ name: 'tea', found, definition: null, refusal: null } as never);

let clock: ReturnType<typeof createFakeClock>;
let documents: ReturnType<typeof createMemoryDocuments>;
let orders: SurfaceOrder[];
let written: string[];
let told: string[];
let shown: string[];
/** What the plugin does when it hears of an answer. */
let behaviour: () => AsyncIterable<SurfaceEvent>;
let isReady: boolean;

const answered: AskRecord = {
  id: 'ask',
  ownerId: 'ada',
  plugin: 'tea',
  name: 'name',
  conversationId: 'talk',
  messageId: 'message',
  spec: { kind: 'text', prompt: 'Your name?' },
  state: '{"a.b":1}',
  status: 'answered',
  value: '"Ada"',
  locale: 'fa',
  expiresAt: 0,
  createdAt: Date.UTC(2026, 0, 1),
  owed: true,
  dueAt: Date.UTC(2026, 0, 1),
};

async function* says(text: string): AsyncGenerator<SurfaceEvent> {
  await setImmediate();
  yield { type: 'text', text };
}

beforeEach(async () => {
  clock = createFakeClock();
  documents = createMemoryDocuments([asksCollection, conversationsCollection], () => clock.now());
  orders = [];
  written = [];
  told = [];
  shown = [];
  isReady = true;
  behaviour = () => says('Pleased to meet you');
  await documents.put(asksCollection.name, answered);
  await documents.put(conversationsCollection.name, { id: 'talk', ownerId: 'ada', title: '', state: 'live', settings: {} } as never);
});

function start(): AskDeliveries {
  const hosts = {
    streamSurface(order: SurfaceOrder) {
      orders.push(order);
      return behaviour();
    },
  };
  const deliveries = new AskDeliveries({
    documents,
    runs: new PluginRuns({ hosts, registry: { noteOutcomeOf: () => {} }, clock, logger: silentLogger }),
    directory: new SurfaceDirectory({ entries: () => [entry], site: () => ({ links: [], readme: false, theme: false }) }),
    people: new SurfacePeople({ getUser: (id) => Promise.resolve({ id, name: 'Ada', email: 'ada@example.org', role: 'user' }) }),
    files: {} as never,
    readyEntry: () => (isReady ? entry : null),
    settingsOf: () => Promise.resolve({}),
    writerFor: ({ messageId }) => ({ take: async () => void written.push(await messageId(0)), end: () => Promise.resolve() }) as never,
    showEnd: ({ id, status }) => Promise.resolve(void shown.push(`${id} ${status}`)),
    tellFailure: (userId, { code }) => void told.push(`${userId} ${code}`),
    clock,
    logger: silentLogger,
  });
  deliveries.start();
  return deliveries;
}

/** Until what was looked up is being told, and until it is done. */
async function settle(deliveries: AskDeliveries): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await setImmediate();
  await deliveries.idle();
}

const stored = () => documents.get<AskRecord>(asksCollection.name, 'ask');

describe('an answer that its plugin was not told', () => {
  it('is told after the start, once', async () => {
    const deliveries = start();
    await settle(deliveries);
    expect(orders).toMatchObject([
      { kind: 'answer', reply: { askId: 'ask', value: 'Ada', ending: 'answered', state: { 'a.b': 1 }, locale: 'fa' } },
    ]);
    expect(JSON.stringify(orders)).not.toContain('ada@example.org');
    expect((await stored())?.owed).toBeUndefined();
    clock.advance(60_000);
    await settle(deliveries);
    expect(orders).toHaveLength(1);
    await deliveries.stop();
  });

  it('is told again by the next process when this one ends in the middle, and writes the same message', async () => {
    behaviour = async function* hangs() {
      yield* says('Pleased');
      await new Promise(() => {});
    };
    start();
    for (let turn = 0; turn < 20; turn += 1) await setImmediate();
    expect(written).toHaveLength(1);
    // That process is gone without a word. Its claim ends by itself.
    clock.advance(7 * 60_000);
    behaviour = () => says('Pleased to meet you');
    const next = start();
    await settle(next);
    expect(orders.length).toBeGreaterThanOrEqual(2);
    expect(new Set(written).size).toBe(1);
    expect((await stored())?.owed).toBeUndefined();
    await next.stop();
  });

  it('is told once more to a plugin that failed; then the person hears that nothing came of it', async () => {
    behaviour = () => {
      throw new AppError('PLUGIN_FAILED');
    };
    const deliveries = start();
    await settle(deliveries);
    expect([orders.length, told]).toEqual([1, []]);
    clock.advance(60_000);
    await settle(deliveries);
    expect([orders.length, told]).toEqual([2, ['ada PLUGIN_FAILED']]);
    expect((await stored())?.owed).toBeUndefined();
    await deliveries.stop();
  });

  it('waits for a plugin that was switched off for its failures', async () => {
    isReady = false;
    const deliveries = start();
    await settle(deliveries);
    expect([orders.length, (await stored())?.owed]).toEqual([0, true]);
    isReady = true;
    clock.advance(11 * 60_000);
    await settle(deliveries);
    expect([orders.length, (await stored())?.owed]).toEqual([1, undefined]);
    await deliveries.stop();
  });

  it('is not lost where nobody could ask the plugin, however often, and its message shows the end first', async () => {
    behaviour = () => {
      throw new AppError('OVERLOADED');
    };
    const deliveries = start();
    await settle(deliveries);
    for (let tries = 0; tries < 4; tries += 1) {
      clock.advance(60_000);
      await settle(deliveries);
    }
    expect([orders.length, told, (await stored())?.owed]).toEqual([5, [], true]);
    expect(shown[0]).toBe('ask answered');
    behaviour = () => says('Pleased to meet you');
    clock.advance(60_000);
    await settle(deliveries);
    expect((await stored())?.owed).toBeUndefined();
    await deliveries.stop();
  });
});
