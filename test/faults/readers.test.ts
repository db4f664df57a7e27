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

const ANSWERS = 8;
const OTHERS = 10;

/** Eight answers of 1 MiB side by side. @returns by how much the server grew meanwhile, in MiB */
async function growth(world: World, reader: WsClient, others: readonly WsClient[]): Promise<number> {
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
    for (const other of others) if (other.socket.readyState === 1) other.send({ type: 'generation.attach', generationId, afterSeq: 0 });
    running.push(generationId);
  }
  for (const generationId of running) {
    const end = await reader.finished(generationId);
    expect([end.status, textOf(end.message).length]).toEqual(['complete', MEBIBYTE]);
  }
  clearInterval(watch);
  return (most - before) / MEBIBYTE;
}

fault(
  '24',
  'a reader that stops reading is closed and costs less than 5 MiB; the others and the answers do not notice',
  async (world) => {
    const kilobyte = 'x'.repeat(1023);
    world.oracle.answers('be long', [...Array.from({ length: 1024 }, () => ({ text: `${kilobyte}\n` })), { finish: 'STOP' }]);
    const reader = await world.tab();
    // What a first use costs, and what it costs to serve so many who do read, is nobody's fault.
    await growth(world, reader, []);
    const others = () => Promise.all(Array.from({ length: OTHERS }, () => world.tab()));
    const reading = await growth(world, reader, await others());
    const stuck = await others();
    for (const tab of stuck) tab.socket.pause();
    const together = await growth(world, reader, stuck);
    console.log(`with ${OTHERS} readers it grew by ${reading.toFixed(1)} MiB, with ${OTHERS} stuck ones by ${together.toFixed(1)} MiB`);
    expect((together - reading) / OTHERS).toBeLessThan(5);
    for (const tab of stuck) tab.socket.resume();
    const codes = await Promise.all(stuck.map(async (tab) => (await tab.closed).code));
    // The word of a close is behind all that was never read: who is cut off may not hear it.
    expect(codes.every((code) => code === 4008 || code === 1006)).toBe(true);
    // What they read before they were dropped was in order, as every tab's is.
    expect(stuck.flatMap(({ faults }) => faults)).toEqual([]);
  },
  90_000,
);
