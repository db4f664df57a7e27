import { expect } from 'vitest';
import type { WsClient } from '../support/ws-client.ts';
import { fault } from './fault.ts';
import { SeededRandom } from './seeded-random.ts';
import type { World } from './world.ts';

const EVENTS = 200;

/** An answer of 200 events that says the next one when the undisturbed reader has the last: each is a frame of its own. */
function paced(world: World, question: string): { said(seq: number): void } {
  const gates = Array.from({ length: EVENTS + 1 }, () => {
    let open = () => {};
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    return { open, opened };
  });
  const word = (n: number) => (n % 9 === 4 ? `واژهٔ ${n}‌ 👩‍👩‍👧 ` : `w${n} `);
  const steps = gates.slice(0, EVENTS).flatMap(({ opened }, n) => [{ wait: opened }, { text: word(n) }]);
  world.oracle.answers(question, [...steps, { wait: gates[EVENTS]?.opened ?? Promise.resolve() }, { finish: 'STOP' }]);
  return { said: (seq) => gates[seq]?.open() };
}

const seqOf = (frame: string): number => {
  const parsed = JSON.parse(frame) as { type: string; seq?: number };
  return parsed.type === 'generation.delta' || parsed.type === 'generation.finished' ? (parsed.seq ?? -1) : -1;
};

/** Each of 201 readers is cut once, at its own event, and goes on; all must end with what the undisturbed one has. */
async function cutEverywhere(world: World, round: 0 | 1): Promise<void> {
  const question = `cut me ${round}`;
  const answer = paced(world, question);
  const witness = await world.tab();
  const { generationId } = await witness.ask(question);
  await world.oracle.arrived(question);
  const wires = await Promise.all(Array.from({ length: EVENTS + 1 }, () => world.newWire()));
  const places: number[] = [];
  const readers = await Promise.all(
    wires.map(async (wire, k) => {
      const reader = await world.tab({ wire });
      await reader.request({ type: 'generation.attach', generationId, afterSeq: 0 });
      // Cut right after event k, or in the middle of the frame of the next one.
      const torn = (k + round) % 2 === 1;
      const cut = wire.cut({ atFrame: (frame) => seqOf(frame) === (torn ? k + 1 : Math.max(1, k)), share: torn ? 0.5 : k === 0 ? 0 : 1 });
      const how = (k >> 1) % 2 === round ? ('resume' as const) : ('attach' as const);
      return { reader, cut, how, wire };
    }),
  );
  const resumed = readers.map(async ({ reader, cut, how, wire }): Promise<WsClient> => {
    await cut;
    await reader.closed;
    places.push(reader.answers.get(generationId)?.seq ?? 0);
    return world.reconnect(reader, how, wire);
  });
  for (let seq = 0; seq < EVENTS; seq += 1) {
    answer.said(seq);
    await witness.waitFor('generation.delta', (frame) => frame.generationId === generationId && frame.seq > seq);
  }
  // All but the last one, which may be cut in the frame that ends the answer.
  await Promise.all(resumed.slice(0, EVENTS));
  answer.said(EVENTS);
  const back = await Promise.all(resumed);
  const end = await witness.finished(generationId);
  const oracle = world.oracle.asked(question)[0]?.sentText();
  expect(end.status).toBe('complete');
  expect(witness.answers.get(generationId)?.text).toBe(oracle);
  for (const tab of back) {
    await tab.finished(generationId);
    expect(tab.answers.get(generationId)?.text).toBe(oracle);
  }
  expect(places.toSorted((a, b) => a - b)).toEqual(Array.from({ length: EVENTS + 1 }, (_, k) => k));
  await Promise.all(wires.map((wire) => wire.close()));
}

fault(
  '14',
  'cut at every one of 200 events and resumed, every reader ends with the text of the undisturbed one',
  (world) => cutEverywhere(world, 0),
  60_000,
);

fault(
  '15',
  'cut inside the frame of every other event, resumed the other way round, they do too',
  (world) => cutEverywhere(world, 1),
  60_000,
);

fault('18', 'ten reconnects in one answer lose and double nothing', async (world) => {
  const random = new SeededRandom(18);
  const question = 'again and again';
  const answer = paced(world, question);
  const witness = await world.tab();
  const { generationId } = await witness.ask(question);
  let reader = await world.tab();
  await reader.request({ type: 'generation.attach', generationId, afterSeq: 0 });
  const wire = await world.newWire();
  const cutAfter = new Set(Array.from({ length: 10 }, (_, n) => n * 20 + random.whole(0, 18)));
  for (let seq = 0; seq < EVENTS; seq += 1) {
    answer.said(seq);
    await Promise.all(
      [witness, reader].map((tab) => tab.waitFor('generation.delta', (frame) => frame.generationId === generationId && frame.seq > seq)),
    );
    if (!cutAfter.has(seq)) continue;
    reader.socket.terminate();
    wire.drop();
    // What is said while nobody is there must come as well.
    if (random.chance(0.5)) {
      seq += 1;
      answer.said(seq);
      await witness.waitFor('generation.delta', (frame) => frame.generationId === generationId && frame.seq > seq);
    }
    reader = await world.reconnect(reader, random.pick(['resume', 'attach']), wire);
  }
  answer.said(EVENTS);
  const oracle = await witness.finished(generationId).then(() => world.oracle.asked(question)[0]?.sentText());
  await reader.finished(generationId);
  expect(reader.answers.get(generationId)?.text).toBe(oracle);
  expect(cutAfter.size).toBe(10);
  await wire.close();
});
