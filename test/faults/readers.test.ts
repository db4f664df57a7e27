import { expect } from 'vitest';
import { textOf, type WsClient } from '../support/ws-client.ts';
import { fault, faultsRunWith } from './fault.ts';
import { said } from './oracle.ts';
import type { World } from './world.ts';

const MEBIBYTE = 1024 * 1024;

faultsRunWith({ LIMIT_GAP_MS: '60000' });

fault('21', 'a second tab that joins at any event, and one after the end, read the same from the first event on', async (world) => {
  world.oracle.answers('join me', (call) => [...said(call, 60, 5), { finish: 'STOP' }]);
  const first = await world.tab();
  const { generationId, conversation } = await first.ask('join me');
  const joined = [];
  for (const seq of [0, 1, 30, 59]) {
    if (seq > 0) await first.waitFor('generation.delta', (frame) => frame.generationId === generationId && frame.seq >= seq);
    const attached = await world.tab();
    attached.send({ type: 'generation.attach', generationId, afterSeq: 0 });
    const opened = await world.tab();
    opened.send({ type: 'conversation.open', conversationId: conversation.id });
    joined.push(attached, opened);
  }
  const end = await first.finished(generationId);
  const late = await world.tab();
  late.send({ type: 'generation.attach', generationId, afterSeq: 0 });
  for (const tab of [first, late, ...joined.filter((one) => one.answers.has(generationId))]) {
    await tab.finished(generationId);
    expect(tab.answers.get(generationId)?.text).toBe(textOf(end.message));
  }
  expect(joined.filter((one) => one.answers.has(generationId)).length).toBeGreaterThanOrEqual(4);
});

// More than the kernel keeps for a connection that nobody reads (4 MiB on one side, 6 on the other), and the queue of 1 MiB.
const ANSWERS = 12;
const OTHERS = 6;

/** Answers of 1 MiB side by side. @returns by how much the server grew meanwhile, in MiB */
async function growth(world: World, reader: WsClient, others: readonly WsClient[], stuck = false): Promise<number> {
  let speak = () => {};
  const gate = new Promise<void>((resolve) => {
    speak = resolve;
  });
  const line = `${'x'.repeat(1023)}\n`;
  world.oracle.answers('be long', [{ wait: gate }, ...Array.from({ length: 1024 }, () => ({ text: line })), { finish: 'STOP' }]);
  const before = await world.memory();
  let most = before;
  const look = () =>
    world.memory().then(
      (now) => {
        most = Math.max(most, now);
      },
      () => {},
    );
  const watch = setInterval(() => void look(), 20);
  const running = [];
  for (let n = 0; n < ANSWERS; n += 1) {
    const { generationId } = await reader.ask('be long');
    await Promise.all(others.map((other) => other.request({ type: 'generation.attach', generationId, afterSeq: 0 })));
    running.push(generationId);
  }
  if (stuck) for (const other of others) other.socket.pause();
  speak();
  for (const generationId of running) {
    const end = await reader.finished(generationId);
    expect([end.status, textOf(end.message).length]).toEqual(['complete', MEBIBYTE]);
  }
  clearInterval(watch);
  return (most - before) / MEBIBYTE;
}

fault(
  '24',
  'a reader that stops reading costs less than 5 MiB more than one that reads; the others and the answers do not notice',
  async (world) => {
    const reader = await world.tab();
    // What a first use costs, and what it costs to serve so many who do read, is nobody's fault.
    await growth(world, reader, []);
    // Without a proxy, which would read on for them.
    const others = () => Promise.all(Array.from({ length: OTHERS }, () => world.tab({ wire: world.server })));
    const reading = await growth(world, reader, await others());
    const stuck = await others();
    const together = await growth(world, reader, stuck, true);
    console.log(`with ${OTHERS} readers it grew by ${reading.toFixed(1)} MiB, with ${OTHERS} stuck ones by ${together.toFixed(1)} MiB`);
    expect((together - reading) / OTHERS).toBeLessThan(5);
    // That one which falls too far behind is closed with 4008 is proved in test/integration/chat/sockets.test.ts.
    for (const tab of stuck) tab.terminate();
    // What they read before was in order, as every tab's is.
    expect(stuck.flatMap(({ faults }) => faults)).toEqual([]);
  },
  60_000,
);
