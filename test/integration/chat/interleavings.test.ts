import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Message } from '../../../src/protocol/index.ts';
import { type ScriptedCall, ScriptedModel } from '../../support/scripted-model.ts';
import { startTestApp, type TestApp } from '../../support/test-app.ts';
import { textOf, type WsClient } from '../../support/ws-client.ts';

const SEED = 20_261_122;
const RUNS = Number(process.env['PROPERTY_RUNS'] ?? 30);

let app: TestApp;
let model: ScriptedModel;
beforeAll(async () => {
  model = new ScriptedModel();
  app = await startTestApp({ models: [model], env: { LIMIT_FRAMES_PER_MINUTE: '0', LIMIT_GENERATIONS_PER_USER: '0' } });
});
afterAll(() => app.close());

interface Written {
  readonly clientMessageId: string;
  readonly generationId: string;
  readonly call: ScriptedCall;
  /** What the model said, heard or not. */
  said: string;
  /** It said its last word. */
  over: boolean;
}

/** One conversation of one person in several tabs. */
class World {
  readonly token: string;
  readonly tabs: WsClient[];
  readonly written: Written[] = [];
  readonly gone: WsClient[] = [];
  conversationId: string | null = null;
  #sends = 0;

  constructor(token: string, first: WsClient) {
    this.token = token;
    this.tabs = [first];
  }

  get last(): Written | undefined {
    return this.written.at(-1);
  }

  tab(which: number): WsClient {
    const tab = this.tabs[which % this.tabs.length];
    if (tab === undefined) throw new Error('no tab');
    return tab;
  }

  end(how: 'finish' | 'cut'): void {
    if (this.last === undefined || this.last.over) return;
    this.last.over = true;
    this.last.call[how]();
  }

  async open(): Promise<WsClient> {
    const tab = await app.connect(this.token);
    if (this.conversationId !== null) await tab.request({ type: 'conversation.open', conversationId: this.conversationId });
    return tab;
  }

  frame(clientMessageId: string): Record<string, unknown> {
    return {
      type: 'message.send',
      clientMessageId,
      conversationId: clientMessageId.endsWith('-1') ? null : this.conversationId,
      text: clientMessageId,
    };
  }

  async send(which: number): Promise<void> {
    const clientMessageId = `${this.token.slice(-12).replace(/[^A-Za-z0-9]/g, 'x')}-${this.#sends + 1}`;
    const answer = await this.tab(which).request(this.frame(clientMessageId));
    if (answer.type === 'error') {
      expect(answer.code).toBe('GENERATION_RUNNING');
      return;
    }
    if (answer.type !== 'message.accepted') throw new Error(JSON.stringify(answer));
    expect(answer.duplicate).toBe(false);
    this.#sends += 1;
    this.conversationId = answer.conversation.id;
    this.written.push({ clientMessageId, generationId: answer.generationId, call: await model.nextCall(), said: '', over: false });
  }
}

interface Step {
  readonly [fc.toStringMethod]: () => string;
  readonly name: string;
  run(world: World): Promise<void>;
}

const step = (name: string, run: Step['run']): Step => ({ name, run, [fc.toStringMethod]: () => name });
const which = fc.nat({ max: 5 });
const steps = fc.oneof(
  { weight: 3, arbitrary: which.map((n) => step(`send ${n}`, (world) => world.send(n))) },
  {
    weight: 2,
    arbitrary: which.map((n) =>
      step(`send again ${n}`, async (world) => {
        const { last } = world;
        if (last === undefined) return;
        const answer = await world.tab(n).request(world.frame(last.clientMessageId));
        expect(answer).toMatchObject({ type: 'message.accepted', duplicate: true, generationId: last.generationId });
      }),
    ),
  },
  {
    weight: 8,
    arbitrary: fc.array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 5 }).map((texts) =>
      step(`say ${JSON.stringify(texts)}`, async ({ last }) => {
        if (last === undefined || last.over) return;
        last.said += texts.join('');
        last.call.text(...texts);
      }),
    ),
  },
  { weight: 1, arbitrary: fc.constant(step('finish', async (world) => world.end('finish'))) },
  { weight: 1, arbitrary: fc.constant(step('cut', async (world) => world.end('cut'))) },
  {
    weight: 1,
    arbitrary: which.map((n) =>
      step(`stop ${n}`, async (world) => {
        if (world.last === undefined) return;
        const frame = { type: 'generation.stop', generationId: world.last.generationId };
        expect((await world.tab(n).request(frame)).type).toBe('notice');
      }),
    ),
  },
  {
    weight: 3,
    arbitrary: which.map((n) =>
      step(`drop ${n}`, async (world) => {
        const tab = world.tab(n);
        tab.terminate();
        world.gone.push(tab);
        world.tabs[world.tabs.indexOf(tab)] = await world.open();
      }),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constant(
      step('second tab', async (world) => {
        if (world.tabs.length < 4) world.tabs.push(await world.open());
      }),
    ),
  },
  {
    weight: 3,
    arbitrary: which.map((n) =>
      step(`drop and go on from the last event ${n}`, async (world) => {
        const tab = world.tab(n);
        const known = world.last === undefined ? undefined : tab.answers.get(world.last.generationId);
        if (known === undefined) return;
        tab.terminate();
        await tab.closed;
        world.gone.push(tab);
        const next = await app.connect(world.token);
        next.answers.set(known.generationId, { ...known });
        next.send({ type: 'generation.attach', generationId: known.generationId, epoch: known.epoch, afterSeq: known.seq });
        world.tabs[world.tabs.indexOf(tab)] = next;
      }),
    ),
  },
);

/** A step that hangs is named. */
async function inTime(work: Promise<void>, name: string): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing came of: ${name}`)), 20_000);
  });
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}

async function checkEnd(world: World): Promise<void> {
  world.end('finish');
  const { conversationId, token, written } = world;
  if (conversationId === null) return;
  const reader = await app.connect(token);
  const texts = new Map<string, string>();
  for (const { generationId, said } of written) {
    reader.send({ type: 'generation.attach', generationId, afterSeq: 0 });
    const end = await reader.finished(generationId);
    const text = reader.answers.get(generationId)?.text ?? '';
    texts.set(generationId, text);
    expect(said.startsWith(text)).toBe(true);
    if (end.status === 'complete') expect(text).toBe(said);
  }
  for (const tab of world.tabs) {
    for (const [generationId, answer] of tab.answers) {
      // Another socket may have brought its end, before this one went on from there.
      if (answer.finished === null) await tab.finished(generationId);
      expect(answer.text).toBe(texts.get(generationId));
    }
  }
  for (const tab of [...world.tabs, ...world.gone, reader]) expect(tab.faults).toEqual([]);
  const listed = await app.request(`/api/conversations/${conversationId}/messages?limit=100`, { token });
  const { items } = (await listed.json()) as { items: Message[] };
  const questions = items.filter((message) => message.role === 'user').map(textOf);
  expect(questions.sort()).toEqual(written.map((one) => one.clientMessageId).sort());
  const answers = items.filter((message) => message.role === 'assistant');
  expect(answers.map(textOf).sort()).toEqual([...texts.values()].sort());
  expect(answers.filter((answer) => answer.status === 'streaming')).toEqual([]);
}

describe('whatever happens in whatever order', () => {
  it('one message is one answer, every reader ends with the stored text, and that is what the model said', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { minLength: 4, maxLength: 30, size: 'max' }), async (plan) => {
        const { token, client } = await app.signup();
        const world = new World(token, client);
        const calls = model.calls.length;
        try {
          for (const { name, run } of plan) await inTime(run(world), name);
          await inTime(checkEnd(world), 'the end');
          expect(model.calls.length - calls).toBe(world.written.length);
        } finally {
          for (const tab of world.tabs) tab.terminate();
        }
      }),
      { seed: SEED, numRuns: RUNS, endOnFailure: true },
    );
  }, 60_000);
});
